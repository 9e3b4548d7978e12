//! What a video has in common with those made before it: whole groups of pictures, taken from a store of segments.
//!
//! Pictures are a function of their plans, of the files that these name, and of the program, the adapter and the fonts
//! that draw them; a closed group of encoded pictures is one of the pictures and of the encoder. So a group's key is a
//! hash of all of these, and nothing else need be compared.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use repcast_gstreamer::decode;
use repcast_gstreamer::encode::{Choice, EncoderSettings, fingerprint};
use repcast_compositor::Gpu;
use crate::open::Project;
use repcast_storage::{Content, Segment, SegmentKey, SegmentStore};
use repcast_model::timeline::{Content as Shown, Draw, Timeline};

/// A store of segments, as one render sees it.
pub(super) struct Reuse<'a> {
    store: &'a SegmentStore,
    /// The hash of what all groups of this render have in common.
    common: Sha256,
    /// What is in the files, by the names that the timeline has for them.
    contents: HashMap<PathBuf, Contents>,
    /// Set when something is shown that the files do not hold, or when the store cannot be written to.
    is_closed: AtomicBool,
}

/// What is in a clip: one file, or all of numbered pictures.
struct Contents {
    /// The hash of the files' hashes.
    hash: [u8; 32],
    files: Vec<Content>,
}

impl<'a> Reuse<'a> {
    /// Reads all files of a project; nothing when that fails, which is no reason not to render.
    pub(super) fn new(
        store: &'a SegmentStore,
        project: &Project,
        gpu: &Gpu,
        choice: &Choice,
        settings: &EncoderSettings,
    ) -> Option<Self> {
        let contents = project.files.iter().map(|(path, probed)| {
            let files = probed.files(path).into_iter().map(Content::of).collect::<Result<Vec<_>, _>>()?;
            let mut hash = Sha256::new();
            files.iter().for_each(|file| hash.update(file.hash));
            Ok((path.clone(), Contents { hash: hash.finalize().into(), files }))
        });
        let contents: Result<_, std::io::Error> = contents.collect();
        let contents = contents.inspect_err(|error| tracing::warn!("segments cannot be reused: {error}")).ok()?;
        let mut common = Sha256::new();
        let Timeline { canvas, background, .. } = *project.timeline;
        let machine = [program()?, gpu.identity(), decode::identity()].join("\n");
        common.update(format!("{machine}\n{canvas:?} {background:?} {settings:?}\n"));
        common.update(Sha256::digest(fingerprint(choice, settings).ok()?));
        Some(Self { store, common, contents, is_closed: AtomicBool::new(false) })
    }

    /// The key of a group of frames.
    pub(super) fn key(&self, timeline: &Timeline, group: Range<u64>) -> Option<SegmentKey> {
        let mut hash = self.common.clone();
        let mut line = String::new();
        for number in group {
            hash.update("frame\n");
            for layer in timeline.plan(number).layers {
                line.clear();
                let written = match &layer.draw {
                    Draw::Clip { time, placement, alpha, returns: _ } => {
                        let Shown::Clip(clip) = &timeline.items()[layer.item].content else { return None };
                        self.update(&mut hash, &clip.path)?;
                        write!(line, "clip {time:?} {placement:?} {alpha:?}")
                    }
                    Draw::Image { path, placement } => {
                        self.update(&mut hash, path)?;
                        write!(line, "image {placement:?}")
                    }
                    draw @ (Draw::Text { .. } | Draw::Shape { .. }) => write!(line, "{draw:?}"),
                };
                written.and_then(|()| writeln!(line, " {}", layer.opacity)).ok()?;
                hash.update(&line);
            }
        }
        Some(SegmentKey(hash.finalize().into()))
    }

    fn update(&self, hash: &mut Sha256, path: &Path) -> Option<()> {
        hash.update(self.contents.get(path)?.hash);
        Some(())
    }

    /// A group of so many frames that was encoded before.
    pub(super) fn get(&self, key: &SegmentKey, frames: u64) -> Option<Segment> {
        self.store.get(key).filter(|segment| segment.frames.len() as u64 == frames)
    }

    /// From here on pictures are not what their plans say: a clip is broken, and a slate stands in for it.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    fn are_current(&self) -> bool {
        self.contents.values().flat_map(|contents| &contents.files).all(Content::is_current)
    }

    /// Keeps a group for the next time, unless a file has changed since it was read.
    pub(super) fn put(&self, key: &SegmentKey, segment: &Segment) {
        if self.is_closed.load(Ordering::Relaxed) || !self.are_current() {
            return;
        }
        if let Err(error) = self.store.put(key, segment) {
            tracing::warn!("segments are not kept: {error}");
            self.close();
        }
    }
}

/// The program that draws, told from others by its file.
fn program() -> Option<String> {
    let about = std::env::current_exe().and_then(std::fs::metadata);
    let about = about.inspect_err(|error| tracing::warn!("segments cannot be reused: {error}")).ok()?;
    Some(format!("repcast {} {} {:?}", env!("CARGO_PKG_VERSION"), about.len(), about.modified().ok()?))
}
