//! Numbered clips, read by repcast and by ffmpeg.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use repcast_gstreamer::decode::{Clip, ProbedClip, probe};
use repcast_media::{ClipFrame, Component};
use repcast_model::time::{Rational, SourceTime};

use crate::support::ffmpeg::{Raw, encode};
use crate::support::fixture::fixture;
use crate::support::numbered::{HEIGHT, Reading, WIDTH, gray_frame, read};

/// Frames of each clip.
pub(crate) const FRAMES: u32 = 48;

/// How long a decoder may deliver no frame: these short clips are decoded in much less, even on a busy machine.
pub(crate) const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// How a base clip is encoded. All have 30 frames per second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Base {
    pub(crate) name: &'static str,
    /// ffmpeg options, separated by spaces.
    pub(crate) options: &'static str,
}

pub(crate) const H264_B: Base = Base {
    name: "h264-b",
    options: "-c:v libx264 -preset veryfast -crf 18 -pix_fmt yuv420p -bf 2 -b_strategy 0 -g 12 -sc_threshold 0",
};
pub(crate) const H264: Base = Base {
    name: "h264",
    options: "-c:v libx264 -preset veryfast -crf 18 -pix_fmt yuv420p -bf 0 -g 10 -sc_threshold 0",
};
pub(crate) const H264_FULL: Base = Base {
    name: "h264-full",
    options: "-vf scale=in_range=pc:out_range=pc,format=yuvj420p -c:v libx264 -preset veryfast -crf 18 -color_range pc -bf 3 -b_strategy 0 -g 16 -sc_threshold 0",
};
pub(crate) const H265: Base = Base {
    name: "h265",
    options: "-c:v libx265 -preset ultrafast -crf 18 -pix_fmt yuv420p -tag:v hvc1 -x265-params log-level=error:keyint=12:min-keyint=12:bframes=2:open-gop=0",
};
pub(crate) const PRORES: Base =
    Base { name: "prores", options: "-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le -vendor apl0" };
pub(crate) const QTRLE: Base = Base { name: "qtrle", options: "-c:v qtrle -pix_fmt argb -g 10" };
pub(crate) const VP9: Base =
    Base { name: "vp9", options: "-c:v libvpx-vp9 -pix_fmt yuva420p -b:v 1M -g 12 -deadline realtime -cpu-used 8" };
pub(crate) const VP8: Base =
    Base { name: "vp8", options: "-c:v libvpx -pix_fmt yuva420p -auto-alt-ref 0 -b:v 1M -g 12 -deadline realtime" };

impl Base {
    /// Writes the clip, with a timescale of 15360 if the container allows it.
    pub(crate) fn write(self, ending: &str) -> std::path::PathBuf {
        fixture(&format!("base-{}.{ending}", self.name), |out| {
            let timescale: &[&str] =
                if ["mp4", "mov"].contains(&ending) { &["-video_track_timescale", "15360"] } else { &[] };
            let options: Vec<&str> = self.options.split(' ').chain(timescale.iter().copied()).collect();
            let raw = Raw { pix_fmt: "gray", width: WIDTH, height: HEIGHT, rate: "30" };
            encode(raw, (0..FRAMES).map(gray_frame), &options, out);
        })
    }
}

/// A frame as ffmpeg presents it: start in seconds, and number.
pub(crate) type Presented = (Rational, Reading);

/// Every frame that ffmpeg presents.
pub(crate) fn presented_by_ffmpeg(path: &Path) -> Vec<Presented> {
    let folder = tempfile::tempdir().unwrap();
    let times = folder.path().join("times");
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y", "-copyts", "-noautorotate", "-i"]).arg(path);
    command
        .args(["-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-pix_fmt", "gray", "-f", "framecrc"])
        .arg(&times);
    command.args(["-map", "0:v", "-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "-"]);
    let output = command.output().expect("ffmpeg must be installed");
    assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    let times = std::fs::read_to_string(times).unwrap();
    let base = times.lines().find_map(|line| line.strip_prefix("#tb 0: ")).unwrap();
    let (numerator, denominator) = base.split_once('/').unwrap();
    let base = Rational::new(numerator.parse().unwrap(), denominator.parse().unwrap());
    let starts = times.lines().filter(|line| !line.starts_with('#'));
    let starts = starts.map(|line| base * line.split(',').nth(2).unwrap().trim().parse::<i128>().unwrap());
    let numbers = output.stdout.chunks(WIDTH * HEIGHT).map(|gray| read(gray, WIDTH, 0, 0));
    std::iter::zip(starts, numbers).collect()
}

/// A clip that is opened like the program does.
pub(crate) fn open(path: &Path) -> (ProbedClip, Clip) {
    let probed = probe(path).unwrap_or_else(|error| panic!("{error}"));
    let clip = Clip::open(path, &probed, SourceTime(Rational::from_integer(0)), None, STALL_TIMEOUT).unwrap();
    (probed, clip)
}

/// The number on the frame at a time of the clip.
pub(crate) fn number_at(clip: &mut Clip, secs: Rational) -> Reading {
    let frame = clip.frame_at(SourceTime(secs)).unwrap_or_else(|error| panic!("{error}"));
    read(&gray(&frame), frame.size.width as usize, 0, 0)
}

/// The first component of a frame, reduced to eight bits.
pub(crate) fn gray(frame: &ClipFrame) -> Vec<u8> {
    let Component { plane, offset, step, .. } = frame.layout.components[0];
    let is_wide = frame.layout.depth > 8;
    let rows = frame.rows(usize::from(plane), frame.stored);
    let sample = |bytes: &[u8]| {
        let bytes = &bytes[usize::from(offset)..];
        let wide = |low: u8, high: u8| (u16::from_le_bytes([low, high]) >> (frame.layout.depth - 8)) as u8;
        if is_wide { wide(bytes[0], bytes[1]) } else { bytes[0] }
    };
    rows.iter().flat_map(|row| row.chunks_exact(usize::from(step)).map(sample).collect::<Vec<_>>()).collect()
}

/// Copies the streams of a file to another with ffmpeg; arguments are separated by spaces.
pub(crate) fn remux(from: &Path, before: &str, after: &str, to: &Path) {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y"]).args(words(before)).arg("-i").arg(from);
    let output = command.args(["-c", "copy"]).args(words(after)).arg(to).output().expect("ffmpeg must be installed");
    assert!(output.status.success(), "{}: {}", to.display(), String::from_utf8_lossy(&output.stderr));
}
