//! Where a document comes from, so that it can be opened, and opened again when it has changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use super::Project;
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{self, Document, Fault, Format};
use repcast_storage::{is_numbered_target, load_catalogue, read_document};

/// A document on the disk, or on standard input.
#[derive(Debug)]
pub struct DocumentSource {
    path: PathBuf,
    /// The catalogue's folder; what there is without one is a message.
    catalogue: Result<PathBuf, String>,
    /// Whether the catalogue must be right though the document has no use for it.
    is_catalogue_wanted: bool,
    /// What came over standard input, which can be read only once.
    piped: OnceLock<Vec<u8>>,
}

/// Numbered pictures of a folder that are looked at.
const MAX_PICTURES: usize = 10_000;

/// What a file looked like, without a look into it; nothing where there is none.
type Looks = Option<(SystemTime, u64)>;

/// Files as they were when they were looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snapshot(Vec<(PathBuf, Looks)>);

impl DocumentSource {
    /// A document's path, `-` for standard input, and the folder of its catalogue, or why there is none.
    #[must_use]
    pub fn new(path: &Path, catalogue: Result<PathBuf, String>, is_catalogue_wanted: bool) -> Self {
        Self { path: path.to_owned(), catalogue, is_catalogue_wanted, piped: OnceLock::new() }
    }

    fn is_piped(&self) -> bool {
        self.path == Path::new("-")
    }

    /// Reads, checks and compiles it, a workout perhaps in another format than its own.
    ///
    /// # Errors
    /// All that is wrong with it, a line each, with the file's name and the place.
    pub fn open(&self, format: Option<Format>) -> Result<Project, Vec<String>> {
        let shown = if self.is_piped() { "standard input".to_owned() } else { self.path.display().to_string() };
        let at_fault = |faults: Vec<Fault>| faults.iter().map(|fault| format!("{shown}: {fault}")).collect::<Vec<_>>();
        let told = |error: &dyn ToString| vec![error.to_string()];
        let bytes = match self.piped.get() {
            Some(bytes) => bytes.clone(),
            None => read_document(&self.path).map_err(|error| told(&error))?,
        };
        if self.is_piped() {
            let _ = self.piped.set(bytes.clone());
        }
        let mut document = document::parse(&bytes).map_err(at_fault)?;
        if let (Document::Workout(workout), Some(format)) = (&mut document, format) {
            workout.format = format;
        }
        // A composition has no use for a catalogue, but one that was asked for must be right.
        let catalogue = match &document {
            Document::Composition(_) if !self.is_catalogue_wanted => Catalogue::default(),
            _ => {
                let folder = self.catalogue.as_ref().map_err(|reason| told(reason))?;
                load_catalogue(folder).map_err(|error| told(&error))?
            }
        };
        // Paths in a document that came through a pipe are relative to where we stand.
        let base = if self.is_piped() { Path::new("") } else { self.path.parent().unwrap_or(Path::new("")) };
        Project::open(&document, base, &catalogue).map_err(at_fault)
    }

    /// Whether it can be opened in several formats, as far as can be told without compiling it.
    #[must_use]
    pub fn has_formats(&self) -> bool {
        let bytes = self.piped.get().cloned().or_else(|| read_document(&self.path).ok());
        let document = bytes.and_then(|bytes| document::parse(&bytes).ok());
        matches!(document, Some(Document::Workout(_)))
    }

    /// How the files look that it is made of, those of `project` included.
    #[must_use]
    pub fn snapshot(&self, project: &Project) -> Snapshot {
        let mut paths: Vec<PathBuf> = project.files.keys().cloned().collect();
        // Numbered pictures are a folder of files.
        let numbered = project.files.keys().filter(|path| is_numbered_target(path));
        paths.extend(numbered.filter_map(|path| path.parent()).map(Path::to_owned));
        if !self.is_piped() {
            paths.push(self.path.clone());
        }
        paths.extend(self.catalogue.iter().map(|folder| folder.join("catalogue.toml")));
        paths.sort();
        paths.dedup();
        Snapshot(paths.into_iter().map(|path| (path.clone(), looks(&path))).collect())
    }
}

impl Snapshot {
    /// Whether a file that looked otherwise in `read` looks as it did in `seen`, a moment ago: it has been written to its
    /// end. One that is still being written keeps no other from being read.
    #[must_use]
    pub fn has_settled(&self, read: &Self, seen: &Self) -> bool {
        let mut files = self.0.iter().zip(&read.0).zip(&seen.0);
        files.any(|((now, read), seen)| now != read && now == seen)
    }

    /// The same files, those of `other` as they look there.
    #[must_use]
    pub fn but_as_in(self, other: &Self) -> Self {
        let as_in_other = |(path, looks): (PathBuf, Looks)| {
            let known = other.0.binary_search_by(|(known, _)| known.cmp(&path));
            let looks = known.map_or(looks, |index| other.0[index].1);
            (path, looks)
        };
        Self(self.0.into_iter().map(as_in_other).collect())
    }

    /// The same files as they look now.
    #[must_use]
    pub fn again(&self) -> Self {
        Self(self.0.iter().map(|(path, _)| (path.clone(), looks(path))).collect())
    }
}

fn looks(path: &Path) -> Looks {
    let metadata = fs::metadata(path).ok()?;
    if metadata.is_dir() {
        // Of numbered pictures each may be written again in its place.
        let entries = fs::read_dir(path).ok()?.flatten().take(MAX_PICTURES).filter_map(|entry| entry.metadata().ok());
        let looks = entries.map(|entry| (entry.modified().unwrap_or(SystemTime::UNIX_EPOCH), entry.len()));
        return looks.reduce(|(newest, bytes), (modified, len)| (newest.max(modified), bytes.wrapping_add(len)));
    }
    Some((metadata.modified().ok()?, metadata.len()))
}
