//! Speech from text, made before it is needed: the fixed words of workouts are part of the program, other texts are spoken by
//! espeak-ng, a process of its own, where it is installed.

use std::collections::HashMap;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use repcast_gstreamer::decode::FileAudioSources;
use repcast_media::{AudioSource, AudioSourceError, AudioSources, Stereo};
use repcast_model::audio::{SAMPLE_RATE, SpeechText};
use repcast_model::time::{Rational, round, to_f64};

/// How long speaking a text may take. A sentence takes some milliseconds.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How often is checked whether a text has been spoken.
const CHECK_INTERVAL: Duration = Duration::from_millis(2);

/// Words per minute of espeak-ng at its own speed.
const WORDS_PER_MINUTE: i128 = 165;

/// Speech of a text at most, in samples at 48 kHz: a minute.
const MAX_SAMPLES: usize = 60 * SAMPLE_RATE as usize;

/// Samples of all cached speech: 32 MB. All are removed when there are more.
const MAX_CACHED_SAMPLES: usize = 4 << 20;

/// A text that has been spoken.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    rate: u32,
    samples: Arc<[Stereo]>,
}

impl Spoken {
    /// The samples of a file of this program, or of a process.
    pub(super) fn read(source: &mut dyn AudioSource) -> Option<Self> {
        let rate = source.rate();
        let mut samples = vec![[0.0; 2]; MAX_SAMPLES];
        let count = source.read(&mut samples).ok()?;
        samples.truncate(count);
        (count > 0).then(|| Self { rate, samples: samples.into() })
    }

    /// Its length in samples of mixes.
    pub(super) fn mix_samples(&self) -> u64 {
        let secs = Rational::new(self.samples.len() as i128, i128::from(self.rate.max(1)));
        round(secs * i128::from(SAMPLE_RATE)).max(0) as u64
    }

    /// Samples per second.
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// The samples.
    pub(super) fn samples(&self) -> &[Stereo] {
        &self.samples
    }

    /// The samples alone.
    pub(super) fn into_samples(self) -> Arc<[Stereo]> {
        self.samples
    }

    /// It as a source of a mixer.
    pub(super) fn source(&self) -> Box<dyn AudioSource> {
        Box::new(MemorySource { spoken: self.clone(), position: 0 })
    }
}

struct MemorySource {
    spoken: Spoken,
    position: usize,
}

impl AudioSource for MemorySource {
    fn rate(&self) -> u32 {
        self.spoken.rate
    }

    fn read(&mut self, samples: &mut [Stereo]) -> Result<usize, AudioSourceError> {
        let rest = &self.spoken.samples[self.position..];
        let count = rest.len().min(samples.len());
        samples[..count].copy_from_slice(&rest[..count]);
        self.position += count;
        Ok(count)
    }

    fn rewind(&mut self) -> Result<(), AudioSourceError> {
        self.position = 0;
        Ok(())
    }
}

/// Speech that has been made, for all documents of the process.
#[derive(Default)]
struct SpeechCache {
    spoken: HashMap<SpeechText, Option<Spoken>>,
    samples: usize,
}

/// Speaks a text with espeak-ng, or returns what was spoken before. `None` where it is not installed or does not speak the
/// language.
pub(super) fn speak(text: &SpeechText) -> Option<Spoken> {
    static CACHE: LazyLock<Mutex<SpeechCache>> = LazyLock::new(Mutex::default);
    let lock = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(spoken) = lock().spoken.get(text) {
        return spoken.clone();
    }
    let spoken = run(text);
    let mut cache = lock();
    cache.samples += spoken.as_ref().map_or(1, |spoken| spoken.samples.len());
    if cache.samples > MAX_CACHED_SAMPLES {
        *cache = SpeechCache::default();
    }
    cache.spoken.insert(text.clone(), spoken.clone());
    spoken
}

fn run(text: &SpeechText) -> Option<Spoken> {
    // Anything else could be read as an option or a path.
    let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_language = !text.language.starts_with('-') && text.language.bytes().all(is_tag);
    if !is_language || text.language.is_empty() {
        return None;
    }
    let folder = tempfile::tempdir().ok()?;
    let file = folder.path().join("speech.wav");
    let words = (to_f64(text.rate * WORDS_PER_MINUTE)).round().clamp(80.0, 450.0);
    let mut child = Command::new("espeak-ng")
        .args(["-v", &text.language, "-s", &words.to_string(), "-b", "1", "--stdin", "-w"])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // A process that reads nothing must not block this one: a text fits the pipe.
    let written = child.stdin.take().map(|mut stdin| stdin.write_all(text.text.as_bytes()));
    let is_spoken = written.is_some_and(|written| written.is_ok()) && ends(&mut child);
    let mut source = is_spoken.then(|| FileAudioSources::default().open(&file).ok()).flatten()?;
    Spoken::read(&mut *source)
}

/// Whether a process succeeds in time; it is ended otherwise.
fn ends(child: &mut Child) -> bool {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if started.elapsed() < TIMEOUT => std::thread::sleep(CHECK_INTERVAL),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str, language: &str) -> SpeechText {
        let (text, language) = (words.to_owned(), language.to_owned());
        SpeechText { text, language, speaker: None, rate: Rational::from_integer(1) }
    }

    #[test]
    fn sentences_are_spoken_in_their_language_once() {
        let english = speak(&text("Next: air squat", "en")).unwrap();
        let secs = english.mix_samples() as f64 / f64::from(SAMPLE_RATE);
        assert!((0.5..3.0).contains(&secs), "{secs}");
        let peak = english.samples.iter().flatten().fold(0_f32, |peak, value| peak.max(value.abs()));
        assert!(peak > 0.05, "{peak}");
        let again = speak(&text("Next: air squat", "en")).unwrap();
        assert!(Arc::ptr_eq(&english.samples, &again.samples));
        assert!(speak(&text("Ensuite : squat", "fr")).is_some());
        let fast = SpeechText { rate: Rational::from_integer(2), ..text("Next: air squat", "en") };
        assert!(speak(&fast).unwrap().mix_samples() < english.mix_samples() * 3 / 4);
    }

    #[test]
    fn languages_that_are_none_are_silent() {
        for language in ["", "-w", "/etc/passwd", "xx-nowhere", "en -w x"] {
            assert!(speak(&text("Go", language)).is_none(), "{language}");
        }
        let mut source = speak(&text("Go", "en")).unwrap().source();
        let mut block = [[0.0; 2]; 64];
        assert_eq!(source.read(&mut block).unwrap(), 64);
        source.rewind().unwrap();
        let mut again = [[0.0; 2]; 64];
        source.read(&mut again).unwrap();
        assert_eq!(block, again);
    }
}
