//! The preview window shows what the encoder gets: screenshots of the window beside the pictures that went into the
//! encoder, both read back, pixel by pixel.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_mux::hls::Kind;
use repcast_engine::live::Stream;
use repcast_preview::{LiveDesk, Preview, Tools};
use repcast_engine::open::Project;
use serde_json::json;

use super::display::Display;
use super::engine::engine;
use super::recorder;
use super::support::ffmpeg::{Raw, encode};
use super::support::fixture::fixture;
use super::support::numbered::{self, Reading};
use super::window::{Picture, Window};

const WIDTH: usize = 640;
const HEIGHT: usize = 360;

/// Frames that are compared.
const WANTED: usize = 20;

/// Frames in the numbered clip, and in the session: nearly all numbers that there are.
const FRAMES: usize = 4000;

/// Frames a second: few, so that a window that is slow sees enough of them before the end.
const FPS: usize = 10;

/// More than the comparison takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(600);

/// Set in the process that has a display of its own.
const ON_DISPLAY: &str = "REPCAST_TEST_ON_DISPLAY";

/// The event loop finds its display in the environment, which only a process of its own can have to itself.
#[test]
fn the_window_shows_what_the_encoder_gets() {
    let display = Display::start();
    let test = "mirror::on_a_display::the_window_shows_what_the_encoder_gets";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command.env(ON_DISPLAY, &display.name).env("WINIT_X11_SCALE_FACTOR", "1");
    let output = command.env("DISPLAY", &display.name).env_remove("WAYLAND_DISPLAY").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

mod on_a_display {
    use super::*;

    #[test]
    #[ignore = "run by the test of the same name, on a display of its own"]
    fn the_window_shows_what_the_encoder_gets() {
        recorder::register();
        let engine = engine(Some(recorder::NAME));
        let lease = engine.capacity.take(1).unwrap();
        let stream = Arc::new(engine.start("mirror".to_owned(), &project(), Kind::Sliding, lease).unwrap());
        let preview = Preview::open(|| std::process::exit(1)).unwrap();
        let handle = preview.handle();
        stream.monitor().attach(Some(Arc::new(handle.clone())));
        let compared = stream.clone();
        let comparing = std::thread::spawn(move || {
            let result = std::panic::catch_unwind(|| compare(&compared));
            handle.quit();
            result
        });
        let desk = LiveDesk::new(stream.clone(), engine.gpu.name(), || 0);
        preview.run(&engine.gpu, Tools::new(&engine.gpu), Box::new(desk), |_| {}).unwrap();
        comparing.join().unwrap().unwrap();
    }
}

/// Takes screenshots while the session runs, and compares each with the picture of the same number.
fn compare(stream: &Stream) {
    let display = Display::join(&std::env::var(ON_DISPLAY).unwrap());
    let window = Window::of(&display);
    // The picture alone, each of its pixels on one of the screen.
    window.press(&["Tab", "z"]);
    window.has_size((WIDTH as u16, HEIGHT as u16));
    let began = Instant::now();
    let mut encoded = Encoded::default();
    let mut compared: BTreeMap<usize, i32> = BTreeMap::new();
    let mut behind = Vec::new();
    while compared.len() < WANTED {
        assert!(!*stream.over().borrow() && began.elapsed() < LIMIT, "{} frames", compared.len());
        let newest = recorder::count();
        let Some(screen) = window.picture() else { continue };
        let gray: Vec<u8> = screen.pixels().map(|[_, green, _]| green).collect();
        // Until the window has its size and nothing else, no number is where it should be.
        let Reading::Number(number) = numbered::read(&gray, WIDTH, 0, 0) else { continue };
        if compared.contains_key(&(number as usize)) {
            std::thread::sleep(Duration::from_millis(3));
            continue;
        }
        // The window may be ahead of the encoder, which gets the picture a moment later.
        let Some((index, picture)) = encoded.find(number, &began) else { continue };
        behind.push(newest as i64 - 1 - index as i64);
        compared.insert(number as usize, largest_difference(&screen, &picture));
    }
    behind.sort_unstable();
    println!("frames behind the encoder: median {}, most {}", behind[behind.len() / 2], behind[behind.len() - 1]);
    let wrong: Vec<_> = compared.iter().filter(|(_, difference)| **difference > 1).collect();
    assert!(wrong.is_empty(), "frames and their largest differences: {wrong:?}");
}

/// What has gone into the encoder: each picture with the number that it carries.
#[derive(Default)]
struct Encoded(Vec<(Option<u32>, Arc<[u8]>)>);

impl Encoded {
    /// The picture of this number, and its place.
    fn find(&mut self, number: u32, began: &Instant) -> Option<(usize, Arc<[u8]>)> {
        while began.elapsed() < LIMIT {
            let new = recorder::pictures_behind(self.0.len()).into_iter();
            self.0.extend(new.map(|picture| (number_of(&picture), picture)));
            if let Some(index) = self.0.iter().rposition(|(is, _)| *is == Some(number)) {
                return Some((index, self.0[index].1.clone()));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }
}

/// The number that a picture carries. The trial of the encoder has pictures of another size.
fn number_of(picture: &[u8]) -> Option<u32> {
    if picture.len() != WIDTH * HEIGHT * 3 / 2 {
        return None;
    }
    match numbered::read(&full_range(picture), WIDTH, 0, 0) {
        Reading::Number(number) => Some(number),
        Reading::Background | Reading::Unclear => None,
    }
}

/// The rows of luma that hold the number, from 0 to 255.
fn full_range(nv12: &[u8]) -> Vec<u8> {
    let stretched = |luma: &u8| ((f64::from(*luma) - 16.0) * 255.0 / 219.0).clamp(0.0, 255.0) as u8;
    nv12[..WIDTH * numbered::HEIGHT].iter().map(stretched).collect()
}

/// The largest difference of a screenshot from what a picture is in RGB (ITU-R BT.709, limited range), unrounded.
fn largest_difference(screen: &Picture, nv12: &[u8]) -> i32 {
    let mut largest = 0.0_f64;
    for (index, pixel) in screen.pixels().enumerate() {
        let (x, y) = (index % WIDTH, index / WIDTH);
        let luma = (f64::from(nv12[index]) - 16.0) / 219.0;
        let pair = WIDTH * (HEIGHT + y / 2) + x / 2 * 2;
        let [cb, cr] = [nv12[pair], nv12[pair + 1]].map(|value| (f64::from(value) - 128.0) / 224.0);
        let (red, blue) = (luma + 1.5748 * cr, luma + 1.8556 * cb);
        let green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152;
        for (shown, value) in pixel.into_iter().zip([red, green, blue]) {
            largest = largest.max((f64::from(shown) - value.clamp(0.0, 1.0) * 255.0).abs());
        }
    }
    largest.ceil() as i32
}

/// Frames with their number in the corner, and colors and letters that change beside it.
fn project() -> Project {
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
    Project::open(&parsed, clip.parent().unwrap_or(Path::new("")), &Catalogue::default()).unwrap()
}
