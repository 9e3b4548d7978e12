//! Where lines end, for texts that cosmic-text breaks wrongly.
//!
//! cosmic-text looks for breaks in each run of one direction by itself, so that a line may end between any two runs, behind
//! an opening bracket too; it takes a Thai sentence for one word; and letters that it parts at the smallest size, it parts
//! glyph by glyph. For such texts the lines are made here, of the widths of a paragraph that was laid out in one, and set
//! as paragraphs of their own.

use std::ops::Range;

use icu_segmenter::LineSegmenter;
use icu_segmenter::options::LineBreakOptions;
use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};
use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

/// Whether lines of a text must be made here. `parts_words` says that words which are too long are to be parted.
pub(crate) fn is_needed(text: &str, parts_words: bool) -> bool {
    if text.is_ascii() {
        return false;
    }
    let needs_dictionary =
        |char: char| matches!(char.script(), Script::Thai | Script::Lao | Script::Khmer | Script::Myanmar);
    text.chars().any(|char| is_right_to_left(char) || needs_dictionary(char))
        || (parts_words && text.graphemes(true).any(|cluster| cluster.chars().nth(1).is_some()))
}

fn is_right_to_left(char: char) -> bool {
    use BidiClass::{AL, AN, R, RLE, RLI, RLO};
    matches!(bidi_class(char), R | AL | AN | RLE | RLI | RLO)
}

/// The paragraphs of a text, without what separates them. cosmic-text knows newlines alone, and panics where a line of its
/// holds paragraphs of several directions.
pub(crate) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char| bidi_class(char) == BidiClass::B)
}

/// The lines of a paragraph, in bytes, with the spaces that end them. They may end at `ends`; `advances` holds what the glyphs of the character at
/// each byte take, in the unit of `limit`. A word wider than the limit gets a line of its own, or is parted between
/// clusters of characters.
pub(crate) fn lines(
    paragraph: &str,
    ends: impl Iterator<Item = usize>,
    advances: &[f32],
    limit: f32,
    parts_words: bool,
) -> Vec<Range<usize>> {
    // What lies before each byte.
    let sums = advances.iter().scan(0.0, |sum, advance| Some(std::mem::replace(sum, *sum + f64::from(*advance))));
    let mut before: Vec<f64> = sums.collect();
    before.push(advances.iter().copied().map(f64::from).sum());
    let is_too_wide = |start: usize, end: usize| {
        let shown = start + paragraph[start..end].trim_end().len();
        before[shown] - before[start] > f64::from(limit)
    };
    let mut lines = Vec::new();
    // Where the line begins, and the last place up to which it fits.
    let (mut start, mut fitting) = (0, 0);
    for end in ends.filter(|end| *end < paragraph.len()).chain([paragraph.len()]) {
        if is_too_wide(start, end) && fitting > start {
            lines.push(start..fitting);
            start = fitting;
        }
        if parts_words && is_too_wide(start, end) {
            let word = start;
            for (at, cluster) in paragraph[word..end].grapheme_indices(true) {
                let cluster_end = word + at + cluster.len();
                // Spaces never begin a line, also where nothing fits.
                if is_too_wide(start, cluster_end) && fitting > start && !cluster.trim().is_empty() {
                    lines.push(start..fitting);
                    start = fitting;
                }
                fitting = cluster_end;
            }
        }
        fitting = end;
    }
    lines.push(start..paragraph.len());
    lines
}

/// Where lines of a text may end: Unicode Standard Annex #14, and for Thai, Lao, Khmer and Burmese between the words that a
/// trained model finds. It takes tens of milliseconds for the longest texts, so that it is asked once for all sizes.
pub(crate) fn ends(text: &str) -> Vec<usize> {
    LineSegmenter::new_lstm(LineBreakOptions::default()).segment_str(text).filter(|end| *end > 0).collect()
}

/// The lines of a paragraph as paragraphs of their own, whose letters run as they did together.
pub(crate) fn separate(paragraph: &str, lines: &[Range<usize>]) -> Vec<String> {
    let shown = |line: &Range<usize>| line.start..line.start + paragraph[line.clone()].trim_end().len();
    let bidi = BidiInfo::new(paragraph, None);
    match bidi.paragraphs.first() {
        Some(about) if lines.len() > 1 && (bidi.has_rtl() || about.level.is_rtl()) => {
            lines.iter().map(|line| directed(paragraph, &bidi.levels, about.level, shown(line))).collect()
        }
        _ if lines.len() > 1 => lines.iter().map(|line| paragraph[shown(line)].to_owned()).collect(),
        _ => vec![paragraph.to_owned()],
    }
}

/// A line whose bidirectional levels are those that it had in its paragraph, by overrides (Unicode Standard Annex #9,
/// 2.2): what decides them may lie on the lines around it.
fn directed(paragraph: &str, levels: &[Level], base: Level, line: Range<usize>) -> String {
    let mark = if base.is_rtl() { '\u{200f}' } else { '\u{200e}' };
    let mut directed = String::from(mark);
    // Only what changes is opened and closed, so that the line is not much longer than what it holds.
    let mut open = base.number();
    let mut go_to = |level: u8, directed: &mut String| {
        while open != level {
            // Each override adds the next level of its direction, odd ones from right to left.
            directed.push(match (open < level, open % 2) {
                (false, _) => '\u{202c}',
                (true, 0) => '\u{202e}',
                (true, _) => '\u{202d}',
            });
            open = if open < level { open + 1 } else { open - 1 };
        }
        if level == base.number() {
            directed.push(mark);
        }
    };
    let mut start = line.start;
    while start < line.end {
        let level = levels[start];
        let end = (start..line.end).find(|at| levels[*at] != level).unwrap_or(line.end);
        go_to(level.number(), &mut directed);
        directed.extend(paragraph[start..end].chars().filter(|char| !is_bidi_control(*char)));
        if level == base {
            directed.push(mark);
        }
        start = end;
    }
    go_to(base.number(), &mut directed);
    directed
}

/// A line with a zero-width space at each end of the parts that are set in other fonts, where letters run from right to
/// left: cosmic-text would put the fonts' glyphs within a word into the order of the text. The line is not to be broken.
/// Spaces are words already, and would become part of one (UAX #14, LB7).
pub(crate) fn part(line: &str, foreign: impl Iterator<Item = Range<usize>>) -> String {
    if !line.chars().any(is_right_to_left) {
        return line.to_owned();
    }
    let mut parted = String::with_capacity(line.len() * 2);
    let mut last = 0;
    for border in foreign.flat_map(|range| [range.start, range.end]) {
        let (before, behind) = line.split_at(border);
        if border > last
            && !behind.is_empty()
            && !before.ends_with(char::is_whitespace)
            && !behind.starts_with(char::is_whitespace)
        {
            parted.push_str(&line[last..border]);
            parted.push('\u{200b}');
            last = border;
        }
    }
    parted.push_str(&line[last..]);
    parted
}

/// Whether it opens or closes an embedding, an override or an isolate.
fn is_bidi_control(char: char) -> bool {
    matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The beginning of a text without what would only separate it from what follows: spaces, breaks without width, and
/// directions that are opened and hold nothing.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_end_matches(|char: char| {
        char.is_whitespace()
            || matches!(
                char,
                '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' | '\u{2066}'
                    ..='\u{2068}'
            )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines where every character but marks is one unit wide.
    fn broken(text: &str, limit: f32, parts_words: bool) -> Vec<&str> {
        let mut advances = vec![0.0; text.len()];
        for (at, char) in text.char_indices() {
            let is_mark = matches!(char.script(), Script::Inherited)
                || matches!(char, '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}');
            advances[at] = if is_mark { 0.0 } else { 1.0 };
        }
        lines(text, ends(text).into_iter(), &advances, limit, parts_words)
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn only_some_texts_need_lines_made_here() {
        for text in ["Squat", "Élan · 3 / 8 …", "深蹲，脚跟着地", "스쿼트", "क्षत्रिय"] {
            assert!(!is_needed(text, false), "{text}");
        }
        for text in ["تمارين", "Squat שלום", "ทดสอบ", "ສະບາຍດີ", "សួស្តី", "မင်္ဂလာပါ", "1 \u{2067}a\u{2069}"]
        {
            assert!(is_needed(text, false), "{text}");
        }
        assert!(is_needed("👨‍👩‍👧👨‍👩‍👧", true) && is_needed("क्षत्रिय", true) && !is_needed("👨‍👩‍👧", false));
        assert!(!is_needed("Rindfleischetikettierung…", true));
    }

    /// The words are those of the Royal Institute's dictionary; other boundaries inside compounds would be right too.
    #[test]
    fn scripts_without_spaces_break_between_words() {
        let thai = "ไทยเป็นภาษาที่ไม่มีการเว้นวรรคระหว่างคำดังนั้นการตัดบรรทัดจึงยาก";
        let lines = broken(thai, 16.0, false);
        assert_eq!(lines.concat(), thai);
        assert!(lines.len() > 2, "{lines:?}");
        for word in ["ไทย", "ภาษา", "การ", "ระหว่าง", "บรรทัด"] {
            assert!(lines.iter().any(|line| line.contains(word)), "{word} is parted: {lines:?}");
        }
        for text in ["ສະບາຍດີທຸກໆຄົນ", "សូមស្វាគមន៍មកកាន់ប្រទេសកម្ពុជា", "မြန်မာနိုင်ငံသည်အရှေ့တောင်အာရှတွင်ရှိသည်"]
        {
            let lines = broken(text, 8.0, false);
            assert!(lines.len() > 1 && lines.concat() == text, "{lines:?}");
        }
    }

    #[test]
    fn lines_do_not_end_in_opening_brackets_nor_begin_with_closing_ones() {
        assert_eq!(broken("سؤال (Push-ups)", 7.0, false), ["سؤال ", "(Push-", "ups)"]);
        assert_eq!(broken("سؤال (3:45) جديد", 7.0, false), ["سؤال ", "(3:45) ", "جديد"]);
        assert_eq!(broken("Push-ups «سؤال»!", 8.0, false), ["Push-ups ", "«سؤال»!"]);
        assert_eq!(broken("راحة 50% الآن", 7.0, false), ["راحة ", "50% ", "الآن"]);
        for text in ["سؤال (Push-ups) جديد [abc] 12% $3 «שלום»", "a (ب) c (د) e"] {
            for limit in 1..20 {
                for line in broken(text, limit as f32, false) {
                    assert!(!line.trim_end().ends_with(['(', '[', '«', '$']), "{line:?}");
                    assert!(!line.starts_with([')', ']', '»', '%', ' ']), "{line:?}");
                }
            }
        }
    }

    #[test]
    fn words_are_parted_between_clusters_and_only_where_they_must() {
        assert_eq!(broken("👨‍👩‍👧👨‍👩‍👧 🇫🇷🇩🇪", 3.0, true), ["👨‍👩‍👧", "👨‍👩‍👧 ", "🇫🇷", "🇩🇪"]);
        assert_eq!(broken("abc défghé i", 3.0, true), ["abc ", "déf", "ghé ", "i"]);
        assert_eq!(broken("abc défghé i", 3.0, false), ["abc ", "défghé ", "i"]);
        assert_eq!(broken("e\u{301}e\u{301}e\u{301}", 2.0, true), ["e\u{301}e\u{301}", "e\u{301}"]);
        assert_eq!(broken("👨‍👩‍👧👨‍👩‍👧 a", 1.0, true), ["👨‍👩‍👧", "👨‍👩‍👧 ", "a"]);
        assert_eq!(broken("", 3.0, true), [""]);
        assert_eq!(broken("aé", 0.0, true), ["a", "é"]);
    }

    /// Levels of the characters that are seen.
    fn levels(text: &str, start: usize) -> Vec<(char, u8)> {
        let bidi = BidiInfo::new(text, None);
        let seen = text
            .char_indices()
            .skip(start)
            .filter(|(_, char)| !is_bidi_control(*char) && !matches!(char, '\u{200e}' | '\u{200f}' | ' '));
        seen.map(|(at, char)| (char, bidi.levels[at].number())).collect()
    }

    #[test]
    fn lines_keep_the_directions_of_their_paragraph() {
        for text in [
            "سؤال (Push-ups) جديد 12/3 abc def! 45 غ",
            "Round 1 שלום (abc) 12-3 שלום! and on",
            "1 / 2 · \u{2068}تمارين (a) 3-4\u{2069} · abc \u{202e}cba\u{202c} x",
            "ab \u{2067}cd שלום 12\u{2069} ef",
            "ا1,2 b 3.4 غ",
            "a \u{202b}b \u{202a}c ד \u{202b}e 6 ז\u{202c}\u{202c}\u{202c} 8",
        ] {
            let together = levels(text, 0);
            for at in text.char_indices().map(|(at, _)| at).skip(1) {
                let parts = separate(text, &[0..at, at..text.len()]);
                let apart: Vec<_> = parts.iter().flat_map(|part| levels(part, 0)).collect();
                assert_eq!(apart, together, "{text:?} parted at {at}: {parts:?}");
                let base = BidiInfo::new(text, None).paragraphs[0].level;
                assert!(parts.iter().all(|part| BidiInfo::new(part, None).paragraphs[0].level == base));
            }
        }
        assert_eq!(separate("ทดสอบ ทด", &[0..16, 16..22]), ["ทดสอบ", "ทด"]);
        assert_eq!(separate("تمارين ", std::slice::from_ref(&(0..13))), ["تمارين "]);
    }

    #[test]
    fn parts_in_other_fonts_are_words() {
        let parted = |text: &str, ranges: &[Range<usize>]| part(text, ranges.iter().cloned());
        assert_eq!(parted("«אב» גד!", &[2..6, 9..13]), "«\u{200b}אב\u{200b}» גד\u{200b}!");
        assert_eq!(parted("אב גד", &[0..4, 5..9]), "אב גד");
        assert_eq!(parted("אבגד", &[0..4, 4..8]), "אב\u{200b}גד");
        assert_eq!(parted("«abc»", &[2..4, 4..5]), "«abc»");
    }

    #[test]
    fn what_is_cut_off_leaves_no_separators() {
        assert_eq!(trimmed("ab \u{200b}\u{2068} \u{ad}"), "ab");
        assert_eq!(trimmed("\u{2068}ab\u{2069} "), "\u{2068}ab\u{2069}");
    }
}
