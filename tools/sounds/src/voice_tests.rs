//! What the spoken words, which `voices.py` makes, must be like.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::loudness::max_momentary;
use crate::signal::{RATE, Stereo, to_db};

/// Hertz and channels of the words, as ffprobe writes them.
const FORMAT: &str = "24000,1";

fn folder(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sounds/voice").join(language)
}

fn words(language: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(language)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn format(path: &Path) -> String {
    let arguments = ["-v", "error", "-show_entries", "stream=sample_rate,channels", "-of", "csv=p=0"];
    let output = Command::new("ffprobe").args(arguments).arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The word at 48 kHz, in both channels.
fn read(path: &Path) -> Stereo {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-i"])
        .arg(path)
        .args(["-ar", &RATE.to_string(), "-f", "f32le", "-"])
        .output()
        .unwrap();
    let (samples, _) = output.stdout.as_chunks();
    Stereo::dual_mono(samples.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

#[test]
fn both_languages_have_the_same_words() {
    assert_eq!(words("en"), words("fr"));
    for word in ["one", "two", "three", "go", "rest", "next", "halfway", "last", "done", "complete"] {
        assert!(words("en").contains(&format!("{word}.flac")), "{word}");
    }
}

#[test]
fn words_start_at_once_and_have_one_loudness() {
    for language in ["en", "fr"] {
        for word in words(language) {
            let path = folder(language).join(&word);
            assert_eq!(format(&path), FORMAT, "{language}/{word}");
            let sound = read(&path);
            let peak = sound.peak();
            assert!((-12.0..-1.0).contains(&to_db(peak)), "{language}/{word}: peak {peak}");
            assert!((max_momentary(&sound) + 16.0).abs() < 0.5, "{language}/{word}: {}", max_momentary(&sound));
            // A voiceless consonant starts more than 40 dB below the vowel that follows.
            let onset = sound.channels[0].iter().position(|sample| sample.abs() > 0.005 * peak).unwrap();
            assert!(onset <= RATE * 5 / 1000, "{language}/{word}: {onset} samples");
            let secs = sound.len() as f64 / RATE as f64;
            assert!((0.25..1.6).contains(&secs), "{language}/{word}: {secs} s");
            let last = sound.channels[0][sound.len() - 1];
            assert!(last.abs() < 0.001, "{language}/{word} ends at {last}");
        }
    }
}
