//! Kokoro-82M, a neural voice: English and French, at 24 kHz.

use std::collections::HashMap;
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use ort::environment::Environment;
use ort::session::{RunOptions, Session};
use ort::value::Tensor;
use repcast_media::{Speech, SpeechError, SpokenText, Voice};
use repcast_model::audio::SpeechText;
use repcast_model::time::to_f64;

use crate::MAX_SECS;
use crate::phonemes::{Accent, clauses, from_ipa, pieces, tokens};
use crate::process::espeak;
use crate::trim::trim;
use crate::voices::{STYLE_LEN, Styles, VoiceNames};

/// Samples per second of the model.
const RATE: u32 = 24_000;

/// Seconds between pieces of a text, which are synthesised one at a time.
const PAUSE_SECS: f64 = 0.25;

/// How often is checked whether the caller has ended a call.
const CHECK_INTERVAL: Duration = Duration::from_millis(10);

/// The files of a folder of voices.
const LIBRARY: &str = "libonnxruntime.so";
const MODEL: &str = "kokoro-v1.0.int8.onnx";
const VOCABULARY: &str = "vocab.json";
const VOICES: &str = "voices";

/// Most bytes of a file that is read: the model with integer weights has 92 MB, with others up to 330 MB.
const MAX_FILE_BYTES: u64 = 400 << 20;

/// Kokoro-82M in a folder, with ONNX Runtime.
///
/// The model is loaded when it is first needed, and speaks one text at a time, on one thread, so that the same text has the
/// same samples.
pub struct Kokoro {
    folder: PathBuf,
    voices: VoiceNames,
    vocabulary: HashMap<char, i64>,
    /// Or why it cannot be loaded.
    session: Mutex<Option<Result<Session, SpeechError>>>,
}

impl Kokoro {
    /// The voices of a folder: `libonnxruntime.so`, `kokoro-v1.0.int8.onnx`, `vocab.json`, and `voices/NAME.bin`.
    ///
    /// # Errors
    /// When a file is missing.
    pub fn open(folder: &Path) -> Result<Self, SpeechError> {
        let missing = |path: &Path, reason: &dyn Display| SpeechError::Missing(format!("{}: {reason}", path.display()));
        for name in [LIBRARY, MODEL] {
            let path = folder.join(name);
            if !path.is_file() {
                return Err(missing(&path, &"there is no such file"));
            }
        }
        let path = folder.join(VOICES);
        let voices = VoiceNames::read(&path).map_err(|error| missing(&path, &error))?;
        if voices.is_empty() {
            return Err(missing(&path, &"there is no voice"));
        }
        let path = folder.join(VOCABULARY);
        let vocabulary =
            parse_vocabulary(&read(&path)?).ok_or_else(|| missing(&path, &"is not the vocabulary of the model"))?;
        Ok(Self { folder: folder.to_owned(), voices, vocabulary, session: Mutex::default() })
    }

    fn load(&self) -> Result<Session, SpeechError> {
        let unusable = |error: ort::Error| SpeechError::Missing(format!("{}: {error}", self.folder.display()));
        let environment = environment(&self.folder.join(LIBRARY))?;
        let model = read(&self.folder.join(MODEL))?;
        let builder = Session::builder(&environment).map_err(unusable)?;
        // One thread, so that sums are made in one order, and so that a server has the other cores.
        let mut builder = builder.with_intra_threads(1).map_err(|error| unusable(error.into()))?;
        builder.commit_from_memory(&model).map_err(unusable)
    }

    /// The model, when no other text is being spoken.
    fn session(
        &self,
        is_over: &dyn Fn() -> bool,
    ) -> Result<MutexGuard<'_, Option<Result<Session, SpeechError>>>, SpeechError> {
        loop {
            match self.session.try_lock() {
                Ok(session) => return Ok(session),
                // What a panic leaves is a session that has not run.
                Err(TryLockError::Poisoned(session)) => return Ok(session.into_inner()),
                Err(TryLockError::WouldBlock) if is_over() => return Err(SpeechError::Interrupted),
                Err(TryLockError::WouldBlock) => std::thread::sleep(CHECK_INTERVAL),
            }
        }
    }

    fn phonemes(
        &self,
        text: &str,
        accent: Accent,
        is_over: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<String>, SpeechError> {
        let options = ["-q", "--ipa", "--tie=^", "-v", accent.espeak_voice()];
        let pronounced = |(words, punctuation): (String, String)| {
            let ipa = String::from_utf8_lossy(&espeak(&options, &words, is_over)?).into_owned();
            let known = from_ipa(&ipa, accent);
            let phonemes: String = known.chars().filter(|symbol| self.vocabulary.contains_key(symbol)).collect();
            Ok((!phonemes.trim().is_empty()).then(|| phonemes.trim().to_owned() + &punctuation))
        };
        clauses(text).into_iter().filter_map(|clause| pronounced(clause).transpose()).collect()
    }
}

impl Speech for Kokoro {
    fn voice(&self, text: &SpeechText) -> Option<Voice> {
        self.voices.choose(text).map(|(voice, _)| voice)
    }

    fn speak(&self, text: &SpeechText, is_over: &(dyn Fn() -> bool + Sync)) -> Result<SpokenText, SpeechError> {
        let chosen = self.voices.choose(text);
        let (voice, accent) = chosen.ok_or_else(|| SpeechError::Language(text.language.clone()))?;
        let path = self.folder.join(VOICES).join(format!("{}.bin", voice.name));
        let styles = Styles::parse(&read(&path)?)
            .ok_or_else(|| SpeechError::Missing(format!("{}: is not a voice of the model", path.display())))?;
        let pieces = pieces(&self.phonemes(&text.text, accent, is_over)?);
        let mut loaded = self.session(&is_over)?;
        let session = loaded.get_or_insert_with(|| self.load()).as_mut().map_err(|error| error.clone())?;
        let mut samples: Vec<f32> = Vec::new();
        let most = RATE as usize * MAX_SECS as usize;
        for piece in &pieces {
            let tokens = tokens(piece, &self.vocabulary);
            let style = styles.of(tokens.len() - 2).to_vec();
            let spoken = run(session, tokens, style, to_f64(text.rate) as f32, is_over)?;
            if !samples.is_empty() {
                samples.resize(samples.len() + (PAUSE_SECS * f64::from(RATE)) as usize, 0.0);
            }
            samples.extend(trim(&spoken, RATE));
            if samples.len() >= most {
                samples.truncate(most);
                break;
            }
        }
        if samples.is_empty() {
            return Err(SpeechError::Failed("there is nothing to be spoken in it".to_owned()));
        }
        Ok(SpokenText { rate: RATE, samples })
    }
}

/// ONNX Runtime, of which a process loads one: the first that can be loaded serves all folders.
fn environment(library: &Path) -> Result<Environment, SpeechError> {
    static LOADED: Mutex<Option<Environment>> = Mutex::new(None);
    let unusable = |error: &dyn Display| SpeechError::Missing(format!("{}: {error}", library.display()));
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*loaded {
        return Ok(environment.clone());
    }
    // A relative path would be looked for next to the program.
    let path = library.canonicalize().map_err(|error| unusable(&error))?;
    let builder = ort::init_from(path).map_err(|error| unusable(&error))?;
    let environment = builder.with_telemetry(false).build().map_err(|error| unusable(&error))?;
    Ok(loaded.insert(environment).clone())
}

/// Runs the model, which is terminated when the call is over.
fn run(
    session: &mut Session,
    tokens: Vec<i64>,
    style: Vec<f32>,
    speed: f32,
    is_over: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<f32>, SpeechError> {
    let failed = |error: ort::Error| SpeechError::Failed(format!("the model: {error}"));
    let inputs = ort::inputs![
        Tensor::from_array(([1, tokens.len()], tokens)).map_err(failed)?,
        Tensor::from_array(([1, STYLE_LEN], style)).map_err(failed)?,
        Tensor::from_array(([1], vec![speed])).map_err(failed)?,
    ];
    let options = RunOptions::new().map_err(failed)?;
    let (is_done, options) = (AtomicBool::new(false), &options);
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Acquire) {
                if is_over() {
                    let _ = options.terminate();
                    return;
                }
                std::thread::sleep(CHECK_INTERVAL);
            }
        });
        let outputs = session.run_with_options(inputs, options);
        is_done.store(true, Ordering::Release);
        let outputs = outputs?;
        outputs[0].try_extract_tensor::<f32>().map(|(_, samples)| samples.to_vec())
    });
    match result {
        Err(_) if is_over() => Err(SpeechError::Interrupted),
        result => {
            let samples = result.map_err(failed)?;
            let is_sound = samples.iter().all(|sample| sample.is_finite());
            if is_sound { Ok(samples) } else { Err(SpeechError::Failed("the model wrote no sound".to_owned())) }
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, SpeechError> {
    let missing = |error: std::io::Error| SpeechError::Missing(format!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)).map_err(missing)?;
    Ok(bytes)
}

/// The tokens of symbols, which are the object `vocab`.
fn parse_vocabulary(bytes: &[u8]) -> Option<HashMap<char, i64>> {
    let json: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let symbol = |(symbol, token): (&String, &serde_json::Value)| {
        let mut characters = symbol.chars();
        Some((characters.next().filter(|_| characters.next().is_none())?, token.as_i64()?))
    };
    json.get("vocab")?.as_object()?.iter().map(symbol).collect()
}

#[cfg(test)]
mod tests;
