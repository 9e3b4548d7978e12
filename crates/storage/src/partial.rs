//! Outputs that appear under their name only when they are complete.
//!
//! Files and folders are created in the parent of the target under a hidden name, on the same file system, and renamed at
//! the end. A guard removes them when it is dropped before that; what a killed process leaves is removed by the next
//! output in the same folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::unfinished;
use repcast_mux::MuxError;

/// A file that is not complete.
#[derive(Debug)]
pub(crate) struct PartialFile {
    partial: PathBuf,
    target: PathBuf,
    is_committed: bool,
}

impl PartialFile {
    /// Creates the file for `target`, open for reading and writing.
    pub(crate) fn create(target: &Path) -> Result<(Self, File), MuxError> {
        check_file(target)?;
        check_name(target)?;
        let (partial, file) = unfinished::create_file(target).map_err(MuxError::storage(target, CREATE))?;
        Ok((Self { partial, target: target.to_owned(), is_committed: false }, file))
    }

    /// The path that the file will have.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Makes the file durable and renames it to the target.
    pub(crate) fn commit(mut self, file: File) -> Result<(), MuxError> {
        file.sync_all().map_err(MuxError::storage(&self.target, "store the file"))?;
        fs::rename(&self.partial, &self.target).map_err(MuxError::storage(&self.target, "put the file in place"))?;
        self.is_committed = true;
        // Until here its lock was held, so that no other process took it for a leftover.
        drop(file);
        Ok(())
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.is_committed {
            // A destructor cannot report errors; the name shows what the file is.
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// A folder that is not complete.
#[derive(Debug)]
pub(crate) struct PartialFolder {
    partial: PathBuf,
    target: PathBuf,
    is_committed: bool,
    /// Holds the lock of the folder.
    _lock: File,
}

impl PartialFolder {
    /// Creates the folder for `target`.
    pub(crate) fn create(target: &Path) -> Result<Self, MuxError> {
        check_name(target)?;
        let (partial, lock) = unfinished::create_folder(target).map_err(MuxError::storage(target, CREATE))?;
        Ok(Self { partial, target: target.to_owned(), is_committed: false, _lock: lock })
    }

    /// The path of a file of the folder until the folder is committed.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.partial.join(name)
    }

    /// Makes the files durable and renames the folder to the target, replacing one that exists there.
    pub(crate) fn commit(mut self) -> Result<(), MuxError> {
        let storage = |action| MuxError::storage(&self.target, action);
        sync_files(&self.partial).map_err(storage("store the folder"))?;
        let replaced = set_aside(&self.target).map_err(storage("move the earlier folder away"))?;
        if let Err(error) = fs::rename(&self.partial, &self.target) {
            if let Some(earlier) = &replaced {
                // The first error is returned; the earlier output gets its name again if that succeeds.
                let _ = fs::rename(earlier, &self.target);
            }
            return Err(storage("put the folder in place")(error));
        }
        self.is_committed = true;
        if let Some(earlier) = replaced {
            // The new output is in place. What cannot be removed of the earlier one has a hidden name that says what it is.
            let _ = fs::remove_dir_all(earlier);
        }
        Ok(())
    }
}

impl Drop for PartialFolder {
    fn drop(&mut self) {
        if !self.is_committed {
            // A destructor cannot report errors; the name shows what the folder is.
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

/// Rejects a target that exists and is not a file: a rename would replace a device or a pipe.
pub(crate) fn check_file(target: &Path) -> Result<(), MuxError> {
    match fs::metadata(target) {
        Ok(existing) if !existing.is_file() => Err(target_error(target, "exists and is not a file")),
        _ => Ok(()),
    }
}

/// The error for a path that cannot be an output.
pub(crate) fn target_error(path: &Path, reason: &'static str) -> MuxError {
    MuxError::Target { path: path.to_owned(), reason }
}

/// Renames an existing folder to a hidden name in the same parent. Returns that name.
fn set_aside(folder: &Path) -> io::Result<Option<PathBuf>> {
    folder.exists().then(|| unfinished::set_aside(folder)).transpose()
}

fn sync_files(folder: &Path) -> io::Result<()> {
    fs::read_dir(folder)?.try_for_each(|entry| File::open(entry?.path())?.sync_all())
}

/// What is done first, for errors.
const CREATE: &str = "create a file in its folder";

/// Rejects a target without a name, such as `..`.
fn check_name(target: &Path) -> Result<(), MuxError> {
    target.file_name().map(drop).ok_or_else(|| target_error(target, "does not name a file"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unfinished::tests::names;

    #[test]
    fn a_dropped_file_leaves_the_target_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.mp4");
        fs::write(&target, "earlier").unwrap();
        let (first, _file) = PartialFile::create(&target).unwrap();
        let (second, file) = PartialFile::create(&target).unwrap();
        assert_eq!(names(folder.path()).len(), 3);
        drop(first);
        assert_eq!(fs::read_to_string(&target).unwrap(), "earlier");
        second.commit(file).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "");
        assert_eq!(names(folder.path()), ["out.mp4"]);
    }

    #[test]
    fn targets_that_a_rename_would_harm_are_rejected() {
        let folder = tempfile::tempdir().unwrap();
        // A socket stands for all that is neither file nor folder: devices and pipes.
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for target in [folder.path(), &socket, Path::new("/"), Path::new("")] {
            assert!(matches!(PartialFile::create(target), Err(MuxError::Target { .. })), "{target:?}");
        }
    }

    #[test]
    fn a_folder_takes_the_place_of_an_earlier_one() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        for content in ["earlier", "later"] {
            let partial = PartialFolder::create(&target).unwrap();
            fs::write(partial.path_of("file"), content).unwrap();
            partial.commit().unwrap();
        }
        drop(PartialFolder::create(&target).unwrap());
        assert_eq!(fs::read_to_string(target.join("file")).unwrap(), "later");
        assert_eq!(names(folder.path()), ["out"]);
    }
}
