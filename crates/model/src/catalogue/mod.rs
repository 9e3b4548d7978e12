//! The catalogue: the exercises that workouts name.
//!
//! The text of `catalogue.toml` comes in, with the folder that its clip paths are relative to; exercises or a list of
//! faults go out. Nothing here touches a file: whether the clips exist is found out by whoever walks
//! [`Catalogue::exercises`].

mod toml_value;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::document::Fault;
use crate::document::choice::{Choice, choice};
use crate::document::fault::Faults;
use crate::document::number::{number, whole};
use crate::document::reader::Node;
use crate::document::rules::{DURATION, ID, SPEED, SRC};
use crate::document::text::{Alphabet, TextRule, text};
use crate::clip::AlphaMode;
use crate::time::Rational;

/// An exercise's name, as it is drawn.
const NAME: TextRule = TextRule::up_to(100, Alphabet::Line).not_empty();
/// An exercise's description.
const DESCRIPTION: TextRule = TextRule::up_to(500, Alphabet::Lines);
/// The name of a category.
const CATEGORY: TextRule = TextRule::up_to(50, Alphabet::Line).not_empty();
/// Categories of one exercise.
const MAX_CATEGORIES: usize = 32;
/// Exercises in one catalogue.
const MAX_EXERCISES: usize = 10_000;

/// A catalogue's exercises, in the order of its file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Catalogue {
    exercises: Vec<Exercise>,
}

/// An exercise that workouts can name.
#[derive(Clone, PartialEq, Debug)]
pub struct Exercise {
    /// What workouts call it.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// How it is done; may be empty.
    pub description: String,
    /// The clip that shows it, inside the catalogue's folder.
    pub clip: PathBuf,
    /// What the clip's alpha means for its colors.
    pub alpha: AlphaMode,
    /// How fast the clip plays when a workout asks for 1.
    pub default_speed: Rational,
    /// Seconds of exercise when a workout does not say.
    pub default_duration: Option<Rational>,
    /// How hard it is.
    pub difficulty: Option<Difficulty>,
    /// What it trains, in the words of the catalogue's author.
    pub categories: Vec<String>,
}

/// How hard an exercise is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each name says it")]
pub enum Difficulty {
    Beginner,
    Intermediate,
    Advanced,
}

impl Choice for Difficulty {
    const NAMES: &'static [(&'static str, Self)] =
        &[("beginner", Self::Beginner), ("intermediate", Self::Intermediate), ("advanced", Self::Advanced)];
}

impl Catalogue {
    /// Reads the text of a `catalogue.toml` that lies in `folder`.
    ///
    /// # Errors
    /// All that is wrong with it, in the order of the file.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Vec<Fault>> {
        let value = toml_value::parse(text).map_err(|fault| vec![fault])?;
        let faults = Faults::default();
        let catalogue = catalogue(&Node::root(&value, &faults), folder);
        faults.settle(catalogue)
    }

    /// The exercise of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Exercise> {
        self.exercises.iter().find(|exercise| exercise.id == id)
    }

    /// All exercises, in the order of the file.
    #[must_use]
    pub fn exercises(&self) -> &[Exercise] {
        &self.exercises
    }
}

fn catalogue(node: &Node<'_>, folder: &Path) -> Option<Catalogue> {
    let mut fields = node.fields()?;
    let mut places = HashMap::new();
    let entry = |node: &Node<'_>| exercise(node, folder, &mut places);
    let exercises = fields.required("exercise", |node| node.list(1..=MAX_EXERCISES, entry));
    fields.refuse_others();
    Some(Catalogue { exercises: exercises? })
}

/// Reads an exercise. `places` says where the ids before it were given.
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
    let description = fields.or("description", String::new(), text(DESCRIPTION));
    let clip = fields.required("clip", inner_path);
    let alpha = fields.or("alpha", AlphaMode::default(), choice);
    let default_speed = fields.or("default_speed", whole(1), number(SPEED));
    let default_duration = fields.optional("default_duration", number(DURATION));
    let difficulty = fields.optional("difficulty", choice);
    let categories = |node: &Node<'_>| node.list(0..=MAX_CATEGORIES, text(CATEGORY));
    let categories = fields.or("categories", Vec::new(), categories);
    fields.refuse_others();
    let clip = folder.join(clip?);
    Some(Exercise {
        id: id?,
        name: name?,
        description,
        clip,
        alpha,
        default_speed,
        default_duration,
        difficulty,
        categories,
    })
}

/// Reads a path that stays in its folder on every system, wherever the catalogue is carried.
fn inner_path(node: &Node<'_>) -> Option<String> {
    let path = text(SRC)(node)?;
    let mut parts = path.split(['/', '\\']);
    let is_absolute = path.starts_with(['/', '\\']) || path.chars().nth(1) == Some(':');
    if is_absolute || parts.any(|part| part == "..") {
        return node.fault("must be a path inside the catalogue's folder");
    }
    Some(path)
}
