//! The hidden names of outputs that are not finished, and the removal of those that dead processes have left.
//!
//! An output in the making is called `.NAME.repcast-RANDOM.partial`, and one that is being replaced
//! `.NAME.repcast-RANDOM.replaced`. The process that writes a partial output holds a lock on it, which the system releases
//! however the process ends. A process id in the name would say less: in a container each process may have the same.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What precedes the random part of a name.
const MARK: &str = ".repcast-";
/// Hexadecimal digits of the random part.
const RANDOM_DIGITS: usize = 16;
const PARTIAL: &str = ".partial";
const REPLACED: &str = ".replaced";

/// Names that are tried: one is enough unless another process removes leftovers at the same moment.
const MAX_ATTEMPTS: usize = 16;

/// Entries of a folder that are searched for leftovers, and leftovers that are removed at a time, so that a render starts
/// without delay in any folder.
const MAX_SEARCHED: usize = 10_000;
const MAX_REMOVED: usize = 100;

/// Creates a partial file for `target` in the same folder, open for reading and writing. Its lock is held until the file
/// is closed.
pub(crate) fn create_file(target: &Path) -> io::Result<(PathBuf, File)> {
    create_locked(target, |path| File::options().read(true).write(true).create_new(true).open(path))
}

/// Creates a partial folder for `target` in the same folder, and the handle that holds its lock.
pub(crate) fn create_folder(target: &Path) -> io::Result<(PathBuf, File)> {
    create_locked(target, |path| fs::create_dir(path).and_then(|()| File::open(path)))
}

/// Renames an existing output to a hidden name in the same folder, which it returns.
pub(crate) fn set_aside(target: &Path) -> io::Result<PathBuf> {
    let aside = hidden_name(target, REPLACED);
    fs::rename(target, &aside).map(|()| aside)
}

fn create_locked(target: &Path, create: impl Fn(&Path) -> io::Result<File>) -> io::Result<(PathBuf, File)> {
    remove_leftovers(folder_of(target));
    for _ in 0..MAX_ATTEMPTS {
        let path = hidden_name(target, PARTIAL);
        let file = match create(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            created => created?,
        };
        match file.try_lock() {
            // Another process took it for a leftover before it was locked.
            Err(TryLockError::WouldBlock) => {}
            Ok(()) if !is_at(&file, &path) => {}
            // A file system without locks has no leftovers that could be removed.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok((path, file)),
        }
    }
    Err(io::Error::other("another process removes unfinished outputs all the time"))
}

fn hidden_name(target: &Path, ending: &str) -> PathBuf {
    let mut name = OsStr::new(".").to_owned();
    name.push(target.file_name().unwrap_or_default());
    // Unpredictable enough: a name that exists is never used.
    let random = RandomState::new().hash_one(std::process::id());
    name.push(format!("{MARK}{random:0RANDOM_DIGITS$x}{ending}"));
    target.with_file_name(name)
}

fn folder_of(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes the outputs that dead processes have left in a folder. Failures are ignored: a leftover takes space, and nothing
/// else.
fn remove_leftovers(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().take(MAX_SEARCHED).flatten();
    let leftovers = entries.map(|entry| entry.path()).filter(|path| is_leftover(path));
    leftovers.take(MAX_REMOVED).for_each(|path| drop(remove_unlocked(&path)));
}

/// Whether a path has one of the names above, and removing it loses nothing.
fn is_leftover(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes();
    let original = |ending: &str| {
        let (name, random) = name.strip_suffix(ending.as_bytes())?.split_last_chunk::<RANDOM_DIGITS>()?;
        let is_random = random.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let original = name.strip_suffix(MARK.as_bytes())?.strip_prefix(b".")?;
        (is_random && !original.is_empty()).then(|| path.with_file_name(OsStr::from_bytes(original)))
    };
    // Without the output that was to replace it, the earlier one is all there is.
    original(PARTIAL).is_some() || original(REPLACED).is_some_and(|original| original.exists())
}

fn remove_unlocked(path: &Path) -> io::Result<()> {
    // Links are not followed, and opening a pipe would wait.
    let kind = fs::symlink_metadata(path)?.file_type();
    if !kind.is_file() && !kind.is_dir() {
        return Ok(());
    }
    let file = File::open(path)?;
    // An output that was completed meanwhile has another name now.
    if file.try_lock().is_err() || !is_at(&file, path) {
        return Ok(());
    }
    if kind.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// Whether a path still names an open file or folder.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: Metadata| (metadata.dev(), metadata.ino());
    let (open, named) = (file.metadata().map(identity), fs::symlink_metadata(path).map(identity));
    matches!((open, named), (Ok(open), Ok(named)) if open == named)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// The sorted names of a folder's entries.
    pub(crate) fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_dead_processes_have_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.mp4");
        let frames = folder.path().join("%05d.png");
        let (file_path, file) = create_file(&target).unwrap();
        let (frames_path, frames_lock) = create_folder(&frames).unwrap();
        fs::write(frames_path.join("00001.png"), "").unwrap();
        // Both are in use.
        let (other_path, other) = create_file(&target).unwrap();
        assert_eq!(names(folder.path()).len(), 3);
        drop((file, frames_lock));
        remove_leftovers(folder.path());
        assert!(!file_path.exists() && !frames_path.exists() && other_path.exists());
        drop(other);
        let (last, _file) = create_file(&target).unwrap();
        assert_eq!(names(folder.path()), [last.file_name().unwrap().to_str().unwrap()]);
    }

    #[test]
    fn an_output_that_is_put_in_place_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.mp4");
        let (path, file) = create_file(&target).unwrap();
        fs::rename(&path, &target).unwrap();
        drop(file);
        // As if it had been found under its earlier name.
        symlink(&target, &path).unwrap();
        remove_leftovers(folder.path());
        assert!(target.exists() && path.is_symlink());
    }

    #[test]
    fn only_exact_names_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let kept = [
            "out.mp4",
            ".out.mp4.partial",
            ".out.mp4.1234.partial",
            ".out.mp4.repcast-0123456789abcde.partial",
            ".out.mp4.repcast-0123456789abcdef0.partial",
            ".out.mp4.repcast-0123456789ABCDEF.partial",
            "out.mp4.repcast-0123456789abcdef.partial",
            "..repcast-0123456789abcdef.partial",
            ".out.mp4.repcast-0123456789abcdef.partial.bak",
            // The output that was to replace it is missing.
            ".gone.repcast-0123456789abcdef.replaced",
        ];
        let removed = [".out.mp4.repcast-0123456789abcdef.partial", ".out.mp4.repcast-0123456789abcdef.replaced"];
        kept.iter().chain(&removed).for_each(|name| fs::write(folder.path().join(name), "").unwrap());
        fs::create_dir(folder.path().join("outside")).unwrap();
        fs::write(folder.path().join("outside/file"), "").unwrap();
        let linked = folder.path().join(".linked.repcast-0123456789abcdef.partial");
        symlink("outside", &linked).unwrap();
        remove_leftovers(folder.path());
        for name in kept {
            assert!(folder.path().join(name).exists(), "{name}");
        }
        for name in removed {
            assert!(!folder.path().join(name).exists(), "{name}");
        }
        assert!(linked.join("file").exists());
    }
}
