//! The offline loop: every frame of a timeline, as fast as it goes, into a file.
//!
//! ```text
//!           /-> lane: decode -> composite -> encode --\
//! timeline -+-> lane: decode -> composite -> encode --+-> packager -> Sink
//!  (chunks) \-> ...                                 --/
//! ```
//!
//! Every arrow is a bounded queue, so that the slowest stage sets the pace and memory does not depend on the length.
//! Encoders of one thread side by side, each at its own closed groups of pictures, leave no core idle and spend nothing on
//! agreeing with each other; an encoder that is fast by itself has one lane.

mod chunks;
mod lane;
mod lane_count;
mod memory_limit;
mod packager;
mod pictures;
mod segment_keys;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;

use chunks::{Chunks, Deal};
use lane::{Shop, Work};
use segment_keys::Reuse;
pub use crate::clips::{Common, Feeder, LOOP_BYTES};
pub use crate::metrics::{Histogram, Percentiles};

use repcast_gstreamer::decode::{DecodeError, LoopBudget};
use repcast_gstreamer::encode::{self, Choice, EncodeError, EncoderSettings, LAST_RESORT, Purpose, Quality};
use repcast_compositor::{Compositor, Gpu, GpuError, Tracking};
use repcast_media::PictureFormat;
use repcast_mux::PackageError;
use repcast_storage::hls_folder::HlsFolder;
use repcast_storage::mp4_file::Mp4File;
use repcast_mux::sink::Sink;
use repcast_mux::stream::FragmentedStream;
use crate::open::Project;
use repcast_storage::{SegmentStore, StorageError};
use repcast_model::timeline::Timeline;

/// Encoded frames that wait for the packager; they are small.
const QUEUED_FRAMES: usize = 64;

/// Where a render goes.
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
}

impl Target {
    /// Whether frames may be reordered in it. In fragments, players of the libavformat family take the reordering for a
    /// late start, so that only files with an edit list have it.
    #[must_use]
    pub fn may_reorder(&self) -> bool {
        matches!(self, Self::Mp4(_))
    }
}

/// How pictures are encoded.
#[derive(Clone, Copy)]
pub struct Encoding<'a> {
    /// What the encoder is asked for.
    pub settings: &'a EncoderSettings,
    /// Where groups of pictures are taken from that were encoded before, and kept for the next time. Of use where x264
    /// encodes for constant quality.
    pub store: Option<&'a SegmentStore>,
    /// Lanes where groups of pictures can be encoded one without the other; nothing leaves their number to the machine.
    pub lanes: Option<usize>,
}

/// Why a render failed.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The GPU.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The encoder.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The output's packaging or its storage.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Pictures.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// It was asked to stop.
    #[error("interrupted; nothing was written")]
    Interrupted,
    /// A thread of the render ended without a word.
    #[error("the {0} stage stopped unexpectedly")]
    Lost(&'static str),
}

/// What a finished render was.
#[derive(Clone, Debug)]
pub struct Report {
    /// Frames written.
    pub frames: u64,
    /// Those of them that had been encoded before.
    pub reused_frames: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Time from the first plan to the finished output.
    pub wall: Duration,
    /// Lanes that the frames were divided among.
    pub lanes: usize,
    /// The encoder used; none for pictures.
    pub encoder: Option<&'static str>,
    /// Times of each stage, by its name.
    pub stages: Vec<(&'static str, Percentiles)>,
    /// Tiles drawn for a frame, on average.
    pub damaged_tiles_mean: f64,
    /// Clips that broke and were replaced by a slate.
    pub broken: Vec<DecodeError>,
}

/// Renders a whole project.
///
/// `progress` is called with the number of frames composited and the encoder chosen. Setting `stop` ends the render at the
/// next frame.
///
/// # Errors
/// When a stage fails or the render is stopped; nothing stands under the target's name then that was not there before.
/// Clips that break half way are no error here: they are in the report.
pub fn render(
    project: &Project,
    gpu: &Arc<Gpu>,
    target: &Target,
    encoder: Option<&str>,
    encoding: Encoding<'_>,
    stop: &Arc<AtomicBool>,
    progress: impl FnMut(u64, Option<&'static str>),
) -> Result<Report, RenderError> {
    let timeline = &project.timeline;
    let sink: Box<dyn Sink> = match target {
        Target::Pictures(pattern) => return pictures::render(project, gpu, pattern, stop, progress),
        Target::Mp4(path) => Box::new(Mp4File::create(path, timeline.frames)?.with_title(&timeline.title)),
        Target::Hls(path) => Box::new(HlsFolder::create(path)?),
        Target::Stdout => Box::new(FragmentedStream::new(std::io::stdout())),
    };
    render_into(project, gpu, sink, encode::choose(encoder, encoding.settings)?, encoding, stop, progress)
}

/// Renders a whole project with an encoder that is known to work, into any sink. As [`render`] otherwise.
///
/// # Errors
/// As [`render`].
pub fn render_into(
    project: &Project,
    gpu: &Arc<Gpu>,
    sink: Box<dyn Sink>,
    choice: Choice,
    Encoding { settings, store, lanes: wanted }: Encoding<'_>,
    stop: &Arc<AtomicBool>,
    mut progress: impl FnMut(u64, Option<&'static str>),
) -> Result<Report, RenderError> {
    let began = Instant::now();
    let frames = project.timeline.frames;
    let is_divisible = is_divisible(&choice, settings);
    let lanes = if is_divisible { lane_count::count(settings, frames, wanted) } else { 1 };
    let settings = EncoderSettings { threads: lane_count::encoder_threads(lanes), ..settings.clone() };
    let store = store.filter(|_| is_divisible);
    let reuse = store.and_then(|store| Reuse::new(store, project, gpu, &choice, &settings));
    let is_grouped = lanes > 1 || reuse.is_some();
    let group = if is_grouped { u64::from(settings.key_interval) } else { frames };
    let chunks = Chunks::new(frames, group, lanes, if sink.is_watched() { Deal::Early } else { Deal::Long });
    let Timeline { canvas, background, .. } = *project.timeline;
    let compositor = |_| Compositor::new(gpu, canvas, background, PictureFormat::Nv12, Tracking::On);
    let compositors = (0..lanes).map(compositor).collect::<Result<Vec<_>, _>>()?;
    let shop = Shop {
        project,
        choice: &choice,
        settings: &settings,
        chunks: &chunks,
        budget: &LoopBudget::new(LOOP_BYTES),
        common: &Arc::default(),
        reuse: reuse.as_ref(),
        stop,
    };
    let mut drawn = 0;
    let (work, written) = thread::scope(|scope| {
        let (send, encoded) = bounded(QUEUED_FRAMES);
        let (tick, ticks) = bounded(lanes);
        let chunks = &chunks;
        let packager = spawn(scope, "package", move || {
            let _guard = chunks.guard("package");
            let written = packager::write(&encoded, sink, frames).map_err(|error| chunks.fail(error)).ok();
            // Lanes that wait for room hear by this that nobody writes any more; the reason is known by now.
            drop(encoded);
            written.flatten()
        });
        let mut working = Vec::new();
        for (lane, compositor) in compositors.into_iter().enumerate() {
            let (send, tick, shop) = (send.clone(), tick.clone(), &shop);
            working.push(spawn(scope, "draw", move || {
                let _guard = shop.chunks.guard("draw");
                shop.work(scope, lane, compositor, send, &tick)
            }));
        }
        drop((send, tick));
        for () in &ticks {
            drawn += 1;
            progress(drawn, Some(choice.name));
        }
        let work = working.into_iter().map(|lane| joined(lane, chunks)).collect::<Vec<Option<Work>>>();
        (work, joined(packager, chunks))
    });
    if let Some(failure) = chunks.failure() {
        return Err(failure);
    }
    let (bytes, package) = written.ok_or(RenderError::Lost("package"))?;
    let mut all = Work::default();
    work.into_iter().flatten().for_each(|work| all.add(work));
    Ok(Report {
        frames: drawn,
        reused_frames: all.reused,
        bytes,
        wall: began.elapsed(),
        lanes,
        encoder: Some(choice.name),
        stages: all.times.stages(&package),
        damaged_tiles_mean: all.damaged_tiles as f64 / (drawn - all.reused).max(1) as f64,
        broken: all.broken,
    })
}

/// Whether groups of pictures can be encoded one without the other. Only constant quality can be had so, and only x264
/// has time for nothing else; hardware is one, however many ask it.
fn is_divisible(choice: &Choice, settings: &EncoderSettings) -> bool {
    choice.name == LAST_RESORT
        && matches!(settings.quality, Quality::Crf(_))
        && settings.purpose == Purpose::File
        // Two key frames in a row, of two encoders, could not be told apart.
        && settings.key_interval > 1
}

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, RenderError> {
    thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, work).map_err(|_| RenderError::Lost(name))
}

/// What a thread came to; nothing when it failed, which the chunks know of.
fn joined<T>(thread: Result<ScopedJoinHandle<'_, Option<T>>, RenderError>, chunks: &Chunks) -> Option<T> {
    match thread {
        // One that broke down has said so.
        Ok(thread) => thread.join().unwrap_or_default(),
        Err(error) => {
            chunks.fail(error);
            None
        }
    }
}
