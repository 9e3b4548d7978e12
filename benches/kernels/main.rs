//! The stages of a frame, each alone: `cargo bench --bench kernels`. As a test each benchmark runs once, without a time limit.
//! docs/benchmarks.md describes the method.

#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::path::Path;
use std::sync::{Arc, OnceLock};

use divan::Bencher;
use divan::counter::ItemsCount;
use serde_json::{Value, json};

use repcast_compositor::{Compositor, Gpu, LayerFrames, Tracking};
use repcast_engine::clips::{ClipOptions, ClipReader};
use repcast_engine::open::OpenDocument;
use repcast_media::{EncodedFrame, FrameFormat, StreamConfig};
use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;
use repcast_model::timeline::FramePlan;
use repcast_storage::{CachedSegment, SegmentKey, SegmentStore};

/// Canvas widths; the height is that of 16:9.
const WIDTHS: [u32; 2] = [1280, 1920];

/// Frames that are drawn repeatedly.
const FRAMES: u64 = 30;

fn main() {
    divan::main();
}

fn gpu() -> &'static Arc<Gpu> {
    static GPU: OnceLock<Arc<Gpu>> = OnceLock::new();
    GPU.get_or_init(|| Gpu::open(None).expect("a graphics adapter, if only llvmpipe"))
}

fn assets() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets"))
}

fn open(document: &Value) -> OpenDocument {
    let parsed = document::parse(document.to_string().as_bytes()).expect("a valid document");
    OpenDocument::open(&parsed, assets(), &Catalogue::default()).expect("a document with its files")
}

/// A number of overlapping clips, a line of text, a timer and a bar.
fn composition(width: u32, clips: usize) -> OpenDocument {
    let names = ["pushups/push_ups.mov", "air_squat/air_squat.mov", "jumping_jacks/jumping_jacks.mov"];
    let clips = names
        .iter()
        .cycle()
        .take(clips)
        .map(|name| json!({"type": "clip", "src": format!("catalogue/{name}"), "loop": true, "fit": "contain"}));
    let rest = [
        json!({"type": "text", "text": "Air squat", "size": 48, "position": [60, 60]}),
        json!({"type": "timer", "position": [width - 40, 40], "anchor": "top-right", "size": 32}),
        json!({"type": "progress", "rect": [20, 600, width - 40, 10]}),
    ];
    let layers: Vec<Value> = clips.chain(rest).collect();
    open(&json!({"canvas": {"width": width, "height": width * 9 / 16, "fps": 30}, "duration": 2, "layers": layers}))
}

/// Frame plans with their decoded frames.
fn decoded(project: &OpenDocument) -> Vec<(FramePlan, LayerFrames)> {
    let mut feeder = ClipReader::new(project, ClipOptions::offline());
    let plans = (0..FRAMES).map(|number| project.timeline.plan(number));
    plans.map(|plan| (feeder.frames(&plan), plan)).map(|(frames, plan)| (plan, frames)).collect()
}

fn composite(bencher: Bencher<'_, '_>, width: u32, clips: usize, tracking: Tracking) {
    let project = composition(width, clips);
    let frames = decoded(&project);
    let timeline = &project.timeline;
    let mut compositor =
        Compositor::new(gpu(), timeline.canvas, timeline.background, FrameFormat::Nv12, tracking).expect("a canvas");
    let mut draw = |(plan, frames): &(FramePlan, LayerFrames)| {
        compositor.draw(plan, frames).expect("a frame");
        compositor.take().expect("a composited frame")
    };
    // The first frames compile kernels.
    frames.iter().for_each(|frame| drop(draw(frame)));
    let mut repeated = frames.iter().cycle();
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| repeated.next().map(&mut draw));
}

/// A complete frame with one clip: upload, composite, conversion, read-back.
#[divan::bench(args = WIDTHS)]
fn composite_whole(bencher: Bencher<'_, '_>, width: u32) {
    composite(bencher, width, 1, Tracking::Off);
}

/// The same with three overlapping clips.
#[divan::bench(args = WIDTHS)]
fn composite_three_clips(bencher: Bencher<'_, '_>, width: u32) {
    composite(bencher, width, 3, Tracking::Off);
}

/// The second round of a loop, with cached tiles: only the timer and the bar are composited.
#[divan::bench(args = WIDTHS)]
fn composite_changes(bencher: Bencher<'_, '_>, width: u32) {
    composite(bencher, width, 1, Tracking::On);
}

/// Decoding of a clip, with its coverage.
#[divan::bench(sample_count = 20)]
fn decode_frames(bencher: Bencher<'_, '_>) {
    let project = composition(1920, 1);
    bencher.counter(ItemsCount::new(FRAMES as usize)).bench_local(|| decoded(&project));
}

/// Planning of one second.
#[divan::bench]
fn plan_frames(bencher: Bencher<'_, '_>) {
    let project = composition(1920, 3);
    let plan = || (0..FRAMES).map(|number| project.timeline.plan(number).layers.len()).sum::<usize>();
    bencher.counter(ItemsCount::new(FRAMES as usize)).bench_local(plan);
}

/// Parsing and validation of a workout.
#[divan::bench]
fn parse_workout(bencher: Bencher<'_, '_>) {
    let text = std::fs::read(assets().join("demo/workout.json")).expect("the demo workout");
    bencher.bench_local(|| document::parse(&text).expect("a valid document"));
}

/// One GOP written to and read from a segment store.
#[divan::bench(sample_count = 50)]
fn segment_store(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SegmentStore::open(folder.path(), 1 << 30).expect("a store");
    let size = Size { width: 1920, height: 1080 };
    let config = StreamConfig { size, rate: FrameRate::new(30, 1).expect("a rate"), avcc: vec![0; 40] };
    let frame = |frame| EncodedFrame { frame, is_key: frame == 0, data: vec![frame as u8; 20_000] };
    let (key, segment) = (SegmentKey([7; 32]), CachedSegment { config, frames: (0..60).map(frame).collect() });
    bencher.bench_local(|| {
        store.put(&key, &segment).expect("room");
        store.get::<CachedSegment>(&key).expect("the stored segment")
    });
}
