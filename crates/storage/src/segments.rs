//! A content-addressed cache of encoded segments on disk, so that rendering a changed video encodes only what changed.
//!
//! Several processes may share one folder: a segment appears under its name only when it is complete, and a missing or
//! damaged segment is encoded again.

use std::fs::{self, File, FileTimes};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::{FileHasher, StorageError};

/// Extension of segment files.
const EXTENSION: &str = "rcseg";
/// Bytes of a SHA-256.
const HASH_BYTES: usize = 32;
/// Largest segment that is stored or read, in bytes.
const MAX_SEGMENT_BYTES: u64 = 256 << 20;
/// Segments that are added before the folder is listed again, because other processes may add segments too.
const SCAN_INTERVAL: u32 = 64;
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
    usage: Mutex<Usage>,
    hasher: FileHasher,
}

/// Disk usage of the folder, as known to this process.
#[derive(Default, Debug)]
struct Usage {
    /// Bytes at the last scan, and those added since.
    bytes: u64,
    /// Segments added since the last scan.
    added: u32,
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
            Self { folder: folder.to_owned(), limit_bytes, usage: Mutex::default(), hasher: FileHasher::default() };
        store.usage().bytes = store.evict(0).map_err(|error| StorageError::io(folder, error))?;
        Ok(store)
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
        let failed = |error: io::Error| StorageError::io(&path, error);
        let mut usage = self.usage();
        if usage.bytes + length > self.limit_bytes || usage.added == SCAN_INTERVAL {
            *usage = Usage { bytes: self.evict(length).map_err(failed)?, added: 0 };
        }
        // Unlike an output, a cached segment need not be durable: its hash is checked when it is read. The extension
        // lets `evict` remove what a killed process has left.
        let mut partial = tempfile::Builder::new()
            .prefix(".new-")
            .suffix(&format!(".{EXTENSION}"))
            .tempfile_in(&self.folder)
            .map_err(failed)?;
        partial.write_all(&bytes).map_err(failed)?;
        partial.persist(&path).map_err(|error| failed(error.error))?;
        *usage = Usage { bytes: usage.bytes + length, added: usage.added + 1 };
        Ok(())
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

    fn usage(&self) -> std::sync::MutexGuard<'_, Usage> {
        // A count that is wrong after a panic is corrected by the next scan.
        self.usage.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Whether a file is a segment, or an incomplete one that a killed process has left.
fn is_segment(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION)
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
