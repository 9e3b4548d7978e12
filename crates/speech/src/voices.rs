//! The voices of a folder: one file each, named by the language and the gender of the voice.

use std::collections::BTreeSet;
use std::path::Path;

use repcast_media::Voice;
use repcast_model::audio::SpeechText;

use super::phonemes::Accent;

/// Numbers of a style.
pub(crate) const STYLE_LEN: usize = 256;

/// Styles of a voice: one for each number of phonemes from 1.
const STYLES: usize = 510;

/// Bytes of a voice's file: its styles as little-endian 32-bit floating-point numbers.
const FILE_BYTES: usize = STYLES * STYLE_LEN * 4;

/// Most voices of a folder: the model has 54.
const MAX_VOICES: usize = 200;

/// The voice of a language where none is named: those of the built-in words.
fn default_voice(accent: Accent) -> &'static str {
    match accent {
        Accent::American => "af_heart",
        Accent::British => "bf_emma",
        Accent::French => "ff_siwis",
    }
}

/// How a language is pronounced, by its tag; `None` for one that the model is not used for.
pub(crate) fn accent_of(language: &str) -> Option<Accent> {
    let tag = language.to_ascii_lowercase();
    let mut parts = tag.split('-');
    match (parts.next(), parts.next_back()) {
        (Some("en"), Some("gb" | "uk" | "au" | "nz" | "ie" | "in" | "za")) => Some(Accent::British),
        (Some("en"), _) => Some(Accent::American),
        (Some("fr"), _) => Some(Accent::French),
        _ => None,
    }
}

/// The names of voices that can be spoken with.
#[derive(Clone, Debug, Default)]
pub(crate) struct VoiceNames(BTreeSet<String>);

impl VoiceNames {
    /// The voices of a folder, whose files are `NAME.bin`.
    pub(crate) fn read(folder: &Path) -> std::io::Result<Self> {
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.ok()?.file_name().to_str()?.strip_suffix(".bin").map(str::to_owned)
        };
        Ok(Self(folder.read_dir()?.filter_map(name).take(MAX_VOICES).collect()))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The voice of a text, and how it pronounces. A voice of English pronounces English in its own way; a voice of
    /// another language does not stand in.
    pub(crate) fn choose(&self, text: &SpeechText) -> Option<(Voice, Accent)> {
        let accent = accent_of(&text.language)?;
        if let Some(name) = text.speaker.as_ref().filter(|name| self.0.contains(*name)) {
            let accent = match (accent, name.as_bytes().first()) {
                (Accent::French, _) => Accent::French,
                (_, Some(b'b')) => Accent::British,
                (_, Some(b'a')) => Accent::American,
                _ => accent,
            };
            return Some((Voice { name: name.clone(), is_requested: true }, accent));
        }
        // American English has the most voices.
        let names = [accent, Accent::American].map(default_voice);
        let name =
            names.into_iter().take(if accent == Accent::French { 1 } else { 2 }).find(|name| self.0.contains(*name))?;
        let accent = if name.starts_with('a') { Accent::American } else { accent };
        Some((Voice { name: name.to_owned(), is_requested: text.speaker.is_none() }, accent))
    }
}

/// The styles of a voice.
#[derive(Clone, Debug)]
pub(crate) struct Styles(Vec<f32>);

impl Styles {
    /// The styles of a voice's file; `None` if it is not of the model.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let numbers: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|number| f32::from_le_bytes(*number)).collect();
        (bytes.len() == FILE_BYTES && numbers.iter().all(|number| number.is_finite())).then_some(Self(numbers))
    }

    /// The style of a piece of this many phonemes.
    pub(crate) fn of(&self, phonemes: usize) -> &[f32] {
        let first = phonemes.clamp(1, STYLES) - 1;
        &self.0[first * STYLE_LEN..(first + 1) * STYLE_LEN]
    }
}

#[cfg(test)]
mod tests {
    use repcast_model::time::Rational;

    use super::*;

    fn chosen(names: &[&str], language: &str, speaker: Option<&str>) -> Option<(String, bool, Accent)> {
        let names = VoiceNames(names.iter().map(ToString::to_string).collect());
        let (language, speaker) = (language.to_owned(), speaker.map(str::to_owned));
        let text = SpeechText { text: "Go".to_owned(), language, speaker, rate: Rational::from_integer(1) };
        names.choose(&text).map(|(voice, accent)| (voice.name, voice.is_requested, accent))
    }

    #[test]
    fn a_voice_is_the_named_one_or_that_of_the_language() {
        let names = ["af_heart", "am_adam", "bf_emma", "ff_siwis"];
        let voice = |name: &str, is_requested, accent| Some((name.to_owned(), is_requested, accent));
        assert_eq!(chosen(&names, "en", None), voice("af_heart", true, Accent::American));
        assert_eq!(chosen(&names, "en-GB", None), voice("bf_emma", true, Accent::British));
        assert_eq!(chosen(&names, "FR-ca", None), voice("ff_siwis", true, Accent::French));
        assert_eq!(chosen(&names, "en", Some("am_adam")), voice("am_adam", true, Accent::American));
        assert_eq!(chosen(&names, "en", Some("bf_emma")), voice("bf_emma", true, Accent::British));
        assert_eq!(chosen(&names, "fr", Some("am_adam")), voice("am_adam", true, Accent::French));
        assert_eq!(chosen(&names, "fr", Some("../ff_siwis")), voice("ff_siwis", false, Accent::French));
        assert_eq!(chosen(&["af_heart"], "en-gb", None), voice("af_heart", true, Accent::American));
        assert_eq!(chosen(&["af_heart"], "fr", None), None);
        assert_eq!(chosen(&names, "de", Some("af_heart")), None);
    }

    #[test]
    fn a_style_belongs_to_the_number_of_phonemes() {
        let numbers = (0..STYLES * STYLE_LEN).map(|at| (at / STYLE_LEN) as f32);
        let bytes: Vec<u8> = numbers.flat_map(f32::to_le_bytes).collect();
        let styles = Styles::parse(&bytes).unwrap();
        for (phonemes, style) in [(0, 0.0), (1, 0.0), (2, 1.0), (510, 509.0), (9_999, 509.0)] {
            assert_eq!(styles.of(phonemes), [style; STYLE_LEN]);
        }
        assert!(Styles::parse(&bytes[4..]).is_none());
        let broken: Vec<u8> = f32::NAN.to_le_bytes().iter().chain(&bytes[4..]).copied().collect();
        assert!(Styles::parse(&broken).is_none());
    }
}
