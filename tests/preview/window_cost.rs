//! What the window costs: frames per second of a session that runs as fast as it can, alternately with and without the
//! window. `script/soak preview` runs it on a separate display.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use repcast_engine::live::{SimulatedClock, Stream};
use repcast_engine::open::DocumentSource;
use repcast_mux::hls::LivePlaylistKind;
use repcast_preview::{CockpitPipelines, PreviewEventLoop};
use serde_json::json;

use super::engine::{controller, engine};

/// Duration of each measurement.
const MEASUREMENT: Duration = Duration::from_secs(6);

/// Measurements with the window, and as many without.
const ROUNDS: usize = 5;

#[test]
#[ignore = "takes a minute and measures speed; script/soak preview runs it"]
fn the_window_costs_less_than_a_fifth() {
    let engine = engine(None);
    let lease = engine.capacity.take(1).unwrap();
    // A simulated clock never waits, so that the session runs as fast as it can.
    let clock = Arc::new(SimulatedClock::default());
    let kind = LivePlaylistKind::Sliding;
    let stream = Arc::new(engine.start_with_clock("cost".to_owned(), &project(), kind, lease, clock).unwrap());
    let preview = PreviewEventLoop::open(|| std::process::exit(1)).unwrap();
    let handle = preview.handle();
    stream.monitor().attach(Some(Arc::new(handle.clone())));
    let (measured, opened) = (stream.clone(), stream.clone());
    let measuring = std::thread::spawn(move || {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| measure(&measured)));
        handle.quit();
        result
    });
    let controller = controller(&stream, engine.gpu.name());
    preview
        .run(&engine.gpu, CockpitPipelines::new(&engine.gpu), Box::new(controller), move |is_open| {
            opened.monitor().opened(is_open)
        })
        .unwrap();
    measuring.join().unwrap().unwrap();
}

fn measure(stream: &Stream) {
    std::thread::sleep(Duration::from_secs(3));
    let mut shares = Vec::new();
    for _ in 0..ROUNDS {
        let [with, without] = [true, false].map(|is_open| {
            assert!(stream.monitor().request_open(is_open));
            while stream.monitor().is_open() != Some(is_open) {
                std::thread::sleep(Duration::from_millis(10));
            }
            std::thread::sleep(Duration::from_millis(500));
            let (began, first) = (Instant::now(), stream.monitor().composited());
            std::thread::sleep(MEASUREMENT);
            (stream.monitor().composited() - first) as f64 / began.elapsed().as_secs_f64()
        });
        shares.push(1.0 - with / without);
        println!(
            "{with:6.1} frames/s with the window, {without:6.1} without: it costs {:4.1} %",
            shares[shares.len() - 1] * 100.0
        );
    }
    assert!(!*stream.over().borrow(), "the session was too short");
    shares.sort_by(f64::total_cmp);
    let median = shares[ROUNDS / 2];
    println!("the window costs {:.1} % of the stream's speed", median * 100.0);
    assert!(median < 0.2, "more than a fifth");
}

/// A workout of one and a half hours in 1080p.
fn project() -> repcast_engine::open::OpenDocument {
    let folder = super::support::fixture::scratch();
    let path = folder.path().join("cost.json");
    let exercises: Vec<_> =
        ["jumping_jacks", "air_squat", "pushups"].map(|id| json!({"id": id, "duration": 40, "rest": 5})).into();
    let workout = json!({"title": "Cost", "resolution": "1080p", "rounds": 40, "exercises": exercises});
    std::fs::write(&path, workout.to_string()).unwrap();
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalogue");
    DocumentSource::new(&path, Ok(catalogue), true).open(None).unwrap()
}
