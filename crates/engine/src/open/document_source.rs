//! A document on disk or on standard input, which can be opened again when its files have changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use super::{FileAccess, OpenDocument, OpenError};
use crate::audio::Speaker;
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{self, Document, Format, ValidationFault};
use repcast_storage::{is_numbered_pattern, load_catalogue, read_document};

/// A document on disk, or on standard input.
#[derive(Debug)]
pub struct DocumentSource {
    path: PathBuf,
    /// The folder of the catalogue, or why there is none.
    catalogue: Result<PathBuf, String>,
    /// Whether the catalogue is validated even if the document does not use it.
    is_catalogue_required: bool,
    /// Speaks its texts.
    speaker: Arc<Speaker>,
    /// Whether workouts are opened as classes, which wait for their start.
    is_class: bool,
    /// The bytes of standard input, which can be read only once.
    piped: OnceLock<Vec<u8>>,
}

/// Files of a folder of numbered pictures that are checked for changes.
const MAX_PICTURES: usize = 10_000;

/// The modification time and the length of a file; `None` when it is missing.
type FileState = Option<(SystemTime, u64)>;

/// The states of a document's files at one time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileSnapshot(Vec<(PathBuf, FileState)>);

impl DocumentSource {
    /// A document's path, `-` for standard input, and the folder of its catalogue, or why there is none.
    #[must_use]
    pub fn new(path: &Path, catalogue: Result<PathBuf, String>, is_catalogue_required: bool) -> Self {
        let speaker = Speaker::shared();
        let (is_class, piped) = (false, OnceLock::new());
        Self { path: path.to_owned(), catalogue, is_catalogue_required, speaker, is_class, piped }
    }

    /// The same with another speaker.
    #[must_use]
    pub fn with_speaker(self, speaker: Arc<Speaker>) -> Self {
        Self { speaker, ..self }
    }

    /// The same, whose workouts are opened as classes that wait for their start.
    #[must_use]
    pub fn as_class(self) -> Self {
        Self { is_class: true, ..self }
    }

    /// The exercises; none if there is no valid catalogue.
    #[must_use]
    pub fn exercises(&self) -> Catalogue {
        self.catalogue.as_ref().ok().and_then(|folder| load_catalogue(folder).ok()).unwrap_or_default()
    }

    /// Opens another document in place of this one. One that a client sent may only name files in the folder of this one.
    ///
    /// # Errors
    /// All faults.
    pub fn open_other(&self, document: &Document, is_from_client: bool) -> Result<OpenDocument, OpenError> {
        let base = self.base();
        let access = if is_from_client { FileAccess::Within(base) } else { FileAccess::Anywhere(base) };
        OpenDocument::open_within(document, &access, &self.exercises(), None, &self.speaker)
    }

    /// The folder to which paths are relative: for a document on standard input, the working folder.
    fn base(&self) -> &Path {
        if self.is_piped() { Path::new("") } else { self.path.parent().unwrap_or(Path::new("")) }
    }

    fn is_piped(&self) -> bool {
        self.path == Path::new("-")
    }

    /// Reads, validates and compiles the document; a workout in another format than its own if one is given.
    ///
    /// # Errors
    /// All faults, one line each, with the name of the file and the place.
    pub fn open(&self, format: Option<Format>) -> Result<OpenDocument, Vec<String>> {
        let name = if self.is_piped() { "standard input".to_owned() } else { self.path.display().to_string() };
        let at_fault =
            |faults: Vec<ValidationFault>| faults.iter().map(|fault| format!("{name}: {fault}")).collect::<Vec<_>>();
        let message = |error: &dyn ToString| vec![error.to_string()];
        let bytes = match self.piped.get() {
            Some(bytes) => bytes.clone(),
            None => read_document(&self.path).map_err(|error| message(&error))?,
        };
        if self.is_piped() {
            let _ = self.piped.set(bytes.clone());
        }
        let mut document = document::parse(&bytes).map_err(at_fault)?;
        if let (Document::Workout(workout), Some(format)) = (&mut document, format) {
            workout.format = format;
        }
        // A composition does not use a catalogue, but one that was given explicitly must be valid.
        let catalogue = match &document {
            Document::Composition(_) if !self.is_catalogue_required => Catalogue::default(),
            _ => {
                let folder = self.catalogue.as_ref().map_err(|reason| message(reason))?;
                load_catalogue(folder).map_err(|error| message(&error))?
            }
        };
        if self.is_class {
            document = document.as_class();
        }
        let access = FileAccess::Anywhere(self.base());
        OpenDocument::open_within(&document, &access, &catalogue, None, &self.speaker)
            .map_err(|error| at_fault(error.faults))
    }

    /// Whether it can be opened in several formats. The document is parsed, not compiled.
    #[must_use]
    pub fn has_formats(&self) -> bool {
        let bytes = self.piped.get().cloned().or_else(|| read_document(&self.path).ok());
        let document = bytes.and_then(|bytes| document::parse(&bytes).ok());
        matches!(document, Some(Document::Workout(_)))
    }

    /// The states of all files that the document depends on, those of `opened` included.
    #[must_use]
    pub fn snapshot(&self, opened: &OpenDocument) -> FileSnapshot {
        let mut paths: Vec<PathBuf> = opened.files.keys().cloned().collect();
        paths.extend(opened.audio.iter().flat_map(|audio| audio.soundtrack.files()).map(|path| path.to_path_buf()));
        paths.extend(opened.captions.files.iter().cloned());
        paths.extend(opened.font.clone());
        // Numbered pictures are a folder of files.
        let numbered = opened.files.keys().filter(|path| is_numbered_pattern(path));
        paths.extend(numbered.filter_map(|path| path.parent()).map(Path::to_owned));
        if !self.is_piped() {
            paths.push(self.path.clone());
        }
        paths.extend(self.catalogue.iter().map(|folder| folder.join("catalogue.toml")));
        paths.sort();
        paths.dedup();
        FileSnapshot(paths.into_iter().map(|path| (path.clone(), file_state(&path))).collect())
    }
}

impl FileSnapshot {
    /// Whether a file that has changed since `read` has not changed since `seen`, a moment ago: it has been written
    /// completely. A file that is still being written does not delay the others.
    #[must_use]
    pub fn has_settled(&self, read: &Self, seen: &Self) -> bool {
        let mut files = self.0.iter().zip(&read.0).zip(&seen.0);
        files.any(|((now, read), seen)| now != read && now == seen)
    }

    /// The same files, with the states of `other` for those that it contains.
    #[must_use]
    pub fn with_states_of(self, other: &Self) -> Self {
        let state_in_other = |(path, state): (PathBuf, FileState)| {
            let known = other.0.binary_search_by(|(known, _)| known.cmp(&path));
            let state = known.map_or(state, |index| other.0[index].1);
            (path, state)
        };
        Self(self.0.into_iter().map(state_in_other).collect())
    }

    /// The current states of the same files.
    #[must_use]
    pub fn refreshed(&self) -> Self {
        Self(self.0.iter().map(|(path, _)| (path.clone(), file_state(path))).collect())
    }
}

fn file_state(path: &Path) -> FileState {
    let metadata = fs::metadata(path).ok()?;
    if metadata.is_dir() {
        // Each of the numbered pictures may be replaced.
        let entries = fs::read_dir(path).ok()?.flatten().take(MAX_PICTURES).filter_map(|entry| entry.metadata().ok());
        let states = entries.map(|entry| (entry.modified().unwrap_or(SystemTime::UNIX_EPOCH), entry.len()));
        return states.reduce(|(newest, bytes), (modified, len)| (newest.max(modified), bytes.wrapping_add(len)));
    }
    Some((metadata.modified().ok()?, metadata.len()))
}
