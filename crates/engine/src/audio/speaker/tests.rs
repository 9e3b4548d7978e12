//! Which adapter speaks a text, how often, and for how long.

use std::sync::atomic::AtomicUsize;

use repcast_media::{SpokenText, Voice};
use repcast_model::time::Rational;

use super::*;

/// Speaks English with the voice "own"; "broken" fails, "endless" does not end by itself, "tick" takes 20 ms.
#[derive(Default)]
struct Adapter(AtomicUsize);

impl Speech for Adapter {
    fn voice(&self, text: &SpeechText) -> Option<Voice> {
        let is_requested = text.speaker.as_deref().is_none_or(|speaker| speaker == "own");
        (text.language == "en").then(|| Voice { name: "own".to_owned(), is_requested })
    }

    fn speak(&self, text: &SpeechText, is_over: &(dyn Fn() -> bool + Sync)) -> Result<SpokenText, SpeechError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        match text.text.split(' ').next() {
            Some("broken") => Err(SpeechError::Failed("of no use".to_owned())),
            Some("endless") => {
                while !is_over() {
                    std::thread::yield_now();
                }
                Err(SpeechError::Interrupted)
            }
            Some("long") => Ok(SpokenText { rate: 8_000, samples: vec![0.5; 8_000 * 50] }),
            _ => Ok(SpokenText { rate: 8_000, samples: vec![0.5; 8_000] }),
        }
    }
}

fn text(words: &str, language: &str, speaker: Option<&str>) -> Arc<SpeechText> {
    let (text, language, speaker) = (words.to_owned(), language.to_owned(), speaker.map(str::to_owned));
    Arc::new(SpeechText { text, language, speaker, rate: Rational::from_integer(1) })
}

fn rates(speaker: &Speaker, texts: &[Arc<SpeechText>]) -> Vec<Option<u32>> {
    let all = speaker.speak_all(texts.iter().cloned().collect()).unwrap();
    texts.iter().map(|text| all.get(&**text).map(Spoken::rate)).collect()
}

#[test]
fn the_first_adapter_that_can_speaks_each_text_once() {
    let adapter = Arc::new(Adapter::default());
    let speaker = Speaker::new(vec![adapter.clone()]);
    let texts = [
        text("hello", "en", None),
        text("hello", "en", Some("unknown")),
        // espeak-ng speaks at 22,050 Hz.
        text("bonjour", "fr", None),
        text("broken", "en", None),
        text("Go", "-w", None),
        // A word of the program, at 24,000 Hz.
        text("Three", "en", None),
        text("Three", "en", Some("af_heart")),
    ];
    let expected = [Some(8_000), Some(8_000), Some(22_050), Some(22_050), None, Some(24_000), Some(24_000)];
    assert_eq!(rates(&speaker, &texts), expected);
    assert_eq!(rates(&speaker, &texts), expected);
    assert_eq!(adapter.0.load(Ordering::Relaxed), 3);
    let warnings: BTreeSet<String> = lock(&speaker.warned).iter().cloned().collect();
    let warnings: Vec<String> = warnings.into_iter().collect();
    assert_eq!(warnings, [r#"own cannot speak "en": of no use"#, r#"there is no speaker "unknown": own speaks "en""#]);
}

#[test]
fn a_document_whose_texts_take_too_long_is_not_spoken_and_what_was_spoken_is_kept() {
    let adapter = Arc::new(Adapter::default());
    let speaker = Speaker::new(vec![adapter.clone()]).with_document_limit(Duration::from_millis(300));
    let texts = || BTreeSet::from([text("a word", "en", None), text("endless", "en", None)]);
    assert!(speaker.speak_all(texts()).is_err());
    assert_eq!(rates(&speaker, &[text("a word", "en", None)]), [Some(8_000)]);
    assert_eq!(adapter.0.load(Ordering::Relaxed), 2);
    speaker.stop();
    let speaker = Speaker::new(vec![adapter]);
    speaker.stop();
    assert!(speaker.speak_all(texts()).is_err());
}

#[test]
fn the_speech_of_a_document_is_bounded() {
    let speaker = Speaker::new(vec![Arc::new(Adapter::default())]);
    let texts: Vec<_> = (0..26).map(|number| text(&format!("long {number:02}"), "en", None)).collect();
    let spoken = rates(&speaker, &texts);
    assert_eq!(spoken.iter().flatten().count(), 24);
    assert_eq!(spoken[24..], [None, None]);
}
