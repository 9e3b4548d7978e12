//! A content-addressed cache of encoded segments on disk, so that rendering a changed video encodes only what changed.
//!
//! Several processes may share one folder: a segment appears under its name only when it is complete, and a missing or
//! damaged segment is encoded again.

use std::fs::{self, File, FileTimes};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::{FileHasher, StorageError};

/// How the names of incomplete segments start.
const INCOMPLETE: &str = ".new-";
/// Extension of segment files.
const EXTENSION: &str = "rcseg";
/// Bytes of a SHA-256.
const HASH_BYTES: usize = 32;
/// Largest segment that is stored or read, in bytes.
const MAX_SEGMENT_BYTES: u64 = 256 << 20;
/// Segments that are added before the folder is listed again, because other processes may add segments too.
const SCAN_INTERVAL: u32 = 64;
/// How long an incomplete segment may be written. Older ones are those of killed processes.
const MAX_WRITE_TIME: Duration = Duration::from_secs(3600);
/// Percentage of the limit that remains in use after eviction.
const TARGET_PERCENT: u64 = 90;

/// The hash of everything that determines a segment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SegmentKey(pub [u8; HASH_BYTES]);

/// What is stored under a key.
pub trait CachedItem: Sized {
    /// The first bytes of its files. The number is the version of their format.
    const MAGIC: [u8; 8];

    /// Its bytes in a file.
    fn to_bytes(&self) -> Vec<u8>;

    /// Parses the output of [`Self::to_bytes`]; `None` for anything else.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

/// A folder of cached segments with a size limit.
#[derive(Debug)]
pub struct SegmentStore {
    folder: PathBuf,
    limit_bytes: u64,
    known: Mutex<Known>,
    hasher: FileHasher,
}

/// The use of a store, as one process knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreUsage {
    /// Bytes of all segments at the last scan of the folder, and of those added since.
    pub bytes: u64,
    /// The size limit in bytes.
    pub limit_bytes: u64,
    /// Segments that could not be written.
    pub failures: u64,
    /// Whether the last segment could be written.
    pub condition: StoreCondition,
}

/// Whether segments can be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum StoreCondition {
    /// The last one was, or none was written yet.
    #[default]
    Writable,
    /// The disk, or the quota of the user, is full.
    DiskFull,
    /// The folder is missing, read-only, or the disk has failed.
    Unwritable,
}

impl StoreCondition {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Writable => "ok",
            Self::DiskFull => "full",
            Self::Unwritable => "unwritable",
        }
    }

    fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Unwritable,
        }
    }
}

/// What this process knows of the folder.
#[derive(Default, Debug)]
struct Known {
    /// Bytes at the last scan, and those added since.
    bytes: u64,
    /// Segments added since the last scan.
    added: u32,
    failures: u64,
    condition: StoreCondition,
}

impl SegmentStore {
    /// Opens or creates a folder. When its segments would exceed `limit_bytes`, the least recently used ones are
    /// removed.
    ///
    /// # Errors
    /// When the folder cannot be created or read.
    pub fn open(folder: &Path, limit_bytes: u64) -> Result<Self, StorageError> {
        fs::create_dir_all(folder).map_err(|error| StorageError::io(folder, error))?;
        let store =
            Self { folder: folder.to_owned(), limit_bytes, known: Mutex::default(), hasher: FileHasher::default() };
        store.known().bytes = store.evict(0).map_err(|error| StorageError::io(folder, error))?;
        Ok(store)
    }

    /// The use of the store.
    #[must_use]
    pub fn usage(&self) -> StoreUsage {
        let Known { bytes, failures, condition, .. } = *self.known();
        StoreUsage { bytes, limit_bytes: self.limit_bytes, failures, condition }
    }

    /// Writes a file of one byte, and removes it.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn check_writable(&self) -> Result<(), StorageError> {
        let written = self.new_file().and_then(|mut file| file.write_all(&[0]));
        written.map_err(|error| StorageError::io(&self.folder, error))
    }

    /// Hashes the files that segments are made of.
    #[must_use]
    pub fn hasher(&self) -> &FileHasher {
        &self.hasher
    }

    /// Reads a segment; `None` if it is missing or damaged.
    #[must_use]
    pub fn get<T: CachedItem>(&self, key: &SegmentKey) -> Option<T> {
        let path = self.path(key);
        let file = File::open(&path).ok()?;
        let mut bytes = Vec::new();
        (&file).take(MAX_SEGMENT_BYTES + 1).read_to_end(&mut bytes).ok()?;
        let segment = parse(&bytes);
        if segment.is_none() {
            tracing::warn!("{}: damaged; the segment is removed and encoded again", path.display());
            // Another process may have removed it already.
            let _ = fs::remove_file(&path);
        }
        // The modification time serves as the time of last use. If it cannot be set, the time of creation remains.
        let _ = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
        segment
    }

    /// Stores a segment. One that is larger than the whole limit is ignored.
    ///
    /// # Errors
    /// When it cannot be written. No incomplete segment remains under its name.
    pub fn put(&self, key: &SegmentKey, segment: &impl CachedItem) -> Result<(), StorageError> {
        let path = self.path(key);
        let bytes = serialize(segment);
        let length = bytes.len() as u64;
        if length > self.limit_bytes.min(MAX_SEGMENT_BYTES) {
            return Ok(());
        }
        let mut known = self.known();
        let written = self.write(&path, &bytes, &mut known);
        known.condition = written.as_ref().err().map(StoreCondition::of).unwrap_or_default();
        known.failures += u64::from(written.is_err());
        written.map_err(|error| StorageError::io(&path, error))
    }

    fn write(&self, path: &Path, bytes: &[u8], known: &mut Known) -> io::Result<()> {
        let length = bytes.len() as u64;
        if known.bytes + length > self.limit_bytes || known.added == SCAN_INTERVAL {
            (known.bytes, known.added) = (self.evict(length)?, 0);
        }
        // Unlike an output, a cached segment need not be durable: its hash is checked when it is read. The extension
        // lets `evict` remove what a killed process has left.
        let mut partial = self.new_file()?;
        partial.write_all(bytes)?;
        partial.persist(path).map_err(|error| error.error)?;
        (known.bytes, known.added) = (known.bytes + length, known.added + 1);
        Ok(())
    }

    /// An incomplete segment.
    fn new_file(&self) -> io::Result<tempfile::NamedTempFile> {
        tempfile::Builder::new().prefix(INCOMPLETE).suffix(&format!(".{EXTENSION}")).tempfile_in(&self.folder)
    }

    /// Lists the folder, and removes the least recently used segments if fewer than `required_bytes` are free. Returns
    /// the bytes in use.
    fn evict(&self, required_bytes: u64) -> io::Result<u64> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            // Another process may remove a file at any time. Files of other names are left alone.
            let metadata = fs::metadata(&path).ok().filter(|metadata| metadata.is_file() && is_segment(&path));
            let Some(metadata) = metadata else { continue };
            if is_abandoned(&path, metadata.modified()?) {
                // Another process may have removed it already.
                let _ = fs::remove_file(&path);
                continue;
            }
            segments.push((metadata.modified()?, metadata.len(), path));
        }
        let mut used = segments.iter().map(|(_, length, _)| length).sum();
        if used + required_bytes > self.limit_bytes {
            let target = (self.limit_bytes / 100 * TARGET_PERCENT).saturating_sub(required_bytes);
            segments.sort();
            for (_, length, path) in segments {
                if used <= target {
                    break;
                }
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => used -= length,
                }
            }
        }
        Ok(used)
    }

    fn path(&self, key: &SegmentKey) -> PathBuf {
        let name: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(name).with_extension(EXTENSION)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        // A count that is wrong after a panic is corrected by the next scan.
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Whether a file is a segment, or an incomplete one that a killed process has left.
fn is_segment(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION)
}

/// Whether a file is an incomplete segment whose process was killed.
fn is_abandoned(path: &Path, modified: SystemTime) -> bool {
    let is_incomplete = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(INCOMPLETE.as_bytes()));
    is_incomplete && modified.elapsed().is_ok_and(|age| age > MAX_WRITE_TIME)
}

/// The file format: magic, SHA-256 of everything after it, the item.
fn serialize<T: CachedItem>(item: &T) -> Vec<u8> {
    let body = item.to_bytes();
    [&T::MAGIC[..], &Sha256::digest(&body), &body].concat()
}

/// Parses the output of [`serialize`]; `None` for anything else.
fn parse<T: CachedItem>(bytes: &[u8]) -> Option<T> {
    let (hash, body) = bytes.strip_prefix(&T::MAGIC)?.split_at_checked(HASH_BYTES)?;
    if Sha256::digest(body).as_slice() != hash {
        return None;
    }
    T::from_bytes(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CachedSegment;
    use repcast_media::{EncodedFrame, StreamConfig};
    use repcast_model::geometry::Size;
    use repcast_model::time::FrameRate;

    fn segment(bytes: usize) -> CachedSegment {
        let frame = |frame, is_key| EncodedFrame { frame, is_key, data: vec![frame as u8; bytes] };
        let size = Size { width: 1920, height: 1080 };
        let config = StreamConfig { size, rate: FrameRate::new(30_000, 1001).unwrap(), avcc: vec![1, 2, 3] };
        // Decoding order differs from presentation order, as with B-frames.
        CachedSegment { config, frames: vec![frame(0, true), frame(2, false), frame(1, false)] }
    }

    #[test]
    fn damaged_segments_are_not_returned() {
        let folder = tempfile::tempdir().unwrap();
        let store = SegmentStore::open(&folder.path().join("new"), 1 << 20).unwrap();
        let (key, other) = (SegmentKey([7; HASH_BYTES]), SegmentKey([8; HASH_BYTES]));
        assert_eq!(store.get::<CachedSegment>(&key), None);
        store.put(&key, &segment(100)).unwrap();
        assert_eq!(store.get(&key), Some(segment(100)));
        assert_eq!(store.get::<CachedSegment>(&other), None);
        // As another process would.
        assert_eq!(SegmentStore::open(&store.folder, 1 << 20).unwrap().get(&key), Some(segment(100)));

        let whole = fs::read(store.path(&key)).unwrap();
        for damage in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[damage] ^= 0x10;
            assert_eq!(parse::<CachedSegment>(&bytes), None, "byte {damage}");
            assert_eq!(parse::<CachedSegment>(&whole[..damage]), None, "{damage} bytes");
        }
        fs::write(store.path(&key), &whole[..whole.len() - 1]).unwrap();
        assert_eq!(store.get::<CachedSegment>(&key), None);
        assert!(!store.path(&key).exists());
    }

    #[test]
    fn the_use_of_the_store_and_its_failures_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let store = SegmentStore::open(&path, 1 << 20).unwrap();
        let (key, length) = (SegmentKey([7; HASH_BYTES]), serialize(&segment(100)).len() as u64);
        let usage = |bytes, failures, condition| StoreUsage { bytes, limit_bytes: 1 << 20, failures, condition };
        assert_eq!(store.usage(), usage(0, 0, StoreCondition::Writable));
        store.put(&key, &segment(100)).unwrap();
        store.check_writable().unwrap();
        assert_eq!(store.usage(), usage(length, 0, StoreCondition::Writable));
        fs::remove_dir_all(&path).unwrap();
        assert!(store.put(&key, &segment(100)).is_err() && store.check_writable().is_err());
        assert_eq!(store.usage(), usage(length, 1, StoreCondition::Unwritable));
        fs::create_dir(&path).unwrap();
        store.put(&key, &segment(100)).unwrap();
        assert_eq!(store.usage().condition, StoreCondition::Writable);
        assert_eq!(StoreCondition::of(&io::ErrorKind::StorageFull.into()), StoreCondition::DiskFull);
    }

    #[test]
    fn incomplete_segments_of_killed_processes_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, age: u64| {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        };
        file(".new-abc.rcseg", 4000);
        file(".new-def.rcseg", 3000);
        file("0123.rcseg", 4000);
        file(".new-notes.txt", 4000);
        SegmentStore::open(folder.path(), 1 << 20).unwrap();
        let kept = ["0123.rcseg", ".new-def.rcseg", ".new-notes.txt"];
        assert!(kept.iter().all(|name| folder.path().join(name).exists()));
        assert!(!folder.path().join(".new-abc.rcseg").exists());
    }

    #[test]
    fn the_least_recently_used_segments_are_evicted() {
        let folder = tempfile::tempdir().unwrap();
        let length = serialize(&segment(1000)).len() as u64;
        let store = SegmentStore::open(folder.path(), 10 * length).unwrap();
        let foreign = folder.path().join("notes.txt");
        fs::write(&foreign, vec![0; 100_000]).unwrap();
        let key = |number| SegmentKey([number; HASH_BYTES]);
        for number in 0..30 {
            store.put(&key(number), &segment(1000)).unwrap();
            // Key 0 is used in every round.
            assert!(store.get::<CachedSegment>(&key(0)).is_some(), "{number}");
            // Some file systems have a resolution of milliseconds.
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let kept = (0..30).filter(|number| store.path(&key(*number)).exists()).count() as u64;
        assert!((2..=10).contains(&kept), "{kept}");
        assert!(store.get::<CachedSegment>(&key(29)).is_some());
        assert!(foreign.exists());
        // A smaller limit applies on opening, and a segment larger than the limit is ignored.
        let smaller = SegmentStore::open(folder.path(), length - 1).unwrap();
        smaller.put(&key(40), &segment(1000)).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
