//! How many live sessions a machine carries: estimated when a server starts, counted for `doctor --capacity`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::commands::Failure;
use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_gstreamer::encode::{Choice, EncoderSettings};
use repcast_mux::hls::Kind;
use repcast_engine::live::{Count, Engine, Stream, demand};
use repcast_media::{Sample, Track};
use repcast_mux::PackageError;
use repcast_mux::cmaf::Grid;
use repcast_mux::sink::{Sink, Summary};
use repcast_engine::open::Project;
use repcast_engine::offline::{Encoding, render_into};

/// Frames of the trial: enough that starting up does not count for much.
const TRIAL_SECS: u32 = 5;

/// What live sessions may take of what a machine does at full speed. The rest is for their playlists and viewers, and
/// for the moments in which several of them begin a segment at once.
const SHARE: f64 = 0.8;

/// How long each number of sessions is watched, after their first segment.
const WATCH: Duration = Duration::from_secs(8);
const SETTLE: Duration = Duration::from_secs(3);

/// Most sessions that are tried.
const MOST: usize = 256;

/// Pixels a second that this machine can promise to live sessions, from a short trial at full speed.
pub(super) fn estimate(engine: &Engine, catalogue: &Catalogue) -> Result<u64, Failure> {
    // A clip that is broken is for whoever asks for it to hear about.
    let project = trial(catalogue, TRIAL_SECS).or_else(|_| trial(&Catalogue::default(), TRIAL_SECS))?;
    let timeline = &project.timeline;
    let grid = Grid::new(timeline.rate, engine.settings.part, engine.settings.parts_per_segment);
    let settings: EncoderSettings = engine.settings.encoder(timeline.canvas, timeline.canvas, timeline.rate, grid);
    let settings = EncoderSettings { purpose: repcast_gstreamer::encode::Purpose::File, ..settings };
    let choice = Choice { name: engine.encoders.current() };
    let (stop, began) = (Arc::new(AtomicBool::new(false)), AtomicU64::new(0));
    let clock = Instant::now();
    let skipped = timeline.frames / 5;
    let encoding = Encoding { settings: &settings, store: None, lanes: None };
    let report = render_into(&project, &engine.gpu, Box::new(Nowhere), choice, encoding, &stop, |frames, _| {
        if frames == skipped {
            began.store(clock.elapsed().as_micros() as u64, Ordering::Relaxed);
        }
    });
    let report = report.map_err(Failure::failed)?;
    // The first frames compile, open and allocate, which a session that runs does not.
    let wall = clock.elapsed().saturating_sub(Duration::from_micros(began.load(Ordering::Relaxed))).as_secs_f64();
    let pixels = f64::from(timeline.canvas.width) * f64::from(timeline.canvas.height);
    let total = (report.frames - skipped) as f64 * pixels / wall.max(1e-3) * SHARE;
    tracing::info!(megapixels = total / 1e6, "what this machine can carry");
    Ok(total as u64)
}

/// What counting found.
pub(super) struct Counted {
    /// Sessions that ran without a late frame.
    pub(super) sessions: usize,
    /// What each number that was tried came to: sessions, late frames.
    pub(super) tried: Vec<(usize, u64)>,
}

/// Runs more and more sessions side by side until one of them is late.
pub(super) fn count(
    engine: &Engine,
    catalogue: &Catalogue,
    mut tell: impl FnMut(usize, u64),
) -> Result<Counted, Failure> {
    let project = trial(catalogue, 3600)?;
    let mut streams: Vec<Stream> = Vec::new();
    let mut tried = Vec::new();
    let mut best = 0;
    let late = |streams: &[Stream]| streams.iter().map(|stream| stream.meters().read(Count::Late)).sum::<u64>();
    while streams.len() < MOST {
        let lease = engine.capacity.take(demand(project.timeline.canvas, &[], project.timeline.rate));
        let lease = lease.ok_or_else(|| Failure::failed("no capacity"))?;
        let id = format!("trial-{}", streams.len());
        streams.push(engine.start(id, &project, Kind::Sliding, lease).map_err(Failure::failed)?);
        std::thread::sleep(SETTLE);
        let before = late(&streams);
        std::thread::sleep(WATCH);
        let missed = late(&streams) - before;
        tell(streams.len(), missed);
        tried.push((streams.len(), missed));
        if missed > 0 {
            break;
        }
        best = streams.len();
    }
    streams.iter().for_each(Stream::end);
    Ok(Counted { sessions: best, tried })
}

/// A workout of ordinary looks at 720p and 30 frames a second: the catalogue's first exercises, or text alone.
fn trial(catalogue: &Catalogue, secs: u32) -> Result<Project, Failure> {
    let exercises = catalogue.exercises();
    let json = if exercises.is_empty() {
        format!(
            r##"{{"canvas": {{"width": 1280, "height": 720, "fps": 30}}, "duration": {secs},
                "layers": [{{"type": "timer", "position": [640, 360], "anchor": "center", "size": 160}},
                    {{"type": "progress", "rect": [100, 600, 1080, 24]}}]}}"##
        )
    } else {
        let id = serde_json::Value::from(exercises[0].id.clone());
        format!(r#"{{"resolution": "720p", "exercises": [{{"id": {id}, "duration": {secs}}}]}}"#)
    };
    let wrong = |faults: Vec<document::Fault>| {
        Failure::Failed(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    };
    let document = document::parse(json.as_bytes()).map_err(wrong)?;
    Project::open(&document, Path::new(""), catalogue).map_err(wrong)
}

/// Takes frames and keeps none.
struct Nowhere;

impl Sink for Nowhere {
    fn begin(&mut self, _: &[Track]) -> Result<(), PackageError> {
        Ok(())
    }

    fn push(&mut self, _: Sample) -> Result<(), PackageError> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Summary, PackageError> {
        Ok(Summary { frames: 0, bytes: 0 })
    }
}
