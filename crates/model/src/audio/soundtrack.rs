//! What there is to hear in a soundtrack, and when.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::{Ducking, Loudness, SampleSpan, Sound, SoundIndex, SoundSource, Soundtrack, SpeechText};

impl Soundtrack {
    /// A soundtrack of these sounds: cut to its length, without what is silent, in order.
    ///
    /// # Errors
    /// In words, if too many sounds are heard at the same time.
    pub(crate) fn assemble(
        length: u64,
        mut sounds: Vec<Sound>,
        ducking: Option<Ducking>,
        loudness: Option<Loudness>,
    ) -> Result<Self, String> {
        for sound in &mut sounds {
            sound.span.end = sound.span.end.min(length);
        }
        sounds.retain(|sound| !sound.span.is_empty() && sound.gain.is_some());
        sounds.sort_by_key(|sound| sound.span.start);
        match SoundIndex::new(&spans(&sounds)).excess() {
            Some(excess) => Err(excess),
            None => Ok(Self { samples: length, sounds, ducking, loudness }),
        }
    }

    /// The files that are heard, each as often as it is heard.
    pub fn files(&self) -> impl Iterator<Item = &Arc<Path>> {
        self.sounds.iter().filter_map(|sound| match &sound.source {
            SoundSource::File(file) => Some(&file.path),
            _ => None,
        })
    }

    /// Every text that is spoken, once.
    #[must_use]
    pub fn speech_texts(&self) -> BTreeSet<Arc<SpeechText>> {
        let texts = self.sounds.iter().filter_map(|sound| match &sound.source {
            SoundSource::Speech(text) => Some(text.clone()),
            _ => None,
        });
        texts.collect()
    }

    /// The same soundtrack with speech that ends when it has been spoken: `length` is the number of samples of a text, 0
    /// for one that cannot be spoken, which is left out.
    ///
    /// Until then, speech has the time that it takes by estimate, or that its layer leaves, and music is ducked for all of
    /// that.
    #[must_use]
    pub fn with_speech_lengths(mut self, length: impl Fn(&SpeechText) -> u64) -> Self {
        for sound in &mut self.sounds {
            if let SoundSource::Speech(text) = &sound.source {
                sound.span.end = sound.span.end.min(sound.span.start.saturating_add(length(text)));
                sound.fade_in = sound.fade_in.min(sound.span.len());
                sound.fade_out = sound.fade_out.min(sound.span.len());
            }
        }
        self.sounds.retain(|sound| !sound.span.is_empty());
        self
    }
}

fn spans(sounds: &[Sound]) -> Vec<SampleSpan> {
    sounds.iter().map(|sound| sound.span).collect()
}

#[cfg(test)]
mod tests {
    use super::super::test_sounds::speech;
    use super::*;
    use crate::time::Rational;

    #[test]
    fn speech_ends_when_it_has_been_spoken() {
        let sounds = vec![speech("one", 0, 100), speech("two", 200, 300), speech("none", 400, 500)];
        let soundtrack = Soundtrack { samples: 1000, sounds, ..Soundtrack::default() };
        let texts: Vec<String> = soundtrack.speech_texts().iter().map(|text| text.text.clone()).collect();
        assert_eq!(texts, ["none", "one", "two"]);
        let fitted = soundtrack.with_speech_lengths(|text| match text.text.as_str() {
            "one" => 60,
            "two" => 1000,
            _ => 0,
        });
        let spans: Vec<(u64, u64)> = fitted.sounds.iter().map(|sound| (sound.span.start, sound.span.end)).collect();
        assert_eq!(spans, [(0, 60), (200, 300)]);
    }

    #[test]
    fn silent_sounds_are_left_out_and_late_ends_are_cut() {
        let silent = Sound { gain: None, ..speech("a", 0, 50) };
        let sounds = vec![speech("c", 90, 500), silent, speech("b", 10, 20), speech("d", 100, 200)];
        let soundtrack = Soundtrack::assemble(100, sounds, None, None).unwrap();
        let spans: Vec<(u64, u64)> = soundtrack.sounds.iter().map(|sound| (sound.span.start, sound.span.end)).collect();
        assert_eq!(spans, [(10, 20), (90, 100)]);
        let gain = Some(Rational::from_integer(0));
        let many = (0..33).map(|_| Sound { gain, ..speech("x", 48_000, 96_000) }).collect();
        let excess = Soundtrack::assemble(96_000, many, None, None).unwrap_err();
        assert_eq!(excess, "at 1.00 s, 33 sounds are heard at once; at most 32 can be");
    }
}
