//! Offline rendering: every frame of a timeline, as fast as possible, into one output.
//!
//! ```text
//!           /-> lane: decode -> composite -> encode --\
//! timeline -+-> lane: decode -> composite -> encode --+-> packager -> Sink
//!  (chunks) \-> ...                                 --+
//! soundtrack -> audio: mix -> encode -----------------/
//! ```
//!
//! Every arrow is a bounded queue, so that the slowest stage sets the pace and memory does not depend on the length. Lanes
//! with single-threaded encoders, each at its own closed GOPs, use all cores without synchronisation between them; an
//! encoder that cannot be divided has one lane. While a soundtrack is measured, before its first access unit, the packager
//! holds what the lanes encode, up to a number of bytes.

mod audio;
mod audio_cache;
mod chunks;
mod error;
mod gop_encoder;
mod image_sequence;
mod lane;
mod lane_count;
mod memory_limit;
mod packager;
mod segment_cache;
mod segment_key;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use repcast_compositor::Gpu;
use repcast_gstreamer::decode::DecodeError;
use repcast_gstreamer::encode::{self, EncoderSettings, FALLBACK, Purpose, Quality, SelectedEncoder};
use repcast_media::FrameFormat;
use repcast_mixer::SoundFailure;
use repcast_mux::sink::Sink;
use repcast_mux::stream::FragmentedStream;
use repcast_storage::SegmentStore;
use repcast_storage::hls_folder::HlsFolder;
use repcast_storage::mp4_file::Mp4File;

use crate::audio::DocumentAudio;
use crate::clips::{ClipOptions, SharedClips};
use crate::frame::FrameRenderer;
use crate::metrics::{Percentiles, PipelineMetrics};
use crate::open::OpenDocument;
use chunks::{ChunkPolicy, Chunks};
pub use error::RenderError;
use lane::{LaneStats, RenderContext};
use segment_cache::SegmentCache;

/// Encoded frames that wait for the packager; they are small.
const QUEUED_ENCODED_FRAMES: usize = 64;

/// The output of a render.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// An MP4 file with its index in front.
    Mp4(PathBuf),
    /// A VOD HLS folder, named by its master playlist.
    Hls(PathBuf),
    /// Fragmented MP4 on standard output.
    Stdout,
    /// Numbered PNG files, named by a pattern.
    Pictures(PathBuf),
    /// A WAV file of the sound alone.
    Wave(PathBuf),
    /// An M4A file of the sound alone: AAC in MP4.
    M4a(PathBuf),
}

impl Target {
    /// Whether frames may be reordered in it. Players of the libavformat family take the reordering in fragments for a
    /// late start, so that only files with an edit list have it.
    #[must_use]
    pub fn may_reorder(&self) -> bool {
        matches!(self, Self::Mp4(_))
    }
}

/// What is rendered, and how.
#[derive(Clone, Copy)]
pub struct Render<'a> {
    /// The document.
    pub project: &'a OpenDocument,
    /// The device that composites.
    pub gpu: &'a Arc<Gpu>,
    /// The settings of the encoder.
    pub settings: &'a EncoderSettings,
    /// The store of GOPs encoded before. It is used where x264 encodes for constant quality.
    pub store: Option<&'a SegmentStore>,
    /// The number of lanes where GOPs are encoded independently; chosen by cores and memory when `None`.
    pub lanes: Option<usize>,
    /// Setting it ends the render at the next frame, or block of sound.
    pub stop: &'a AtomicBool,
}

/// A finished render.
#[derive(Clone, Debug)]
pub struct RenderReport {
    /// Frames written.
    pub frames: u64,
    /// Frames taken from the store.
    pub reused_frames: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Time from the first plan to the finished output.
    pub wall: Duration,
    /// Lanes that rendered.
    pub lanes: usize,
    /// The encoder; `None` for numbered pictures.
    pub encoder: Option<&'static str>,
    /// Durations of each stage, by its name.
    pub stages: Vec<(&'static str, Percentiles)>,
    /// Tiles composited per frame, on average.
    pub damaged_tiles_mean: f64,
    /// Clips that failed and were replaced by a slate.
    pub broken: Vec<DecodeError>,
    /// Sounds that are silent, or became so.
    pub silent: Vec<Arc<SoundFailure>>,
}

impl Render<'_> {
    /// Renders to a target with the named encoder, or with the best one that works.
    ///
    /// `progress` is called with the number of frames encoded so far and the encoder, and again while nothing is encoded.
    ///
    /// # Errors
    /// When a stage fails or the render is stopped; the target is then as it was before. Clips that fail half way are no
    /// error: the report names them.
    pub fn to_target(
        &self,
        target: &Target,
        encoder: Option<&str>,
        progress: impl FnMut(u64, Option<&'static str>),
    ) -> Result<RenderReport, RenderError> {
        let (timeline, captions) = (&self.project.timeline, &self.project.captions.tracks);
        let sink: Box<dyn Sink> = match target {
            Target::Pictures(pattern) => {
                return image_sequence::render(self.project, self.gpu, pattern, self.stop, progress);
            }
            Target::Wave(path) => return audio::render_wave(self.project, path, self.stop, progress),
            Target::M4a(path) => return audio::render_m4a(self.project, path, self.store, self.stop, progress),
            Target::Mp4(path) => {
                let file = Mp4File::create(path, timeline.frames)?.with_title(&timeline.title);
                Box::new(file.with_captions(captions)?)
            }
            Target::Hls(path) => Box::new(HlsFolder::create(path)?.with_captions(captions)),
            Target::Stdout => Box::new(FragmentedStream::new(std::io::stdout())),
        };
        self.to_sink(sink, encode::select_encoder(encoder, self.settings)?, progress)
    }

    /// Renders to any sink with an encoder that is known to work. As [`Self::to_target`] otherwise.
    ///
    /// # Errors
    /// As [`Self::to_target`].
    pub fn to_sink(
        &self,
        sink: Box<dyn Sink>,
        encoder: SelectedEncoder,
        mut progress: impl FnMut(u64, Option<&'static str>),
    ) -> Result<RenderReport, RenderError> {
        let started = Instant::now();
        let frames = self.project.timeline.frames;
        let is_divisible = is_divisible(&encoder, self.settings);
        let lanes = if is_divisible { lane_count::count(self.settings, frames, self.lanes) } else { 1 };
        // The number of threads changes the bytes, so that it must not depend on the machine where GOPs are reused.
        let threads = if is_divisible { 1 } else { lane_count::all_threads() };
        let settings = EncoderSettings { threads, ..self.settings.clone() };
        let store = self.store.filter(|_| is_divisible);
        let cache = store.and_then(|store| SegmentCache::new(store, self.project, self.gpu, &encoder, &settings));
        let gop = if is_divisible { u64::from(settings.key_interval) } else { frames };
        let policy = if sink.is_watched() { ChunkPolicy::StartShort } else { ChunkPolicy::Long };
        let chunks = Chunks::new(frames, gop, lanes, policy);
        let options = ClipOptions::offline().shared_with(&Arc::<SharedClips>::default());
        let renderer = |_| FrameRenderer::new(self.gpu, self.project, FrameFormat::Nv12, options.clone());
        let renderers = (0..lanes).map(renderer).collect::<Result<Vec<_>, _>>()?;
        let metrics = PipelineMetrics::default();
        let context = RenderContext {
            encoder: &encoder,
            settings: &settings,
            chunks: &chunks,
            cache: cache.as_ref(),
            store: self.store,
            metrics: &metrics,
            stop: self.stop,
        };
        tracing::info!(encoder = encoder.name, lanes, threads, reuses_segments = cache.is_some(), frames, "rendering");
        let progress = |frames| progress(frames, Some(encoder.name));
        let audio = self.project.audio.as_ref();
        let RunResult { stats, written, silent } = run(&context, renderers, audio, sink, frames, progress);
        if let Some(failure) = chunks.take_failure() {
            return Err(failure);
        }
        let bytes = written.ok_or(RenderError::Lost("package"))?;
        tracing::info!(reused_frames = stats.reused_frames, bytes, "rendered");
        Ok(RenderReport {
            frames,
            reused_frames: stats.reused_frames,
            bytes,
            wall: started.elapsed(),
            lanes,
            encoder: Some(encoder.name),
            stages: metrics.percentiles(),
            damaged_tiles_mean: stats.damaged_tiles as f64 / (frames - stats.reused_frames).max(1) as f64,
            broken: stats.failures,
            silent,
        })
    }
}

/// What the threads of a render have done.
struct RunResult {
    stats: LaneStats,
    /// Bytes of the output; `None` if it is not complete.
    written: Option<u64>,
    silent: Vec<Arc<SoundFailure>>,
}

/// Runs the lanes and the audio, and the packager on this thread. Failures are reported to the chunks.
fn run(
    context: &RenderContext<'_>,
    renderers: Vec<FrameRenderer>,
    audio: Option<&DocumentAudio>,
    sink: Box<dyn Sink>,
    frames: u64,
    progress: impl FnMut(u64),
) -> RunResult {
    let chunks = context.chunks;
    thread::scope(|scope| {
        // The first frame does not wait for large files. Without this thread the render does without the store.
        let hashing = context.cache.and_then(|cache| {
            let hash = move || cache.hash_files(&|| context.is_over());
            if cache.is_quick() {
                hash();
                return None;
            }
            spawn(scope, "hash", hash).ok()
        });
        let (send, encoded) = bounded(QUEUED_ENCODED_FRAMES);
        let mut lanes = Vec::new();
        for (lane, renderer) in renderers.into_iter().enumerate() {
            let send = send.clone();
            let work = move || {
                let _guard = chunks.guard("composite");
                context.run_lane(scope, lane, renderer, send)
            };
            lanes.extend(spawn(scope, "composite", work).map_err(|error| chunks.fail(error)));
        }
        drop(send);
        let (audio, samples) = audio.map(|audio| audio::spawn_audio(context, scope, audio)).unzip();
        let write = || packager::write(&encoded, samples.as_ref(), sink, frames, context, progress);
        let written = catch_unwind(AssertUnwindSafe(write)).unwrap_or(Err(RenderError::Lost("package")));
        let written = written.map_err(|error| chunks.fail(error)).ok().flatten();
        // Wakes lanes, and the audio, that wait for room in their queues.
        drop((encoded, samples));
        // The hash thread ends with the piece that it reads. If it panicked, the render did without the store.
        context.cache.iter().for_each(|cache| cache.close());
        let _ = hashing.map(ScopedJoinHandle::join);
        let mut stats = LaneStats::default();
        // A panic was reported by the thread's guard, another failure by the lane.
        lanes.into_iter().filter_map(|lane| lane.join().unwrap_or_default()).for_each(|lane| stats.add(lane));
        let silent = audio.flatten().and_then(|audio| audio.join().ok()).unwrap_or_default();
        RunResult { stats, written, silent }
    })
}

/// Whether GOPs can be encoded independently. That needs constant quality, because a bit rate is kept by one encoder over
/// the whole video, and x264: hardware encodes one frame at a time.
fn is_divisible(encoder: &SelectedEncoder, settings: &EncoderSettings) -> bool {
    encoder.name == FALLBACK
        && matches!(settings.quality, Quality::Crf(_))
        && settings.purpose == Purpose::File
        // With one frame per GOP, key frames of two encoders follow each other, and idr_pic_id would have to differ
        // (ITU-T H.264, 7.4.3).
        && settings.key_interval > 1
}

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, RenderError> {
    thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, work).map_err(|_| RenderError::Lost(name))
}
