//! The preview window shows the frames that the encoder receives: screenshots are compared with recorded frames, pixel by
//! pixel.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use repcast_engine::live::Stream;
use repcast_engine::open::OpenDocument;
use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_mux::hls::LivePlaylistKind;
use repcast_preview::{CockpitPipelines, PreviewEventLoop};
use serde_json::json;

use super::display::Display;
use super::engine::{controller, engine};
use super::recording_encoder;
use super::support::ffmpeg::{Raw, encode};
use super::support::fixture::fixture;
use super::support::numbered::{self, Reading};
use super::support::nv12::to_rgb;
use super::window::{Screenshot, Window};

const WIDTH: usize = 640;
const HEIGHT: usize = 360;

/// Frames that are compared.
const COMPARED_FRAMES: usize = 20;

/// Frames in the numbered clip and in the session: nearly all available numbers.
const FRAMES: usize = 4000;

/// Frames per second: few, so that a slow window shows enough of them before the end.
const FPS: usize = 10;

/// More than the comparison takes on a busy machine.
const COMPARE_LIMIT: Duration = Duration::from_secs(600);

/// Set in the child process, with the name of its display.
const ON_DISPLAY: &str = "REPCAST_TEST_ON_DISPLAY";

/// The event loop finds its display in the environment, which is set for a child process.
#[test]
fn the_window_shows_the_frames_of_the_encoder() {
    let display = Display::start();
    let test = "window_pixels::on_a_display::the_window_shows_the_frames_of_the_encoder";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command.env(ON_DISPLAY, &display.name).env("WINIT_X11_SCALE_FACTOR", "1");
    let output = command.env("DISPLAY", &display.name).env_remove("WAYLAND_DISPLAY").output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    println!("{stdout}");
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{stdout}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

mod on_a_display {
    use super::*;

    #[test]
    #[ignore = "run by the test of the same name, in a child process"]
    fn the_window_shows_the_frames_of_the_encoder() {
        recording_encoder::register_element();
        let engine = engine(Some(recording_encoder::NAME));
        let lease = engine.capacity.take(1).unwrap();
        let stream = Arc::new(engine.start("mirror".to_owned(), &project(), LivePlaylistKind::Sliding, lease).unwrap());
        let preview = PreviewEventLoop::open(|| std::process::exit(1)).unwrap();
        let handle = preview.handle();
        stream.monitor().attach(Some(Arc::new(handle.clone())));
        let compared = stream.clone();
        let comparing = std::thread::spawn(move || {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| compare(&compared)));
            handle.quit();
            result
        });
        let controller = controller(&stream, engine.gpu.name());
        preview.run(&engine.gpu, CockpitPipelines::new(&engine.gpu), Box::new(controller), |_| {}).unwrap();
        comparing.join().unwrap().unwrap();
    }
}

/// Takes screenshots while the session runs, and compares each with the frame of the same number.
fn compare(stream: &Stream) {
    let display = Display::connect(&std::env::var(ON_DISPLAY).unwrap());
    let window = Window::of(&display);
    // Without the bar and in native size: each pixel of the frame is a pixel of the screen.
    window.press(&["Tab", "z"]);
    window.wait_for_size((WIDTH as u16, HEIGHT as u16));
    let began = Instant::now();
    let mut encoded = Encoded::default();
    let mut compared: BTreeMap<usize, i32> = BTreeMap::new();
    let mut lags = Vec::new();
    while compared.len() < COMPARED_FRAMES {
        assert!(!*stream.over().borrow() && began.elapsed() < COMPARE_LIMIT, "{} frames", compared.len());
        let newest = recording_encoder::count();
        let Some(screen) = window.screenshot() else { continue };
        let gray: Vec<u8> = screen.pixels().map(|[_, green, _]| green).collect();
        // While the window is being resized, no number can be read.
        let Reading::Number(number) = numbered::read(&gray, WIDTH, 0, 0) else { continue };
        if compared.contains_key(&(number as usize)) {
            std::thread::sleep(Duration::from_millis(3));
            continue;
        }
        // The window may be ahead of the encoder, which receives the frame a moment later.
        let Some((index, frame)) = encoded.find(number, &began) else { continue };
        lags.push(newest as i64 - 1 - index as i64);
        compared.insert(number as usize, largest_difference(&screen, &frame));
    }
    lags.sort_unstable();
    println!("frames behind the encoder: median {}, maximum {}", lags[lags.len() / 2], lags[lags.len() - 1]);
    let wrong: Vec<_> = compared.iter().filter(|(_, difference)| **difference > 1).collect();
    assert!(wrong.is_empty(), "frames and their largest differences: {wrong:?}");
}

/// The frames that the encoder has received, each with its number.
#[derive(Default)]
struct Encoded(Vec<(Option<u32>, Arc<[u8]>)>);

impl Encoded {
    /// The frame with this number, and its index.
    fn find(&mut self, number: u32, began: &Instant) -> Option<(usize, Arc<[u8]>)> {
        while began.elapsed() < COMPARE_LIMIT {
            let new = recording_encoder::frames_from(self.0.len()).into_iter();
            self.0.extend(new.map(|frame| (number_of(&frame), frame)));
            if let Some(index) = self.0.iter().rposition(|(found, _)| *found == Some(number)) {
                return Some((index, self.0[index].1.clone()));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }
}

/// The number of a frame. The probe of the encoder has frames of another size.
fn number_of(frame: &[u8]) -> Option<u32> {
    if frame.len() != WIDTH * HEIGHT * 3 / 2 {
        return None;
    }
    match numbered::read(&full_range(frame), WIDTH, 0, 0) {
        Reading::Number(number) => Some(number),
        Reading::Background | Reading::Unclear => None,
    }
}

/// The luma of the rows with the number, in full range.
fn full_range(nv12: &[u8]) -> Vec<u8> {
    let stretched = |luma: &u8| ((f64::from(*luma) - 16.0) * 255.0 / 219.0).clamp(0.0, 255.0) as u8;
    nv12[..WIDTH * numbered::HEIGHT].iter().map(stretched).collect()
}

/// The largest difference between a screenshot and a frame in RGB, in levels, rounded up.
fn largest_difference(screen: &Screenshot, nv12: &[u8]) -> i32 {
    let mut largest = 0.0_f64;
    for (index, pixel) in screen.pixels().enumerate() {
        let (x, y) = (index % WIDTH, index / WIDTH);
        let pair = WIDTH * (HEIGHT + y / 2) + x / 2 * 2;
        let [luma, cb, cr] = [nv12[index], nv12[pair], nv12[pair + 1]].map(f64::from);
        for (found, expected) in pixel.into_iter().zip(to_rgb(luma, cb, cr)) {
            largest = largest.max((f64::from(found) - expected).abs());
        }
    }
    largest.ceil() as i32
}

/// A composition with the frame number in the corner, and with colors and text that change.
fn project() -> OpenDocument {
    let clip = fixture("numbers-for-the-window.mp4", |out| {
        let rate = FPS.to_string();
        let raw = Raw { pix_fmt: "gray", width: numbered::WIDTH, height: numbered::HEIGHT, rate: &rate };
        let codec = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", "30", "-pix_fmt", "yuv420p"];
        encode(raw, (0..FRAMES as u32).map(numbered::gray_frame), &codec, out);
    });
    let layers = json!([
        {"type": "progress", "rect": [20, 300, 600, 40], "color": "#f59e0b", "track": "#7c3aed"},
        {"type": "timer", "position": [600, 120], "anchor": "top-right", "size": 90, "format": "mm:ss.t", "color": "#38bdf8"},
        {"type": "text", "text": "Mirror", "size": 70, "position": [20, 150], "color": "#f43f5e", "box": "#14532dc0"},
        {"type": "clip", "src": "numbers-for-the-window.mp4", "rect": [0, 0, numbered::WIDTH, numbered::HEIGHT]}]);
    let document = json!({"canvas": {"width": WIDTH, "height": HEIGHT, "fps": FPS, "background": "#0e7490"},
        "duration": format!("{FRAMES}/{FPS}"), "layers": layers});
    let parsed = document::parse(document.to_string().as_bytes()).unwrap();
    OpenDocument::open(&parsed, clip.parent().unwrap_or(Path::new("")), &Catalogue::default()).unwrap()
}
