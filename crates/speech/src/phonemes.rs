//! The phonemes that Kokoro-82M was trained with, from the IPA of espeak-ng.

use std::collections::HashMap;

/// Most phonemes of a piece. The model takes 510; its speech hurries when a piece is nearly that long.
pub(crate) const MAX_PHONEMES: usize = 400;

/// Punctuation that ends a clause, and that the model has learned the melody of.
const PUNCTUATION: [char; 6] = ['.', '!', '?', ',', ':', ';'];

/// The pronunciations that phonemes differ in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Accent {
    American,
    British,
    French,
}

/// One symbol for each diphthong and affricate; `^` ties the parts of one sound in the output of espeak-ng.
const TIED: [(&str, &str); 11] = [
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^z", "ʣ"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("o^ʊ", "O"),
    ("ə^ʊ", "Q"),
    ("s^s", "S"),
    ("t^s", "ʦ"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
];

/// American English has no long vowels in the model, and no sounds of other languages.
const AMERICAN: [(&str, &str); 9] =
    [("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɐ", "ə"), ("ɚ", "əɹ"), ("o", "ɔ"), ("e", "A"), ("r", "ɹ"), ("ː", ""), ("ᵻ", "ɪ")];

/// British English keeps its long vowels.
const BRITISH: [(&str, &str); 5] = [("e^ə", "ɛː"), ("i^ə", "ɪə"), ("ɐ", "ə"), ("r", "ɹ"), ("ᵻ", "ɪ")];

impl Accent {
    /// The voice of espeak-ng that pronounces like this.
    pub(crate) fn espeak_voice(self) -> &'static str {
        match self {
            Self::American => "en-us",
            Self::British => "en-gb",
            Self::French => "fr-fr",
        }
    }

    fn replacements(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::American => &AMERICAN,
            Self::British => &BRITISH,
            Self::French => &[],
        }
    }
}

/// The clauses of a text, each with the punctuation that ends it. espeak-ng drops punctuation, so that clauses are
/// pronounced one at a time. A point within a number ends nothing; the end of a line, and of the text, is a full stop.
pub(crate) fn clauses(text: &str) -> Vec<(String, String)> {
    let mut clauses = Vec::new();
    for line in text.lines() {
        let mut words = String::new();
        let mut characters = line.chars().peekable();
        while let Some(character) = characters.next() {
            let is_end =
                |next: Option<&char>| next.is_none_or(|next| next.is_whitespace() || PUNCTUATION.contains(next));
            if !PUNCTUATION.contains(&character) || !is_end(characters.peek()) {
                words.push(character);
                continue;
            }
            let mut punctuation = String::from(character);
            while let Some(next) = characters.next_if(|next| PUNCTUATION.contains(next)) {
                punctuation.push(next);
            }
            clauses.push((std::mem::take(&mut words), punctuation));
        }
        clauses.push((words, ".".to_owned()));
    }
    clauses.retain_mut(|(words, _)| {
        *words = words.trim().to_owned();
        words.contains(char::is_alphanumeric)
    });
    clauses
}

/// The phonemes of a clause from what `espeak-ng --ipa --tie=^` writes, without its marks of changes of the language.
pub(crate) fn from_ipa(ipa: &str, accent: Accent) -> String {
    let mut plain = String::new();
    let mut depth = 0_u32;
    for character in ipa.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '-' => {}
            _ if depth == 0 => plain.push(character),
            _ => {}
        }
    }
    let mut phonemes = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    for (ipa, phoneme) in TIED.iter().chain(accent.replacements()) {
        phonemes = phonemes.replace(ipa, phoneme);
    }
    phonemes.replace('^', "")
}

/// Joins clauses of phonemes to pieces of at most [`MAX_PHONEMES`]. A clause that is longer is cut between words.
pub(crate) fn pieces(clauses: &[String]) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut len = 0;
    let words = clauses.iter().flat_map(|clause| {
        let is_long = clause.chars().count() > MAX_PHONEMES;
        let parts: Vec<&str> = if is_long { clause.split(' ').collect() } else { vec![clause] };
        parts
    });
    for word in words {
        let word: String = word.chars().take(MAX_PHONEMES).collect();
        let count = word.chars().count();
        match pieces.last_mut().filter(|_| len + 1 + count <= MAX_PHONEMES) {
            Some(piece) => {
                piece.push(' ');
                piece.push_str(&word);
                len += 1 + count;
            }
            None => {
                pieces.push(word);
                len = count;
            }
        }
    }
    pieces
}

/// The tokens of phonemes, between the tokens of the beginning and the end. Symbols that the model lacks are left out.
pub(crate) fn tokens(phonemes: &str, vocabulary: &HashMap<char, i64>) -> Vec<i64> {
    let known = phonemes.chars().filter_map(|symbol| vocabulary.get(&symbol).copied());
    std::iter::once(0).chain(known).chain([0]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> Vec<String> {
        clauses(text).into_iter().map(|(words, punctuation)| format!("{words}|{punctuation}")).collect()
    }

    #[test]
    fn clauses_end_at_punctuation_and_at_the_ends_of_lines() {
        assert_eq!(written("Next: air squat"), ["Next|:", "air squat|."]);
        assert_eq!(written("C'est parti !"), ["C'est parti|!"]);
        assert_eq!(written("Hold 1.5 m, at 12:30 ..."), ["Hold 1.5 m|,", "at 12:30|..."]);
        assert_eq!(written("One\nTwo?!\n\n - \n"), ["One|.", "Two|?!"]);
        assert_eq!(written("!?"), Vec::<String>::new());
    }

    #[test]
    fn ipa_becomes_the_symbols_of_the_model() {
        assert_eq!(from_ipa("nˈɛkst", Accent::American), "nˈɛkst");
        assert_eq!(from_ipa("wˈɜːk a^ʊt\n gˈo^ʊ", Accent::American), "wˈɜɹk Wt gˈO");
        assert_eq!(from_ipa("d^ʒˈʌmp t^ʃˈe^ɪnd^ʒ", Accent::American), "ʤˈʌmp ʧˈAnʤ");
        assert_eq!(from_ipa("gˈə^ʊ ðˈe^ə fˈɑː", Accent::British), "gˈQ ðˈɛː fˈɑː");
        assert_eq!(from_ipa("lə (en)skwˈɒt(fr) t^ʁwˈa", Accent::French), "lə skwˈɒt tʁwˈa");
    }

    #[test]
    fn tokens_stand_between_zeros_and_unknown_symbols_are_left_out() {
        let vocabulary = HashMap::from([('a', 43), ('.', 4)]);
        assert_eq!(tokens("a€.", &vocabulary), [0, 43, 4, 0]);
    }

    proptest! {
        #[test]
        fn pieces_are_short_and_keep_all_words(
            clauses in prop::collection::vec("[a-z]{1,9}( [a-z]{1,9}){0,120}[.,]", 0..12),
        ) {
            let pieces = pieces(&clauses);
            prop_assert!(pieces.iter().all(|piece| (1..=MAX_PHONEMES).contains(&piece.chars().count())));
            prop_assert_eq!(pieces.join(" "), clauses.join(" "));
            let total = clauses.join(" ").len();
            prop_assert!(pieces.len() <= 1 + 2 * total / MAX_PHONEMES);
        }

        #[test]
        fn any_text_has_clauses_without_punctuation_at_their_end(text in any::<String>()) {
            for (words, punctuation) in clauses(&text) {
                prop_assert!(words.contains(char::is_alphanumeric) && words.trim() == words);
                prop_assert!(punctuation.chars().all(|symbol| PUNCTUATION.contains(&symbol)));
            }
        }
    }
}
