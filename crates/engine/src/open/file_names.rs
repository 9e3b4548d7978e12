//! How files are named in messages to clients, which must not reveal where the folders of this machine are.

use std::path::{Path, PathBuf};

use repcast_gstreamer::decode::DecodeError;
use repcast_mixer::{SoundFailure, SoundName};

/// Names files relative to the folders of a document and of its catalogue, as these name them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileNames {
    folders: [PathBuf; 2],
}

impl FileNames {
    /// The folder to which a document's paths are relative, and that of its catalogue.
    pub(super) fn new(base: &Path, catalogue: &Path) -> Self {
        Self { folders: [base.to_owned(), catalogue.to_owned()] }
    }

    /// The path of a file relative to the nearest folder; the name alone of a file elsewhere.
    #[must_use]
    pub fn name_of<'a>(&self, path: &'a Path) -> &'a Path {
        let inside = self.folders.iter().filter_map(|folder| path.strip_prefix(folder).ok());
        let nearest = inside.filter(|inside| inside.is_relative()).min_by_key(|inside| inside.as_os_str().len());
        match nearest {
            // The folder itself, as in the path `.`; its own name is not the client's to know.
            Some(inside) if inside.as_os_str().is_empty() => Path::new("."),
            Some(inside) => inside,
            None => path.file_name().map_or(Path::new("a file"), Path::new),
        }
    }

    /// The message of an error with its file named for clients. Decoders repeat the path in their own words, so that all
    /// of the message is searched.
    #[must_use]
    pub fn message(&self, error: &DecodeError) -> String {
        match error.path() {
            Some(path) => self.named(&error.to_string(), path),
            None => error.to_string(),
        }
    }

    /// The same for a sound that is silent.
    #[must_use]
    pub fn sound_message(&self, failure: &SoundFailure) -> String {
        match &failure.name {
            SoundName::File(path) => self.named(&failure.to_string(), path),
            SoundName::Cue(_) | SoundName::Speech(_) => failure.to_string(),
        }
    }

    fn named(&self, message: &str, path: &Path) -> String {
        message.replace(&path.display().to_string(), &self.name_of(path).display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_the_document_and_the_catalogue_name_them() {
        let names = FileNames::new(Path::new("/srv/media"), Path::new("/srv/media/catalogue"));
        let name = |path: &'static str| names.name_of(Path::new(path)).to_str().unwrap();
        assert_eq!(name("/srv/media/gym/a.png"), "gym/a.png");
        assert_eq!(name("/srv/media/./seq/0001.png"), "seq/0001.png");
        assert_eq!(name("/srv/media/catalogue/squat.mov"), "squat.mov");
        assert_eq!(name("/home/anna/private/b.png"), "b.png");
        assert_eq!([name("/srv/media/."), name("/srv/media"), name("/")], [".", ".", "a file"]);
        // Folders that were given relative to the working folder; a document on standard input has none.
        let names = FileNames::new(Path::new(""), Path::new("assets/catalogue"));
        let name = |path: &'static str| names.name_of(Path::new(path)).to_str().unwrap();
        assert_eq!(
            [name("a.png"), name("assets/catalogue/squat.mov"), name("/srv/c.png")],
            ["a.png", "squat.mov", "c.png"]
        );
    }

    #[test]
    fn messages_do_not_contain_the_folder() {
        let names = FileNames::new(Path::new("/srv/media"), Path::new(""));
        let path = PathBuf::from("/srv/media/d.mp4");
        let reason = "Could not open file \"/srv/media/d.mp4\" for reading.".to_owned();
        let message = names.message(&DecodeError::Broken { path, reason });
        assert_eq!(message, "d.mp4: cannot be decoded: Could not open file \"d.mp4\" for reading.");
        let message = names.message(&DecodeError::Missing(PathBuf::from("/srv/media/seq/0001.png")));
        assert_eq!(message, "seq/0001.png: no such file");
    }
}
