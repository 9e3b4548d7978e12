//! A lane: decoder, compositor and encoder of its own, for one group of pictures (GOP) after another.
//!
//! ```text
//! thread "decode"            thread "composite"                              thread "encode"
//! DecodeStage -- Steps --> CompositeStage -> RenderedFrame -> GopEncoder --> EncodedGopFrame -> packager
//!      `--- frames of cached segments ---------------------------------------------------------^
//! ```

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Scope;

use crossbeam_channel::{Receiver, Sender, bounded};
use repcast_gstreamer::decode::DecodeError;
use repcast_gstreamer::encode::{EncoderSettings, SelectedEncoder};
use repcast_storage::{CachedSegment, SegmentKey, SegmentStore};

use super::chunks::Chunks;
use super::gop_encoder::{Draining, GopEncoder};
use super::packager::EncodedGopFrame;
use super::segment_cache::SegmentCache;
use super::{RenderError, spawn};
use crate::frame::{CompositeStage, DecodeStage, DecodedFrame, FrameRenderer, RenderedFrame};
use crate::metrics::PipelineMetrics;

/// Decoded frames that wait for the compositor: enough to bridge a seek, few enough to stay small.
const QUEUED_FRAMES: usize = 3;

/// Frames that may wait for the next GOP's encoder while the previous one drains. They take less memory than an encoder
/// gains in its first frames.
const WAITING_FRAMES: usize = 4;

/// What all lanes of a render share.
pub(super) struct RenderContext<'a> {
    pub(super) encoder: &'a SelectedEncoder,
    pub(super) settings: &'a EncoderSettings,
    pub(super) chunks: &'a Chunks,
    pub(super) cache: Option<&'a SegmentCache<'a>>,
    /// The store of audio tracks.
    pub(super) store: Option<&'a SegmentStore>,
    pub(super) metrics: &'a PipelineMetrics,
    /// Set to end the render early.
    pub(super) stop: &'a AtomicBool,
}

/// What a lane has done.
#[derive(Default)]
pub(super) struct LaneStats {
    pub(super) damaged_tiles: u64,
    /// Frames taken from the segment cache.
    pub(super) reused_frames: u64,
    pub(super) failures: Vec<DecodeError>,
}

impl LaneStats {
    pub(super) fn add(&mut self, other: Self) {
        self.damaged_tiles += other.damaged_tiles;
        self.reused_frames += other.reused_frames;
        // A clip that fails in several lanes is reported once.
        let known: Vec<String> = self.failures.iter().map(ToString::to_string).collect();
        self.failures.extend(other.failures.into_iter().filter(|error| !known.contains(&error.to_string())));
    }
}

/// A GOP to be encoded, and the key under which it is cached, if that is known before it is encoded.
pub(super) struct GopTask {
    pub(super) frames: Range<u64>,
    pub(super) key: Option<SegmentKey>,
}

/// What the decode thread sends to the composite thread: a GOP, then each of its frames.
enum Step {
    Gop(GopTask),
    Frame(Box<DecodedFrame>),
}

impl RenderContext<'_> {
    pub(super) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.chunks.is_closed()
    }

    /// Renders GOPs until none is left. `None` when the lane fails; the reason is reported to the chunks.
    pub(super) fn run_lane<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        lane: usize,
        renderer: FrameRenderer,
        encoded: Sender<EncodedGopFrame>,
    ) -> Option<LaneStats> {
        let (decode, composite) = renderer.into_stages();
        let (send, steps) = bounded(QUEUED_FRAMES);
        let reused = encoded.clone();
        let decoder = spawn(scope, "decode", move || {
            let _guard = self.chunks.guard("decode");
            self.decode_gops(lane, decode, &send, &reused)
        });
        let mut encode = EncodeStage::new(self, scope, composite, encoded);
        let result = encode.run(&steps);
        let damaged_tiles = encode.composite.take_damaged_tiles();
        // Reported first: an encoder that drains stops early then, and the packager does not take the output for complete
        // when the lane's sender is dropped.
        let is_complete = result.map_err(|error| self.chunks.fail(error)).is_ok();
        encode.stop();
        // Wakes a decoder that waits for room in the queue.
        drop((encode, steps));
        let stats = decoder.map_err(|error| self.chunks.fail(error)).ok()?.join().ok()?;
        is_complete.then_some(LaneStats { damaged_tiles, ..stats })
    }

    /// Thread "decode": decodes the frames of GOPs that are not cached, and passes cached GOPs on.
    fn decode_gops(
        &self,
        lane: usize,
        mut decode: DecodeStage,
        steps: &Sender<Step>,
        encoded: &Sender<EncodedGopFrame>,
    ) -> LaneStats {
        let mut stats = LaneStats::default();
        while let Some(frames) = self.chunks.take(lane, self.stop) {
            let key = self.cache.and_then(|cache| cache.key(frames.clone()));
            let cached = key.zip(self.cache).and_then(|(key, cache)| cache.get(&key, frames.end - frames.start));
            let is_connected = match cached {
                Some(segment) => {
                    stats.reused_frames += segment.frames.len() as u64;
                    self.pass_on(segment, &frames, encoded)
                }
                None => self.decode_gop(&mut decode, GopTask { frames, key }, steps, &mut stats.failures),
            };
            if !is_connected {
                break;
            }
        }
        stats
    }

    /// Sends a GOP's frames to be composited; false when the render is over.
    fn decode_gop(
        &self,
        decode: &mut DecodeStage,
        task: GopTask,
        steps: &Sender<Step>,
        failures: &mut Vec<DecodeError>,
    ) -> bool {
        let frames = task.frames.clone();
        let mut is_connected = steps.send(Step::Gop(task)).is_ok();
        for number in frames {
            if !is_connected || self.is_over() {
                return false;
            }
            let frame = decode.decode(number);
            failures.extend(decode.take_failures());
            if let Some(cache) = self.cache.filter(|_| !failures.is_empty()) {
                cache.close();
            }
            is_connected = steps.send(Step::Frame(Box::new(frame))).is_ok();
        }
        is_connected
    }

    /// Sends the frames of a cached segment to the packager; false when the render is over.
    fn pass_on(&self, segment: CachedSegment, gop: &Range<u64>, encoded: &Sender<EncodedGopFrame>) -> bool {
        let CachedSegment { config, frames } = segment;
        let is_connected = frames.into_iter().all(|mut frame| {
            frame.frame += gop.start;
            let sent = encoded.send(EncodedGopFrame { gop: gop.clone(), config: config.clone(), frame });
            sent.is_ok() && !self.is_over()
        });
        self.chunks.complete(gop);
        is_connected
    }
}

/// Thread "composite": composites frames and feeds each GOP's encoder.
struct EncodeStage<'scope, 'env, 'a> {
    context: &'scope RenderContext<'a>,
    scope: &'scope Scope<'scope, 'env>,
    composite: CompositeStage,
    encoded: Sender<EncodedGopFrame>,
    /// GOPs whose encoder has not been started.
    tasks: VecDeque<GopTask>,
    /// Frames of those GOPs that have been read back.
    frames: VecDeque<RenderedFrame>,
    gop: Gop<'scope>,
}

/// The encoder of a lane. There is one at a time, because it holds most of the lane's memory.
enum Gop<'scope> {
    None,
    Encoding(GopEncoder<'scope>),
    /// It has all frames of its GOP and delivers the last of them.
    Draining(Draining<'scope>),
}

/// Whether to wait for an encoder that drains.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// Only when too many frames wait for the next one.
    IfFull,
    Yes,
}

impl<'scope, 'env, 'a: 'scope> EncodeStage<'scope, 'env, 'a> {
    fn new(
        context: &'scope RenderContext<'a>,
        scope: &'scope Scope<'scope, 'env>,
        composite: CompositeStage,
        encoded: Sender<EncodedGopFrame>,
    ) -> Self {
        let (tasks, frames) = (VecDeque::new(), VecDeque::new());
        Self { context, scope, composite, encoded, tasks, frames, gop: Gop::None }
    }

    fn run(&mut self, steps: &Receiver<Step>) -> Result<(), RenderError> {
        for step in steps {
            if self.context.is_over() {
                return Err(RenderError::Interrupted);
            }
            match step {
                Step::Gop(task) => self.tasks.push_back(task),
                Step::Frame(frame) => {
                    self.composite.submit(*frame)?;
                    if !self.composite.has_room() {
                        self.read_back()?;
                        self.encode(Wait::IfFull)?;
                    }
                }
            }
            if steps.is_empty() {
                while self.read_back()? {}
                // The decoder may be waiting until the GOP is complete.
                self.encode(if self.has_whole_gop() { Wait::Yes } else { Wait::IfFull })?;
            }
        }
        while self.read_back()? {}
        self.encode(Wait::Yes)?;
        if self.context.is_over() {
            return Err(RenderError::Interrupted);
        }
        match std::mem::replace(&mut self.gop, Gop::None) {
            Gop::Draining(draining) => draining.wait(),
            Gop::Encoding(_) => Err(RenderError::Lost("decode")),
            Gop::None => Ok(()),
        }
    }

    /// Whether every frame that was decoded so far has been read back, up to the end of a GOP.
    fn has_whole_gop(&self) -> bool {
        let last = self.tasks.back().map(|task| task.frames.end);
        last.is_some_and(|end| self.frames.back().is_some_and(|frame| frame.number + 1 == end))
    }

    /// Stops the encoder, and waits for the thread that reads its output; why it failed has been reported.
    fn stop(&mut self) {
        match std::mem::replace(&mut self.gop, Gop::None) {
            Gop::None => {}
            Gop::Encoding(encoder) => drop(encoder.abandon().wait()),
            Gop::Draining(draining) => drop(draining.wait()),
        }
    }

    /// Reads the oldest frame in flight back; false when there is none.
    fn read_back(&mut self) -> Result<bool, RenderError> {
        let Some(frame) = self.composite.take()? else { return Ok(false) };
        frame.times.record(self.context.metrics);
        self.frames.push_back(frame);
        Ok(true)
    }

    /// Passes the frames that have been read back to their encoders.
    fn encode(&mut self, wait: Wait) -> Result<(), RenderError> {
        while !self.frames.is_empty() {
            match std::mem::replace(&mut self.gop, Gop::None) {
                Gop::None => {
                    let task = self.tasks.pop_front().ok_or(RenderError::Lost("decode"))?;
                    let encoded = self.encoded.clone();
                    self.gop = Gop::Encoding(GopEncoder::start(self.context, self.scope, task, encoded)?);
                }
                Gop::Encoding(encoder) => self.gop = self.push(encoder)?,
                Gop::Draining(draining) => {
                    let may_return = wait == Wait::IfFull && self.frames.len() < WAITING_FRAMES;
                    if may_return && !draining.is_finished() {
                        self.gop = Gop::Draining(draining);
                        return Ok(());
                    }
                    draining.wait()?;
                }
            }
        }
        Ok(())
    }

    /// Passes the oldest frame to its encoder.
    fn push(&mut self, encoder: GopEncoder<'scope>) -> Result<Gop<'scope>, RenderError> {
        let Some(frame) = self.frames.pop_front() else { return Ok(Gop::Encoding(encoder)) };
        match encoder.push(&frame) {
            Ok(encoder) if frame.number + 1 < encoder.gop().end => Ok(Gop::Encoding(encoder)),
            Ok(encoder) => {
                self.context.chunks.complete(encoder.gop());
                encoder.finish().map(Gop::Draining).or_else(Draining::into_error)
            }
            Err(draining) => draining.into_error(),
        }
    }
}
