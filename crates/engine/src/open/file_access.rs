//! Which files a document may name.

use std::path::{Component, Path};

/// Where the files of a document may lie. Its paths are relative to a folder.
#[derive(Clone, Copy, Debug)]
pub enum Reach<'a> {
    /// Anywhere: the document is the user's own.
    Anywhere(&'a Path),
    /// In this folder: the document came from outside.
    Within(&'a Path),
    /// Nowhere: the document came from outside, and there is no folder for it.
    Nowhere,
}

impl<'a> Reach<'a> {
    /// The folder that paths are relative to.
    #[must_use]
    pub fn base(&self) -> &'a Path {
        match self {
            Self::Anywhere(base) | Self::Within(base) => base,
            Self::Nowhere => Path::new(""),
        }
    }

    /// Whether a file may be opened that the document calls `written`, and that is `path` when joined to the base.
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
        // Of numbered pictures it is the folder that counts, and each of its links.
        let is_pattern = path.file_name().is_some_and(|name| name.to_string_lossy().contains('%'));
        let asked = if is_pattern { path.parent().unwrap_or(path) } else { path };
        // What is not there is reported as such by whoever opens it.
        let (Ok(root), Ok(real)) = (root.canonicalize(), asked.canonicalize()) else { return Ok(()) };
        if !real.starts_with(&root) || (is_pattern && has_link_out_of(&real, &root)) {
            return Err("must be a path inside the media folder; it leads out of it by a link");
        }
        Ok(())
    }

    /// A message about a file, without telling a stranger where on this machine the media folder is.
    pub(super) fn told(&self, path: &Path, message: &str) -> String {
        match self {
            Self::Anywhere(_) => message.to_owned(),
            Self::Within(_) | Self::Nowhere => {
                let inside = path.strip_prefix(self.base()).ok().filter(|inside| inside.is_relative());
                let name = inside.or(path.file_name().map(Path::new)).unwrap_or(path);
                message.replace(&path.display().to_string(), &name.display().to_string())
            }
        }
    }
}

/// Whether a file of this folder is a link to somewhere outside of the root.
fn has_link_out_of(folder: &Path, root: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else { return false };
    entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink())).any(|link| {
        // A link that leads nowhere leads nowhere bad.
        link.path().canonicalize().is_ok_and(|real| !real.starts_with(root))
    })
}
