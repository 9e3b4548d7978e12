//! espeak-ng: any of its hundred languages, in milliseconds, with the voice of a machine.

use repcast_media::{Speech, SpeechError, SpokenText, Voice};
use repcast_model::audio::SpeechText;
use repcast_model::time::{Rational, to_f64};

use crate::process::{espeak, is_tag};
use crate::{MAX_SECS, wave};

/// Words per minute of espeak-ng at its own speed.
const WORDS_PER_MINUTE: i128 = 165;

/// The name of its voice.
const NAME: &str = "espeak-ng";

/// Speaks with espeak-ng, where it is installed.
#[derive(Clone, Copy, Default, Debug)]
pub struct Espeak;

impl Speech for Espeak {
    fn voice(&self, text: &SpeechText) -> Option<Voice> {
        let is_requested = text.speaker.as_deref().is_none_or(|speaker| speaker == NAME);
        is_tag(&text.language).then(|| Voice { name: NAME.to_owned(), is_requested })
    }

    fn speak(&self, text: &SpeechText, is_over: &(dyn Fn() -> bool + Sync)) -> Result<SpokenText, SpeechError> {
        if !is_tag(&text.language) {
            return Err(SpeechError::Language(text.language.clone()));
        }
        let words = to_f64(text.rate * Rational::from_integer(WORDS_PER_MINUTE)).round().clamp(80.0, 450.0);
        let options = ["-v", &text.language, "-s", &words.to_string(), "--stdout"];
        let bytes = espeak(&options, &text.text, is_over)?;
        // For a language that it does not have, it may write nothing and succeed.
        let (rate, mut samples) =
            wave::parse(&bytes).ok_or_else(|| SpeechError::Failed("espeak-ng wrote no sound".to_owned()))?;
        samples.truncate(rate as usize * MAX_SECS as usize);
        Ok(SpokenText { rate, samples })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn text(words: &str, language: &str) -> SpeechText {
        let (text, language) = (words.to_owned(), language.to_owned());
        SpeechText { text, language, speaker: None, rate: Rational::from_integer(1) }
    }

    #[test]
    fn sentences_are_spoken_in_their_language_at_their_rate() {
        let english = Espeak.speak(&text("Next: air squat", "en"), &|| false).unwrap();
        let secs = english.samples.len() as f64 / f64::from(english.rate);
        assert!((0.5..3.0).contains(&secs), "{secs}");
        let peak = english.samples.iter().fold(0_f32, |peak, value| peak.max(value.abs()));
        assert!(peak > 0.05, "{peak}");
        assert_eq!(Espeak.speak(&text("Next: air squat", "en"), &|| false).unwrap(), english);
        assert_ne!(Espeak.speak(&text("Next: air squat", "fr"), &|| false).unwrap(), english);
        let fast = SpeechText { rate: Rational::from_integer(2), ..text("Next: air squat", "en") };
        assert!(Espeak.speak(&fast, &|| false).unwrap().samples.len() < english.samples.len() * 3 / 4);
    }

    #[test]
    fn languages_that_are_none_are_refused() {
        for language in ["", "-w", "/etc/passwd", "xx-nowhere", "en -w x"] {
            assert!(Espeak.speak(&text("Go", language), &|| false).is_err(), "{language}");
        }
        assert_eq!(Espeak.voice(&text("Go", "-w")), None);
        let other = SpeechText { speaker: Some("af_heart".to_owned()), ..text("Go", "en") };
        assert_eq!(Espeak.voice(&other), Some(Voice { name: NAME.to_owned(), is_requested: false }));
    }

    #[test]
    fn a_call_that_is_over_returns_at_once() {
        let started = Instant::now();
        let long = text(&"and again ".repeat(100), "en");
        assert_eq!(Espeak.speak(&long, &|| true), Err(SpeechError::Interrupted));
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
