//! GOPs that were encoded before, taken from a store of segments instead of being rendered again.
//!
//! A composited frame is a function of its plan, of the files that the plan names, and of the build, the adapter and the
//! fonts; an encoded GOP is a function of its frames and of the encoder, because each GOP has a fresh encoder. A GOP's key
//! is the hash of all of these.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use repcast_compositor::Gpu;
use repcast_gstreamer::decode;
use repcast_gstreamer::encode::{EncoderSettings, SelectedEncoder, fingerprint};
use repcast_model::timeline::{Draw, ItemContent, Timeline};
use repcast_storage::{CachedSegment, FileVersion, HashError, MAX_BYTES_AT_ONCE, SegmentKey, SegmentStore};
use sha2::{Digest, Sha256};

use super::segment_key::KeyHasher;
use crate::open::OpenDocument;

/// The build, the same on all machines that compiled the same sources.
pub(super) const BUILD_ID: &str = env!("REPCAST_BUILD_ID");

/// A store of segments as one render uses it.
pub(super) struct SegmentCache<'a> {
    store: &'a SegmentStore,
    timeline: Arc<Timeline>,
    /// The part of the key that all GOPs of the render share.
    common: KeyHasher,
    /// The files of each clip as they were when the render started: one, or those of a sequence of numbered pictures.
    files: HashMap<PathBuf, Vec<FileVersion>>,
    /// The hash of each clip's contents, once it is known.
    contents: OnceLock<HashMap<PathBuf, [u8; 32]>>,
    /// Set when frames are shown that the files do not hold, or when the store cannot be written to.
    is_closed: AtomicBool,
}

impl<'a> SegmentCache<'a> {
    /// A cache whose files are not hashed yet. `None` when that is impossible: the render then does without the store.
    pub(super) fn new(
        store: &'a SegmentStore,
        document: &OpenDocument,
        gpu: &Gpu,
        encoder: &SelectedEncoder,
        settings: &EncoderSettings,
    ) -> Option<Self> {
        let files = document.files.iter().map(|(path, probed)| {
            let versions = probed.files(path).into_iter().map(FileVersion::of).collect::<Result<Vec<_>, _>>()?;
            Ok((path.clone(), versions))
        });
        let files: Result<_, HashError> = files.collect();
        let files = files.inspect_err(|error| tracing::warn!("segments cannot be reused: {error}")).ok()?;
        let timeline = document.timeline.clone();
        let mut common = KeyHasher::default();
        common.text(BUILD_ID).text(&gpu.identity()).text(&decode::fingerprint());
        common.size(timeline.canvas).color(timeline.background).text(&fingerprint(encoder, settings).ok()?);
        Some(Self { store, timeline, common, files, contents: OnceLock::new(), is_closed: AtomicBool::new(false) })
    }

    /// Whether hashing the files takes a moment only, so that a render can wait for it and reuse its first GOP, too.
    pub(super) fn is_quick(&self) -> bool {
        let unknown = self.files.values().flatten().filter(|version| self.store.hasher().cached(version).is_none());
        unknown.map(FileVersion::length).sum::<u64>() <= MAX_BYTES_AT_ONCE
    }

    /// Hashes all files. From then on GOPs have keys; those that are rendered before are stored when they are complete.
    pub(super) fn hash_files(&self, is_over: &dyn Fn() -> bool) {
        let is_stopped = || self.is_closed() || is_over();
        let hashed = self.files.iter().map(|(path, versions)| {
            let mut hash = Sha256::new();
            for version in versions {
                hash.update(self.store.hasher().hash(version, &is_stopped)?);
            }
            Ok((path.clone(), hash.finalize().into()))
        });
        match hashed.collect::<Result<_, HashError>>() {
            // Only this call sets them.
            Ok(contents) => _ = self.contents.set(contents),
            Err(HashError::Stopped) => {}
            Err(error) => tracing::warn!("segments cannot be reused: {error}"),
        }
    }

    /// The key of a GOP; `None` as long as the contents of the files are not known.
    pub(super) fn key(&self, gop: Range<u64>) -> Option<SegmentKey> {
        let contents = self.contents.get()?;
        let timeline = &self.timeline;
        let mut hasher = self.common.clone();
        for number in gop {
            let layers = timeline.plan(number).layers;
            hasher.tag(b'F').integer(layers.len() as u64);
            for layer in layers {
                let file = match &layer.draw {
                    Draw::Clip { .. } => {
                        let ItemContent::Clip(clip) = &timeline.items()[layer.item].content else { return None };
                        Some(&*clip.path)
                    }
                    Draw::Image { path, .. } => Some(&**path),
                    Draw::Text { .. } | Draw::Shape { .. } | Draw::Glow { .. } | Draw::Ring { .. } => None,
                };
                let content = match file {
                    Some(path) => Some(contents.get(path)?),
                    None => None,
                };
                hasher.layer(&layer, content);
            }
        }
        Some(hasher.finish())
    }

    /// A cached GOP with this number of frames.
    pub(super) fn get(&self, key: &SegmentKey, frames: u64) -> Option<CachedSegment> {
        self.store.get(key).filter(|segment: &CachedSegment| segment.frames.len() as u64 == frames)
    }

    /// Stops caching and hashing: the render is over, or from here on frames differ from their plans, because a slate
    /// replaces a clip.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    fn are_files_unchanged(&self) -> bool {
        self.files.values().flatten().all(FileVersion::is_current)
    }

    /// Caches a GOP, unless a file has changed since the render started.
    pub(super) fn put(&self, key: &SegmentKey, segment: &CachedSegment) {
        if self.is_closed() || !self.are_files_unchanged() {
            return;
        }
        if let Err(error) = self.store.put(key, segment) {
            tracing::warn!("segments are not cached: {error}");
            self.close();
        }
    }
}
