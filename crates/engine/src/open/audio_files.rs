//! The files of a document that are heard.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use repcast_gstreamer::decode::{DecodeError, probe_audio, probe_audio_within};
use repcast_model::audio::{
    AudioFile, AudioInfo, AudioInfos, Soundtrack, compile_composition_soundtrack, composition_audio_files,
};
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{Document, ValidationFault};
use repcast_model::timeline::ClipInfos;
use repcast_model::workout::{compile_workout_soundtrack, workout_audio_files};

use super::{CHECKED_STALL_TIMEOUT, for_each_concurrently};
use crate::check::ClipChecker;

/// The files of a document that may be heard.
///
/// # Errors
/// Exercises that are not in the catalogue.
pub(super) fn audio_files(
    document: &Document,
    catalogue: &Catalogue,
    base: &Path,
) -> Result<Vec<AudioFile>, Vec<ValidationFault>> {
    match document {
        Document::Workout(workout) => workout_audio_files(workout, catalogue, base),
        Document::Composition(composition) => Ok(composition_audio_files(composition, base)),
    }
}

/// What probing the audio of files has found: that of each file which has any, and why others could not be read.
#[derive(Default)]
pub(super) struct ProbedAudio {
    pub(super) infos: AudioInfos,
    pub(super) failed: HashMap<PathBuf, DecodeError>,
}

/// Probes the audio of files, each once.
pub(super) fn probe_files(files: &[AudioFile], checker: Option<&ClipChecker>) -> ProbedAudio {
    let mut paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut probed = ProbedAudio::default();
    for (path, result) in std::iter::zip(&paths, for_each_concurrently(&paths, |path| probe(path, checker))) {
        match result {
            Ok(Some(info)) => _ = probed.infos.insert(path.to_path_buf(), info),
            Ok(None) => {}
            Err(error) => _ = probed.failed.insert(path.to_path_buf(), error),
        }
    }
    probed
}

fn probe(path: &Path, checker: Option<&ClipChecker>) -> Result<Option<AudioInfo>, DecodeError> {
    let Some(checker) = checker else { return probe_audio(path) };
    checker.check(path)?;
    probe_audio_within(path, CHECKED_STALL_TIMEOUT)
}

/// Compiles the sound of a document whose files have been probed.
///
/// # Errors
/// Faults that depend on the files.
pub(super) fn soundtrack(
    document: &Document,
    catalogue: &Catalogue,
    base: &Path,
    infos: &ClipInfos,
    audio: &AudioInfos,
) -> Result<Option<Soundtrack>, Vec<ValidationFault>> {
    match document {
        Document::Workout(workout) => compile_workout_soundtrack(workout, catalogue, base, infos, audio),
        Document::Composition(composition) => compile_composition_soundtrack(composition, base, infos, audio),
    }
}
