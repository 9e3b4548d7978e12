//! The captions of speech: which pieces a text is shown in, and for how long. The rule, in one place:
//!
//! - A piece has at most [`PIECE_CHARS`] characters, two lines; a longer text is divided, at the end of a sentence where
//!   one is near, else between words. A piece is shown from the moment at which it is said, when all characters take
//!   equally long.
//! - It is shown until it has been said, at least for [`LEAST`] and as long as reading it takes, at most for [`MOST`].
//! - It never overlaps the next one, whose start it gives way to. Texts that start together are one caption.

use unicode_segmentation::UnicodeSegmentation;

use super::{CaptionCue, caption_lines};
use crate::audio::{SAMPLE_RATE, SampleSpan, SoundSource, Soundtrack, SpeechText, samples};
use crate::time::Rational;

/// Most characters of a caption: two lines of 42.
const PIECE_CHARS: usize = 84;

/// Characters after which the end of a sentence ends a piece: a line.
const LINE_CHARS: usize = 42;

/// Least samples for which a caption is shown: a second, in which a word is noticed and read.
const LEAST: u64 = SAMPLE_RATE as u64;

/// Most samples for which a caption is shown: seven seconds, after which viewers read it again.
const MOST: u64 = SAMPLE_RATE as u64 * 7;

/// Characters that are read in a second.
const CHARS_PER_SEC: u64 = 17;

/// Hundredths of a second that a text takes at least, and for each of its characters: 150 words a minute, slower than
/// most voices.
const TEXT_CENTIS: i128 = 60;
const CHAR_CENTIS: i128 = 8;

/// Samples that a text takes to say, estimated: how long it takes is known only when it has been spoken.
pub(crate) fn speech_samples(text: &str, rate: Rational) -> u64 {
    let centis = TEXT_CENTIS + CHAR_CENTIS * text.chars().count() as i128;
    samples(Rational::new(centis, 100) / rate)
}

/// The captions of what a soundtrack says in a language.
pub(super) fn cues(soundtrack: &Soundtrack, language: &str) -> Vec<CaptionCue> {
    let mut cues: Vec<CaptionCue> = Vec::new();
    for sound in &soundtrack.sounds {
        match &sound.source {
            SoundSource::Speech(speech) if speech.language == language => cues.extend(pieces(sound.span, speech)),
            _ => {}
        }
    }
    cues.sort_by_key(|cue| cue.span.start);
    cues.dedup_by(|later, earlier| {
        let is_together = later.span.start == earlier.span.start;
        if is_together {
            earlier.text = format!("{}\n{}", earlier.text, later.text).into();
            earlier.span.end = earlier.span.end.max(later.span.end);
        }
        is_together
    });
    let limits: Vec<u64> = cues.iter().skip(1).map(|cue| cue.span.start).chain([soundtrack.samples]).collect();
    for (cue, limit) in cues.iter_mut().zip(limits) {
        let SampleSpan { start, end } = cue.span;
        let readable = cue.text.chars().count() as u64 * u64::from(SAMPLE_RATE) / CHARS_PER_SEC;
        cue.span.end = end.max(start + readable.max(LEAST)).min(start + MOST).min(limit);
    }
    cues.retain(|cue| !cue.span.is_empty());
    cues
}

/// The pieces of a text that is said in a span, each while it is said.
fn pieces(span: SampleSpan, speech: &SpeechText) -> Vec<CaptionCue> {
    let said = speech_samples(&speech.text, speech.rate).min(span.len());
    let pieces = divide(&caption_lines(&speech.text));
    let chars: Vec<u64> = pieces.iter().map(|piece| piece.chars().count() as u64).collect();
    let total = chars.iter().sum::<u64>().max(1);
    let mut before = 0;
    let place = |(piece, chars): (String, u64)| {
        let start = span.start + said * before / total;
        before += chars;
        let end = span.start + said * before / total;
        CaptionCue { span: SampleSpan { start, end }, text: piece.into() }
    };
    std::iter::zip(pieces, chars).map(place).collect()
}

/// A text in pieces of at most [`PIECE_CHARS`]; one that is short enough keeps its lines.
fn divide(text: &str) -> Vec<String> {
    if text.chars().count() <= PIECE_CHARS {
        return if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    }
    let (mut pieces, mut piece, mut chars) = (Vec::new(), String::new(), 0);
    for word in text.split_whitespace().flat_map(short_words) {
        let length = word.chars().count();
        if chars > 0 && chars + 1 + length > PIECE_CHARS {
            pieces.push(std::mem::take(&mut piece));
            chars = 0;
        }
        if chars > 0 {
            piece.push(' ');
            chars += 1;
        }
        piece.push_str(word);
        chars += length;
        let ends_sentence = word.ends_with(['.', '!', '?', '…', '。', '！', '？']);
        if ends_sentence && chars >= LINE_CHARS {
            pieces.push(std::mem::take(&mut piece));
            chars = 0;
        }
    }
    pieces.extend(Some(piece).filter(|piece| !piece.is_empty()));
    pieces
}

/// A word in parts that fit a piece: scripts without spaces write sentences as one.
fn short_words(word: &str) -> Vec<&str> {
    let (mut parts, mut start, mut chars) = (Vec::new(), 0, 0);
    for (index, cluster) in word.grapheme_indices(true) {
        let length = cluster.chars().count();
        if chars > 0 && chars + length > PIECE_CHARS {
            parts.push(&word[start..index]);
            (start, chars) = (index, 0);
        }
        chars += length;
    }
    parts.push(&word[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_texts_are_divided_at_sentences_and_between_words() {
        let text = "Feet as wide as your shoulders, toes a little outwards. Push your hips back as if you sat down on a \
                    chair, and keep your heels on the floor at all times! Breathe.";
        let expected = [
            "Feet as wide as your shoulders, toes a little outwards.",
            "Push your hips back as if you sat down on a chair, and keep your heels on the floor",
            "at all times! Breathe.",
        ];
        assert_eq!(divide(text), expected);
        assert_eq!(divide("Air squat.\nLand softly."), ["Air squat.\nLand softly."]);
        assert_eq!(divide(""), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn pieces_hold_every_word_in_order(text in "([a-zé。]{1,100}[ .\n]{1,2}){0,30}") {
            let pieces = divide(&caption_lines(&text));
            let longest = pieces.iter().map(|piece| piece.chars().count()).max().unwrap_or(0);
            prop_assert!(longest <= PIECE_CHARS);
            let joined: String = pieces.concat().split_whitespace().collect();
            prop_assert_eq!(joined, text.split_whitespace().collect::<String>());
        }
    }
}
