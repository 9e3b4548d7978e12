//! The SHA-256 of files' contents, cached for files that do not change.
//!
//! One large file is hashed at a time, so that any number of renders costs one core at most, and a file that several renders
//! read is hashed once.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use repcast_media::{FileIdentity, io_reason};
use sha2::{Digest, Sha256};

/// Largest file that is hashed, in bytes: a few seconds of reading. A larger one costs more than encoding saves.
pub const MAX_HASHED_BYTES: u64 = 4 << 30;

/// Largest file that is hashed at once, in bytes: a fraction of a second. Larger ones wait for each other.
pub const MAX_BYTES_AT_ONCE: u64 = 32 << 20;

/// Bytes per read, after each of which a caller can stop.
const CHUNK_BYTES: usize = 1 << 20;

/// Most cached hashes, about 200 bytes each; the cache is cleared when it is full.
const MAX_CACHED_HASHES: usize = 10_000;

/// How often a caller that waits for another file can stop.
const STOP_CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// One version of the file at a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileVersion {
    path: PathBuf,
    identity: FileIdentity,
}

/// Why a file has no hash.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// It could not be read.
    #[error("{}: {}", .path.display(), io_reason(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// It has more than [`MAX_HASHED_BYTES`].
    #[error("{}: is larger than {} GiB, which are not hashed", .0.display(), MAX_HASHED_BYTES >> 30)]
    TooLarge(PathBuf),
    /// It is not the version of the file that was asked for.
    #[error("{}: has changed", .0.display())]
    Changed(PathBuf),
    /// The caller stopped it.
    #[error("hashing was stopped")]
    Stopped,
}

impl FileVersion {
    /// The current version of a file.
    ///
    /// # Errors
    /// When there is no such file, or it is too large to be hashed.
    pub fn of(path: &Path) -> Result<Self, HashError> {
        let metadata = fs::metadata(path).map_err(|source| HashError::Io { path: path.to_owned(), source })?;
        let version = Self::new(path, &metadata);
        if version.length() > MAX_HASHED_BYTES { Err(HashError::TooLarge(version.path)) } else { Ok(version) }
    }

    fn new(path: &Path, metadata: &Metadata) -> Self {
        Self { path: path.to_owned(), identity: FileIdentity::of(metadata) }
    }

    /// The length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.identity.length
    }

    /// Whether the file still has this version.
    #[must_use]
    pub fn is_current(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|metadata| Self::new(&self.path, &metadata) == *self)
    }

    /// Reads and hashes the file, which must not change meanwhile.
    fn hash(&self, is_stopped: &dyn Fn() -> bool) -> Result<[u8; 32], HashError> {
        let failed = |source| HashError::Io { path: self.path.clone(), source };
        let mut file = File::open(&self.path).map_err(failed)?;
        let is_same = |file: &File| Ok(Self::new(&self.path, &file.metadata().map_err(failed)?) == *self);
        // A file that grows while it is read is read no further.
        let (mut rest, mut hash, mut chunk) = (self.length(), Sha256::new(), vec![0; CHUNK_BYTES]);
        while is_same(&file)? {
            if is_stopped() {
                return Err(HashError::Stopped);
            }
            if rest == 0 {
                return Ok(hash.finalize().into());
            }
            let read = file.read(&mut chunk).map_err(failed)?;
            hash.update(&chunk[..read]);
            match rest.checked_sub(read as u64).filter(|_| read > 0) {
                Some(left) => rest = left,
                None => break,
            }
        }
        Err(HashError::Changed(self.path.clone()))
    }
}

/// Hashes files.
#[derive(Default, Debug)]
pub struct FileHasher {
    cache: Mutex<HashMap<PathBuf, (FileVersion, [u8; 32])>>,
    /// Whether a large file is being hashed.
    is_busy: Mutex<bool>,
    released: Condvar,
}

impl FileHasher {
    /// The SHA-256 of a version of a file, if it is cached.
    #[must_use]
    pub fn cached(&self, version: &FileVersion) -> Option<[u8; 32]> {
        lock(&self.cache).get(&version.path).filter(|(cached, _)| cached == version).map(|(_, hash)| *hash)
    }

    /// The SHA-256 of a version of a file. Waits while another large file is hashed; ends early when `is_stopped` returns true.
    ///
    /// # Errors
    /// When the file cannot be read or has changed, and when it was stopped.
    pub fn hash(&self, version: &FileVersion, is_stopped: &dyn Fn() -> bool) -> Result<[u8; 32], HashError> {
        if let Some(hash) = self.cached(version) {
            return Ok(hash);
        }
        let is_large = version.length() > MAX_BYTES_AT_ONCE;
        let _permit = is_large.then(|| self.acquire(is_stopped).ok_or(HashError::Stopped)).transpose()?;
        // The file may be the one that was waited for.
        if let Some(hash) = self.cached(version).filter(|_| is_large) {
            return Ok(hash);
        }
        let hash = version.hash(is_stopped)?;
        let mut cache = lock(&self.cache);
        if cache.len() >= MAX_CACHED_HASHES {
            cache.clear();
        }
        cache.insert(version.path.clone(), (version.clone(), hash));
        Ok(hash)
    }

    /// Waits until no large file is hashed; `None` when the caller stops before that.
    fn acquire(&self, is_stopped: &dyn Fn() -> bool) -> Option<LargeFilePermit<'_>> {
        let mut is_busy = lock(&self.is_busy);
        while *is_busy {
            if is_stopped() {
                return None;
            }
            let waited = self.released.wait_timeout(is_busy, STOP_CHECK_INTERVAL);
            is_busy = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *is_busy = true;
        Some(LargeFilePermit(self))
    }
}

/// Held while a large file is hashed.
struct LargeFilePermit<'a>(&'a FileHasher);

impl Drop for LargeFilePermit<'_> {
    fn drop(&mut self) {
        *lock(&self.0.is_busy) = false;
        self.0.released.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is one assignment or one insertion, so that a panic leaves nothing inconsistent.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::mpsc;

    use super::*;

    const RUNNING: &dyn Fn() -> bool = &|| false;

    fn file(folder: &Path, name: &str, length: usize) -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, vec![7; length]).unwrap();
        path
    }

    #[test]
    fn hashes_are_those_of_the_contents_and_are_cached() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), "a", 3 * CHUNK_BYTES + 5);
        let hasher = FileHasher::default();
        let version = FileVersion::of(&path).unwrap();
        let hash = hasher.hash(&version, RUNNING).unwrap();
        assert_eq!(hash, <[u8; 32]>::from(Sha256::digest(fs::read(&path).unwrap())));
        // A file that is not read again does not ask whether it may continue.
        assert_eq!(hasher.hash(&version, &|| panic!("the file is read again")).unwrap(), hash);

        // Another file of the same length under the same name.
        let other = file(folder.path(), "b", 3 * CHUNK_BYTES + 5);
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        File::options().write(true).open(&other).unwrap().set_modified(modified).unwrap();
        fs::rename(&other, &path).unwrap();
        assert!(!version.is_current());
        assert!(matches!(hasher.hash(&FileVersion::of(&path).unwrap(), &|| true), Err(HashError::Stopped)));
        assert!(matches!(version.hash(RUNNING), Err(HashError::Changed(_))));
    }

    #[test]
    fn contents_that_are_overwritten_under_their_old_time_are_another_version() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), "a", 100);
        let version = FileVersion::of(&path).unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let overwrite = || {
            let file = File::options().write(true).open(&path).unwrap();
            std::io::Write::write_all(&mut &file, &[1; 100]).unwrap();
            file.set_modified(modified).unwrap();
        };
        // The clock of the file system has ticks of some milliseconds.
        let is_noticed = (0..1000).any(|_| {
            std::thread::sleep(Duration::from_millis(1));
            overwrite();
            !version.is_current()
        });
        assert!(is_noticed);
    }

    #[test]
    fn hashing_stops_between_two_reads() {
        let folder = tempfile::tempdir().unwrap();
        let version = FileVersion::of(&file(folder.path(), "a", 8 * CHUNK_BYTES)).unwrap();
        let (hasher, asked) = (FileHasher::default(), Cell::new(0));
        let stopped = hasher.hash(&version, &|| asked.replace(asked.get() + 1) == 3);
        assert!(matches!(stopped, Err(HashError::Stopped)));
        assert_eq!(asked.get(), 4);
        hasher.hash(&version, RUNNING).unwrap();
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_has_no_hash() {
        let folder = tempfile::tempdir().unwrap();
        for length in [0, 9 * CHUNK_BYTES as u64] {
            let path = file(folder.path(), "a", 4 * CHUNK_BYTES);
            let version = FileVersion::of(&path).unwrap();
            let change = || {
                File::options().write(true).open(&path).unwrap().set_len(length).unwrap();
                false
            };
            assert!(matches!(version.hash(&change), Err(HashError::Changed(_))), "{length}");
        }
    }

    #[test]
    fn large_files_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sparse");
        File::create(&path).unwrap().set_len(MAX_HASHED_BYTES + 1).unwrap();
        assert!(matches!(FileVersion::of(&path), Err(HashError::TooLarge(_))));
        assert!(matches!(FileVersion::of(&folder.path().join("missing")), Err(HashError::Io { .. })));
    }

    #[test]
    fn one_large_file_is_hashed_at_a_time_and_who_waits_can_stop() {
        let folder = tempfile::tempdir().unwrap();
        let large = |name: &str| {
            let path = folder.path().join(name);
            File::create(&path).unwrap().set_len(MAX_BYTES_AT_ONCE + 1).unwrap();
            FileVersion::of(&path).unwrap()
        };
        let (version, other) = (large("a"), large("b"));
        let small = FileVersion::of(&file(folder.path(), "c", 100)).unwrap();
        let hasher = FileHasher::default();
        let ((started, has_started), (end, may_end)) = (mpsc::channel(), mpsc::channel::<()>());
        std::thread::scope(|scope| {
            let hasher = &hasher;
            let first = scope.spawn(move || {
                let wait = || {
                    let _ = started.send(());
                    let _ = may_end.recv();
                    false
                };
                hasher.hash(&version, &wait).unwrap()
            });
            has_started.recv().unwrap();
            assert!(matches!(hasher.hash(&other, &|| true), Err(HashError::Stopped)));
            assert_eq!(hasher.cached(&other), None);
            hasher.hash(&small, RUNNING).unwrap();
            drop(end);
            first.join().unwrap();
            hasher.hash(&other, RUNNING).unwrap();
        });
    }
}
