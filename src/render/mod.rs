//! The offline loop: every frame of a timeline, as fast as it goes, into a file.
//!
//! ```text
//! thread "decode"          this thread                     encoder's threads   thread "package"
//! plan + Feeder --jobs--> Compositor --picture--> Input --> GStreamer --> Output --> Sink
//! ```
//!
//! Every arrow is a bounded queue, so that the slowest stage sets the pace and memory does not depend on the length.

mod feeder;
mod stats;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

pub use feeder::Feeder;
pub use stats::{Histogram, Percentiles};

use crate::decode::DecodeError;
use crate::encode::{self, Choice, EncodeError, Encoder, EncoderSettings};
use crate::gpu::{Compositor, Gpu, GpuError, LayerFrames, Tracking};
use crate::media::{Picture, PictureFormat};
use crate::package::PackageError;
use crate::package::hls_folder::HlsFolder;
use crate::package::mp4::Mp4File;
use crate::package::sink::Sink;
use crate::package::stream::FragmentedStream;
use crate::project::Project;
use crate::storage::{PictureFolder, StorageError};
use crate::timeline::FramePlan;

/// Planned and decoded frames that wait for the compositor: enough to bridge a seek, few enough to stay small.
const QUEUED_JOBS: usize = 3;

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
    /// Bytes written.
    pub bytes: u64,
    /// Time from the first plan to the finished output.
    pub wall: Duration,
    /// The encoder used; none for pictures.
    pub encoder: Option<&'static str>,
    /// Times of each stage, by its name.
    pub stages: Vec<(&'static str, Percentiles)>,
    /// Tiles drawn for a frame, on average.
    pub damaged_tiles_mean: f64,
    /// Clips that broke and were replaced by a slate.
    pub broken: Vec<DecodeError>,
}

/// One frame on its way from the decode stage to the compositor.
struct Job {
    plan: FramePlan,
    frames: LayerFrames,
    took: Duration,
}

/// Renders a whole project.
///
/// `progress` is called with the number of frames composited and the encoder chosen. Setting `stop` ends the render at the next frame.
///
/// # Errors
/// When a stage fails or the render is stopped; nothing stands under the target's name then that was not there before.
/// Clips that break half way are no error here: they are in the report.
pub fn render(
    project: &Project,
    gpu: &Arc<Gpu>,
    target: &Target,
    encoder: Option<&str>,
    settings: &EncoderSettings,
    stop: &Arc<AtomicBool>,
    progress: impl FnMut(u64, Option<&'static str>),
) -> Result<Report, RenderError> {
    let timeline = &project.timeline;
    let exit = Exit::open(target, encoder, settings, timeline.frames, &timeline.title)?;
    run(project, gpu, exit, stop, progress)
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
    settings: &EncoderSettings,
    stop: &Arc<AtomicBool>,
    progress: impl FnMut(u64, Option<&'static str>),
) -> Result<Report, RenderError> {
    run(project, gpu, Exit::encoded(sink, choice, settings)?, stop, progress)
}

fn run(
    project: &Project,
    gpu: &Arc<Gpu>,
    mut exit: Exit,
    stop: &Arc<AtomicBool>,
    mut progress: impl FnMut(u64, Option<&'static str>),
) -> Result<Report, RenderError> {
    let began = Instant::now();
    let timeline = &project.timeline;
    let mut compositor = Compositor::new(gpu, timeline.canvas, timeline.background, exit.format(), Tracking::On)?;
    let encoder = exit.encoder();
    let (jobs, decoder) = start_decoder(project, stop)?;
    let mut times = [Histogram::default(), Histogram::default(), Histogram::default()];
    let [decode_times, composite_times, read_back_times] = &mut times;
    let mut drawn = 0;
    let mut deliver = |compositor: &mut Compositor, exit: &mut Exit| -> Result<bool, RenderError> {
        let started = Instant::now();
        let picture = compositor.take()?;
        read_back_times.add(started.elapsed());
        match picture {
            Some(picture) => exit.push(&picture).map(|()| true),
            None => Ok(false),
        }
    };
    for Job { plan, frames, took } in &jobs {
        if stop.load(Ordering::Relaxed) {
            return Err(RenderError::Interrupted);
        }
        decode_times.add(took);
        let started = Instant::now();
        compositor.draw(&plan, &frames)?;
        composite_times.add(started.elapsed());
        drawn += 1;
        progress(drawn, encoder);
        if !compositor.has_room() {
            deliver(&mut compositor, &mut exit)?;
        }
    }
    while deliver(&mut compositor, &mut exit)? {}
    let broken = decoder.join().map_err(|_| RenderError::Lost("decode"))?;
    if stop.load(Ordering::Relaxed) {
        return Err(RenderError::Interrupted);
    }
    let done = exit.finish()?;
    let names = ["decode", "composite", "read_back"];
    let mut stages: Vec<_> = names.into_iter().zip(times.iter().map(Histogram::percentiles)).collect();
    stages.extend(done.stages);
    Ok(Report {
        frames: drawn,
        bytes: done.bytes,
        wall: began.elapsed(),
        encoder,
        stages,
        damaged_tiles_mean: compositor.take_damaged_tiles() as f64 / drawn.max(1) as f64,
        broken,
    })
}

/// Starts the thread that plans and decodes. It ends when all is sent or nobody listens.
fn start_decoder(
    project: &Project,
    stop: &Arc<AtomicBool>,
) -> Result<(Receiver<Job>, JoinHandle<Vec<DecodeError>>), RenderError> {
    let (send, jobs): (Sender<Job>, _) = bounded(QUEUED_JOBS);
    let (project, stop) = (project.clone(), stop.clone());
    let run = move || {
        let mut feeder = Feeder::new(&project);
        for number in 0..project.timeline.frames {
            let started = Instant::now();
            let plan = project.timeline.plan(number);
            let frames = feeder.frames(&plan);
            let job = Job { plan, frames, took: started.elapsed() };
            if stop.load(Ordering::Relaxed) || send.send(job).is_err() {
                break;
            }
        }
        feeder.broken().to_vec()
    };
    let handle =
        thread::Builder::new().name("decode".to_owned()).spawn(run).map_err(|_| RenderError::Lost("decode"))?;
    Ok((jobs, handle))
}

/// Where pictures go: an encoder with a packaging thread behind it, or PNG files.
enum Exit {
    Encoded { choice: Choice, input: Option<encode::Input>, pushed: u64, packager: Packager },
    Pictures { folder: PictureFolder, written: u64, times: Histogram },
}

/// What is known when everything is written.
struct Done {
    bytes: u64,
    stages: Vec<(&'static str, Percentiles)>,
}

impl Exit {
    fn open(
        target: &Target,
        encoder: Option<&str>,
        settings: &EncoderSettings,
        frames: u64,
        title: &str,
    ) -> Result<Self, RenderError> {
        let sink: Box<dyn Sink> = match target {
            Target::Pictures(pattern) => {
                let folder = PictureFolder::create(pattern)?;
                return Ok(Self::Pictures { folder, written: 0, times: Histogram::default() });
            }
            Target::Mp4(path) => Box::new(Mp4File::create(path, frames)?.with_title(title)),
            Target::Hls(path) => Box::new(HlsFolder::create(path)?),
            Target::Stdout => Box::new(FragmentedStream::new(std::io::stdout())),
        };
        Self::encoded(sink, encode::choose(encoder, settings)?, settings)
    }

    fn encoded(sink: Box<dyn Sink>, choice: Choice, settings: &EncoderSettings) -> Result<Self, RenderError> {
        let (input, output) = Encoder::start(&choice, settings)?;
        Ok(Self::Encoded { choice, input: Some(input), pushed: 0, packager: Packager::start(output, sink)? })
    }

    fn format(&self) -> PictureFormat {
        match self {
            Self::Encoded { .. } => PictureFormat::Nv12,
            Self::Pictures { .. } => PictureFormat::Rgba,
        }
    }

    fn encoder(&self) -> Option<&'static str> {
        match self {
            Self::Encoded { choice, .. } => Some(choice.name),
            Self::Pictures { .. } => None,
        }
    }

    fn push(&mut self, picture: &Picture) -> Result<(), RenderError> {
        match self {
            Self::Encoded { input: Some(input), pushed, packager, .. } => {
                packager.note(*pushed);
                let result = input.push(picture, *pushed, false);
                *pushed += 1;
                match result {
                    // Why the pipeline stopped is known on its other side.
                    Err(_) => Err(packager.join().err().unwrap_or(RenderError::Encode(EncodeError::Stopped))),
                    Ok(()) => Ok(()),
                }
            }
            Self::Encoded { .. } => Err(RenderError::Encode(EncodeError::Stopped)),
            Self::Pictures { folder, written, times } => {
                let started = Instant::now();
                folder.write(*written, picture)?;
                times.add(started.elapsed());
                *written += 1;
                Ok(())
            }
        }
    }

    fn finish(self) -> Result<Done, RenderError> {
        match self {
            Self::Encoded { input, mut packager, .. } => {
                // A pipeline that has stopped already says why when it is joined.
                let ended = input.map_or(Ok(()), encode::Input::finish);
                let done = packager.join()?;
                ended?;
                Ok(done)
            }
            Self::Pictures { folder, times, .. } => {
                let bytes = folder.finish()?;
                Ok(Done { bytes, stages: vec![("encode", times.percentiles())] })
            }
        }
    }
}

/// The thread between encoder and sink.
struct Packager {
    thread: Option<JoinHandle<Result<Done, RenderError>>>,
    /// When each picture went in that has not come out.
    entered: Arc<Mutex<HashMap<u64, Instant>>>,
}

impl Packager {
    fn start(mut output: encode::Output, mut sink: Box<dyn Sink>) -> Result<Self, RenderError> {
        let entered: Arc<Mutex<HashMap<u64, Instant>>> = Arc::default();
        let entries = entered.clone();
        let run = move || {
            let (mut encode_times, mut package_times) = (Histogram::default(), Histogram::default());
            let mut has_begun = false;
            while let Some(frame) = output.receive()? {
                let entry = entries.lock().ok().and_then(|mut entries| entries.remove(&frame.frame));
                entry.into_iter().for_each(|entry| encode_times.add(entry.elapsed()));
                let started = Instant::now();
                if let Some(config) = output.config().filter(|_| !has_begun) {
                    sink.begin(config)?;
                    has_begun = true;
                }
                sink.push(frame)?;
                package_times.add(started.elapsed());
            }
            let summary = sink.finish()?;
            let stages = vec![("encode", encode_times.percentiles()), ("package", package_times.percentiles())];
            Ok(Done { bytes: summary.bytes, stages })
        };
        let thread = thread::Builder::new().name("package".to_owned()).spawn(run);
        Ok(Self { thread: Some(thread.map_err(|_| RenderError::Lost("package"))?), entered })
    }

    fn note(&self, frame: u64) {
        if let Ok(mut entered) = self.entered.lock() {
            entered.insert(frame, Instant::now());
        }
    }

    /// Waits for the end of the stream to be written.
    fn join(&mut self) -> Result<Done, RenderError> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err(RenderError::Lost("package")),
        }
    }
}

impl Drop for Packager {
    fn drop(&mut self) {
        // The sink removes what an abandoned render has written; the process must not end before it has.
        let _ = self.join();
    }
}
