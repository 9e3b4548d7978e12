//! The parts of a frame's way, each alone: `cargo bench --bench kernels`. Among the tests each runs once, so that they
//! stay whole; nothing is judged by time there.

#![allow(clippy::expect_used, reason = "a benchmark that cannot go on has failed")]

use std::path::Path;
use std::sync::{Arc, OnceLock};

use divan::Bencher;
use divan::counter::ItemsCount;
use serde_json::{Value, json};

use repcast_compositor::{Compositor, Gpu, LayerFrames, Tracking};
use repcast_engine::clips::Feeder;
use repcast_engine::open::Project;
use repcast_media::{EncodedFrame, PictureFormat, StreamConfig};
use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;
use repcast_model::timeline::FramePlan;
use repcast_storage::{Segment, SegmentKey, SegmentStore};

/// Canvas widths; the height is that of 16:9.
const WIDTHS: [u32; 2] = [1280, 1920];

/// Frames that are drawn in turn.
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

fn open(document: &Value) -> Project {
    let parsed = document::parse(document.to_string().as_bytes()).expect("a valid document");
    Project::open(&parsed, assets(), &Catalogue::default()).expect("a document with its files")
}

/// So many clips over each other, a line of text, a timer and a bar.
fn composition(width: u32, clips: usize) -> Project {
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

/// Plans with their decoded frames.
fn decoded(project: &Project) -> Vec<(FramePlan, LayerFrames)> {
    let mut feeder = Feeder::new(project);
    let plans = (0..FRAMES).map(|number| project.timeline.plan(number));
    plans.map(|plan| (feeder.frames(&plan), plan)).map(|(frames, plan)| (plan, frames)).collect()
}

fn composite(bencher: Bencher<'_, '_>, width: u32, clips: usize, tracking: Tracking) {
    let project = composition(width, clips);
    let frames = decoded(&project);
    let timeline = &project.timeline;
    let mut compositor =
        Compositor::new(gpu(), timeline.canvas, timeline.background, PictureFormat::Nv12, tracking).expect("a canvas");
    let mut draw = |(plan, frames): &(FramePlan, LayerFrames)| {
        compositor.draw(plan, frames).expect("a frame");
        compositor.take().expect("a picture")
    };
    // The first pictures compile kernels.
    frames.iter().for_each(|frame| drop(draw(frame)));
    let mut turn = frames.iter().cycle();
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| turn.next().map(&mut draw));
}

/// A whole picture of one clip: upload, composite, conversion, read-back.
#[divan::bench(args = WIDTHS)]
fn composite_whole(bencher: Bencher<'_, '_>, width: u32) {
    composite(bencher, width, 1, Tracking::Off);
}

/// The same of three clips over each other.
#[divan::bench(args = WIDTHS)]
fn composite_three_clips(bencher: Bencher<'_, '_>, width: u32) {
    composite(bencher, width, 3, Tracking::Off);
}

/// What a render does when a loop has come round: nothing of it is drawn again but the timer and the bar.
#[divan::bench(args = WIDTHS)]
fn composite_changes(bencher: Bencher<'_, '_>, width: u32) {
    composite(bencher, width, 1, Tracking::On);
}

/// A clip from its file, frame after frame, with its coverage.
#[divan::bench(sample_count = 20)]
fn decode_frames(bencher: Bencher<'_, '_>) {
    let project = composition(1920, 1);
    bencher.counter(ItemsCount::new(FRAMES as usize)).bench_local(|| decoded(&project));
}

/// Everything that a second of frames shows.
#[divan::bench]
fn plan_frames(bencher: Bencher<'_, '_>) {
    let project = composition(1920, 3);
    let plan = || (0..FRAMES).map(|number| project.timeline.plan(number).layers.len()).sum::<usize>();
    bencher.counter(ItemsCount::new(FRAMES as usize)).bench_local(plan);
}

/// A workout's text to its checked model.
#[divan::bench]
fn parse_workout(bencher: Bencher<'_, '_>) {
    let text = std::fs::read(assets().join("demo/workout.json")).expect("the demo workout");
    bencher.bench_local(|| document::parse(&text).expect("a valid document"));
}

/// A group of pictures into a store and out of it.
#[divan::bench(sample_count = 50)]
fn segment_store(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SegmentStore::open(folder.path(), 1 << 30).expect("a store");
    let size = Size { width: 1920, height: 1080 };
    let config = StreamConfig { size, rate: FrameRate::new(30, 1).expect("a rate"), avcc: vec![0; 40] };
    let frame = |frame| EncodedFrame { frame, is_key: frame == 0, data: vec![frame as u8; 20_000] };
    let (key, segment) = (SegmentKey([7; 32]), Segment { config, frames: (0..60).map(frame).collect() });
    bencher.bench_local(|| {
        store.put(&key, &segment).expect("room");
        store.get(&key).expect("what was put there")
    });
}
