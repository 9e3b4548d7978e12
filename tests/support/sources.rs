//! Numbered clips in the containers and codecs whose time stamps differ, each with the start times of its frames.

use std::path::{Path, PathBuf};

use super::ffmpeg::{Raw, encode};
use super::fixture::fixture;
use super::mp4_patch::trim_start;
use super::numbered::{HEIGHT, WIDTH, gray_frame};
use super::ratio::Ratio;

/// Frames in a clip.
const FRAMES: u32 = 40;

/// Frames at the start that the edit list of [`edit_list`] hides.
const HIDDEN: u32 = 15;

/// A clip all of whose frames are known.
#[derive(Clone)]
pub(crate) struct Source {
    /// Its path relative to the documents.
    pub(crate) src: String,
    /// Its absolute path.
    pub(crate) path: PathBuf,
    /// The number on its first frame.
    pub(crate) first: u32,
    /// Start of each frame, in seconds.
    pub(crate) starts: Vec<Ratio>,
    /// End of the last frame.
    pub(crate) end: Ratio,
    /// Whether the container does not define [`Self::end`] exactly.
    pub(crate) open_ended: bool,
}

impl Source {
    /// The number on the frame whose interval contains `time`.
    pub(crate) fn number_at(&self, time: Ratio) -> u32 {
        self.first + self.starts.iter().rposition(|start| *start <= time).unwrap() as u32
    }

    fn constant(src: &str, rate: &str, first: u32, make: impl FnOnce(&Path)) -> Self {
        let rate = Ratio::parse(rate);
        let frames = FRAMES - first % FRAMES;
        let starts = (0..frames).map(|frame| Ratio::from(i128::from(frame)) / rate).collect();
        let end = Ratio::from(i128::from(frames)) / rate;
        Self { src: src.to_owned(), path: fixture(src, make), first, starts, end, open_ended: false }
    }
}

/// QuickTime Animation with alpha in MOV.
pub(crate) fn qtrle(rate: &str) -> Source {
    let src = format!("numbers-{}.mov", rate.replace('/', "-"));
    Source::constant(&src, rate, 0, |out| write(rate, &["-c:v", "qtrle", "-pix_fmt", "argb"], out))
}

/// VP9 with alpha in WebM at 30 frames a second. The container rounds time stamps to milliseconds; the frames are still
/// thirtieths of a second, as its header says.
pub(crate) fn vp9_alpha() -> Source {
    let speed = ["-deadline", "realtime", "-cpu-used", "8"];
    Source::constant("numbers-vp9.webm", "30", 0, |out| write("30", &webm(&["-c:v", "libvpx-vp9"], &speed), out))
}

/// VP8 with alpha in WebM at 30 frames a second.
pub(crate) fn vp8_alpha() -> Source {
    let speed = ["-deadline", "realtime", "-auto-alt-ref", "0"];
    Source::constant("numbers-vp8.webm", "30", 0, |out| write("30", &webm(&["-c:v", "libvpx"], &speed), out))
}

fn webm<'a>(codec: &[&'a str], speed: &[&'a str]) -> Vec<&'a str> {
    [codec, speed, &["-pix_fmt", "yuva420p", "-b:v", "1M", "-g", "16"]].concat()
}

/// H.264 in MP4 at 30 frames a second, with B-frames, which are stored in decoding order.
pub(crate) fn h264_b_frames() -> Source {
    Source::constant("numbers-b-frames.mp4", "30", 0, |out| write("30", &h264("12"), out))
}

/// The same, with an edit list that starts in the middle of a GOP.
pub(crate) fn edit_list() -> Source {
    Source::constant("numbers-edit-list.mp4", "30", HIDDEN, |out| {
        write("30", &[&h264("250")[..], &["-video_track_timescale", "15360"]].concat(), out);
        trim_start(out, HIDDEN * 512, HIDDEN * 1000 / 30);
    })
}

fn h264(keyframe_distance: &str) -> Vec<&str> {
    let frames = ["-bf", "3", "-b_strategy", "0", "-g", keyframe_distance, "-sc_threshold", "0"];
    [&["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"][..], &frames].concat()
}

/// Numbered PNG files counted from 1, which are played at 30 frames a second.
pub(crate) fn numbered_pictures() -> Source {
    Source::constant("numbers/%05d.png", "30", 0, |out| write("30", &["-pix_fmt", "rgba", "-start_number", "1"], out))
}

/// H.264 in MP4 whose frames last from 9 to 41 milliseconds.
pub(crate) fn variable_rate() -> Source {
    let src = "numbers-variable.mp4";
    let starts: Vec<_> = (0..i128::from(FRAMES)).map(|n| Ratio::new(25 * n + n * n * 7 % 17, 1000)).collect();
    let path = fixture(src, |out| {
        let clock = ["-vf", "settb=1/1000,setpts=25*N+mod(N*N*7\\,17)", "-fps_mode", "vfr", "-enc_time_base", "1/1000"];
        write("30", &[&h264("12")[..], &clock, &["-video_track_timescale", "1000"]].concat(), out);
    });
    let end = starts[starts.len() - 1];
    Source { src: src.to_owned(), path, first: 0, starts, end, open_ended: true }
}

fn write(rate: &str, args: &[&str], out: &Path) {
    encode(Raw { pix_fmt: "gray", width: WIDTH, height: HEIGHT, rate }, (0..FRAMES).map(gray_frame), args, out);
}
