//! The files that a document may name.

use std::path::{Component, Path};

/// The files that a document may name. Its paths are relative to a folder.
#[derive(Clone, Copy, Debug)]
pub enum FileAccess<'a> {
    /// All files: the document is the user's own.
    Anywhere(&'a Path),
    /// The files in this folder: the document is a client's.
    Within(&'a Path),
    /// No files: the document is a client's, and there is no media folder.
    Nowhere,
}

impl<'a> FileAccess<'a> {
    /// The folder to which paths are relative.
    #[must_use]
    pub fn base(&self) -> &'a Path {
        match self {
            Self::Anywhere(base) | Self::Within(base) => base,
            Self::Nowhere => Path::new(""),
        }
    }

    /// Checks that a file may be opened: `written` in the document, and `path` joined to the base.
    pub(super) fn check(&self, written: &Path, path: &Path) -> Result<(), &'static str> {
        let root = match self {
            Self::Anywhere(_) => return Ok(()),
            Self::Nowhere => return Err("this server has no media folder; start it with --media DIR"),
            Self::Within(root) => root,
        };
        if written.is_absolute() {
            return Err("must be a path inside the media folder, not an absolute one");
        }
        if !written.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err("must be a path inside the media folder, without `..`");
        }
        // For numbered pictures the folder is checked, and each of its links.
        let is_pattern = path.file_name().is_some_and(|name| name.to_string_lossy().contains('%'));
        let checked = if is_pattern { path.parent().unwrap_or(path) } else { path };
        // A missing file is reported when it is opened.
        let (Ok(root), Ok(real)) = (root.canonicalize(), checked.canonicalize()) else { return Ok(()) };
        if !real.starts_with(&root) || (is_pattern && has_link_out_of(&real, &root)) {
            return Err("must be a path inside the media folder; it leads out of it by a link");
        }
        Ok(())
    }
}

/// Whether a file of this folder is a link to somewhere outside of the root.
fn has_link_out_of(folder: &Path, root: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else { return false };
    entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink())).any(|link| {
        // A broken link cannot be followed.
        link.path().canonicalize().is_ok_and(|real| !real.starts_with(root))
    })
}
