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
use repcast_gstreamer::encode::{Choice, EncodeError, EncoderSettings};
use repcast_storage::{Segment, SegmentKey};

use super::chunks::Chunks;
use super::gop_encoder::{Draining, GopEncoder};
use super::packager::EncodedGopFrame;
use super::segment_cache::SegmentCache;
use super::{RenderError, spawn};
use crate::frame::{CompositeStage, DecodeStage, DecodedFrame, FrameRenderer};
use crate::metrics::PipelineMetrics;

/// Decoded frames that wait for the compositor: enough to bridge a seek, few enough to stay small.
const QUEUED_FRAMES: usize = 3;

/// What all lanes of a render share.
pub(super) struct RenderContext<'a> {
    pub(super) encoder: &'a Choice,
    pub(super) settings: &'a EncoderSettings,
    pub(super) chunks: &'a Chunks,
    pub(super) cache: Option<&'a SegmentCache<'a>>,
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

/// A GOP to be encoded, and the key under which it is cached.
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
    fn is_over(&self) -> bool {
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
        let mut encode =
            EncodeStage { context: self, scope, composite, encoded, tasks: VecDeque::new(), gop: Gop::None };
        let result = encode.run(&steps);
        let damaged_tiles = encode.composite.take_damaged_tiles();
        // Wakes a decoder that waits for room in the queue.
        drop((encode, steps));
        let is_complete = result.map_err(|error| self.chunks.fail(error)).is_ok();
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
            let key = self.cache.and_then(|cache| cache.key(decode.timeline(), frames.clone()));
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
    fn pass_on(&self, segment: Segment, gop: &Range<u64>, encoded: &Sender<EncodedGopFrame>) -> bool {
        let Segment { config, frames } = segment;
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
    /// GOPs whose first frame has not been read back.
    tasks: VecDeque<GopTask>,
    gop: Gop<'scope>,
}

/// The encoder of a lane. There is one at a time, because it holds most of the lane's memory.
enum Gop<'scope> {
    None,
    Encoding(GopEncoder<'scope>),
    /// It has all frames of its GOP and delivers the last of them.
    Draining(Draining<'scope>),
}

impl<'scope, 'env, 'a: 'scope> EncodeStage<'scope, 'env, 'a> {
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
                        self.deliver()?;
                    }
                }
            }
            if steps.is_empty() {
                // Nothing to composite: deliver what is in flight, which may be what the packager waits for.
                while self.deliver()? {}
            }
        }
        while self.deliver()? {}
        if self.context.is_over() {
            return Err(RenderError::Interrupted);
        }
        self.finish_encoder()
    }

    /// Passes the oldest frame in flight to its encoder; false when there is none.
    fn deliver(&mut self) -> Result<bool, RenderError> {
        let Some(frame) = self.composite.take()? else { return Ok(false) };
        frame.times.record(self.context.metrics);
        if !matches!(self.gop, Gop::Encoding(_)) {
            self.finish_encoder()?;
            let task = self.tasks.pop_front().ok_or(RenderError::Lost("decode"))?;
            self.gop = Gop::Encoding(GopEncoder::start(self.context, self.scope, task, self.encoded.clone())?);
        }
        let Gop::Encoding(encoder) = std::mem::replace(&mut self.gop, Gop::None) else {
            return Err(RenderError::Lost("encode"));
        };
        self.gop = match encoder.push(&frame) {
            Ok(encoder) if frame.number + 1 < encoder.gop().end => Gop::Encoding(encoder),
            Ok(encoder) => {
                self.context.chunks.complete(encoder.gop());
                Gop::Draining(encoder.finish()?)
            }
            Err(draining) => {
                // Why an encoder stopped is known at its output.
                draining.wait()?;
                return Err(EncodeError::Stopped.into());
            }
        };
        Ok(true)
    }

    /// Waits until an encoder that drains has delivered everything.
    fn finish_encoder(&mut self) -> Result<(), RenderError> {
        match std::mem::replace(&mut self.gop, Gop::None) {
            Gop::Draining(draining) => draining.wait(),
            Gop::Encoding(_) => Err(RenderError::Lost("decode")),
            Gop::None => Ok(()),
        }
    }
}
