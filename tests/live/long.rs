//! Two hours of a live session on a simulated clock, as fast as the machine can: `script/soak long` runs it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use repcast_compositor::Gpu;
use repcast_engine::live::{Capacity, Engine, Ladder, LiveSettings, Lookup, SimulatedClock, StreamPosition};
use repcast_engine::metrics::Counter;
use repcast_engine::open::OpenDocument;
use repcast_gstreamer::encode::Quality;
use repcast_media::Segmentation;
use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_model::time::Rational;
use repcast_mux::hls::LivePlaylistKind;

const SECS: u64 = 2 * 3600;

fn rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}

/// The decode time of a part's first frame, in ticks (ISO/IEC 14496-12, 8.8.12; version 1).
fn decode_time(part: &[u8]) -> u64 {
    let at = part.windows(4).position(|window| window == b"tfdt").unwrap() + 4;
    let (version, value) = (part[at], &part[at + 4..]);
    if version == 1 {
        u64::from_be_bytes(value[..8].try_into().unwrap())
    } else {
        u64::from(u32::from_be_bytes(value[..4].try_into().unwrap()))
    }
}

#[test]
#[ignore = "takes minutes; script/soak long runs it"]
fn two_hours_neither_drift_nor_grow() {
    let json = format!(
        r##"{{"canvas": {{"width": 128, "height": 72, "fps": "30000/1001", "background": "#204060"}}, "duration": {SECS},
            "layers": [{{"type": "progress", "rect": [4, 60, 120, 8]}},
                {{"type": "timer", "position": [64, 30], "anchor": "center", "size": 24}}]}}"##
    );
    let parsed = document::parse(json.as_bytes()).unwrap();
    let project = OpenDocument::open(&parsed, Path::new(""), &Catalogue::default()).unwrap();
    let frames = project.timeline.frames;
    let settings = LiveSettings {
        quality: Quality::Crf(30),
        preset: "ultrafast",
        ladder: Ladder::default(),
        segmentation: Segmentation { part_secs: Rational::new(1, 2), parts_per_segment: 4 },
    };
    let engine = Engine::new(&Gpu::open(None).unwrap(), Some("x264enc"), settings, Capacity::new(u64::MAX)).unwrap();
    let lease = engine.capacity.take(1).unwrap();
    let clock = Arc::new(SimulatedClock::default());
    let began = Instant::now();
    let stream = engine.start_with_clock("long".to_owned(), &project, LivePlaylistKind::Sliding, lease, clock).unwrap();
    let mut early = 0;
    while !*stream.over().borrow() {
        std::thread::sleep(Duration::from_millis(20));
        // After five minutes of the stream all buffers have been allocated.
        if early == 0 && stream.metrics().get(Counter::Frames) > 9000 {
            early = rss_bytes();
        }
    }
    let late = rss_bytes();
    let wall = began.elapsed().as_secs_f64();
    let made = stream.metrics().get(Counter::Frames);
    println!(
        "{made} frames in {wall:.1} s; {:.1} MB after 5 min, {:.1} MB after 2 h",
        early as f64 / 1e6,
        late as f64 / 1e6
    );
    assert_eq!((made, stream.metrics().get(Counter::LateFrames)), (frames, 0));
    assert!(late < early + early / 20 + (4 << 20), "memory grew from {early} to {late} bytes");
    // The decode time of the last part is exactly its frame number divided by the rate: 1001 ticks per frame, 30000 per second.
    let window = &stream.renditions()[0].window;
    let (sequence, part) = window.newest().unwrap();
    let Lookup::Ready(bytes) = window.part(StreamPosition { sequence, part }) else { panic!("no last part") };
    assert_eq!(decode_time(&bytes), (frames - 1) / 15 * 15 * 1001);
}
