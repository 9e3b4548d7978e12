//! Why a language model has not filled an intent.

use std::time::Duration;

use repcast_model::document::{Language, ValidationFault};

/// Most faults of an answer that the log has, and that the model is asked to repair.
pub(super) const MAX_FAULTS: usize = 8;

/// Why a language model has not filled an intent. The message is for the log of the operator: it has neither the key nor the
/// request nor the answer, apart from names of fields.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ModelError {
    /// As many requests wait for the model as may.
    #[error("too many requests wait for it")]
    Busy,
    /// No connection, or none with a certificate that is trusted.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// The time for all calls is over.
    #[error("it has not answered within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The connection ended within the answer.
    #[error("the connection ended before its answer was complete: {0}")]
    Interrupted(String),
    /// The answer is larger than any intent.
    #[error("its answer has more than {0} bytes")]
    TooLarge(usize),
    /// The vendor takes no requests with this key, or this key none for the model.
    #[error("the key is not accepted: status {status}{}", detail(.code))]
    KeyRejected {
        /// 401 or 403.
        status: u16,
        /// What the vendor calls it.
        code: Option<String>,
    },
    /// The vendor's limit on requests is reached.
    #[error("its limit on requests is reached{}{}", detail(.code), wait(.retry_after))]
    RateLimited {
        /// When it says to try again.
        retry_after: Option<Duration>,
        /// What the vendor calls it.
        code: Option<String>,
    },
    /// Another status than 200. Redirects, which could lead the key elsewhere, are not followed.
    #[error("it answered with status {status}{}", detail(.code))]
    Status {
        /// The status.
        status: u16,
        /// What the vendor calls it.
        code: Option<String>,
    },
    /// The answer is not one of the vendor's API.
    #[error("its answer is not one of this API: {0}")]
    Protocol(&'static str),
    /// The model refuses to answer.
    #[error("it refused to answer")]
    Refused,
    /// The answer was cut at the limit on its length.
    #[error("its answer was cut at the limit on its length")]
    Truncated,
    /// The text of the answer is not one JSON value.
    #[error("its answer is not JSON: {0}")]
    NotJson(String),
    /// The JSON is no intent for this catalogue.
    #[error("its answer is not an intent: {}", faults(.0))]
    NotAnIntent(Vec<ValidationFault>),
}

impl ModelError {
    /// Whether the model may repair its answer when it is given the faults.
    pub(super) fn is_repairable(&self) -> bool {
        matches!(self, Self::NotJson(_) | Self::NotAnIntent(_))
    }

    /// A sentence for the person who asked.
    pub(super) fn explain(&self, language: Language) -> &'static str {
        let (english, french) = match self {
            Self::Busy | Self::RateLimited { .. } => (
                "The language model has too many requests now; the planner read your words itself.",
                "Le modèle de langage reçoit trop de demandes en ce moment ; le planificateur a lu votre demande lui-même.",
            ),
            Self::TimedOut(_) => (
                "The language model took too long; the planner read your words itself.",
                "Le modèle de langage a mis trop de temps ; le planificateur a lu votre demande lui-même.",
            ),
            Self::Refused => (
                "The language model declined this request; the planner read your words itself.",
                "Le modèle de langage a décliné cette demande ; le planificateur a lu votre demande lui-même.",
            ),
            Self::TooLarge(_) | Self::Protocol(_) | Self::Truncated | Self::NotJson(_) | Self::NotAnIntent(_) => (
                "The language model gave no usable answer; the planner read your words itself.",
                "Le modèle de langage n'a pas donné de réponse utilisable ; le planificateur a lu votre demande lui-même.",
            ),
            Self::Unreachable(_) | Self::Interrupted(_) | Self::KeyRejected { .. } | Self::Status { .. } => (
                "The language model is not available; the planner read your words itself.",
                "Le modèle de langage n'est pas disponible ; le planificateur a lu votre demande lui-même.",
            ),
        };
        match language {
            Language::En => english,
            Language::Fr => french,
        }
    }
}

fn detail(code: &Option<String>) -> String {
    code.as_ref().map_or_else(String::new, |code| format!(" ({code})"))
}

fn wait(retry_after: &Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| format!(", for {} s", wait.as_secs()))
}

fn faults(faults: &[ValidationFault]) -> String {
    let shown: Vec<String> = faults.iter().take(MAX_FAULTS).map(ToString::to_string).collect();
    let more = faults.len().saturating_sub(MAX_FAULTS);
    if more > 0 { format!("{}; and {more} more", shown.join("; ")) } else { shown.join("; ") }
}
