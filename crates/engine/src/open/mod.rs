//! Opening a document: its files are probed, and it is compiled to a timeline, a soundtrack and captions.

mod audio_files;
mod captions;
mod document_source;
mod file_access;
mod file_names;
mod font;
mod named_files;
mod probed_files;
mod small_file;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use repcast_compositor::Gpu;
use repcast_gstreamer::decode::{DecodeError, ProbedClip, probe, probe_within};
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{Document, ValidationFault};
use repcast_model::timeline::Timeline;

use crate::audio::{DocumentAudio, Speaker, SpeechTimeout};
use crate::check::ClipChecker;

pub use captions::DocumentCaptions;
use captions::{SubtitledDocument, read_subtitles};
pub use document_source::{DocumentSource, FileSnapshot};
pub use file_access::FileAccess;
pub use file_names::FileNames;
use named_files::NamedFiles;
pub use named_files::named_files;
use probed_files::{Compiled, ProbedFiles};

/// Files that are probed concurrently.
const CONCURRENT_PROBES: usize = 4;

/// A compiled document and its probed files.
#[derive(Clone)]
pub struct OpenDocument {
    /// The compiled document.
    pub timeline: Arc<Timeline>,
    /// The document itself, for changes of it.
    pub document: Arc<Document>,
    /// Its sound; `None` if there is nothing to hear, ever.
    pub audio: Option<DocumentAudio>,
    /// Its captions.
    pub captions: DocumentCaptions,
    /// Every clip and image that the timeline names.
    pub files: Arc<HashMap<PathBuf, ProbedClip>>,
    /// The file of its font.
    pub font: Option<PathBuf>,
    /// How messages to clients name the files.
    pub names: Arc<FileNames>,
}

/// Why a document cannot be opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenError {
    /// The faults, each with its place.
    pub faults: Vec<ValidationFault>,
    /// Whether missing files are the only faults.
    pub is_missing: bool,
    /// Whether a file could not be checked now, or texts were not spoken in time: a later retry can help.
    pub is_busy: bool,
}

impl From<Vec<ValidationFault>> for OpenError {
    fn from(faults: Vec<ValidationFault>) -> Self {
        Self { faults, is_missing: false, is_busy: false }
    }
}

impl From<SpeechTimeout> for OpenError {
    fn from(timeout: SpeechTimeout) -> Self {
        let fault = ValidationFault { place: "audio".to_owned(), message: format!("{timeout}; try again") };
        Self { faults: vec![fault], is_missing: false, is_busy: true }
    }
}

impl OpenDocument {
    /// Probes the files of a document, whose paths are relative to `base`, and compiles it.
    ///
    /// # Errors
    /// All faults of the document and its files: a clip that cannot be opened is a fault at its place.
    pub fn open(document: &Document, base: &Path, catalogue: &Catalogue) -> Result<Self, Vec<ValidationFault>> {
        Self::open_within(document, &FileAccess::Anywhere(base), catalogue, None, &Speaker::shared())
            .map_err(|error| error.faults)
    }

    /// The same for a document with restricted access to files. The catalogue's own clips are not restricted. With a
    /// checker, all files are checked in worker processes before they are probed. `speaker` speaks its texts.
    ///
    /// # Errors
    /// As [`Self::open`], a fault for every path that is not allowed, and one if its texts are not spoken in time.
    pub fn open_within(
        document: &Document,
        access: &FileAccess<'_>,
        catalogue: &Catalogue,
        checker: Option<&ClipChecker>,
        speaker: &Speaker,
    ) -> Result<Self, OpenError> {
        let files = NamedFiles::of(document, access, catalogue)?;
        let source = Arc::new(document.clone());
        // From here on, subtitles are part of the document.
        let SubtitledDocument { document, files: subtitle_files, failed } =
            read_subtitles(document.clone(), access.base(), &files.subtitles);
        let mut probed = files.probe(access, catalogue, checker);
        probed.note_failed_files(access, failed);
        let Compiled { timeline, soundtrack, captions } =
            probed.compile(&files, &document, catalogue, access.base())?;
        let audio = soundtrack.map(|soundtrack| DocumentAudio::new(soundtrack, speaker)).transpose()?;
        let captions = DocumentCaptions { tracks: captions.into(), files: subtitle_files.into() };
        let ProbedFiles { clips, names, font, .. } = probed;
        let timeline = font.iter().fold(timeline, |timeline, font| timeline.with_font(font));
        Ok(Self {
            timeline: Arc::new(timeline),
            font: files.font.map(|(_, path)| path),
            document: source,
            audio,
            captions,
            files: Arc::new(clips),
            names: Arc::new(names),
        })
    }

    /// What is drawn otherwise than the document says on this machine, one sentence each: characters without a font.
    #[must_use]
    pub fn warnings(&self, gpu: &Gpu) -> Vec<String> {
        gpu.missing_glyphs(self.timeline.texts(), self.timeline.overlay.font.as_ref())
            .iter()
            .map(ToString::to_string)
            .collect()
    }
}

/// How long a decoder of a file that a worker process has decoded may deliver nothing. It has responded before; a busy
/// machine may delay it.
const CHECKED_STALL_TIMEOUT: Duration = Duration::from_secs(10);

fn check_and_probe(path: &Path, checker: Option<&ClipChecker>) -> Result<ProbedClip, DecodeError> {
    let Some(checker) = checker else { return probe(path) };
    checker.check(path)?;
    probe_within(path, CHECKED_STALL_TIMEOUT)
}

/// Works on files, a few at a time, in any order: most of the time is spent waiting for decoders to start.
fn for_each_concurrently<T: Send + Sync>(
    paths: &[&Path],
    work: impl Fn(&Path) -> Result<T, DecodeError> + Sync,
) -> Vec<Result<T, DecodeError>> {
    let results: Vec<OnceLock<_>> = paths.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((path, result)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            paths.get(index).zip(results.get(index))
        } {
            // Each index is used once.
            let _ = result.set(work(path));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..CONCURRENT_PROBES.min(paths.len()) {
            // Without this thread the others probe its files.
            let _ = std::thread::Builder::new().name("probe".to_owned()).spawn_scoped(scope, work);
        }
        work();
    });
    let lost = || Err(DecodeError::Library("a file was not probed".to_owned()));
    results.into_iter().map(|result| result.into_inner().unwrap_or_else(lost)).collect()
}
