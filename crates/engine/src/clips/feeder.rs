//! The decode stage: for each frame plan, the decoded frames of its clips and pictures.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use repcast_gstreamer::decode::{Clip, DecodeError, LoopBudget, STALL, read_picture, slate};
use repcast_model::geometry::Size;
use repcast_compositor::LayerFrames;
use repcast_media::ClipFrame;
use crate::open::Project;
use repcast_model::time::{Rational, SourceTime};
use repcast_model::timeline::{ClipItem, Content, Draw, FramePlan, MAX_CLIPS_AT_ONCE};

/// Memory for the decoded frames of looping clips, in bytes. A figure's frame of 1080 pixels takes some 30 kB, one of a
/// camera several megabytes.
pub const LOOP_BYTES: usize = 96 << 20;

/// The longest clip that feeders read together, in seconds.
const SHARED_SECS: i128 = 20;

/// Seconds before its first frame at which a clip is opened, so that no frame waits at a border. A loop that feeders read
/// together is also decoded from then on, so that less is to be done at once when all of them come to it.
const OPEN_AHEAD_SECS: i128 = 3;

/// Reads clips in step with a walk over frame plans.
pub struct Feeder {
    project: Project,
    budget: LoopBudget,
    /// Clip items by their first frame, the next to be opened last.
    upcoming: Vec<(u64, usize)>,
    open: HashMap<usize, Slot>,
    pictures: HashMap<PathBuf, Arc<ClipFrame>>,
    /// The frame behind the last on which each picture is seen.
    picture_ends: HashMap<PathBuf, u64>,
    slates: HashMap<Size, Arc<ClipFrame>>,
    broken: Vec<DecodeError>,
    common: Arc<Common>,
    /// Whether others read the same.
    is_one_of_several: bool,
    /// The frame fed last.
    last: u64,
    /// How long a decoder may deliver nothing.
    patience: Duration,
}

enum Slot {
    Clip(Box<Clip>),
    /// A loop whose frames are kept, read by several feeders.
    Shared(Arc<Mutex<Shared>>),
    /// It broke; the slate stands in for the rest of its time.
    Broken,
}

/// What several feeders read together, so that each is decoded once, for as long as one of them needs it.
#[derive(Default)]
pub struct Common {
    /// Looping clips, by the file's number and where they begin.
    loops: Mutex<HashMap<(u64, Rational), WeakLoop>>,
    /// Still pictures, by the file's number. One that is the same for all makes the same tiles for all.
    pictures: Mutex<HashMap<u64, Weak<ClipFrame>>>,
}

impl Common {
    /// Whoever comes next opens a loop anew that is broken: the disk may be well again.
    fn forget(&self, broken: &Arc<Mutex<Shared>>) {
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.retain(|_, known| !std::ptr::eq(known.as_ptr(), Arc::as_ptr(broken)));
    }

    fn picture(&self, path: &Path, number: u64) -> Result<Arc<ClipFrame>, DecodeError> {
        let mut pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = pictures.get(&number).and_then(Weak::upgrade) {
            return Ok(known);
        }
        let picture = Arc::new(read_picture(path)?);
        pictures.retain(|_, picture| picture.strong_count() > 0);
        pictures.insert(number, Arc::downgrade(&picture));
        Ok(picture)
    }
}

type WeakLoop = Weak<Mutex<Shared>>;

struct Shared {
    clip: Clip,
    /// Why it delivers no more than the frames that are kept.
    broken: Option<DecodeError>,
}

impl Shared {
    /// A frame, or why there is none; nothing when each feeder has to read it alone.
    fn frame_at(&mut self, time: SourceTime) -> Option<Result<Arc<ClipFrame>, DecodeError>> {
        if let Some(error) = &self.broken {
            return Some(self.clip.kept_at(time).ok_or_else(|| error.clone()));
        }
        let frame = self.clip.is_kept().then(|| self.clip.frame_at(time))?;
        self.broken = frame.as_ref().err().cloned();
        Some(frame)
    }
}

impl Feeder {
    /// A feeder for a walk that begins at any frame; it is quickest going forward.
    #[must_use]
    pub fn new(project: &Project) -> Self {
        Self::sharing(project, LoopBudget::new(LOOP_BYTES), STALL)
    }

    /// A feeder that shares its memory for looping clips with others, and waits for a decoder for so long.
    #[must_use]
    pub fn sharing(project: &Project, budget: LoopBudget, patience: Duration) -> Self {
        let mut picture_ends: HashMap<PathBuf, u64> = HashMap::new();
        for item in project.timeline.items() {
            if let Content::Image { path, .. } = &item.content {
                let end = picture_ends.entry(path.to_path_buf()).or_default();
                *end = item.span.end.max(*end);
            }
        }
        Self {
            project: project.clone(),
            budget,
            upcoming: upcoming(project),
            open: HashMap::new(),
            pictures: HashMap::new(),
            picture_ends,
            slates: HashMap::new(),
            broken: Vec::new(),
            common: Arc::default(),
            is_one_of_several: false,
            last: 0,
            patience,
        }
    }

    /// The same, reading together with others: what loops is decoded once for all of them.
    #[must_use]
    pub fn together(self, common: &Arc<Common>) -> Self {
        Self { common: common.clone(), is_one_of_several: true, ..self }
    }

    /// The frames that a plan draws, and the clips that it will soon need set going.
    pub fn frames(&mut self, plan: &FramePlan) -> LayerFrames {
        if plan.number < self.last {
            // Those that are open already are passed over when their turn comes.
            self.upcoming = upcoming(&self.project);
        }
        self.last = plan.number;
        self.close_ended(plan.number);
        let mut frames = LayerFrames::new();
        for layer in &plan.layers {
            match &layer.draw {
                Draw::Clip { time, .. } => {
                    frames.extend(self.clip_frame(layer.item, *time).map(|frame| (layer.item, frame)));
                }
                Draw::Image { path, .. } => {
                    let frame = self.picture(path);
                    frames.insert(layer.item, frame);
                }
                Draw::Text { .. } | Draw::Shape { .. } => {}
            }
        }
        self.open_ahead(plan.number);
        self.decode_ahead(plan.number);
        frames
    }

    /// What broke on the way, in the order in which it did; whoever walks reports it.
    #[must_use]
    pub fn broken(&self) -> &[DecodeError] {
        &self.broken
    }

    fn close_ended(&mut self, frame: u64) {
        let items = self.project.timeline.items();
        let ahead = frame + self.ahead();
        // After a step back, what was opened ahead lies too far ahead.
        self.open.retain(|item, _| items[*item].span.end > frame && items[*item].span.start <= ahead);
        let ends = &self.picture_ends;
        self.pictures.retain(|path, _| ends.get(path).is_some_and(|end| *end > frame));
    }

    /// Frames in [`OPEN_AHEAD_SECS`].
    fn ahead(&self) -> u64 {
        self.project.timeline.rate.border_at(Rational::from_integer(OPEN_AHEAD_SECS))
    }

    fn open_ahead(&mut self, frame: u64) {
        let ahead = frame + self.ahead();
        while let Some((start, item)) = self.upcoming.last().copied().filter(|(start, _)| *start <= ahead) {
            // Those that cannot be opened ahead are opened when they are seen.
            if start > frame && self.open.len() >= MAX_CLIPS_AT_ONCE {
                break;
            }
            self.upcoming.pop();
            let is_over = self.project.timeline.items()[item].span.end <= frame;
            if start > frame && !is_over && !self.open.contains_key(&item) {
                self.open(item, None);
            }
        }
    }

    /// Brings loops that will soon be seen as far as they would be if they had begun when they were opened.
    fn decode_ahead(&mut self, frame: u64) {
        let (items, ahead) = (self.project.timeline.items(), self.ahead());
        for (item, slot) in &self.open {
            let (Slot::Shared(shared), Content::Clip(clip)) = (slot, &items[*item].content) else { continue };
            let Some(gone) = (frame + ahead).checked_sub(items[*item].span.start).filter(|gone| *gone < ahead) else {
                continue;
            };
            if gone < clip.clock.frames(self.project.timeline.rate)
                && let Some(time) = clip.clock.at(gone, self.project.timeline.rate)
                // Whoever is at it brings it just as far.
                && let Ok(mut loops) = shared.try_lock()
                && loops.broken.is_none()
                && let Err(error) = loops.clip.decode_ahead(time)
            {
                // It is reported when it is seen.
                loops.broken = Some(error);
                drop(loops);
                self.common.forget(shared);
            }
        }
    }

    /// Opens an item's clip where it will first be read: a loop from its beginning, so that all of it can be kept.
    fn open(&mut self, item: usize, first: Option<SourceTime>) {
        let Content::Clip(ClipItem { path, clock, .. }) = &self.project.timeline.items()[item].content else { return };
        let begin = SourceTime(clock.trim_in);
        let Some(probed) = self.project.files.get(&**path) else { return };
        // In a long one everything up to where the others are would have to be decoded first.
        let is_short = probed.info.duration <= Rational::from_integer(SHARED_SECS);
        let slot = if self.is_one_of_several && clock.looping && is_short {
            let common = self.common.clone();
            let key = (probed.number(), clock.trim_in);
            let mut loops = common.loops.lock().unwrap_or_else(PoisonError::into_inner);
            let known = loops.get(&key).and_then(Weak::upgrade);
            let opened = match known {
                Some(known) => Some(Ok(known)),
                None => self.opened(item, begin, true).map(|opened| {
                    let clip = Arc::new(Mutex::new(Shared { clip: opened?.for_several(), broken: None }));
                    loops.retain(|_, clip| clip.strong_count() > 0);
                    loops.insert(key, Arc::downgrade(&clip));
                    Ok(clip)
                }),
            };
            drop(loops);
            opened.map(|opened| match opened {
                Ok(clip) => Slot::Shared(clip),
                Err(error) => self.report(error),
            })
        } else {
            let first = first.filter(|_| !clock.looping).unwrap_or(begin);
            self.opened(item, first, clock.looping).map(|opened| match opened {
                Ok(clip) => Slot::Clip(Box::new(clip)),
                Err(error) => self.report(error),
            })
        };
        if let Some(slot) = slot {
            self.open.insert(item, slot);
        }
    }

    fn opened(&self, item: usize, first: SourceTime, is_kept: bool) -> Option<Result<Clip, DecodeError>> {
        let Content::Clip(ClipItem { path, .. }) = &self.project.timeline.items()[item].content else { return None };
        let probed = self.project.files.get(&**path)?;
        Some(Clip::open(path, probed, first, is_kept.then_some(&self.budget), self.patience))
    }

    fn clip_frame(&mut self, item: usize, time: SourceTime) -> Option<Arc<ClipFrame>> {
        if !self.open.contains_key(&item) {
            self.open(item, Some(time));
        }
        let result = match self.open.get_mut(&item)? {
            Slot::Clip(clip) => clip.frame_at(time),
            Slot::Shared(shared) => {
                let read = shared.lock().unwrap_or_else(PoisonError::into_inner).frame_at(time);
                if let Some(Err(_)) = read {
                    self.common.forget(shared);
                }
                read.unwrap_or_else(|| self.read_alone(item, time))
            }
            Slot::Broken => return self.slate_of(item),
        };
        match result {
            Ok(frame) => Some(frame),
            Err(error) => {
                let broken = self.report(error);
                self.open.insert(item, broken);
                self.slate_of(item)
            }
        }
    }

    /// A loop too long to be kept is read by each feeder in its own place.
    fn read_alone(&mut self, item: usize, time: SourceTime) -> Result<Arc<ClipFrame>, DecodeError> {
        let opened = self.opened(item, time, false).transpose()?;
        let mut clip = opened.ok_or_else(|| DecodeError::Library("a clip that is not in the project".to_owned()))?;
        let frame = clip.frame_at(time);
        self.open.insert(item, Slot::Clip(Box::new(clip)));
        frame
    }

    fn slate_of(&mut self, item: usize) -> Option<Arc<ClipFrame>> {
        let Content::Clip(ClipItem { path, .. }) = &self.project.timeline.items()[item].content else { return None };
        let size = self.project.files.get(&**path)?.info.size;
        Some(self.slate(size))
    }

    fn picture(&mut self, path: &Path) -> Arc<ClipFrame> {
        if let Some(frame) = self.pictures.get(path) {
            return frame.clone();
        }
        let Some(probed) = self.project.files.get(path) else { return self.slate(Size { width: 16, height: 16 }) };
        let size = probed.info.size;
        let frame = self.common.picture(path, probed.number()).unwrap_or_else(|error| {
            self.report(error);
            self.slate(size)
        });
        self.pictures.insert(path.to_owned(), frame.clone());
        frame
    }

    fn slate(&mut self, size: Size) -> Arc<ClipFrame> {
        self.slates.entry(size).or_insert_with(|| Arc::new(slate(size))).clone()
    }

    fn report(&mut self, error: DecodeError) -> Slot {
        self.broken.push(error);
        Slot::Broken
    }
}

/// The clip items of a timeline by their first frame, the first at the end.
fn upcoming(project: &Project) -> Vec<(u64, usize)> {
    let items = project.timeline.items().iter().enumerate();
    let clips = items.filter(|(_, item)| matches!(item.content, Content::Clip(_)) && !item.span.is_empty());
    let mut upcoming: Vec<_> = clips.map(|(index, item)| (item.span.start, index)).collect();
    upcoming.sort_unstable_by(|a, b| b.cmp(a));
    upcoming
}
