//! Why there is no plan, and what to relax.

use repcast_model::catalogue::Catalogue;
use repcast_model::document::{Language, ValidationFault};

use super::candidates::{broken_rules, fits_style};
use crate::intent::Intent;
use crate::rules::is_gentle;

/// Why there is no plan.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PlanError {
    /// The intent has values out of their bounds.
    #[error("the intent is not valid: {}", list(.faults))]
    InvalidIntent {
        /// The faults, each with its place.
        faults: Vec<ValidationFault>,
    },
    /// Too few exercises are left.
    #[error("{}", explain(*.rule, *.left, *.relaxed, *.total, Language::En))]
    TooFewExercises {
        /// The rule to relax.
        rule: PlanRule,
        /// The exercises that all rules leave.
        left: usize,
        /// Those that would be left without the rule.
        relaxed: usize,
        /// The exercises of the catalogue.
        total: usize,
    },
    /// The workout would not be a valid document; a fault of the planner.
    #[error("the planned workout is not valid: {}", list(.faults))]
    InvalidWorkout {
        /// The faults, each with its place.
        faults: Vec<ValidationFault>,
    },
}

/// A rule that leaves exercises out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanRule {
    /// The level of the person.
    Level,
    /// The equipment at hand.
    Equipment,
    /// No jumps.
    Jumps,
    /// The kinds of movement to avoid.
    Patterns,
    /// The muscles to avoid.
    Muscles,
    /// The exercises to avoid.
    Exercises,
    /// Injuries and other conditions.
    Conditions,
    /// The style: mobility alone for a stretch, none of it else.
    Style,
    /// The speed of the clip at the intensity.
    Speed,
    /// Gentle exercises for warm-up and cool-down.
    WarmUp,
    /// No primary muscle twice in succession, at most two exercises of high impact in succession, sides in pairs.
    Sequence,
}

impl PlanError {
    /// The message in a language: which rule leaves too few exercises, and what to relax.
    #[must_use]
    pub fn explain(&self, language: Language) -> String {
        match self {
            Self::TooFewExercises { rule, left, relaxed, total } => explain(*rule, *left, *relaxed, *total, language),
            _ => self.to_string(),
        }
    }
}

fn list(faults: &[ValidationFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The rule that leaves out most exercises which all others keep. `gentle` is the number of gentle exercises if only warm-up
/// and cool-down have too few.
pub(super) fn too_few(catalogue: &Catalogue, intent: &Intent, gentle: Option<usize>) -> PlanError {
    let total = catalogue.exercises().len();
    if let Some(left) = gentle {
        let relaxed = catalogue.exercises().iter().filter(|exercise| is_gentle(&exercise.profile)).count();
        return PlanError::TooFewExercises { rule: PlanRule::WarmUp, left, relaxed, total };
    }
    let mut left = 0;
    let mut alone: Vec<PlanRule> = Vec::new();
    for exercise in catalogue.exercises() {
        let mut rules = broken_rules(intent, exercise);
        if !fits_style(intent.style, exercise) {
            rules.push(PlanRule::Style);
        }
        match rules.as_slice() {
            [] => left += 1,
            [rule] => alone.push(*rule),
            _ => {}
        }
    }
    let count = |rule: PlanRule| alone.iter().filter(|other| **other == rule).count();
    // Of a person's conditions nothing is relaxed before all else.
    let strictest = alone.iter().copied().max_by_key(|rule| (*rule != PlanRule::Conditions, count(*rule), *rule));
    match strictest {
        Some(rule) => PlanError::TooFewExercises { rule, left, relaxed: left + count(rule), total },
        None => PlanError::TooFewExercises { rule: PlanRule::Sequence, left, relaxed: left, total },
    }
}

fn explain(rule: PlanRule, left: usize, relaxed: usize, total: usize, language: Language) -> String {
    let (reason, advice) = match language {
        Language::En => english(rule),
        Language::Fr => french(rule),
    };
    let gain = relaxed.saturating_sub(left);
    match language {
        Language::En => {
            let more = if gain > 0 { format!("; that allows {gain} more") } else { String::new() };
            format!("{left} of the {total} exercises are left, too few for this workout: {reason}. {advice}{more}.")
        }
        Language::Fr => {
            let more = if gain > 0 { format!(", ce qui en permet {gain} de plus") } else { String::new() };
            format!("Il reste {left} exercices sur {total}, trop peu pour cette séance : {reason}. {advice}{more}.")
        }
    }
}

const fn english(rule: PlanRule) -> (&'static str, &'static str) {
    match rule {
        PlanRule::Level => ("the others are above the level", "Choose a higher level"),
        PlanRule::Equipment => ("the others need equipment that is not at hand", "Add equipment"),
        PlanRule::Jumps => ("the others may have jumps", "Allow jumps"),
        PlanRule::Patterns => ("the others are kinds of movement to avoid", "Allow one of these kinds of movement"),
        PlanRule::Muscles => ("the others train muscles to avoid", "Allow one of these muscles"),
        PlanRule::Exercises => ("the others are to be avoided", "Allow one of these exercises"),
        PlanRule::Conditions => ("the others may be harmful", "Ask a coach for exercises that suit you"),
        PlanRule::Style => ("the others do not fit the style", "Choose another style"),
        PlanRule::Speed => ("the clips of the others cannot play at this intensity", "Choose another intensity"),
        PlanRule::WarmUp => (
            "warm-up and cool-down need gentle exercises that train different muscles",
            "Ask for less than 10 minutes, or add mobility exercises to the catalogue",
        ),
        PlanRule::Sequence => (
            "the same muscle may not work twice in succession, nor more than two jumps follow each other",
            "Ask for a shorter workout, or add exercises for other muscles to the catalogue",
        ),
    }
}

const fn french(rule: PlanRule) -> (&'static str, &'static str) {
    match rule {
        PlanRule::Level => ("les autres dépassent le niveau", "Choisissez un niveau plus élevé"),
        PlanRule::Equipment => ("les autres demandent du matériel qui manque", "Ajoutez du matériel"),
        PlanRule::Jumps => ("les autres peuvent avoir des sauts", "Autorisez les sauts"),
        PlanRule::Patterns => ("les autres sont des mouvements à éviter", "Autorisez un de ces mouvements"),
        PlanRule::Muscles => ("les autres sollicitent des muscles à éviter", "Autorisez un de ces muscles"),
        PlanRule::Exercises => ("les autres sont à éviter", "Autorisez un de ces exercices"),
        PlanRule::Conditions => ("les autres peuvent être nocifs", "Demandez à un coach des exercices adaptés"),
        PlanRule::Style => ("les autres ne conviennent pas à ce format", "Choisissez un autre format"),
        PlanRule::Speed => {
            ("les clips des autres ne peuvent pas suivre cette intensité", "Choisissez une autre intensité")
        }
        PlanRule::WarmUp => (
            "l'échauffement et le retour au calme demandent des exercices doux pour des muscles différents",
            "Demandez moins de 10 minutes, ou ajoutez des exercices de mobilité au catalogue",
        ),
        PlanRule::Sequence => (
            "le même muscle ne travaille pas deux fois de suite, et pas plus de deux sauts se suivent",
            "Demandez une séance plus courte, ou ajoutez au catalogue des exercices pour d'autres muscles",
        ),
    }
}
