//! Audio for the tests of this crate: files made by ffmpeg, its decoding of them, and comparisons.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use repcast_media::Stereo;

/// Two seconds and three tenths of two sweeps, which resemble themselves at no other time, at 44.1 kHz.
pub(crate) const SWEEP_44: &str = "aevalsrc=0.5*sin(2*PI*(200*t+300*t*t))|0.4*sin(2*PI*(2000*t-350*t*t)):s=44100:d=2.3";

/// The same at 48 kHz.
pub(crate) const SWEEP_48: &str = "aevalsrc=0.5*sin(2*PI*(200*t+300*t*t))|0.4*sin(2*PI*(2000*t-350*t*t)):s=48000:d=2.3";

/// Video without any detail, two and a half seconds.
pub(crate) const VIDEO: &str = "color=gray:s=64x64:r=30:d=2.5";

/// The folder of generated files, next to the test program; emptied by each run.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::current_exe().unwrap().with_file_name("test-audio");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    })
}

/// Runs ffmpeg with these arguments and this output, and returns the path of it. A file is made once in a test run.
pub(crate) fn ffmpeg(name: &str, args: &[&str]) -> PathBuf {
    static MADE: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap();
    let path = made.entry(name.to_owned()).or_insert_with(|| {
        let path = folder().join(name);
        let output =
            Command::new("ffmpeg").args(["-v", "error", "-y", "-nostdin"]).args(args).arg(&path).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        path
    });
    path.clone()
}

/// A file with these bytes.
pub(crate) fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The first audio track of a file as ffmpeg decodes it.
pub(crate) fn ffmpeg_pcm(path: &Path) -> Vec<Stereo> {
    let args = ["-map", "0:a:0", "-f", "f32le", "-ac", "2", "-"];
    let output = Command::new("ffmpeg").args(["-v", "error", "-nostdin", "-i"]).arg(path).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let value = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
    output.stdout.as_chunks::<4>().0.as_chunks::<2>().0.iter().map(|frame| frame.each_ref().map(value)).collect()
}

/// The largest difference of samples at the same place, over the shorter of both.
pub(crate) fn max_difference(one: &[Stereo], other: &[Stereo]) -> f32 {
    one.as_flattened().iter().zip(other.as_flattened()).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max)
}

/// By how many samples `later` is later than `signal`, up to 3000 either way, and the correlation there, 1 for equal
/// signals. A window in the middle of `signal` is compared.
pub(crate) fn lag(signal: &[Stereo], later: &[Stereo]) -> (i64, f64) {
    const WINDOW: usize = 8192;
    const MAX_LAG: i64 = 3000;
    let from = (signal.len() - WINDOW) / 2;
    let window = &signal[from..from + WINDOW];
    let energy = |samples: &[Stereo]| samples.as_flattened().iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
    let correlation = |lag: i64| {
        let at = usize::try_from(from as i64 + lag).ok()?;
        let other = later.get(at..at + WINDOW)?;
        let products = window.as_flattened().iter().zip(other.as_flattened());
        let sum: f64 = products.map(|(one, other)| f64::from(*one) * f64::from(*other)).sum();
        Some(sum / (energy(window) * energy(other)).sqrt().max(1e-9))
    };
    let found = (-MAX_LAG..=MAX_LAG).filter_map(|lag| Some((lag, correlation(lag)?)));
    found.max_by(|one, other| one.1.total_cmp(&other.1)).unwrap()
}
