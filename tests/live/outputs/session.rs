//! A session of `repcast live` with flashes and tones, and files of it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::support::ffmpeg::output_of;
use super::support::pcm::{RATE, decode_mono};
use super::support::process::{LIMIT, RunningProcess, repcast, until};
use super::support::program::write_document;

pub(crate) const FPS: usize = 30;
pub(crate) const SIZE: (usize, usize) = (160, 90);

/// Frames from one flash to the next, and to the first.
const FLASH_EVERY: usize = 30;
const FIRST_FLASH: usize = 20;
/// Frames of a flash, and of its tone.
const FLASH: usize = 6;
/// Mean luma between dark and bright.
const BRIGHT: usize = 128;
/// One frame of this many may be another than expected.
const MAX_WRONG: usize = 20;
/// A sample between silence and a tone.
const LOUD: f32 = 0.1;

/// A composition whose canvas flashes every second, with a tone if it has sound.
pub(crate) fn flashing(secs: usize, has_sound: bool) -> Value {
    let flash = |second: usize| {
        let (start, duration) = (format!("{}/{FPS}", second * FLASH_EVERY + FIRST_FLASH), format!("{FLASH}/{FPS}"));
        let flash = json!({"type": "progress", "rect": [0, 0, SIZE.0, SIZE.1], "color": "#ffffff", "track": "#ffffff",
            "start": start, "duration": duration});
        let tone = json!({"type": "tone", "frequency": 1000, "gain": -12, "start": start, "duration": duration});
        if has_sound { vec![flash, tone] } else { vec![flash] }
    };
    let layers: Vec<Value> = (0..secs).flat_map(flash).collect();
    json!({"canvas": {"width": SIZE.0, "height": SIZE.1, "fps": FPS}, "duration": secs, "layers": layers})
}

/// A running `repcast live`.
pub(crate) struct Live {
    pub(crate) process: RunningProcess,
    pub(crate) address: String,
    id: String,
}

impl Live {
    /// The command that streams a document.
    pub(crate) fn command(document: &Value, args: &[&str]) -> Command {
        let mut command = repcast();
        command.arg("live").arg(write_document(document));
        command.args(["--listen", "127.0.0.1:0", "--preset", "ultrafast", "--json"]).args(args);
        command.stdout(std::process::Stdio::piped());
        command
    }

    /// Starts it, and waits until its address is known.
    pub(crate) fn start(command: Command) -> Self {
        let process = RunningProcess::spawn(command);
        let stream =
            process.wait_for_line("a stream", |line| Some(line.strip_prefix("For other players (HLS): ")?.to_owned()));
        let (address, path) = stream.split_once("/live/").unwrap();
        let (address, id) = (address.to_owned(), path.split_once('/').unwrap().0.to_owned());
        Self { process, address, id }
    }

    /// The status of the session.
    pub(crate) fn status(&self) -> Value {
        let mut response = ureq::get(format!("{}/api/live/{}", self.address, self.id)).call().unwrap();
        response.body_mut().read_json().unwrap()
    }

    /// Waits until the session has made this many frames.
    pub(crate) fn wait_for_frames(&self, frames: u64) -> u64 {
        until("the session has frames", LIMIT, || self.status()["frames"].as_u64().filter(|made| *made >= frames))
    }

    /// The value of a metric.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let text = ureq::get(format!("{}/metrics", self.address)).call().unwrap().body_mut().read_to_string().unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.unwrap_or_else(|| panic!("no {name}:\n{text}"))
    }
}

/// The frames of a file at its rate, as whether each is bright. One that the session dropped is the one before again.
pub(crate) fn bright_frames(path: &Path) -> Vec<bool> {
    let pixels = SIZE.0 * SIZE.1;
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-i"]).arg(path);
    command.args(["-fps_mode", "cfr", "-r", "30", "-pix_fmt", "gray", "-f", "rawvideo", "-"]);
    let luma = command.output().expect("ffmpeg must be installed").stdout;
    let is_bright = |frame: &[u8]| frame.iter().map(|&value| usize::from(value)).sum::<usize>() / pixels > BRIGHT;
    luma.chunks_exact(pixels).map(is_bright).collect()
}

/// Asserts that a file shows the session from a frame on: its flashes are where they are, and its tones are heard with
/// them. Returns the number of frames. Which frame it is follows from the first flash; it begins with a GOP, whose length
/// is a multiple of the flashes'.
#[track_caller]
pub(crate) fn check_flashes(path: &Path, has_sound: bool) -> usize {
    let frames = bright_frames(path);
    let expected = (0..frames.len()).map(|number| (FIRST_FLASH..FIRST_FLASH + FLASH).contains(&(number % FLASH_EVERY)));
    // On a busy machine, frames are late at the edge of a flash.
    let wrong = std::iter::zip(frames.iter().copied(), expected).filter(|(found, expected)| found != expected).count();
    assert!(wrong * MAX_WRONG <= frames.len(), "{wrong} of {} frames: {frames:?}", frames.len());
    if has_sound {
        let delay = (start_secs(path, "a:0") - start_secs(path, "v:0")).max(0.0);
        let mut samples = vec![0.0; (delay * RATE as f64).round() as usize];
        samples.extend(decode_mono(path));
        let starts = (FIRST_FLASH..frames.len()).step_by(FLASH_EVERY).map(|frame| frame * RATE / FPS);
        // The sound may end before the video, where they were cut off.
        for start in starts.filter(|start| start + RATE / 10 < samples.len()) {
            let near = |at: usize| samples[at..at + RATE / 50].iter().any(|value| value.abs() > LOUD);
            assert!(!near(start - RATE / 20) && near(start), "no tone begins with the flash at sample {start}");
        }
    }
    frames.len()
}

/// What ffmpeg says about a file when it decodes all of it.
pub(crate) fn complaints(path: &Path) -> String {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-i"]).arg(path).args(["-f", "null", "-"]);
    let output = command.output().expect("ffmpeg must be installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// When a stream of a file begins, in seconds.
fn start_secs(path: &Path, stream: &str) -> f64 {
    let args =
        ["-v", "error", "-select_streams", stream, "-show_entries", "stream=start_time", "-of", "default=nw=1:nk=1"];
    let text = output_of("ffprobe", args.map(std::ffi::OsStr::new).into_iter().chain([path.as_os_str()]));
    String::from_utf8(text).unwrap().lines().next().unwrap().parse().unwrap()
}

/// The codecs of a file's streams. A transport stream lists them twice, the first time in its program.
pub(crate) fn codecs(path: &Path) -> Vec<String> {
    let args =
        ["-v", "error", "-show_entries", "stream=codec_name", "-of", "default=nw=1:nk=1"].map(std::ffi::OsStr::new);
    let text = String::from_utf8(output_of("ffprobe", args.into_iter().chain([path.as_os_str()]))).unwrap();
    let mut codecs: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    codecs.truncate(2);
    codecs
}
