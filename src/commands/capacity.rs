//! The number of live sessions that a machine can run: estimated when a server starts, measured for `doctor --capacity`.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::commands::Failure;
use repcast_engine::live::{Engine, Stream};
use repcast_engine::metrics::Counter;
use repcast_engine::offline::Render;
use repcast_engine::open::OpenDocument;
use repcast_engine::price::price;
use repcast_gstreamer::encode::{EncoderSettings, SelectedEncoder};
use repcast_media::{Sample, Track};
use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_mux::MuxError;
use repcast_mux::hls::LivePlaylistKind;
use repcast_mux::sink::{OutputSummary, Sink};

/// Seconds of the test render: enough for the start-up to weigh little.
const TEST_SECS: u32 = 5;

/// The share of a machine's full speed that live sessions may use. The rest is for playlists and viewers, and for moments
/// at which several sessions start a segment.
const SHARE: f64 = 0.8;

/// How long each number of sessions is observed, after their first segment.
const OBSERVE: Duration = Duration::from_secs(8);
const SETTLE: Duration = Duration::from_secs(3);

/// The largest number of sessions that is tested.
const MAX_SESSIONS: usize = 256;

/// Pixels per second for live sessions, from a short test render at full speed.
pub(super) fn estimate(engine: &Engine, catalogue: &Catalogue) -> Result<u64, Failure> {
    // A broken clip of the catalogue is reported when it is used.
    let project = test_document(catalogue, TEST_SECS).or_else(|_| test_document(&Catalogue::default(), TEST_SECS))?;
    let timeline = &project.timeline;
    let grid = engine.settings.segmentation.grid(timeline.rate);
    let settings: EncoderSettings = engine.settings.encoder(timeline.canvas, timeline.canvas, timeline.rate, grid);
    // Enough GOPs for every core, so that all of them encode to the end.
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let key_interval =
        u32::try_from((timeline.frames / (4 * cores)).max(2)).unwrap_or(u32::MAX).min(settings.key_interval);
    let settings = EncoderSettings { purpose: repcast_gstreamer::encode::Purpose::File, key_interval, ..settings };
    let choice = SelectedEncoder { name: engine.encoders.current() };
    let (stop, clock, mut warm_up) = (AtomicBool::new(false), Instant::now(), Duration::ZERO);
    let skipped = timeline.frames / 5;
    let render =
        Render { project: &project, gpu: &engine.gpu, settings: &settings, store: None, lanes: None, stop: &stop };
    let report = render.to_sink(Box::new(NullSink), choice, |frames, _| {
        if frames == skipped {
            warm_up = clock.elapsed();
        }
    });
    let report = report.map_err(Failure::failed)?;
    // The first frames compile shaders, open clips and allocate, which a running session does not.
    let wall = clock.elapsed().saturating_sub(warm_up).as_secs_f64();
    let pixels = f64::from(timeline.canvas.width) * f64::from(timeline.canvas.height);
    let total = (report.frames - skipped) as f64 * pixels / wall.max(1e-3) * SHARE;
    tracing::info!(megapixels = total / 1e6, "capacity of this machine");
    Ok(total as u64)
}

/// The result of the measurement.
pub(super) struct Counted {
    /// Sessions that ran without a late frame.
    pub(super) sessions: usize,
    /// The late frames for each tested number of sessions.
    pub(super) tried: Vec<(usize, u64)>,
}

/// Runs more and more sessions at once until one of them is late.
pub(super) fn count(
    engine: &Engine,
    catalogue: &Catalogue,
    mut report: impl FnMut(usize, u64),
) -> Result<Counted, Failure> {
    let project = test_document(catalogue, 3600)?;
    let mut streams: Vec<Stream> = Vec::new();
    let mut tried = Vec::new();
    let mut best = 0;
    let late = |streams: &[Stream]| streams.iter().map(|stream| stream.metrics().get(Counter::LateFrames)).sum::<u64>();
    while streams.len() < MAX_SESSIONS {
        let lease = engine.capacity.take(price(&project, &[])).map_err(Failure::failed)?;
        let id = format!("test-{}", streams.len());
        streams.push(engine.start(id, &project, LivePlaylistKind::Sliding, lease).map_err(Failure::failed)?);
        std::thread::sleep(SETTLE);
        let before = late(&streams);
        std::thread::sleep(OBSERVE);
        let missed = late(&streams) - before;
        report(streams.len(), missed);
        tried.push((streams.len(), missed));
        if missed > 0 {
            break;
        }
        best = streams.len();
    }
    streams.iter().for_each(Stream::end);
    Ok(Counted { sessions: best, tried })
}

/// An ordinary workout of 720p and 30 frames per second with the catalogue's first exercise, or text alone.
fn test_document(catalogue: &Catalogue, secs: u32) -> Result<OpenDocument, Failure> {
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
    let wrong =
        |faults: Vec<document::ValidationFault>| Failure::Failed(faults.iter().map(ToString::to_string).collect());
    let document = document::parse(json.as_bytes()).map_err(wrong)?;
    OpenDocument::open(&document, Path::new(""), catalogue).map_err(wrong)
}

/// Discards frames.
struct NullSink;

impl Sink for NullSink {
    fn begin(&mut self, _: &[Track]) -> Result<(), MuxError> {
        Ok(())
    }

    fn push(&mut self, _: Sample) -> Result<(), MuxError> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<OutputSummary, MuxError> {
        Ok(OutputSummary { frames: 0, bytes: 0 })
    }
}
