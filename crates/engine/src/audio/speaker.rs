//! Speaks the texts of documents, before they are needed: with the first adapter that has a voice for a text, each text
//! once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use repcast_media::{Speech, SpeechError};
use repcast_model::audio::SpeechText;
use repcast_speech::Espeak;

use super::library::built_in_word;
use super::spoken::Spoken;

/// How long speaking a text may take: the longest takes its minute on a core of its own, and longer on a busy machine.
const TEXT_LIMIT: Duration = Duration::from_secs(600);

/// Samples of all cached speech: 32 MB. All are removed when there are more.
const MAX_CACHED_SAMPLES: usize = 4 << 20;

/// Speech of all texts of a document at most, in seconds: 230 MB of samples.
const MAX_DOCUMENT_SECS: f64 = 1200.0;

/// Voices that a warning has been written about; no further ones are when there are more.
const MAX_WARNINGS: usize = 100;

/// The texts of a document were not spoken in time. What has been spoken is cached: a later attempt needs less time.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
#[error("the texts of this document were not spoken in time")]
pub struct SpeechTimeout;

/// Speaks texts with the adapters that this process has, and keeps what has been spoken.
pub struct Speaker {
    adapters: Vec<Arc<dyn Speech>>,
    document_limit: Option<Duration>,
    cache: Mutex<SpeechCache>,
    /// What has been warned about.
    warned: Mutex<HashSet<String>>,
    is_stopped: AtomicBool,
}

/// What has been spoken; `None` for what cannot be.
#[derive(Default)]
struct SpeechCache {
    spoken: HashMap<SpeechText, Option<Spoken>>,
    samples: usize,
}

impl Default for Speaker {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl std::fmt::Debug for Speaker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Speaker").field("adapters", &self.adapters.len()).finish_non_exhaustive()
    }
}

impl Speaker {
    /// A speaker with these adapters, the preferred first, and espeak-ng as the last.
    #[must_use]
    pub fn new(mut adapters: Vec<Arc<dyn Speech>>) -> Self {
        adapters.push(Arc::new(Espeak));
        let (cache, warned) = (Mutex::default(), Mutex::default());
        Self { adapters, document_limit: None, cache, warned, is_stopped: AtomicBool::new(false) }
    }

    /// The speaker of documents that are opened without one: espeak-ng.
    #[must_use]
    pub fn shared() -> Arc<Self> {
        static SHARED: LazyLock<Arc<Speaker>> = LazyLock::new(Arc::default);
        SHARED.clone()
    }

    /// The same with a limit of the time that the texts of one document may take.
    #[must_use]
    pub fn with_document_limit(self, limit: Duration) -> Self {
        Self { document_limit: Some(limit), ..self }
    }

    /// Ends what is being spoken; no further text is spoken.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// The texts that can be spoken. Those of a document that speaks for longer than 20 minutes in all are silent from then
    /// on, with a warning.
    ///
    /// # Errors
    /// When they take longer than a document may, or [`Self::stop`] is called.
    pub(super) fn speak_all(
        &self,
        texts: BTreeSet<Arc<SpeechText>>,
    ) -> Result<HashMap<SpeechText, Spoken>, SpeechTimeout> {
        let started = Instant::now();
        let limit = self.document_limit.unwrap_or(Duration::MAX);
        let is_over = || self.is_stopped.load(Ordering::Relaxed) || started.elapsed() > limit;
        let (mut all, mut secs) = (HashMap::new(), 0.0);
        for text in texts {
            let spoken = match built_in_word(&text) {
                Some(word) => Some(word),
                None => self.speak(&text, &is_over).map_err(|_| SpeechTimeout)?,
            };
            let Some(spoken) = spoken else { continue };
            secs += spoken.secs();
            if secs > MAX_DOCUMENT_SECS {
                tracing::warn!("a document speaks for more than {MAX_DOCUMENT_SECS} s: its other texts are silent");
                break;
            }
            all.insert((*text).clone(), spoken);
        }
        Ok(all)
    }

    /// Speaks a text, or returns what was spoken before. `None` if it cannot be spoken.
    ///
    /// # Errors
    /// When `is_over` has become true.
    fn speak(&self, text: &SpeechText, is_over: &(dyn Fn() -> bool + Sync)) -> Result<Option<Spoken>, SpeechError> {
        if let Some(spoken) = lock(&self.cache).spoken.get(text) {
            return Ok(spoken.clone());
        }
        let spoken = self.speak_uncached(text, is_over)?;
        let mut cache = lock(&self.cache);
        cache.samples += spoken.as_ref().map_or(1, |spoken| spoken.samples().len());
        if cache.samples > MAX_CACHED_SAMPLES {
            *cache = SpeechCache::default();
        }
        cache.spoken.insert(text.clone(), spoken.clone());
        Ok(spoken)
    }

    fn speak_uncached(
        &self,
        text: &SpeechText,
        is_over: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<Spoken>, SpeechError> {
        let started = Instant::now();
        let is_late = || is_over() || started.elapsed() > TEXT_LIMIT;
        for adapter in &self.adapters {
            let Some(voice) = adapter.voice(text) else { continue };
            match adapter.speak(text, &is_late) {
                Ok(spoken) => {
                    if let Some(speaker) = text.speaker.as_ref().filter(|_| !voice.is_requested) {
                        self.warn(format!(
                            "there is no speaker {speaker:?}: {} speaks {:?}",
                            voice.name, text.language
                        ));
                    }
                    return Ok(Spoken::leveled(spoken));
                }
                Err(SpeechError::Interrupted) if is_over() => return Err(SpeechError::Interrupted),
                Err(error) => self.warn(format!("{} cannot speak {:?}: {error}", voice.name, text.language)),
            }
        }
        Ok(None)
    }

    /// Writes a warning, once.
    fn warn(&self, message: String) {
        let mut warned = lock(&self.warned);
        if warned.len() < MAX_WARNINGS && !warned.contains(&message) {
            tracing::warn!("{message}");
            warned.insert(message);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Maps to which whole entries are added: a panic leaves nothing inconsistent.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
