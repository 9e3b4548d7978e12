//! A lane: decoder, compositor and encoder of its own, for one group of pictures of the timeline after another.
//!
//! ```text
//! thread "decode"          thread "draw"                   encoder's threads   thread "encoded"
//! plan + Feeder -steps--> Compositor --picture--> Input --> GStreamer --> Output --> packager
//! ```

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::chunks::Chunks;
use crate::clips::feeder::Common;
use super::packager::Encoded;
use crate::offline::segment_keys::Reuse;
use crate::metrics::histogram::Times;
use super::{Feeder, RenderError, spawn};
use repcast_gstreamer::decode::{DecodeError, LoopBudget, STALL};
use repcast_gstreamer::encode::{Choice, EncodeError, Encoder, EncoderSettings, Input, Output};
use repcast_compositor::{Compositor, LayerFrames};
use crate::open::Project;
use repcast_storage::{Segment, SegmentKey};
use repcast_model::timeline::FramePlan;

/// Planned and decoded frames that wait for the compositor: enough to bridge a seek, few enough to stay small.
const QUEUED_JOBS: usize = 3;

/// What all lanes of a render share.
pub(super) struct Shop<'a> {
    pub(super) project: &'a Project,
    pub(super) choice: &'a Choice,
    pub(super) settings: &'a EncoderSettings,
    pub(super) chunks: &'a Chunks,
    pub(super) budget: &'a LoopBudget,
    pub(super) common: &'a Arc<Common>,
    pub(super) reuse: Option<&'a Reuse<'a>>,
    /// Set by whoever wants it to end.
    pub(super) stop: &'a AtomicBool,
}

/// What a lane has done.
#[derive(Default)]
pub(super) struct Work {
    pub(super) times: Times,
    pub(super) damaged_tiles: u64,
    /// Frames that had been encoded before.
    pub(super) reused: u64,
    pub(super) broken: Vec<DecodeError>,
}

impl Work {
    pub(super) fn add(&mut self, other: Self) {
        self.times.merge(&other.times);
        self.damaged_tiles += other.damaged_tiles;
        self.reused += other.reused;
        // A clip that several lanes have met is broken once.
        let known: Vec<String> = self.broken.iter().map(ToString::to_string).collect();
        self.broken.extend(other.broken.into_iter().filter(|error| !known.contains(&error.to_string())));
    }
}

/// One frame on its way from the decode stage to the compositor.
struct Job {
    number: u64,
    turn: Turn,
    plan: FramePlan,
    frames: LayerFrames,
    took: Duration,
}

/// What the decode stage has for the compositor.
enum Step {
    Draw(Box<Job>),
    /// What comes next had been encoded before.
    Rest,
}

/// A group of pictures, and the key under which it is to be kept.
#[derive(Clone)]
struct Turn {
    frames: Range<u64>,
    key: Option<SegmentKey>,
}

impl Shop<'_> {
    /// Whether it is over before its end.
    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.chunks.is_closed()
    }

    /// Works until no group is left. Speaks on `drawn` after each frame. Nothing when it fails, which the chunks are told.
    pub(super) fn work<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        lane: usize,
        mut compositor: Compositor,
        encoded: Sender<Encoded>,
        drawn: &Sender<()>,
    ) -> Option<Work> {
        let (send, steps) = bounded(QUEUED_JOBS);
        let (passed_on, counted) = (encoded.clone(), drawn.clone());
        let decoder = spawn(scope, "decode", move || {
            let _guard = self.chunks.guard("decode");
            self.decode(lane, &send, &passed_on, &counted)
        });
        let result = self.draw_and_encode(scope, &mut compositor, &steps, &encoded, drawn);
        drop(encoded);
        // The decoder hears by the one or the other that nobody draws any more; it may wait for room, or for a chunk.
        drop(steps);
        let times = result.map_err(|error| self.chunks.fail(error)).ok();
        let (broken, reused) = decoder.map_err(|error| self.chunks.fail(error)).ok()?.join().ok()?;
        Some(Work { times: times?, damaged_tiles: compositor.take_damaged_tiles(), reused, broken })
    }

    /// Draws and encodes stretch after stretch of what had not been encoded before. Each has an encoder of its own, because
    /// one that looks ahead gives its last frames only when it ends, and what comes behind waits for them.
    fn draw_and_encode<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        compositor: &mut Compositor,
        steps: &Receiver<Step>,
        encoded: &Sender<Encoded>,
        drawn: &Sender<()>,
    ) -> Result<Times, RenderError> {
        let mut times = Times::default();
        for step in steps {
            if let Step::Draw(job) = step {
                times.merge(&self.stretch(scope, compositor, *job, steps, encoded.clone(), drawn)?);
            }
        }
        if self.is_over() { Err(RenderError::Interrupted) } else { Ok(times) }
    }

    fn stretch<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        compositor: &mut Compositor,
        first: Job,
        steps: &Receiver<Step>,
        encoded: Sender<Encoded>,
        drawn: &Sender<()>,
    ) -> Result<Times, RenderError> {
        let (input, output) = Encoder::start(self.choice, self.settings)?;
        let (told, turns) = unbounded();
        let entered: Entered = Arc::default();
        let going_out = entered.clone();
        let receiver = spawn(scope, "encoded", move || {
            let _guard = self.chunks.guard("encode");
            self.receive(output, &turns, &encoded, &going_out)
        })?;
        let feed = Feed { input, told, entered, pushed: 0, waiting: VecDeque::new() };
        let result = self.draw(compositor, first, steps, feed, drawn);
        let received = receiver.join().map_err(|_| RenderError::Lost("encode"))?;
        match (result, received) {
            (Ok(times), Ok(encode)) => Ok(Times { encode, ..times }),
            // Why an encoder stopped is known on its far side.
            (Err(RenderError::Encode(EncodeError::Stopped)) | Ok(_), Err(error)) | (Err(error), _) => Err(error),
        }
    }

    /// Sends what is to be drawn, and passes on what had been encoded before. Returns the clips that broke, and the number
    /// of frames passed on.
    fn decode(
        &self,
        lane: usize,
        steps: &Sender<Step>,
        encoded: &Sender<Encoded>,
        drawn: &Sender<()>,
    ) -> (Vec<DecodeError>, u64) {
        let mut feeder = Feeder::sharing(self.project, self.budget.clone(), STALL).together(self.common);
        let (mut reused, mut is_drawing) = (0, false);
        while let Some(frames) = self.chunks.take(lane, self.stop) {
            let key = self.reuse.and_then(|reuse| reuse.key(&self.project.timeline, frames.clone()));
            let known = key.zip(self.reuse).and_then(|(key, reuse)| reuse.get(&key, frames.end - frames.start));
            let turn = Turn { frames, key };
            let is_going_on = match known {
                Some(segment) => {
                    reused += segment.frames.len() as u64;
                    let is_heard = !std::mem::take(&mut is_drawing) || steps.send(Step::Rest).is_ok();
                    is_heard && self.pass_on(segment, &turn, encoded, drawn)
                }
                None => {
                    is_drawing = true;
                    self.feed(&mut feeder, &turn, steps)
                }
            };
            if !is_going_on {
                break;
            }
        }
        (feeder.broken().to_vec(), reused)
    }

    /// Sends frames to be drawn; false when it is over.
    fn feed(&self, feeder: &mut Feeder, turn: &Turn, steps: &Sender<Step>) -> bool {
        turn.frames.clone().all(|number| {
            let started = Instant::now();
            let plan = self.project.timeline.plan(number);
            let frames = feeder.frames(&plan);
            if let Some(reuse) = self.reuse.filter(|_| !feeder.broken().is_empty()) {
                reuse.close();
            }
            let job = Job { number, turn: turn.clone(), plan, frames, took: started.elapsed() };
            !self.is_over() && steps.send(Step::Draw(Box::new(job))).is_ok()
        })
    }

    /// Sends frames past the encoder; false when it is over.
    fn pass_on(&self, segment: Segment, turn: &Turn, encoded: &Sender<Encoded>, drawn: &Sender<()>) -> bool {
        let Segment { config, frames } = segment;
        let is_going_on = frames.into_iter().all(|mut frame| {
            frame.frame += turn.frames.start;
            let sent = encoded.send(Encoded { group: turn.frames.clone(), config: config.clone(), frame });
            // Whoever counts may be gone when another lane has failed.
            let _ = drawn.send(());
            sent.is_ok() && !self.is_over()
        });
        self.chunks.done(&turn.frames);
        is_going_on
    }

    fn draw(
        &self,
        compositor: &mut Compositor,
        first: Job,
        steps: &Receiver<Step>,
        mut feed: Feed,
        drawn: &Sender<()>,
    ) -> Result<Times, RenderError> {
        let mut times = Times::default();
        let mut next = Some(first);
        while let Some(Job { number, turn, plan, frames, took }) = next {
            if self.is_over() {
                return Err(RenderError::Interrupted);
            }
            times.decode.add(took);
            let started = Instant::now();
            compositor.draw(&plan, &frames)?;
            times.composite.add(started.elapsed());
            feed.waiting.push_back((number, turn));
            // Whoever counts may be gone when another lane has failed.
            let _ = drawn.send(());
            if !compositor.has_room() {
                self.deliver(compositor, &mut feed, &mut times)?;
            }
            if steps.is_empty() {
                // There is time for what is under way; whoever would send more may be waiting for its end.
                while self.deliver(compositor, &mut feed, &mut times)? {}
            }
            next = match steps.recv() {
                Ok(Step::Draw(job)) => Some(*job),
                Ok(Step::Rest) | Err(_) => None,
            };
        }
        while self.deliver(compositor, &mut feed, &mut times)? {}
        if self.is_over() {
            return Err(RenderError::Interrupted);
        }
        feed.input.finish()?;
        Ok(times)
    }

    /// Hands the oldest picture over; false when there is none.
    fn deliver(&self, compositor: &mut Compositor, feed: &mut Feed, times: &mut Times) -> Result<bool, RenderError> {
        let started = Instant::now();
        let Some(picture) = compositor.take()? else { return Ok(false) };
        times.read_back.add(started.elapsed());
        feed.push(&picture)?.iter().for_each(|turn| self.chunks.done(&turn.frames));
        Ok(true)
    }

    /// Passes on what comes out of the encoder, numbered as in the timeline; returns how long each frame took.
    fn receive(
        &self,
        mut output: Output,
        turns: &Receiver<Turn>,
        encoded: &Sender<Encoded>,
        entered: &Entered,
    ) -> Result<super::Histogram, RenderError> {
        let mut times = super::Histogram::default();
        // The frames that are coming out, and how many the lane had before them.
        let (mut turn, mut before) = (Turn { frames: 0..0, key: None }, 0);
        // Those of them that are out, where they are to be kept.
        let mut group = Vec::new();
        while let Some(mut frame) = output.receive()? {
            let mut waiting = lock(entered);
            if let Some(at) = waiting.iter().position(|(number, _)| *number == frame.frame) {
                times.add(waiting.remove(at).map_or(Duration::ZERO, |(_, entry)| entry.elapsed()));
            }
            drop(waiting);
            // A key frame ends all that came before it, so that frames of two turns never mix.
            while frame.frame >= before + (turn.frames.end - turn.frames.start) {
                before += turn.frames.end - turn.frames.start;
                turn = turns.recv().map_err(|_| RenderError::Lost("draw"))?;
                group = Vec::new();
            }
            let config = output.config().cloned().ok_or(RenderError::Lost("encode"))?;
            frame.frame -= before;
            if let Some((key, reuse)) = turn.key.as_ref().zip(self.reuse) {
                group.push(frame.clone());
                if group.len() as u64 == turn.frames.end - turn.frames.start {
                    reuse.put(key, &Segment { config: config.clone(), frames: std::mem::take(&mut group) });
                }
            }
            frame.frame += turn.frames.start;
            // The packager says itself why it has stopped.
            encoded.send(Encoded { group: turn.frames.clone(), config, frame }).map_err(|_| EncodeError::Stopped)?;
        }
        Ok(times)
    }
}

/// When each picture went in that has not come out, by its number in the lane.
type Entered = Arc<Mutex<VecDeque<(u64, Instant)>>>;

/// The way into the encoder. Its pictures are numbered without gaps, so that it sees no jump between groups.
struct Feed {
    input: Input,
    told: Sender<Turn>,
    entered: Entered,
    pushed: u64,
    /// Frames that were drawn and not pushed.
    waiting: VecDeque<(u64, Turn)>,
}

impl Feed {
    /// Hands over the picture of the oldest frame; returns a turn that is complete by it.
    fn push(&mut self, picture: &repcast_media::Picture) -> Result<Option<Turn>, RenderError> {
        let (number, turn) = self.waiting.pop_front().ok_or(RenderError::Lost("composite"))?;
        let is_first = number == turn.frames.start;
        if is_first {
            // Where the frames that come out belong; nobody listens behind an encoder that has stopped.
            let _ = self.told.send(turn.clone());
        }
        lock(&self.entered).push_back((self.pushed, Instant::now()));
        self.input.push(picture, self.pushed, is_first)?;
        self.pushed += 1;
        Ok((number + 1 == turn.frames.end).then_some(turn))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Times that a panic left are at worst incomplete.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
