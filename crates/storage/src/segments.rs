//! Encoded groups of pictures on disk, named by what went into them, so that a video made again costs only what is new.
//!
//! Any number of processes may use one folder: a segment appears under its name whole or not at all, and one that
//! disappears or is damaged is as good as one that never was.

use std::fs::{self, File, FileTimes};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::StorageError;
use repcast_model::geometry::Size;
use repcast_media::{EncodedFrame, StreamConfig};
use repcast_model::time::FrameRate;

/// What every segment begins with; the number counts the layouts there have been.
const MAGIC: &[u8; 8] = b"rcseg001";
/// The end of segments' names.
const ENDING: &str = "rcseg";
/// Bytes of a hash.
const HASH: usize = 32;
/// Largest segment that is kept or read.
const MAX_SEGMENT_BYTES: u64 = 256 << 20;
/// Segments that are added before the folder is looked through again: other processes may be filling it too.
const LOOK_EVERY: u32 = 64;
/// Share of the limit that is left when the oldest segments have been taken away.
const LEFT: u64 = 90;

/// Names a segment by all that it is made of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SegmentKey(pub [u8; HASH]);

/// A closed group of pictures, its frames in decode order, numbered from 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// What the stream is.
    pub config: StreamConfig,
    /// The frames.
    pub frames: Vec<EncodedFrame>,
}

/// A folder of segments.
#[derive(Debug)]
pub struct SegmentStore {
    folder: PathBuf,
    limit: u64,
    filled: Mutex<Filled>,
}

/// What is in the folder, as far as this process knows.
#[derive(Default, Debug)]
struct Filled {
    /// Bytes when it was looked through, and what was added since.
    bytes: u64,
    /// Segments added since.
    added: u32,
}

impl SegmentStore {
    /// Opens a folder, which is made if need be. Segments beyond `limit` bytes make room for new ones, those that were
    /// used longest ago first.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: &Path, limit: u64) -> Result<Self, StorageError> {
        fs::create_dir_all(folder).map_err(|error| StorageError::io(folder, &error))?;
        let store = Self { folder: folder.to_owned(), limit, filled: Mutex::default() };
        store.filled().bytes = store.tidy(0).map_err(|error| StorageError::io(folder, &error))?;
        Ok(store)
    }

    /// A segment, if it is there and whole.
    #[must_use]
    pub fn get(&self, key: &SegmentKey) -> Option<Segment> {
        let path = self.path(key);
        let file = File::open(&path).ok()?;
        let mut bytes = Vec::new();
        (&file).take(MAX_SEGMENT_BYTES + 1).read_to_end(&mut bytes).ok()?;
        let segment = parse(&bytes);
        if segment.is_none() {
            tracing::warn!("{} is damaged and is made again", path.display());
            // Another process may have done so already.
            let _ = fs::remove_file(&path);
        }
        // When it was used decides how long it stays; where that cannot be written, when it was made does.
        let _ = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
        segment
    }

    /// Keeps a segment. One that is larger than all that may be kept is left out.
    ///
    /// # Errors
    /// When it cannot be written; then nothing stands under its name.
    pub fn put(&self, key: &SegmentKey, segment: &Segment) -> Result<(), StorageError> {
        let path = self.path(key);
        let bytes = serialized(segment);
        let length = bytes.len() as u64;
        if length > self.limit.min(MAX_SEGMENT_BYTES) {
            return Ok(());
        }
        let failed = |error: &io::Error| StorageError::io(&path, error);
        let mut filled = self.filled();
        if filled.bytes + length > self.limit || filled.added == LOOK_EVERY {
            *filled = Filled { bytes: self.tidy(length).map_err(|error| failed(&error))?, added: 0 };
        }
        let mut partial = tempfile::Builder::new()
            .prefix(".new-")
            .suffix(&format!(".{ENDING}"))
            .tempfile_in(&self.folder)
            .map_err(|error| failed(&error))?;
        partial.write_all(&bytes).map_err(|error| failed(&error))?;
        partial.persist(&path).map_err(|error| failed(&error.error))?;
        *filled = Filled { bytes: filled.bytes + length, added: filled.added + 1 };
        Ok(())
    }

    /// Looks the folder through, and takes the oldest segments away if less than `wanted` bytes are free. Returns what is
    /// left.
    fn tidy(&self, wanted: u64) -> io::Result<u64> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            // Another process may take any of them away meanwhile. What is not a segment is not ours.
            let Some(about) = fs::metadata(&path).ok().filter(|about| about.is_file() && is_segment(&path)) else {
                continue;
            };
            segments.push((about.modified()?, about.len(), path));
        }
        let mut filled = segments.iter().map(|(_, length, _)| length).sum();
        if filled + wanted > self.limit {
            let goal = (self.limit / 100 * LEFT).saturating_sub(wanted);
            segments.sort();
            for (_, length, path) in segments {
                if filled <= goal {
                    break;
                }
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => filled -= length,
                }
            }
        }
        Ok(filled)
    }

    fn path(&self, key: &SegmentKey) -> PathBuf {
        let name: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(name).with_extension(ENDING)
    }

    fn filled(&self) -> std::sync::MutexGuard<'_, Filled> {
        // A count that a panic left is put right the next time the folder is looked through.
        self.filled.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Whether a file is a segment, or was about to become one when a process was killed.
fn is_segment(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == ENDING)
}

/// The magic, the hash of all that follows it, the stream, the frames, and then their data one after the other. Numbers
/// are big-endian.
fn serialized(Segment { config, frames }: &Segment) -> Vec<u8> {
    let mut body = Vec::new();
    let mut number = |number: u32| body.extend_from_slice(&number.to_be_bytes());
    let (numerator, denominator) = (config.rate.numerator(), config.rate.denominator());
    [config.size.width, config.size.height, numerator, denominator].into_iter().for_each(&mut number);
    [config.avcc.len(), frames.len()].into_iter().for_each(|length| number(length as u32));
    for frame in frames {
        [frame.frame as u32, u32::from(frame.is_key), frame.data.len() as u32].into_iter().for_each(&mut number);
    }
    body.extend_from_slice(&config.avcc);
    frames.iter().for_each(|frame| body.extend_from_slice(&frame.data));
    [&MAGIC[..], &Sha256::digest(&body), &body].concat()
}

/// The reverse of [`serialized`]; nothing for anything else.
fn parse(bytes: &[u8]) -> Option<Segment> {
    let (hash, body) = bytes.strip_prefix(MAGIC)?.split_at_checked(HASH)?;
    if Sha256::digest(body).as_slice() != hash {
        return None;
    }
    let mut rest = body;
    let mut take = |length: usize| {
        let (taken, left) = rest.split_at_checked(length)?;
        rest = left;
        Some(taken)
    };
    let mut number = || take(4)?.try_into().ok().map(u32::from_be_bytes);
    let size = Size { width: number()?, height: number()? };
    let rate = FrameRate::new(number()?, number()?)?;
    let (avcc, count) = (number()?, number()?);
    // Each takes twelve bytes, so that no number makes room for more than there is.
    if u64::from(count) * 12 > body.len() as u64 {
        return None;
    }
    let heads = (0..count).map(|_| Some((number()?, number()?, number()?))).collect::<Option<Vec<_>>>()?;
    let avcc = take(avcc as usize)?.to_vec();
    let frames = heads.into_iter().map(|(frame, is_key, length)| {
        let data = take(length as usize)?.to_vec();
        Some(EncodedFrame { frame: u64::from(frame), is_key: is_key == 1, data })
    });
    let frames = frames.collect::<Option<Vec<_>>>()?;
    Some(Segment { config: StreamConfig { size, rate, avcc }, frames })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(bytes: usize) -> Segment {
        let frame = |frame, is_key| EncodedFrame { frame, is_key, data: vec![frame as u8; bytes] };
        let size = Size { width: 1920, height: 1080 };
        let config = StreamConfig { size, rate: FrameRate::new(30_000, 1001).unwrap(), avcc: vec![1, 2, 3] };
        // B-frames leave in another order than they are shown in.
        Segment { config, frames: vec![frame(0, true), frame(2, false), frame(1, false)] }
    }

    #[test]
    fn a_segment_comes_back_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let store = SegmentStore::open(&folder.path().join("new"), 1 << 20).unwrap();
        let (key, other) = (SegmentKey([7; HASH]), SegmentKey([8; HASH]));
        assert_eq!(store.get(&key), None);
        store.put(&key, &segment(100)).unwrap();
        assert_eq!(store.get(&key), Some(segment(100)));
        assert_eq!(store.get(&other), None);
        // Another process sees it too.
        assert_eq!(SegmentStore::open(&store.folder, 1 << 20).unwrap().get(&key), Some(segment(100)));

        let whole = fs::read(store.path(&key)).unwrap();
        for damage in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[damage] ^= 0x10;
            assert_eq!(parse(&bytes), None, "byte {damage}");
            assert_eq!(parse(&whole[..damage]), None, "{damage} bytes");
        }
        fs::write(store.path(&key), &whole[..whole.len() - 1]).unwrap();
        assert_eq!(store.get(&key), None);
        assert!(!store.path(&key).exists());
    }

    #[test]
    fn the_folder_keeps_to_its_limit_and_what_was_used_last() {
        let folder = tempfile::tempdir().unwrap();
        let length = serialized(&segment(1000)).len() as u64;
        let store = SegmentStore::open(folder.path(), 10 * length).unwrap();
        let foreign = folder.path().join("notes.txt");
        fs::write(&foreign, vec![0; 100_000]).unwrap();
        let key = |number| SegmentKey([number; HASH]);
        for number in 0..30 {
            store.put(&key(number), &segment(1000)).unwrap();
            // Used all the time.
            assert!(store.get(&key(0)).is_some(), "{number}");
            // Some file systems tell times apart by milliseconds only.
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let kept = (0..30).filter(|number| store.path(&key(*number)).exists()).count() as u64;
        assert!((2..=10).contains(&kept), "{kept}");
        assert!(store.get(&key(29)).is_some());
        assert!(foreign.exists());
        // A limit that has become smaller holds at once, and what is larger than it is left out.
        let smaller = SegmentStore::open(folder.path(), length - 1).unwrap();
        smaller.put(&key(40), &segment(1000)).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
