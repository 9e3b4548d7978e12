//! A lane: decoder, compositor and encoder of its own, for one chunk of the timeline after another.
//!
//! ```text
//! thread "decode"          thread "draw"                   encoder's threads   thread "encoded"
//! plan + Feeder --jobs--> Compositor --picture--> Input --> GStreamer --> Output --> packager
//! ```

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::chunks::Chunks;
use super::feeder::SharedLoops;
use super::packager::Encoded;
use super::stats::Times;
use super::{Feeder, RenderError, spawn};
use crate::decode::{DecodeError, LoopBudget, STALL};
use crate::encode::{Choice, EncodeError, Encoder, EncoderSettings, Input, Output};
use crate::gpu::{Compositor, LayerFrames};
use crate::project::Project;
use crate::timeline::FramePlan;

/// Planned and decoded frames that wait for the compositor: enough to bridge a seek, few enough to stay small.
const QUEUED_JOBS: usize = 3;

/// What all lanes of a render share.
pub(super) struct Shop<'a> {
    pub(super) project: &'a Project,
    pub(super) choice: &'a Choice,
    pub(super) settings: &'a EncoderSettings,
    pub(super) chunks: &'a Chunks,
    pub(super) budget: &'a LoopBudget,
    pub(super) loops: &'a SharedLoops,
    /// Set by whoever wants it to end.
    pub(super) stop: &'a AtomicBool,
}

/// What a lane has done.
#[derive(Default)]
pub(super) struct Work {
    pub(super) times: Times,
    pub(super) damaged_tiles: u64,
    pub(super) broken: Vec<DecodeError>,
}

impl Work {
    pub(super) fn add(&mut self, other: Self) {
        self.times.merge(&other.times);
        self.damaged_tiles += other.damaged_tiles;
        // A clip that several lanes have met is broken once.
        let known: Vec<String> = self.broken.iter().map(ToString::to_string).collect();
        self.broken.extend(other.broken.into_iter().filter(|error| !known.contains(&error.to_string())));
    }
}

/// One frame on its way from the decode stage to the compositor.
struct Job {
    number: u64,
    chunk: Range<u64>,
    plan: FramePlan,
    frames: LayerFrames,
    took: Duration,
}

impl Shop<'_> {
    /// Whether it is over before its end.
    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.chunks.is_closed()
    }

    /// Works until no chunk is left. Speaks on `drawn` after each frame. Nothing when it fails, which the chunks are told.
    pub(super) fn work<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        mut compositor: Compositor,
        encoded: Sender<Encoded>,
        drawn: &Sender<()>,
    ) -> Option<Work> {
        let (send, jobs) = bounded(QUEUED_JOBS);
        let decoder = spawn(scope, "decode", move || {
            let _guard = self.chunks.guard("decode");
            self.decode(&send)
        });
        let result = self.draw_and_encode(scope, &mut compositor, &jobs, encoded, drawn);
        // The decoder hears by the one or the other that nobody draws any more; it may wait for room, or for a chunk.
        drop(jobs);
        let times = result.map_err(|error| self.chunks.fail(error)).ok();
        let broken = decoder.map_err(|error| self.chunks.fail(error)).ok()?.join().ok()?;
        Some(Work { times: times?, damaged_tiles: compositor.take_damaged_tiles(), broken })
    }

    fn draw_and_encode<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        compositor: &mut Compositor,
        jobs: &Receiver<Job>,
        encoded: Sender<Encoded>,
        drawn: &Sender<()>,
    ) -> Result<Times, RenderError> {
        let (input, output) = Encoder::start(self.choice, self.settings)?;
        let (told, chunks) = unbounded();
        let entered: Entered = Arc::default();
        let going_out = entered.clone();
        let receiver = spawn(scope, "encoded", move || {
            let _guard = self.chunks.guard("encode");
            receive(output, &chunks, &encoded, &going_out)
        })?;
        let feed = Feed { input, told, entered, pushed: 0, waiting: VecDeque::new() };
        let result = self.draw(compositor, jobs, feed, drawn);
        let received = receiver.join().map_err(|_| RenderError::Lost("encode"))?;
        match (result, received) {
            (Ok(times), Ok(encode)) => Ok(Times { encode, ..times }),
            // Why an encoder stopped is known on its far side.
            (Err(RenderError::Encode(EncodeError::Stopped)) | Ok(_), Err(error)) | (Err(error), _) => Err(error),
        }
    }

    fn decode(&self, jobs: &Sender<Job>) -> Vec<DecodeError> {
        let mut feeder = Feeder::sharing(self.project, self.budget.clone(), STALL).together(self.loops);
        while let Some(chunk) = self.chunks.take(self.stop) {
            for number in chunk.clone() {
                let started = Instant::now();
                let plan = self.project.timeline.plan(number);
                let frames = feeder.frames(&plan);
                let job = Job { number, chunk: chunk.clone(), plan, frames, took: started.elapsed() };
                if self.is_over() || jobs.send(job).is_err() {
                    return feeder.broken().to_vec();
                }
            }
        }
        feeder.broken().to_vec()
    }

    fn draw(
        &self,
        compositor: &mut Compositor,
        jobs: &Receiver<Job>,
        mut feed: Feed,
        drawn: &Sender<()>,
    ) -> Result<Times, RenderError> {
        let mut times = Times::default();
        for Job { number, chunk, plan, frames, took } in jobs {
            if self.is_over() {
                return Err(RenderError::Interrupted);
            }
            times.decode.add(took);
            let started = Instant::now();
            compositor.draw(&plan, &frames)?;
            times.composite.add(started.elapsed());
            feed.waiting.push_back((number, chunk));
            // Whoever counts may be gone when another lane has failed.
            let _ = drawn.send(());
            if !compositor.has_room() {
                self.deliver(compositor, &mut feed, &mut times)?;
            }
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
        feed.push(&picture)?.iter().for_each(|chunk| self.chunks.done(chunk));
        Ok(true)
    }
}

/// When each picture went in that has not come out, by its number in the lane.
type Entered = Arc<Mutex<VecDeque<(u64, Instant)>>>;

/// The way into the encoder. Its pictures are numbered without gaps, so that it sees no jump between chunks.
struct Feed {
    input: Input,
    told: Sender<Range<u64>>,
    entered: Entered,
    pushed: u64,
    /// Frames that were drawn and not pushed.
    waiting: VecDeque<(u64, Range<u64>)>,
}

impl Feed {
    /// Hands over the picture of the oldest frame; returns a chunk that is complete by it.
    fn push(&mut self, picture: &crate::media::Picture) -> Result<Option<Range<u64>>, RenderError> {
        let (number, chunk) = self.waiting.pop_front().ok_or(RenderError::Lost("composite"))?;
        let is_first = number == chunk.start;
        if is_first {
            // Where the frames that come out belong; nobody listens behind an encoder that has stopped.
            let _ = self.told.send(chunk.clone());
        }
        lock(&self.entered).push_back((self.pushed, Instant::now()));
        self.input.push(picture, self.pushed, is_first)?;
        self.pushed += 1;
        Ok((number + 1 == chunk.end).then_some(chunk))
    }
}

/// Passes on what comes out of the encoder, numbered as in the timeline; returns how long each frame took.
fn receive(
    mut output: Output,
    chunks: &Receiver<Range<u64>>,
    encoded: &Sender<Encoded>,
    entered: &Entered,
) -> Result<super::Histogram, RenderError> {
    let mut times = super::Histogram::default();
    // The chunk that is coming out, and how many frames the lane had before it.
    let (mut chunk, mut before) = (0..0, 0);
    while let Some(mut frame) = output.receive()? {
        let mut waiting = lock(entered);
        if let Some(at) = waiting.iter().position(|(number, _)| *number == frame.frame) {
            times.add(waiting.remove(at).map_or(Duration::ZERO, |(_, entry)| entry.elapsed()));
        }
        drop(waiting);
        // A key frame ends all that came before it, so that frames of two chunks never mix.
        while frame.frame >= before + (chunk.end - chunk.start) {
            before += chunk.end - chunk.start;
            chunk = chunks.recv().map_err(|_| RenderError::Lost("draw"))?;
        }
        frame.frame = chunk.start + (frame.frame - before);
        let config = output.config().cloned().ok_or(RenderError::Lost("encode"))?;
        // The packager says itself why it has stopped.
        encoded.send(Encoded { chunk: chunk.clone(), config, frame }).map_err(|_| EncodeError::Stopped)?;
    }
    Ok(times)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Times that a panic left are at worst incomplete.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
