//! The words of a request: without case, accents and plurals, each with its place in the text.

use std::ops::Range;

/// A word, a number or a punctuation mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Token {
    /// The word as it is compared: see [`stem`].
    pub(super) stem: String,
    /// The bytes of the request.
    pub(super) bytes: Range<usize>,
    pub(super) class: TokenClass,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TokenClass {
    Word,
    /// Digits, or a decimal with a point.
    Number,
    /// `/`, `'` after a number, `:` between numbers, and other marks inside sentences.
    Mark,
    Comma,
    /// The end of a sentence or a clause.
    Stop,
}

/// Splits a text. Control characters are white space.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        let mut end = start + first.len_utf8();
        let class = match first {
            _ if first.is_ascii_digit() => {
                let mut has_point = false;
                while let Some((at, next)) = rest.peek().copied() {
                    let follows = text[at + next.len_utf8()..].chars().next();
                    let is_point =
                        matches!(next, '.' | ',') && !has_point && follows.is_some_and(|digit| digit.is_ascii_digit());
                    if !next.is_ascii_digit() && !is_point {
                        break;
                    }
                    has_point |= is_point;
                    end = at + next.len_utf8();
                    rest.next();
                }
                TokenClass::Number
            }
            _ if is_letter(first) => {
                while let Some((at, next)) = rest.peek().copied().filter(|(_, next)| is_letter(*next)) {
                    end = at + next.len_utf8();
                    rest.next();
                }
                TokenClass::Word
            }
            ',' => TokenClass::Comma,
            '.' | ';' | '!' | '?' | '\n' | '(' | ')' => TokenClass::Stop,
            '/' | ':' | '\'' | '’' | '′' | '-' | '–' | '%' => TokenClass::Mark,
            _ => continue,
        };
        let written = &text[start..end];
        let stem = match class {
            TokenClass::Word => stem(written),
            TokenClass::Number => written.replace(',', "."),
            _ => written.replace(['’', '′'], "'").replace('–', "-"),
        };
        tokens.push(Token { stem, bytes: start..end, class });
    }
    // Hyphens join words; between numbers they are a range.
    let is_number = |index: Option<usize>| {
        index.and_then(|index| tokens.get(index)).is_some_and(|token| token.class == TokenClass::Number)
    };
    let is_kept = |index: usize| {
        let token = &tokens[index];
        let after_number = is_number(index.checked_sub(1));
        match (token.class, token.stem.as_str()) {
            (TokenClass::Mark, "'") => after_number,
            (TokenClass::Mark, "-") => after_number && is_number(Some(index + 1)),
            _ => true,
        }
    };
    let kept: Vec<bool> = (0..tokens.len()).map(is_kept).collect();
    std::iter::zip(tokens, kept).filter(|(_, is_kept)| *is_kept).map(|(token, _)| token).collect()
}

fn is_letter(character: char) -> bool {
    character.is_alphabetic() || is_combining(character)
}

const fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// A word in lower case, without the accents of French, and without the ending of plurals.
pub(super) fn stem(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for character in word.chars().flat_map(char::to_lowercase).filter(|character| !is_combining(*character)) {
        match character {
            'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' => folded.push('a'),
            'ç' => folded.push('c'),
            'é' | 'è' | 'ê' | 'ë' => folded.push('e'),
            'î' | 'ï' | 'í' | 'ì' => folded.push('i'),
            'ô' | 'ö' | 'ó' | 'ò' | 'õ' => folded.push('o'),
            'ù' | 'û' | 'ü' | 'ú' => folded.push('u'),
            'ñ' => folded.push('n'),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            _ => folded.push(character),
        }
    }
    // Short words that are no plurals, and would be others without their ending.
    let is_whole = matches!(folded.as_str(), "dos" | "six" | "dix" | "pas" | "bas");
    if folded.len() > 2 && folded.ends_with(['s', 'x']) && !is_whole {
        folded.pop();
    }
    folded
}

/// The stems of the words of a phrase.
pub(super) fn stems(phrase: &str) -> Vec<String> {
    tokens(phrase).into_iter().filter(|token| token.class != TokenClass::Stop).map(|token| token.stem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_split_into_stems() {
        let cases: &[(&str, &[&str])] = &[
            ("20min", &["20", "min"]),
            ("1h15", &["1", "h", "15"]),
            ("3/4 d'heure", &["3", "/", "4", "d", "heure"]),
            ("1,5 heures", &["1.5", "heure"]),
            ("20' push-ups", &["20", "'", "push", "up"]),
            ("20-30 minutes", &["20", "-", "30", "minute"]),
            ("Épaules\u{0}GENOUX cœur", &["epaule", "genou", "coeur"]),
            ("e\u{301}paules", &["epaule"]),
            ("sans sauts, merci.", &["san", "saut", ",", "merci", "."]),
        ];
        for (text, expected) in cases {
            let found: Vec<String> = tokens(text).into_iter().map(|token| token.stem).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn tokens_know_their_place() {
        let text = "Épaules, 20 min";
        let places: Vec<&str> = tokens(text).into_iter().map(|token| &text[token.bytes]).collect();
        assert_eq!(places, ["Épaules", ",", "20", "min"]);
    }
}
