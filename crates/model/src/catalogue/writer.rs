//! Writes catalogues as canonical TOML.

use std::borrow::Cow;
use std::path::{MAIN_SEPARATOR, Path};

use super::comments::Comments;
use super::profile::write_profile;
use super::{Catalogue, Exercise, Translations, catalogue, toml_value};
use crate::canonical::{CanonicalValue, FieldWriter, to_toml_lines};
use crate::clip::AlphaMode;
use crate::document::{ValidationFault, defaults, write_clip_look};
use crate::validation::read_value;
use crate::validation::value::{Value, ValueKind};

/// The catalogue as canonical TOML, see the [module](super). Clip paths are relative to the folder of the catalogue.
///
/// [`Catalogue::parse`] reads it as the same catalogue, given the same folder.
#[must_use]
pub fn write(catalogue: &Catalogue) -> String {
    let tables = catalogue.exercises.iter().map(|exercise| table(exercise, &catalogue.folder));
    head(catalogue).into_iter().chain(tables).collect::<Vec<String>>().join("\n")
}

/// One exercise of a catalogue as a canonical catalogue of its own.
#[must_use]
pub fn write_exercise(catalogue: &Catalogue, exercise: &Exercise) -> String {
    head(catalogue).into_iter().chain([table(exercise, &catalogue.folder)]).collect::<Vec<String>>().join("\n")
}

/// The canonical form of the text of a `catalogue.toml`, with its comments: those above an exercise stay there, those
/// inside an exercise move above it.
///
/// # Errors
/// All faults of the catalogue, in the order of the text.
pub fn rewrite(text: &str) -> Result<String, Vec<ValidationFault>> {
    let value = toml_value::parse(text).map_err(|fault| vec![fault])?;
    let folder = Path::new("");
    let catalogue = read_value(&value, |node| catalogue(node, folder))?;
    let comments = Comments::parse(text, &exercise_starts(&value));
    let blocks = std::iter::zip(&comments.before, &catalogue.exercises).map(|(lines, exercise)| {
        let lines = lines.iter().map(|line| format!("{line}\n"));
        lines.chain([table(exercise, folder)]).collect()
    });
    let after = comments.after.iter().map(|line| format!("{line}\n")).collect();
    Ok(head(&catalogue)
        .into_iter()
        .chain(blocks)
        .chain([after])
        .filter(|block: &String| !block.is_empty())
        .collect::<Vec<String>>()
        .join("\n"))
}

/// The first byte of each exercise.
fn exercise_starts(value: &Value) -> Vec<usize> {
    let ValueKind::Object(fields) = &value.kind else { return Vec::new() };
    let lists = fields.iter().filter_map(|(_, field)| match &field.kind {
        ValueKind::Array(exercises) => Some(exercises),
        _ => None,
    });
    lists.flatten().map(|exercise| exercise.at).collect()
}

/// The fields of the catalogue itself, which precede its exercises; `None` if all have their default values.
fn head(catalogue: &Catalogue) -> Option<String> {
    let mut fields = FieldWriter::default();
    fields.or("language", &defaults::LANGUAGE.to_owned(), &catalogue.language);
    let lines: String = fields.into_fields().into_iter().map(|(name, value)| to_toml_lines(&name, &value)).collect();
    Some(lines).filter(|lines| !lines.is_empty())
}

fn table(exercise: &Exercise, folder: &Path) -> String {
    let lines = fields(exercise, folder).into_iter().map(|(name, value)| to_toml_lines(&name, &value));
    std::iter::once("[[exercise]]\n".to_owned()).chain(lines).collect()
}

fn fields(exercise: &Exercise, folder: &Path) -> Vec<(Cow<'static, str>, CanonicalValue)> {
    let Exercise {
        id,
        name,
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
    } = exercise;
    let mut fields = FieldWriter::default();
    fields.required("id", id);
    fields.required("name", name);
    fields.or("names", &Translations::default(), names);
    fields.or("description", &String::new(), description);
    fields.or("descriptions", &Translations::default(), descriptions);
    fields.required("clip", &*relative_path(clip, folder));
    fields.or("alpha", &AlphaMode::default(), alpha);
    fields.or("default_speed", &defaults::SPEED, default_speed);
    fields.optional("default_duration", default_duration.as_ref());
    fields.optional("difficulty", difficulty.as_ref());
    fields.optional("audio", audio.as_ref());
    fields.or("categories", &Vec::new(), categories);
    write_profile(&mut fields, profile);
    write_clip_look(&mut fields, look);
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
