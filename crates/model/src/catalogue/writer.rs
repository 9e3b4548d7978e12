//! Writes catalogues as canonical TOML.

use std::borrow::Cow;
use std::path::{MAIN_SEPARATOR, Path};

use super::{Catalogue, Exercise};
use crate::canonical::{CanonicalValue, FieldWriter, to_toml_line};
use crate::clip::AlphaMode;
use crate::document::defaults;

/// The catalogue as canonical TOML, see the [module](super). Clip paths are relative to the folder of the catalogue.
///
/// [`Catalogue::parse`] reads it as the same catalogue, given the same folder.
#[must_use]
pub fn write(catalogue: &Catalogue) -> String {
    let tables: Vec<String> = catalogue.exercises.iter().map(|exercise| table(exercise, &catalogue.folder)).collect();
    tables.join("\n")
}

fn table(exercise: &Exercise, folder: &Path) -> String {
    let lines = fields(exercise, folder).into_iter().map(|(name, value)| to_toml_line(name, &value));
    std::iter::once("[[exercise]]\n".to_owned()).chain(lines).collect()
}

fn fields(exercise: &Exercise, folder: &Path) -> Vec<(&'static str, CanonicalValue)> {
    let Exercise { id, name, description, clip, alpha, default_speed, default_duration, difficulty, categories } =
        exercise;
    let mut fields = FieldWriter::default();
    fields.required("id", id);
    fields.required("name", name);
    fields.or("description", &String::new(), description);
    fields.required("clip", &*relative_path(clip, folder));
    fields.or("alpha", &AlphaMode::default(), alpha);
    fields.or("default_speed", &defaults::SPEED, default_speed);
    fields.optional("default_duration", default_duration.as_ref());
    fields.optional("difficulty", difficulty.as_ref());
    fields.or("categories", &Vec::new(), categories);
    fields.into_fields()
}

/// The text that was joined to `folder`, unchanged: `Path::strip_prefix` would drop a leading `./`.
fn relative_path<'a>(clip: &'a Path, folder: &Path) -> Cow<'a, str> {
    let path = clip.to_string_lossy();
    let folder = folder.to_string_lossy();
    let relative = path.strip_prefix(&*folder);
    let relative = relative.map(|rest| if folder.is_empty() { rest } else { rest.trim_start_matches(MAIN_SEPARATOR) });
    relative.map_or_else(|| path.clone(), |rest| Cow::Owned(rest.to_owned()))
}
