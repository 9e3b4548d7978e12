//! Outputs as ffprobe and ffmpeg read them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::source::Source;

/// A file as ffprobe reads it.
pub(super) struct Probe {
    path: PathBuf,
    values: HashMap<String, String>,
}

impl Probe {
    /// Reads a file to its end.
    pub(super) fn of(path: &Path) -> Self {
        let args = ["-v", "error", "-count_frames", "-show_format", "-show_streams", "-of", "default"];
        let text = run("ffprobe", &args, path);
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        // The format comes after the streams and must not hide their values.
        let mut values = HashMap::new();
        for (key, value) in pairs {
            values.entry(key.to_owned()).or_insert_with(|| value.to_owned());
        }
        Self { path: path.to_owned(), values }
    }

    /// A value by ffprobe's name for it.
    pub(super) fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// Asserts that the file shows exactly the source's frames, evenly from 0 on, in BT.709 of limited range, and that
    /// ffmpeg prints no warning.
    pub(super) fn assert_shows(&self, source: &Source) {
        self.assert_shows_from(source, 0);
    }

    /// The same of fragments with signed composition offsets. libavformat (5.1) delays such a track until none of its
    /// frames is shown before it is decoded, so that it reports the reordering delay as the start; it does so with its
    /// own CMAF output as well.
    pub(super) fn assert_shows_signed(&self, source: &Source) {
        self.assert_shows_from(source, source.reorder_delay());
    }

    fn assert_shows_from(&self, source: &Source, start: u64) {
        let start_secs = repcast_model::time::to_f64(source.config.rate.secs_at(start));
        let frames = source.frames.len();
        let expected = [
            ("codec_name", "h264".to_owned()),
            ("width", source.config.size.width.to_string()),
            ("height", source.config.size.height.to_string()),
            ("sample_aspect_ratio", "1:1".to_owned()),
            ("nb_read_frames", frames.to_string()),
            ("r_frame_rate", source.config.rate.to_string()),
            ("avg_frame_rate", source.config.rate.to_string()),
            ("start_time", format!("{start_secs:.6}")),
            ("color_range", "tv".to_owned()),
            ("color_space", "bt709".to_owned()),
            ("color_primaries", "bt709".to_owned()),
            ("color_transfer", "bt709".to_owned()),
        ];
        for (name, value) in expected {
            assert_eq!(self.value(name), value, "{name} of {} at {}", self.path.display(), source.config.rate);
        }
        self.assert_even(frames, start as i64);
        assert_eq!(hash(&self.path), source.hash);
    }

    /// Asserts that frame n begins n frame durations after the start, in the file's own ticks.
    fn assert_even(&self, frames: usize, start: i64) {
        let text = run("ffprobe", &["-v", "error", "-show_entries", "frame=pts", "-of", "csv=p=0"], &self.path);
        // Side data, of which nothing is shown, leaves empty fields.
        let fields = text.split(['\n', ',']).filter(|field| !field.is_empty());
        let ticks: Vec<i64> = fields.map(|field| field.parse().unwrap()).collect();
        let even: Vec<i64> = (start..start + frames as i64).map(|number| number * (ticks[1] - ticks[0])).collect();
        assert_eq!(ticks, even, "{}", self.path.display());
    }
}

/// A hash of the decoded frames of a file.
pub(super) fn hash(path: &Path) -> String {
    run("ffmpeg", &["-fps_mode", "passthrough", "-f", "md5", "-"], path)
}

/// The output of a program that must succeed without a warning.
pub(super) fn run(program: &str, args: &[&str], input: &Path) -> String {
    let mut command = Command::new(program);
    command.args(["-v", "warning"]);
    let (before, after) = if program == "ffmpeg" { (&[][..], args) } else { (args, &[][..]) };
    let output = command.args(before).arg("-i").arg(input).args(after).output();
    let output = output.unwrap_or_else(|error| panic!("{program} must be installed: {error}"));
    let warnings = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && warnings.is_empty(), "{program} on {}: {warnings}", input.display());
    String::from_utf8(output.stdout).unwrap()
}
