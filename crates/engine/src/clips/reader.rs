//! Reads the clips and images of frame plans.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use repcast_compositor::LayerFrames;
use repcast_gstreamer::decode::{Clip, DecodeError, slate};
use repcast_media::ClipFrame;
use repcast_model::geometry::Size;
use repcast_model::time::{Rational, SourceTime};
use repcast_model::timeline::{ClipItem, Draw, FramePlan, ItemContent, MAX_CLIPS_AT_ONCE};

use super::ClipOptions;
use super::shared::{SharedClips, SharedLoop};
use crate::open::OpenDocument;

/// The longest clip that readers share, in seconds: a reader that joins late waits until a longer one is decoded up to its
/// position.
const MAX_SHARED_SECS: i128 = 20;

/// Seconds before its first frame at which a clip is opened, so that no frame waits for it. A shared loop is also decoded
/// from then on, so that the work is spread when all sessions reach the clip at once.
const OPEN_AHEAD_SECS: i128 = 3;

/// Reads the clips and images of one document, in step with its frame plans.
pub struct ClipReader {
    project: OpenDocument,
    options: ClipOptions,
    /// Images come from here, and loops too where the options share them.
    shared: Arc<SharedClips>,
    /// Clip items by their first frame, the next to be opened last.
    upcoming: Vec<(u64, usize)>,
    open: HashMap<usize, OpenClip>,
    images: HashMap<PathBuf, Arc<ClipFrame>>,
    /// One past the last frame that shows each image.
    image_ends: HashMap<PathBuf, u64>,
    slates: HashMap<Size, Arc<ClipFrame>>,
    failures: Vec<DecodeError>,
    /// The frame of the last plan.
    last_frame: u64,
}

enum OpenClip {
    Own(Box<Clip>),
    /// A loop that several readers share.
    Shared(Arc<Mutex<SharedLoop>>),
    /// It failed; a slate replaces it for the rest of its time.
    Failed,
}

impl ClipReader {
    /// A reader that starts at any frame.
    #[must_use]
    pub fn new(project: &OpenDocument, options: ClipOptions) -> Self {
        let mut image_ends: HashMap<PathBuf, u64> = HashMap::new();
        for item in project.timeline.items() {
            if let ItemContent::Image { path, .. } = &item.content {
                let end = image_ends.entry(path.to_path_buf()).or_default();
                *end = item.span.end.max(*end);
            }
        }
        Self {
            project: project.clone(),
            shared: options.shared.clone().unwrap_or_default(),
            options,
            upcoming: upcoming(project),
            open: HashMap::new(),
            images: HashMap::new(),
            image_ends,
            slates: HashMap::new(),
            failures: Vec::new(),
            last_frame: 0,
        }
    }

    /// The decoded frames of a plan's layers. Opens and decodes ahead what later plans will show.
    pub fn frames(&mut self, plan: &FramePlan) -> LayerFrames {
        if plan.number < self.last_frame {
            // Clips that are open already are skipped when their turn comes.
            self.upcoming = upcoming(&self.project);
        }
        self.last_frame = plan.number;
        self.close_ended(plan.number);
        let mut frames = LayerFrames::new();
        for layer in &plan.layers {
            match &layer.draw {
                Draw::Clip { time, .. } => {
                    frames.extend(self.clip_frame(layer.item, *time).map(|frame| (layer.item, frame)));
                }
                Draw::Image { path, .. } => {
                    let frame = self.image(path);
                    frames.insert(layer.item, frame);
                }
                Draw::Text { .. } | Draw::Shape { .. } | Draw::Glow { .. } | Draw::Ring { .. } => {}
            }
        }
        self.open_ahead(plan.number);
        self.decode_ahead(plan.number);
        frames
    }

    /// The clips that have failed since the last call, in the order in which they did.
    pub fn take_failures(&mut self) -> Vec<DecodeError> {
        std::mem::take(&mut self.failures)
    }

    fn close_ended(&mut self, frame: u64) {
        let items = self.project.timeline.items();
        let ahead = frame + self.frames_ahead();
        // After a step back, a clip that was opened ahead may lie too far ahead.
        self.open.retain(|item, _| items[*item].span.end > frame && items[*item].span.start <= ahead);
        let ends = &self.image_ends;
        self.images.retain(|path, _| ends.get(path).is_some_and(|end| *end > frame));
    }

    /// [`OPEN_AHEAD_SECS`] in frames.
    fn frames_ahead(&self) -> u64 {
        self.project.timeline.rate.boundary_at(Rational::from_integer(OPEN_AHEAD_SECS))
    }

    fn open_ahead(&mut self, frame: u64) {
        let ahead = frame + self.frames_ahead();
        while let Some((start, item)) = self.upcoming.last().copied().filter(|(start, _)| *start <= ahead) {
            // A clip that cannot be opened ahead is opened when it is shown.
            if start > frame && self.open.len() >= MAX_CLIPS_AT_ONCE {
                break;
            }
            self.upcoming.pop();
            let is_over = self.project.timeline.items()[item].span.end <= frame;
            if start > frame && !is_over && !self.open.contains_key(&item) {
                self.open_item(item, None);
            }
        }
    }

    /// Decodes shared loops that will be shown soon as far as if they had started when they were opened.
    fn decode_ahead(&mut self, frame: u64) {
        let (timeline, ahead) = (&self.project.timeline, self.frames_ahead());
        for (item, open) in &self.open {
            let (OpenClip::Shared(shared), ItemContent::Clip(clip)) = (open, &timeline.items()[*item].content) else {
                continue;
            };
            let start = timeline.items()[*item].span.start;
            let Some(elapsed) = (frame + ahead).checked_sub(start).filter(|elapsed| *elapsed < ahead) else { continue };
            if elapsed < clip.clock.frames(timeline.rate)
                && let Some(time) = clip.clock.at(elapsed, timeline.rate)
                // Another reader that holds the lock decodes just as far.
                && let Ok(mut shared_loop) = shared.try_lock()
                && !shared_loop.decode_ahead(time)
            {
                drop(shared_loop);
                self.shared.remove(shared);
            }
        }
    }

    /// Opens an item's clip at the time first read; a loop at its start, so that all of it can be kept.
    fn open_item(&mut self, item: usize, first: Option<SourceTime>) {
        let ItemContent::Clip(clip) = &self.project.timeline.items()[item].content else { return };
        let ClipItem { path, clock, .. } = &**clip;
        let start = SourceTime(clock.trim_in);
        let Some(probed) = self.project.files.get(&**path) else { return };
        let is_short = probed.info.duration <= Rational::from_integer(MAX_SHARED_SECS);
        let opened = if self.options.shared.is_some() && clock.looping && is_short {
            let key = (probed.number(), clock.trim_in);
            let shared = self.shared.get_or_open(key, || self.open_clip(item, start, true));
            shared.map(|opened| opened.map(OpenClip::Shared))
        } else {
            let first = first.filter(|_| !clock.looping).unwrap_or(start);
            let own = self.open_clip(item, first, clock.looping);
            own.map(|opened| opened.map(|clip| OpenClip::Own(Box::new(clip))))
        };
        if let Some(opened) = opened {
            let open = opened.unwrap_or_else(|error| self.fail(error));
            self.open.insert(item, open);
        }
    }

    fn open_clip(&self, item: usize, first: SourceTime, is_caching: bool) -> Option<Result<Clip, DecodeError>> {
        let ItemContent::Clip(clip) = &self.project.timeline.items()[item].content else { return None };
        let probed = self.project.files.get(&*clip.path)?;
        let ClipOptions { budget, stall_timeout, .. } = &self.options;
        Some(Clip::open(&clip.path, probed, first, is_caching.then_some(budget), *stall_timeout))
    }

    fn clip_frame(&mut self, item: usize, time: SourceTime) -> Option<Arc<ClipFrame>> {
        if !self.open.contains_key(&item) {
            self.open_item(item, Some(time));
        }
        let result = match self.open.get_mut(&item)? {
            OpenClip::Own(clip) => clip.frame_at(time),
            OpenClip::Shared(shared) => {
                let read = shared.lock().unwrap_or_else(PoisonError::into_inner).frame_at(time);
                if let Some(Err(_)) = read {
                    self.shared.remove(shared);
                }
                read.unwrap_or_else(|| self.read_alone(item, time))
            }
            OpenClip::Failed => return self.slate_of(item),
        };
        match result {
            Ok(frame) => Some(frame),
            Err(error) => {
                let failed = self.fail(error);
                self.open.insert(item, failed);
                self.slate_of(item)
            }
        }
    }

    /// Opens a clip of its own for a loop that is too long to be kept.
    fn read_alone(&mut self, item: usize, time: SourceTime) -> Result<Arc<ClipFrame>, DecodeError> {
        let opened = self.open_clip(item, time, false).transpose()?;
        let mut clip = opened.ok_or_else(|| DecodeError::Library("a clip that is not in the document".to_owned()))?;
        let frame = clip.frame_at(time);
        self.open.insert(item, OpenClip::Own(Box::new(clip)));
        frame
    }

    fn slate_of(&mut self, item: usize) -> Option<Arc<ClipFrame>> {
        let ItemContent::Clip(clip) = &self.project.timeline.items()[item].content else { return None };
        let size = self.project.files.get(&*clip.path)?.info.size;
        Some(self.slate(size))
    }

    fn image(&mut self, path: &Path) -> Arc<ClipFrame> {
        if let Some(frame) = self.images.get(path) {
            return frame.clone();
        }
        let Some(probed) = self.project.files.get(path) else { return self.slate(Size { width: 16, height: 16 }) };
        let size = probed.info.size;
        let frame = self.shared.image(path, probed.number()).unwrap_or_else(|error| {
            self.fail(error);
            self.slate(size)
        });
        self.images.insert(path.to_owned(), frame.clone());
        frame
    }

    fn slate(&mut self, size: Size) -> Arc<ClipFrame> {
        self.slates.entry(size).or_insert_with(|| Arc::new(slate(size))).clone()
    }

    fn fail(&mut self, error: DecodeError) -> OpenClip {
        self.failures.push(error);
        OpenClip::Failed
    }
}

/// The clip items of a timeline by their first frame, the earliest last.
fn upcoming(project: &OpenDocument) -> Vec<(u64, usize)> {
    let items = project.timeline.items().iter().enumerate();
    let clips = items.filter(|(_, item)| matches!(item.content, ItemContent::Clip(_)) && !item.span.is_empty());
    let mut upcoming: Vec<_> = clips.map(|(index, item)| (item.span.start, index)).collect();
    upcoming.sort_unstable_by(|a, b| b.cmp(a));
    upcoming
}
