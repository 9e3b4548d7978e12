//! The words for the values of intents in English and French, for explanations and the parts of requests.

use repcast_model::catalogue::{Difficulty, MovementPattern, Muscle};
use repcast_model::document::{Intensity, Language};

use crate::intent::{Condition, Focus, Region, WorkoutStyle};

/// A value with a word in each language.
pub(crate) trait Label {
    /// The English and the French word.
    fn words(&self) -> (&'static str, &'static str);

    fn label(&self, language: Language) -> &'static str {
        let (english, french) = self.words();
        in_language(language, english, french)
    }
}

/// The text in a language.
pub(crate) const fn in_language(language: Language, english: &'static str, french: &'static str) -> &'static str {
    match language {
        Language::En => english,
        Language::Fr => french,
    }
}

/// A length such as 4:05 or 1:04:05.
pub(crate) fn clock(secs: u32) -> String {
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{secs:02}") } else { format!("{minutes}:{secs:02}") }
}

impl Label for WorkoutStyle {
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Circuit => ("circuit", "circuit"),
            Self::Tabata => ("tabata", "tabata"),
            Self::Emom => ("EMOM", "EMOM"),
            Self::Amrap => ("AMRAP", "AMRAP"),
            Self::Hiit => ("HIIT", "HIIT"),
            Self::Pyramid => ("pyramid", "pyramide"),
            Self::Stretch => ("stretching", "étirements"),
            Self::Strength => ("strength", "renforcement"),
        }
    }
}

impl Label for Difficulty {
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Beginner => ("beginner", "débutant"),
            Self::Intermediate => ("intermediate", "intermédiaire"),
            Self::Advanced => ("advanced", "avancé"),
        }
    }
}

impl Label for Intensity {
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Easy => ("easy", "facile"),
            Self::Medium => ("medium", "moyen"),
            Self::Intense => ("intense", "intense"),
        }
    }
}

impl Label for Language {
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::En => ("English", "anglais"),
            Self::Fr => ("French", "français"),
        }
    }
}

impl Label for Region {
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Legs => ("legs", "jambes"),
            Self::Arms => ("arms", "bras"),
            Self::UpperBody => ("upper body", "haut du corps"),
            Self::LowerBody => ("lower body", "bas du corps"),
            Self::Core => ("core", "abdominaux"),
            Self::Back => ("back", "dos"),
            Self::FullBody => ("full body", "corps entier"),
            Self::Cardio => ("cardio", "cardio"),
        }
    }
}

impl Label for Muscle {
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Abdominals => ("abdominals", "abdominaux"),
            Self::Abductors => ("abductors", "abducteurs"),
            Self::Adductors => ("adductors", "adducteurs"),
            Self::Biceps => ("biceps", "biceps"),
            Self::Calves => ("calves", "mollets"),
            Self::Chest => ("chest", "pectoraux"),
            Self::Forearms => ("forearms", "avant-bras"),
            Self::Glutes => ("glutes", "fessiers"),
            Self::Hamstrings => ("hamstrings", "ischio-jambiers"),
            Self::HipFlexors => ("hip flexors", "fléchisseurs de la hanche"),
            Self::Lats => ("lats", "grands dorsaux"),
            Self::LowerBack => ("lower back", "bas du dos"),
            Self::MiddleBack => ("middle back", "milieu du dos"),
            Self::Neck => ("neck", "cou"),
            Self::Obliques => ("obliques", "obliques"),
            Self::Quadriceps => ("quadriceps", "quadriceps"),
            Self::Shoulders => ("shoulders", "épaules"),
            Self::Traps => ("traps", "trapèzes"),
            Self::Triceps => ("triceps", "triceps"),
        }
    }
}

impl Label for Focus {
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Region(region) => region.words(),
            Self::Muscle(muscle) => muscle.words(),
        }
    }
}

impl Label for MovementPattern {
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Squat => ("squats", "squats"),
            Self::Hinge => ("hip hinges", "flexions de hanches"),
            Self::Lunge => ("lunges", "fentes"),
            Self::Push => ("pushing", "poussées"),
            Self::Pull => ("pulling", "tirages"),
            Self::Core => ("core exercises", "gainage"),
            Self::Cardio => ("cardio", "cardio"),
            Self::Mobility => ("mobility", "mobilité"),
        }
    }
}

impl Label for Condition {
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Knees => ("knees", "genoux"),
            Self::Wrists => ("wrists", "poignets"),
            Self::Back => ("back", "dos"),
            Self::Shoulders => ("shoulders", "épaules"),
            Self::Ankles => ("ankles", "chevilles"),
            Self::Neck => ("neck", "nuque"),
            Self::Hips => ("hips", "hanches"),
            Self::Heart => ("heart", "cœur"),
            Self::Pregnancy => ("pregnancy", "grossesse"),
            Self::NoFloor => ("nothing on the floor", "rien au sol"),
        }
    }
}
