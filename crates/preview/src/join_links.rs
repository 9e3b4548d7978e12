//! The links by which viewers and the coach reach a session.

use std::fmt::{Debug, Formatter};

use repcast_model::qr::QrCode;

/// The links of a session, as they are shown in its window.
pub struct JoinLinks {
    viewers: String,
    coach: String,
    code: Option<QrCode>,
}

impl JoinLinks {
    /// `viewers` is the address of the player page; `coach` is that of the page that controls the session, with its secret.
    #[must_use]
    pub fn new(viewers: &str, coach: &str) -> Self {
        // An address that no code holds is still shown as text.
        Self { viewers: viewers.to_owned(), coach: coach.to_owned(), code: QrCode::new(viewers).ok() }
    }

    pub(crate) fn viewers(&self) -> &str {
        &self.viewers
    }

    pub(crate) fn coach(&self) -> &str {
        &self.coach
    }

    pub(crate) fn code(&self) -> Option<&QrCode> {
        self.code.as_ref()
    }
}

/// Without the coach's link, whose secret does not belong in logs.
impl Debug for JoinLinks {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("JoinLinks").field("viewers", &self.viewers).finish_non_exhaustive()
    }
}
