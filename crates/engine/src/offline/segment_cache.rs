//! GOPs that were encoded before, taken from a store of segments instead of being rendered again.
//!
//! A composited frame is a function of its plan, of the files that the plan names, and of the build, the adapter and the
//! fonts; an encoded GOP is a function of its frames and of the encoder, because each GOP has a fresh encoder. A GOP's key
//! is the hash of all of these.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use repcast_compositor::Gpu;
use repcast_gstreamer::decode;
use repcast_gstreamer::encode::{EncoderSettings, SelectedEncoder, fingerprint};
use repcast_model::timeline::{Draw, ItemContent, Timeline};
use repcast_storage::{CachedSegment, HashedFile, SegmentKey, SegmentStore};
use sha2::{Digest, Sha256};

use super::segment_key::KeyHasher;
use crate::open::OpenDocument;

/// The build, the same on all machines that compiled the same sources.
const BUILD_ID: &str = env!("REPCAST_BUILD_ID");

/// A store of segments as one render uses it.
pub(super) struct SegmentCache<'a> {
    store: &'a SegmentStore,
    /// The part of the key that all GOPs of the render share.
    common: KeyHasher,
    files: HashMap<PathBuf, HashedFiles>,
    /// Set when frames are shown that the files do not hold, or when the store cannot be written to.
    is_closed: AtomicBool,
}

/// A clip: one file, or a sequence of numbered ones.
struct HashedFiles {
    /// The hash of the files' hashes.
    hash: [u8; 32],
    files: Vec<HashedFile>,
}

impl<'a> SegmentCache<'a> {
    /// Hashes all files of a project. `None` when that fails: the render then does without the store.
    pub(super) fn new(
        store: &'a SegmentStore,
        project: &OpenDocument,
        gpu: &Gpu,
        encoder: &SelectedEncoder,
        settings: &EncoderSettings,
    ) -> Option<Self> {
        let files = project.files.iter().map(|(path, probed)| {
            let files = probed.files(path).into_iter().map(HashedFile::read).collect::<Result<Vec<_>, _>>()?;
            let mut hash = Sha256::new();
            files.iter().for_each(|file| hash.update(file.hash));
            Ok((path.clone(), HashedFiles { hash: hash.finalize().into(), files }))
        });
        let files: Result<_, std::io::Error> = files.collect();
        let files = files.inspect_err(|error| tracing::warn!("segments cannot be reused: {error}")).ok()?;
        let Timeline { canvas, background, .. } = *project.timeline;
        let mut common = KeyHasher::default();
        common.text(BUILD_ID).text(&gpu.identity()).text(&decode::fingerprint());
        common.size(canvas).color(background).text(&fingerprint(encoder, settings).ok()?);
        Some(Self { store, common, files, is_closed: AtomicBool::new(false) })
    }

    /// The key of a GOP.
    pub(super) fn key(&self, timeline: &Timeline, gop: Range<u64>) -> Option<SegmentKey> {
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
                    Draw::Text { .. } | Draw::Shape { .. } => None,
                };
                let content = match file {
                    Some(path) => Some(&self.files.get(path)?.hash),
                    None => None,
                };
                hasher.layer(&layer, content);
            }
        }
        Some(hasher.finish())
    }

    /// A cached GOP with this number of frames.
    pub(super) fn get(&self, key: &SegmentKey, frames: u64) -> Option<CachedSegment> {
        self.store.get(key).filter(|segment| segment.frames.len() as u64 == frames)
    }

    /// Stops caching: from here on frames differ from their plans, because a slate replaces a clip.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    fn are_files_unchanged(&self) -> bool {
        self.files.values().flat_map(|hashed| &hashed.files).all(HashedFile::is_current)
    }

    /// Caches a GOP, unless a file has changed since it was hashed.
    pub(super) fn put(&self, key: &SegmentKey, segment: &CachedSegment) {
        if self.is_closed.load(Ordering::Relaxed) || !self.are_files_unchanged() {
            return;
        }
        if let Err(error) = self.store.put(key, segment) {
            tracing::warn!("segments are not kept: {error}");
            self.close();
        }
    }
}
