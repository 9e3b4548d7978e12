//! The sounds of a document that are not files of its own: the signals of workouts, and speech.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, LazyLock};

use repcast_gstreamer::decode::FileAudioSources;
use repcast_media::{AudioSource, AudioSources, Stereo};
use repcast_mixer::SoundLibrary;
use repcast_model::audio::{Cue, SAMPLE_RATE, Soundtrack, SpeechText};
use repcast_model::time::Rational;

use super::speaker::{Speaker, SpeechTimeout};
use super::spoken::Spoken;

/// The files of the signals. They are at 48 kHz and begin with their onsets.
const CUES: [(Cue, &[u8]); 7] = [
    (Cue::Countdown, include_bytes!("../../../../assets/sounds/cues/countdown.flac")),
    (Cue::Start, include_bytes!("../../../../assets/sounds/cues/start.flac")),
    (Cue::Halfway, include_bytes!("../../../../assets/sounds/cues/halfway.flac")),
    (Cue::Rest, include_bytes!("../../../../assets/sounds/cues/rest.flac")),
    (Cue::RestCountdown, include_bytes!("../../../../assets/sounds/cues/rest_countdown.flac")),
    (Cue::Reminder, include_bytes!("../../../../assets/sounds/cues/reminder.flac")),
    (Cue::End, include_bytes!("../../../../assets/sounds/cues/end.flac")),
];

macro_rules! word {
    ($language:literal, $text:literal, $file:literal) => {
        (
            $language,
            $text,
            include_bytes!(concat!("../../../../assets/sounds/voice/", $language, "/", $file, ".flac")) as &[u8],
        )
    };
}

/// The words that are spoken in workouts, as the locales write them.
const WORDS: [(&str, &str, &[u8]); 16] = [
    word!("en", "One", "one"),
    word!("en", "Two", "two"),
    word!("en", "Three", "three"),
    word!("en", "Five", "five"),
    word!("en", "Ten", "ten"),
    word!("en", "Rest", "rest"),
    word!("en", "Halfway", "halfway"),
    word!("en", "Done", "done"),
    word!("fr", "Un", "one"),
    word!("fr", "Deux", "two"),
    word!("fr", "Trois", "three"),
    word!("fr", "Cinq", "five"),
    word!("fr", "Dix", "ten"),
    word!("fr", "Repos", "rest"),
    word!("fr", "À mi-parcours", "halfway"),
    word!("fr", "Terminé", "done"),
];

/// The sounds that are part of the program, decoded once for all documents of the process.
struct BuiltIn {
    cues: HashMap<Cue, Arc<[Stereo]>>,
    words: HashMap<(&'static str, &'static str), Spoken>,
}

static BUILT_IN: LazyLock<BuiltIn> = LazyLock::new(|| {
    let cues = CUES.into_iter().filter_map(|(cue, bytes)| Some((cue, decode(bytes)?.at_mix_rate()?)));
    let words = WORDS.into_iter().filter_map(|(language, text, bytes)| Some(((language, text), decode(bytes)?)));
    let built_in = BuiltIn { cues: cues.collect(), words: words.collect() };
    if built_in.cues.len() < CUES.len() || built_in.words.len() < WORDS.len() {
        tracing::warn!("not all signals and words can be decoded: they are silent");
    }
    built_in
});

/// The signals and the speech of a document.
#[derive(Clone, Debug, Default)]
pub struct DocumentSounds {
    speech: HashMap<SpeechText, Spoken>,
}

impl DocumentSounds {
    /// Makes the speech of a soundtrack. What cannot be spoken is reported by the mixer.
    ///
    /// # Errors
    /// When the speaker does not complete it in time.
    pub fn new(soundtrack: &Soundtrack, speaker: &Speaker) -> Result<Self, SpeechTimeout> {
        Ok(Self { speech: speaker.speak_all(soundtrack.speech_texts())? })
    }

    /// Samples per second, and the samples, of a text that was spoken.
    #[must_use]
    pub fn speech_pcm(&self, text: &SpeechText) -> Option<(u32, &[Stereo])> {
        self.speech.get(text).map(|spoken| (spoken.rate(), spoken.samples()))
    }

    /// The length of a text in samples; `None` if it cannot be spoken.
    #[must_use]
    pub fn speech_samples(&self, text: &SpeechText) -> Option<u64> {
        self.speech.get(text).map(Spoken::mix_samples)
    }
}

impl SoundLibrary for DocumentSounds {
    fn cue(&self, cue: Cue) -> Option<Arc<[Stereo]>> {
        BUILT_IN.cues.get(&cue).cloned()
    }

    fn speech(&self, text: &SpeechText) -> Option<Box<dyn AudioSource>> {
        self.speech.get(text).map(Spoken::source)
    }
}

/// The voice of the words of a language.
fn own_voice(language: &str) -> &'static str {
    if language == "fr" { "ff_siwis" } else { "af_heart" }
}

/// A word of the program, at its own speed in its own voice.
pub(super) fn built_in_word(SpeechText { text, language, speaker, rate }: &SpeechText) -> Option<Spoken> {
    let is_own_voice = speaker.as_ref().is_none_or(|speaker| speaker == own_voice(language));
    let is_own = is_own_voice && *rate == Rational::from_integer(1);
    let word = |((known, word), _): &(&(&str, &str), _)| *known == language && *word == text;
    BUILT_IN.words.iter().find(word).filter(|_| is_own).map(|(_, spoken)| spoken.clone())
}

/// Decodes a file of this program; decoders read files, not memory.
fn decode(bytes: &[u8]) -> Option<Spoken> {
    let mut file = tempfile::Builder::new().suffix(".flac").tempfile().ok()?;
    file.write_all(bytes).ok()?;
    let mut source = FileAudioSources::default().open(file.path()).ok()?;
    Spoken::read(&mut *source)
}

impl Spoken {
    /// The samples of a sound that needs no conversion.
    fn at_mix_rate(self) -> Option<Arc<[Stereo]>> {
        (self.rate() == SAMPLE_RATE).then(|| self.into_samples())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_begins_at_once_and_ends_in_silence() {
        for (cue, _) in CUES {
            let samples = DocumentSounds::default().cue(cue).unwrap();
            let peak = |part: &[Stereo]| part.iter().flatten().fold(0_f32, |peak, value| peak.max(value.abs()));
            let whole = peak(&samples);
            assert!(whole > 0.1 && whole < 0.9, "{cue:?}: {whole}");
            // Five milliseconds.
            assert!(peak(&samples[..240]) > 0.02, "{cue:?}");
            assert!(peak(&samples[samples.len() - 10..]) < 0.01, "{cue:?}");
        }
    }

    #[test]
    fn fixed_words_need_no_synthesis() {
        assert_eq!(BUILT_IN.words.len(), WORDS.len());
        let text = |text: &str, language: &str| SpeechText {
            text: text.to_owned(),
            language: language.to_owned(),
            speaker: None,
            rate: Rational::from_integer(1),
        };
        let word = built_in_word(&text("À mi-parcours", "fr")).unwrap();
        assert!(word.mix_samples() > 10_000);
        assert!(built_in_word(&text("Three", "fr")).is_none());
        let of = |speaker: &str| SpeechText { speaker: Some(speaker.to_owned()), ..text("Trois", "fr") };
        assert!(built_in_word(&of("ff_siwis")).is_some());
        assert!(built_in_word(&of("af_heart")).is_none());
        assert!(built_in_word(&SpeechText { rate: Rational::from_integer(2), ..text("Three", "en") }).is_none());
    }
}
