//! The catalogue: the exercises that workouts refer to.
//!
//! The input is the text of `catalogue.toml` and the folder that its clip paths are relative to, the output exercises or
//! a list of faults. Nothing here opens a file: whether the clips exist is checked by the code that loads the catalogue.
//!
//! # Canonical form
//!
//! [`write()`] follows the rules of [canonical documents](crate::document) in TOML: one `[[exercise]]` table each, in the
//! order of the catalogue, with an empty line between them; fields in the order of [`Exercise`], without those that have
//! their default value; arrays on one line unless it has more than 100 characters; translations as dotted keys in the order
//! of their languages; basic strings. Comments are not part
//! of a [`Catalogue`]; [`rewrite`] keeps them in front of their exercises.

mod comments;
mod profile;
mod toml_value;
mod translations;
mod writer;

#[cfg(test)]
mod profile_tests;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub use profile::{ExerciseProfile, Impact, MovementPattern, Muscle, Sides};
pub use translations::Translations;
pub use writer::{rewrite, write, write_exercise};

use crate::clip::AlphaMode;
use crate::document::defaults;
use crate::document::rules::{DURATION, ID, LANGUAGE, SPEED, SRC};
use crate::document::{ClipLook, ValidationFault, read_clip_look};
use crate::time::Rational;
use crate::validation::choice::{Choice, choice};
use crate::validation::node::Node;
use crate::validation::number::number;
use crate::validation::text::{Alphabet, TextRule, text};
use crate::validation::{read_json, read_value};
use profile::read_profile;
use translations::translations;

/// The display name of an exercise.
const NAME: TextRule = TextRule::up_to(100, Alphabet::Line).not_empty();
/// The description of an exercise.
const DESCRIPTION: TextRule = TextRule::up_to(500, Alphabet::Lines);
/// The name of a category.
const CATEGORY: TextRule = TextRule::up_to(50, Alphabet::Line).not_empty();
/// Most categories of one exercise.
const MAX_CATEGORIES: usize = 32;
/// Most exercises in one catalogue.
const MAX_EXERCISES: usize = 10_000;

/// A catalogue: its exercises in the order of the file.
#[derive(Clone, PartialEq, Debug)]
pub struct Catalogue {
    /// The folder that the paths of all clips begin with.
    folder: PathBuf,
    /// The language of names and descriptions, apart from their translations.
    language: String,
    exercises: Vec<Exercise>,
}

impl Default for Catalogue {
    /// A catalogue without exercises.
    fn default() -> Self {
        Self { folder: PathBuf::new(), language: defaults::LANGUAGE.to_owned(), exercises: Vec::new() }
    }
}

/// An exercise of the catalogue.
#[derive(Clone, PartialEq, Debug)]
pub struct Exercise {
    /// The id that workouts refer to.
    pub id: String,
    /// The display name, in the language of the catalogue.
    pub name: String,
    /// The display name in other languages.
    pub names: Translations,
    /// How the exercise is done, in the language of the catalogue; may be empty.
    pub description: String,
    /// How the exercise is done, in other languages.
    pub descriptions: Translations,
    /// The path of the clip, joined to the folder of the catalogue.
    pub clip: PathBuf,
    /// The meaning of the clip's alpha channel.
    pub alpha: AlphaMode,
    /// The playback speed of the clip at speed 1 of a workout.
    pub default_speed: Rational,
    /// Seconds of exercise for workouts that give none.
    pub default_duration: Option<Rational>,
    /// How difficult the exercise is.
    pub difficulty: Option<Difficulty>,
    /// Whether workouts play the clip's audio, unless they say so themselves.
    pub audio: Option<CatalogueAudio>,
    /// Categories that the author of the catalogue chose, such as muscle groups.
    pub categories: Vec<String>,
    /// What it trains, what it needs and how it loads the body.
    pub profile: ExerciseProfile,
    /// How the clip is shown, unless workouts say so themselves.
    pub look: ClipLook,
}

/// How difficult an exercise is, the easiest first.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the definition")]
pub enum Difficulty {
    Beginner,
    Intermediate,
    Advanced,
}

impl Choice for Difficulty {
    const NAMES: &'static [(&'static str, Self)] =
        &[("beginner", Self::Beginner), ("intermediate", Self::Intermediate), ("advanced", Self::Advanced)];
}

/// Whether workouts play the audio of a clip.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CatalogueAudio {
    /// They do.
    Keep,
    /// They do not.
    Mute,
}

impl Choice for CatalogueAudio {
    const NAMES: &'static [(&'static str, Self)] = &[("keep", Self::Keep), ("mute", Self::Mute)];
}

impl Catalogue {
    /// A catalogue of these exercises, whose clips are relative to no folder.
    #[must_use]
    pub fn new(language: &str, exercises: Vec<Exercise>) -> Self {
        Self { folder: PathBuf::new(), language: language.to_owned(), exercises }
    }

    /// Reads the text of a `catalogue.toml` in `folder`.
    ///
    /// # Errors
    /// All faults, in the order of the file.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Vec<ValidationFault>> {
        let value = toml_value::parse(text).map_err(|fault| vec![fault])?;
        read_value(&value, |node| catalogue(node, folder))
    }

    /// Reads an exercise from JSON: an object with the fields of a table of a `catalogue.toml`, whose clip lies in `folder`.
    ///
    /// # Errors
    /// All faults, in the order of the text.
    pub fn parse_exercise(json: &[u8], folder: &Path) -> Result<Exercise, Vec<ValidationFault>> {
        read_json(json, |node| exercise(node, folder, &mut HashMap::new()))
    }

    /// A catalogue of other exercises, with the folder and the language of this one. Of two with the same id the first is
    /// found.
    #[must_use]
    pub fn with_exercises(&self, exercises: Vec<Exercise>) -> Self {
        Self { folder: self.folder.clone(), language: self.language.clone(), exercises }
    }

    /// The exercise with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Exercise> {
        self.exercises.iter().find(|exercise| exercise.id == id)
    }

    /// The folder to which the catalogue's own paths are relative.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All exercises, in the order of the file.
    #[must_use]
    pub fn exercises(&self) -> &[Exercise] {
        &self.exercises
    }

    /// The language of names and descriptions, apart from their translations, as a language tag (RFC 5646).
    #[must_use]
    pub fn language(&self) -> &str {
        &self.language
    }

    /// The language of this catalogue to answer a language range with: the one that the range names, or a more general one
    /// (RFC 4647, 3.4). `None` if no text is in such a language.
    #[must_use]
    pub fn lookup_language(&self, range: &str) -> Option<&str> {
        let is_own = |tag: &str| self.language.eq_ignore_ascii_case(tag);
        translations::prefixes(range).find_map(|tag| {
            let mut all = self.exercises.iter().flat_map(|exercise| [&exercise.names, &exercise.descriptions]);
            if is_own(tag) { Some(&*self.language) } else { all.find_map(|texts| texts.language(tag)) }
        })
    }
}

impl Exercise {
    /// The exercise with its name and its description in a language, each as it is where it is not translated.
    #[must_use]
    pub fn localized(&self, language: &str) -> Cow<'_, Self> {
        let (name, description) = (self.names.get(language), self.descriptions.get(language));
        if name.is_none() && description.is_none() {
            return Cow::Borrowed(self);
        }
        let mut localized = self.clone();
        localized.name = name.unwrap_or(&self.name).to_owned();
        localized.description = description.unwrap_or(&self.description).to_owned();
        Cow::Owned(localized)
    }
}

fn catalogue(node: &Node<'_>, folder: &Path) -> Option<Catalogue> {
    let mut fields = node.fields()?;
    let mut places = HashMap::new();
    let entry = |node: &Node<'_>| exercise(node, folder, &mut places);
    let language = fields.or("language", defaults::LANGUAGE.to_owned(), text(LANGUAGE));
    let exercises = fields.required("exercise", |node| node.list(1..=MAX_EXERCISES, entry));
    fields.reject_unknown();
    Some(Catalogue { folder: folder.to_owned(), language, exercises: exercises? })
}

/// Reads an exercise. `places` maps the ids of the exercises before it to their paths.
fn exercise(node: &Node<'_>, folder: &Path, places: &mut HashMap<String, String>) -> Option<Exercise> {
    let mut fields = node.fields()?;
    let id = fields.required("id", |id_node| {
        let id = text(ID)(id_node)?;
        match places.get(&id) {
            Some(first) => return id_node.fault(format!("is already the id of {first}")),
            None => places.insert(id.clone(), node.place().to_owned()),
        };
        Some(id)
    });
    let name = fields.required("name", text(NAME));
    let names = fields.or("names", Translations::default(), translations(NAME));
    let description = fields.or("description", String::new(), text(DESCRIPTION));
    let descriptions = fields.or("descriptions", Translations::default(), translations(DESCRIPTION));
    let clip = fields.required("clip", inner_path);
    let alpha = fields.or("alpha", AlphaMode::default(), choice);
    let default_speed = fields.or("default_speed", defaults::SPEED, number(SPEED));
    let default_duration = fields.optional("default_duration", number(DURATION));
    let difficulty = fields.optional("difficulty", choice);
    let audio = fields.optional("audio", choice);
    let categories = |node: &Node<'_>| node.list(0..=MAX_CATEGORIES, text(CATEGORY));
    let categories = fields.or("categories", Vec::new(), categories);
    let profile = read_profile(&mut fields);
    let look = read_clip_look(&mut fields);
    fields.reject_unknown();
    let clip = folder.join(clip?);
    Some(Exercise {
        id: id?,
        name: name?,
        names,
        description,
        descriptions,
        clip,
        alpha,
        default_speed,
        default_duration,
        difficulty,
        audio,
        categories,
        profile,
        look,
    })
}

/// Reads a path that stays in its folder under the path syntax of every operating system, because catalogues are copied
/// between them.
fn inner_path(node: &Node<'_>) -> Option<String> {
    let path = text(SRC)(node)?;
    let mut parts = path.split(['/', '\\']);
    let is_absolute = path.starts_with(['/', '\\']) || path.chars().nth(1) == Some(':');
    if is_absolute || parts.any(|part| part == "..") {
        return node.fault("must be a path inside the catalogue's folder");
    }
    Some(path)
}
