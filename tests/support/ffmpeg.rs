//! Encoding and decoding of raw frames with ffmpeg, and ffprobe.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Layout of raw frames.
#[derive(Clone, Copy)]
pub(crate) struct Raw<'a> {
    pub(crate) pix_fmt: &'a str,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Frame rate in ffmpeg's syntax: `30` or `30000/1001`.
    pub(crate) rate: &'a str,
}

/// Encodes raw frames to a file; `args` choose filters and the codec.
pub(crate) fn encode(raw: Raw<'_>, frames: impl IntoIterator<Item = Vec<u8>>, args: &[&str], out: &Path) {
    let size = format!("{}x{}", raw.width, raw.height);
    let input = ["-f", "rawvideo", "-pix_fmt", raw.pix_fmt, "-s", &size, "-r", raw.rate, "-i", "-"];
    let bytes = frames.into_iter().flatten().collect::<Vec<_>>();
    let arguments = input.iter().chain(args).map(OsStr::new).chain([out.as_os_str()]);
    run(arguments, &bytes);
    let written = if out.to_string_lossy().contains('%') { out.parent().unwrap() } else { out };
    assert!(written.exists(), "ffmpeg wrote no {}", out.display());
}

/// Makes a file of what these arguments say.
pub(crate) fn make(args: &[&str], out: &Path) {
    run(args.iter().map(OsStr::new).chain([out.as_os_str()]), &[]);
}

/// The frames of a video file or of images named by a `%05d` pattern, in `pix_fmt`: not rotated, none repeated or dropped.
/// Without `pix_fmt` the samples are those of the decoder.
pub(crate) fn decode(path: &Path, before_input: &[&str], pix_fmt: Option<&str>, frame_bytes: usize) -> Vec<Vec<u8>> {
    let after = pix_fmt.map_or(vec![], |pix_fmt| vec!["-pix_fmt", pix_fmt]);
    let output = ["-fps_mode", "passthrough", "-f", "rawvideo", "-"];
    let arguments = before_input.iter().chain(&["-noautorotate", "-i"]).map(OsStr::new).chain([path.as_os_str()]);
    let bytes = run(arguments.chain(after.iter().chain(&output).map(OsStr::new)), &[]);
    assert!(!bytes.is_empty(), "{} has no frames", path.display());
    assert_eq!(bytes.len() % frame_bytes, 0, "frames of {} have another size than expected", path.display());
    bytes.chunks(frame_bytes).map(<[u8]>::to_vec).collect()
}

/// ffprobe's report on the container, the streams and, in `packets`, every packet of the first video track.
pub(crate) fn ffprobe_json(path: &Path) -> Value {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-of", "json", "-show_streams", "-show_format", "-show_packets"]);
    let output = command.args(["-select_streams", "v:0"]).arg(path).output().expect("ffprobe must be installed");
    assert!(output.status.success(), "ffprobe {}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn run<'a>(args: impl Iterator<Item = &'a OsStr>, input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y"]).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("ffmpeg must be installed");
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // The write fails when ffmpeg exits early; its exit status is checked below.
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The standard output of a tool that must succeed.
pub(crate) fn output_of<'a>(tool: &str, args: impl IntoIterator<Item = &'a OsStr>) -> Vec<u8> {
    let mut command = Command::new(tool);
    let output = command.args(args).output().unwrap_or_else(|error| panic!("{tool} must be installed: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
