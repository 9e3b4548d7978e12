//! Sessions on a simulated clock: hours in seconds, and every wait as long as the test says.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::catalogue::Catalogue;
use crate::document;
use crate::encode::Quality;
use crate::gpu::Gpu;
use crate::hls::Kind;
use crate::project::Project;
use crate::session::{Command, State};
use crate::time::Rational;

fn project(json: &str) -> Project {
    let document = document::parse(json.as_bytes()).unwrap();
    Project::open(&document, Path::new(""), &Catalogue::default()).unwrap()
}

/// A still picture of a running time, so small that drawing and encoding it take hardly any time.
fn small(secs: u32) -> Project {
    project(&format!(
        r##"{{"canvas": {{"width": 64, "height": 64, "fps": 30, "background": "#204060"}}, "duration": {secs}, "layers": [
            {{"type": "progress", "rect": [2, 50, 60, 8]}}]}}"##
    ))
}

fn engine(ladder: &str) -> Engine {
    let settings = Settings {
        quality: Quality::Crf(30),
        preset: "ultrafast",
        ladder: if ladder.is_empty() { Ladder::default() } else { Ladder::parse(ladder).unwrap() },
        part: Rational::new(1, 2),
        parts_per_segment: 4,
    };
    let gpu = Gpu::open(None).unwrap();
    Engine::new(&gpu, Some("x264enc"), settings, Capacity::new(u64::MAX)).unwrap()
}

fn start(engine: &Engine, project: &Project, clock: Arc<dyn Clock>, kind: Kind) -> Stream {
    let lease = engine.capacity.take(1).unwrap();
    engine.start_with_clock("test".to_owned(), project, kind, lease, clock).unwrap()
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Every part that a window hands out to a reader who begins at its start.
fn read_all(window: &Window) -> Vec<u8> {
    let Lookup::Ready(init) = window.init(0) else { panic!("no init segment") };
    let mut bytes = init.to_vec();
    let mut place = Place { sequence: 0, part: 0 };
    while let (Lookup::Ready(data), next) = window.read(place) {
        bytes.extend_from_slice(&data);
        place = next;
    }
    bytes
}

#[test]
fn a_session_runs_to_its_end_in_every_size() {
    let engine = engine("");
    let stream = start(&engine, &small(9), Arc::new(SimulatedClock::default()), Kind::Event);
    let names: HashMap<_, _> = stream.renditions().iter().map(|it| (it.name.clone(), it.window.clone())).collect();
    assert_eq!(names.len(), 1);
    wait_until("the end", || *stream.over().borrow());
    let window = &stream.renditions()[0].window;
    let edge = *window.edge().borrow();
    assert!(edge.is_ended);
    // 9 s are four segments of two seconds and one of a second.
    assert_eq!(edge.next_sequence, 5);
    let playlist = window.playlist(&[], false);
    assert!(playlist.ends_with("#EXT-X-ENDLIST\n"), "{playlist}");
    assert_eq!(playlist.matches("#EXTINF:2.000000").count(), 4, "{playlist}");
    assert_eq!(stream.meters().read(Count::Frames), 270);
    assert!(!read_all(window).is_empty());
    assert_eq!(stream.report().status.state, State::Ended);
    assert!(stream.command(&Command::Pause).is_err());
}
