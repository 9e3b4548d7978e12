//! The captions of a document, and the subtitle files that they are read from.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::small_file::{FileFailure, read_small_file};
use repcast_model::captions::{CaptionTrack, composition_subtitles, with_subtitles};
use repcast_model::document::{Document, SubtitleCue};
use repcast_mux::subtitles::{self, MAX_FILE_BYTES, ReadSubtitles};

/// The captions of a document.
#[derive(Clone, Debug, Default)]
pub struct DocumentCaptions {
    /// One track for each language; empty where nothing is said or subtitled.
    pub tracks: Arc<[CaptionTrack]>,
    /// The files that subtitles were read from.
    pub files: Arc<[PathBuf]>,
}

/// A document with the cues of its subtitle files, and what is wrong with others.
pub(super) struct SubtitledDocument {
    pub(super) document: Document,
    pub(super) files: Vec<PathBuf>,
    pub(super) failed: HashMap<PathBuf, FileFailure>,
}

/// Reads the subtitle files of a document, each once. `named` are those that it names, each with the path of its field.
pub(super) fn read_subtitles(document: Document, base: &Path, named: &[(String, PathBuf)]) -> SubtitledDocument {
    let (mut read, mut failed) = (HashMap::new(), HashMap::new());
    let mut files: Vec<PathBuf> = named.iter().map(|(_, path)| path.clone()).collect();
    files.sort_unstable();
    files.dedup();
    for path in &files {
        match read_file(path) {
            Ok(cues) => drop(read.insert(path.clone(), cues)),
            Err(failure) => drop(failed.insert(path.clone(), failure)),
        }
    }
    let document = match document {
        Document::Composition(composition) => Document::Composition(with_subtitles(composition, base, &read)),
        workout @ Document::Workout(_) => workout,
    };
    SubtitledDocument { document, files, failed }
}

/// The subtitle files that a document names, each with the path of its field.
pub(super) fn subtitle_files(document: &Document, base: &Path) -> Vec<(String, PathBuf)> {
    match document {
        Document::Workout(_) => Vec::new(),
        Document::Composition(composition) => composition_subtitles(composition, base),
    }
}

fn read_file(path: &Path) -> Result<Arc<[SubtitleCue]>, FileFailure> {
    let bytes = read_small_file(path, MAX_FILE_BYTES)?;
    let ReadSubtitles { cues, skipped, first_skipped } = subtitles::read(&bytes).map_err(FileFailure::of_content)?;
    if let Some(first) = first_skipped {
        tracing::warn!("{}: {skipped} subtitles cannot be read and are left out, the first in {first}", path.display());
    }
    Ok(cues.into())
}

#[cfg(test)]
mod tests {
    use repcast_model::captions::compile_captions;
    use repcast_model::document;

    use super::*;

    #[test]
    fn files_are_read_once_and_named_when_they_cannot_be() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.srt"), "1\n00:00:01,000 --> 00:00:02,000\nHi\n").unwrap();
        std::fs::write(folder.path().join("b.vtt"), [0xff, 0, 1]).unwrap();
        std::fs::create_dir(folder.path().join("c.vtt")).unwrap();
        std::fs::write(folder.path().join("d.vtt"), vec![b' '; MAX_FILE_BYTES + 10]).unwrap();
        let layers: Vec<String> = ["a.srt", "a.srt", "b.vtt", "c.vtt", "d.vtt", "e.vtt"]
            .iter()
            .map(|name| format!(r#"{{"type": "subtitles", "src": "{name}"}}"#))
            .collect();
        let json =
            format!(r#"{{"canvas": {{"width": 64, "height": 64}}, "duration": 9, "layers": [{}]}}"#, layers.join(","));
        let document = document::parse(json.as_bytes()).unwrap();
        let named = subtitle_files(&document, folder.path());
        let read = read_subtitles(document, folder.path(), &named);
        assert_eq!((named.len(), read.files.len()), (6, 5));
        let failure = |name: &str| {
            let failure = &read.failed[&folder.path().join(name)];
            (failure.reason.clone(), failure.is_missing)
        };
        assert_eq!(failure("b.vtt").0, "is not text in UTF-8; save the subtitles in that encoding");
        assert_eq!(failure("c.vtt"), ("is not a file".to_owned(), false));
        assert_eq!(failure("d.vtt").0, "has more than 2 MiB");
        assert!(failure("e.vtt").1);
        let tracks = compile_captions(&read.document, None).unwrap();
        assert_eq!((tracks.len(), tracks[0].cues.len()), (1, 2));
    }
}
