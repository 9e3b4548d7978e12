//! The sound of a document: its mixer with the sounds that are part of the program, and the audio track of an output.
//!
//! ```text
//! texts -- Speaker: adapters of speech --> DocumentSounds (signals, speech)
//!
//! Sound: Soundtrack, DocumentSounds
//!    -- open_mixer --> Mixer --> Master (loudness, limiter) --> AudioTrack (AAC) --> Sample
//! ```

mod levels;
mod library;
mod speaker;
mod spoken;
mod track;

use std::ops::ControlFlow;
use std::sync::Arc;

pub(crate) use levels::measured_levels;
pub use library::DocumentSounds;
use repcast_gstreamer::decode::FileAudioSources;
use repcast_mixer::{DEFAULT_CEILING, Master, Mixer, ceiling_for, fit_loudness};
use repcast_model::audio::Soundtrack;
pub use speaker::{Speaker, SpeechTimeout};
pub(crate) use track::{AudioTrack, MixReader};

/// What is heard in a document.
#[derive(Clone, Debug)]
pub struct DocumentAudio {
    /// Every sound, with its place.
    pub soundtrack: Arc<Soundtrack>,
    /// The sounds that are not files of the document.
    pub sounds: Arc<DocumentSounds>,
}

impl DocumentAudio {
    /// Makes the speech of a soundtrack, and fits it to the lengths that this has.
    ///
    /// # Errors
    /// When the speaker does not complete the speech in time.
    pub fn new(soundtrack: Soundtrack, speaker: &Speaker) -> Result<Self, SpeechTimeout> {
        let sounds = DocumentSounds::new(&soundtrack, speaker)?;
        // What cannot be spoken keeps its place, so that the mixer reports it.
        let soundtrack = soundtrack.with_speech_lengths(|text| sounds.speech_samples(text).unwrap_or(u64::MAX));
        Ok(Self { soundtrack: Arc::new(soundtrack), sounds: Arc::new(sounds) })
    }

    /// The sound of a document without any.
    #[must_use]
    pub fn silent() -> Self {
        Self { soundtrack: Arc::default(), sounds: Arc::default() }
    }

    /// The mixer, whose files are decoded here. Where the soundtrack has a loudness, its files are measured first, which
    /// reads each of them once. `None` if `is_over` becomes true while they are measured.
    #[must_use]
    pub fn open_mixer(&self, is_over: &dyn Fn() -> bool) -> Option<Mixer> {
        let sources = Arc::<FileAudioSources>::default();
        let levels = measured_levels(self, &*sources, is_over)?;
        Some(Mixer::new(self.soundtrack.clone(), sources, self.sounds.clone(), &levels))
    }

    /// The ceiling of the limiter, in dBTP.
    pub(crate) fn ceiling(&self) -> f64 {
        self.soundtrack.loudness.as_ref().map_or(DEFAULT_CEILING, ceiling_for)
    }

    /// The gain in decibels that brings a mix to the loudness of the document. `None` if `is_over` becomes true while the
    /// mix is measured, which takes a pass over it, or more.
    pub(crate) fn measure_gain(&self, mixer: &mut Mixer, is_over: &dyn Fn() -> bool) -> Option<f64> {
        let Some(loudness) = &self.soundtrack.loudness else { return Some(0.0) };
        let mut go_on = |_| if is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        match fit_loudness(mixer, loudness, &mut go_on) {
            Ok(fit) => fit.map(|fit| fit.gain_db),
            Err(error) => {
                tracing::warn!("the loudness of the mix is left as it is: {error}");
                Some(0.0)
            }
        }
    }

    /// The whole mix as it is written to files: at its loudness, limited. `None` if `is_over` becomes true while the mix is
    /// measured.
    pub(crate) fn open_mix(&self, is_over: &dyn Fn() -> bool) -> Option<MixReader> {
        let mut mixer = self.open_mixer(is_over)?;
        let gain_db = self.measure_gain(&mut mixer, is_over)?;
        Some(MixReader::new(Master::new(mixer, gain_db, self.ceiling())))
    }
}
