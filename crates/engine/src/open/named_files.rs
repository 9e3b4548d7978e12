//! The files that a document names, before any of them is opened.

use std::path::{Path, PathBuf};

use repcast_model::audio::AudioFile;
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{ClipLayer, Document, ImageLayer, Layer, LayerContent, SubtitlesLayer, ValidationFault};
use repcast_model::timeline::composition_files;
use repcast_model::workout::workout_files;

use super::captions::subtitle_files;
use super::{FileAccess, audio_files};

/// The files of a document, all of which it may name.
pub(super) struct NamedFiles {
    /// Those that are seen, each with its place.
    pub(super) seen: Vec<(String, PathBuf)>,
    /// Those that may be heard.
    pub(super) heard: Vec<AudioFile>,
    /// Those of subtitles, each with its place.
    pub(super) subtitles: Vec<(String, PathBuf)>,
    /// That of its font, with its place.
    pub(super) font: Option<(String, PathBuf)>,
}

impl NamedFiles {
    /// The files of a document.
    ///
    /// # Errors
    /// Exercises that are not in the catalogue, and a fault for every path that is not allowed.
    pub(super) fn of(
        document: &Document,
        access: &FileAccess<'_>,
        catalogue: &Catalogue,
    ) -> Result<Self, Vec<ValidationFault>> {
        let base = access.base();
        let seen = match document {
            Document::Workout(workout) => workout_files(workout, catalogue, base)?,
            Document::Composition(composition) => composition_files(composition, base),
        };
        let heard = audio_files::audio_files(document, catalogue, base)?;
        let fault = |(place, written): (String, &str)| {
            let written = Path::new(written);
            let message = access.check(written, &base.join(written)).err()?;
            Some(ValidationFault { place, message: message.to_owned() })
        };
        let heard_written = heard.iter().filter_map(|file| Some((file.place.clone(), file.written.as_deref()?)));
        let denied: Vec<_> = written_files(document).into_iter().chain(heard_written).filter_map(fault).collect();
        let subtitles = subtitle_files(document, base);
        let font = font(document).map(|(place, src)| (place.to_owned(), base.join(src)));
        if denied.is_empty() { Ok(Self { seen, heard, subtitles, font }) } else { Err(denied) }
    }

    /// The files that the document names itself, or that are seen, each with its place.
    pub(super) fn places(&self) -> impl Iterator<Item = (&String, &PathBuf)> {
        let heard = self.heard.iter().filter(|file| file.written.is_some());
        let others = self.seen.iter().chain(&self.subtitles).chain(&self.font).map(|(place, path)| (place, path));
        others.chain(heard.map(|file| (&file.place, &file.path)))
    }
}

/// The files that a document itself names, as written, each with its place. The clips of exercises are named by the
/// catalogue.
fn written_files(document: &Document) -> Vec<(String, &str)> {
    match document {
        Document::Workout(workout) => {
            workout.paths().chain(workout.font()).map(|(place, src)| (place.to_owned(), src)).collect()
        }
        Document::Composition(composition) => {
            let layers = composition.layers.iter().enumerate();
            layers.filter_map(|(index, layer)| Some((format!("layers[{index}].src"), source(layer)?))).collect()
        }
    }
}

fn font(document: &Document) -> Option<(&'static str, &str)> {
    match document {
        Document::Workout(workout) => workout.font(),
        Document::Composition(_) => None,
    }
}

fn source(layer: &Layer) -> Option<&str> {
    match &layer.content {
        LayerContent::Clip(ClipLayer { src, .. }) | LayerContent::Image(ImageLayer { src, .. }) => Some(src),
        LayerContent::Subtitles(SubtitlesLayer { src, .. }) => src.as_deref(),
        _ => None,
    }
}

/// All files that a document's pixels and sound are read from: those that it names, and the clips of its exercises.
///
/// # Errors
/// Exercises that are not in the catalogue, and a fault for every path that is not allowed.
pub fn named_files(
    document: &Document,
    access: &FileAccess<'_>,
    catalogue: &Catalogue,
) -> Result<Vec<PathBuf>, Vec<ValidationFault>> {
    let NamedFiles { seen, heard, subtitles, font } = NamedFiles::of(document, access, catalogue)?;
    let placed = seen.into_iter().chain(subtitles).chain(font).map(|(_, path)| path);
    Ok(placed.chain(heard.into_iter().map(|file| file.path)).collect())
}
