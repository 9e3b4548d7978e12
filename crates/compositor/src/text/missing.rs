//! Characters that no font has glyphs for: how they are drawn, and what a user can do about them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use unicode_properties::UnicodeEmoji;
use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

use crate::text::spans::{Presentation, is_ignorable};

/// What is drawn for a character without a glyph: a character of Inter, with the metrics of its line, so that a text does
/// not reach into the lines around it as the glyph `.notdef` of some font does.
const MARK: char = '\u{25a1}';

/// Characters that a message lists of one script.
const LISTED: usize = 8;

/// Debian's packages of fonts.
const CJK: &str = "fonts-noto-cjk";
const EMOJI: &str = "fonts-noto-color-emoji";
const OTHERS: &str = "fonts-noto-core";

/// Scripts of the languages that most people write, each with letters that its texts have, and Debian's package of fonts.
const SCRIPTS: [(&str, &str, &str); 26] = [
    ("Arabic", "ابتةگ", OTHERS),
    ("Armenian", "Աա", OTHERS),
    ("Bengali", "কথ", OTHERS),
    ("Chinese", "深蹲练习動", CJK),
    ("Cyrillic", "Жїўқ", OTHERS),
    ("Devanagari", "कआ", OTHERS),
    ("Emoji", "💪🔥", EMOJI),
    ("Ethiopic", "ጤና", OTHERS),
    ("Georgian", "ქა", OTHERS),
    ("Greek", "γώ", OTHERS),
    ("Gujarati", "કઆ", OTHERS),
    ("Gurmukhi", "ਕਆ", OTHERS),
    ("Hebrew", "שם", OTHERS),
    ("Japanese", "かカ運動", CJK),
    ("Kannada", "ಕಆ", OTHERS),
    ("Khmer", "កខ", OTHERS),
    ("Korean", "한국운동", CJK),
    ("Lao", "ລກ", OTHERS),
    ("Latin", "Aéłạ", OTHERS),
    ("Malayalam", "കആ", OTHERS),
    ("Myanmar", "ကခ", OTHERS),
    ("Sinhala", "කඅ", OTHERS),
    ("Tamil", "கஅ", OTHERS),
    ("Telugu", "కఆ", OTHERS),
    ("Thai", "ไก", OTHERS),
    ("Tibetan", "ཀཁ", OTHERS),
];

/// Whether texts in a script can be drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScriptCoverage {
    /// The script, by the name of the language where that has one of its own.
    pub name: &'static str,
    /// Whether some font has its letters.
    pub is_covered: bool,
    /// Debian's package of fonts for it.
    pub package: &'static str,
}

/// Characters of one script that no font has glyphs for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissingGlyphs {
    /// The name of the script (Unicode Standard Annex #24).
    pub script: &'static str,
    /// The characters, in the order of their first occurrence.
    pub characters: Vec<char>,
    /// Debian's package of fonts for the script; `None` for characters that have no meaning of their own.
    pub package: Option<&'static str>,
}

impl fmt::Display for MissingGlyphs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed: Vec<String> = self.characters.iter().take(LISTED).map(|char| shown(*char)).collect();
        let more = self.characters.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        write!(formatter, "no font has {}{more} ({}), drawn as {MARK}", listed.join(" "), self.script)?;
        match self.package {
            Some(package) => write!(formatter, "; on Debian, `apt install {package}` adds one"),
            None => Ok(()),
        }
    }
}

/// A character for a message: itself, with its code point.
fn shown(char: char) -> String {
    format!("{} U+{:04X}", char.escape_debug(), u32::from(char))
}

/// Whether a character is drawn as a glyph of its own. All ASCII characters are in Inter.
fn needs_glyph(char: char) -> bool {
    !char.is_ascii() && !is_ignorable(char) && !char.is_whitespace() && !char.is_control()
}

/// The text with a mark in place of each cluster whose base has no glyph, and without marks that have none.
pub(crate) fn mark_missing(text: &str, has: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_missing = |char: char| needs_glyph(char) && !has(char);
    if text.is_ascii() || !text.chars().any(is_missing) {
        return Cow::Borrowed(text);
    }
    let mut marked = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        if cluster.chars().next().is_some_and(is_missing) {
            marked.push(MARK);
        } else {
            marked.extend(cluster.chars().filter(|char| !is_missing(*char)));
        }
    }
    Cow::Owned(marked)
}

/// The characters of texts that no font has glyphs for, by script.
pub(crate) fn missing_glyphs<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    has: impl Fn(char) -> bool,
) -> Vec<MissingGlyphs> {
    let mut missing: Vec<MissingGlyphs> = Vec::new();
    // Documents have many texts with the same characters.
    let mut seen = HashSet::new();
    for char in texts.into_iter().filter(|text| !text.is_ascii()).flat_map(str::chars) {
        if !needs_glyph(char) || !seen.insert(char) || has(char) {
            continue;
        }
        let (script, package) = script_and_package(char);
        match missing.iter_mut().find(|known| known.script == script) {
            Some(known) => known.characters.push(char),
            None => missing.push(MissingGlyphs { script, characters: vec![char], package }),
        }
    }
    missing
}

/// The script of a character, and Debian's package of fonts for it.
fn script_and_package(char: char) -> (&'static str, Option<&'static str>) {
    let mut buffer = [0; 4];
    let is_emoji = char.is_emoji_char() && Presentation::of(char.encode_utf8(&mut buffer)) == Presentation::Emoji;
    // Punctuation and full-width forms are shared by the scripts of East Asia.
    let is_wide = matches!(char, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}');
    match char.script() {
        _ if is_emoji => ("emoji", Some(EMOJI)),
        script @ (Script::Han | Script::Hangul | Script::Hiragana | Script::Katakana | Script::Bopomofo) => {
            (script.full_name(), Some(CJK))
        }
        Script::Common if is_wide => ("East Asian punctuation", Some(CJK)),
        Script::Common | Script::Inherited => ("symbols", Some(OTHERS)),
        Script::Unknown => ("unassigned or private", None),
        script => (script.full_name(), Some(OTHERS)),
    }
}

/// Whether texts in common scripts can be drawn.
pub(crate) fn script_coverage(has: impl Fn(char) -> bool) -> Vec<ScriptCoverage> {
    let coverage = |(name, letters, package): (&'static str, &str, &'static str)| ScriptCoverage {
        name,
        is_covered: letters.chars().all(&has),
        package,
    };
    SCRIPTS.into_iter().map(coverage).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_characters_are_reported_once_by_script_with_a_package() {
        let texts = ["Squat 深蹲", "深！💪🏽 ❤️ ไก่", "Élan", "⟁"];
        let has = |char: char| char < '\u{250}';
        let messages: Vec<String> = missing_glyphs(texts, has).iter().map(ToString::to_string).collect();
        let expected = [
            "no font has 深 U+6DF1 蹲 U+8E72 (Han), drawn as □; on Debian, `apt install fonts-noto-cjk` adds one",
            "no font has ！ U+FF01 (East Asian punctuation), drawn as □; on Debian, `apt install fonts-noto-cjk` adds one",
            "no font has 💪 U+1F4AA 🏽 U+1F3FD (emoji), drawn as □; on Debian, `apt install fonts-noto-color-emoji` adds one",
            "no font has ❤ U+2764 ⟁ U+27C1 (symbols), drawn as □; on Debian, `apt install fonts-noto-core` adds one",
            "no font has ไ U+0E44 ก U+0E01 \\u{e48} U+0E48 (Thai), drawn as □; on Debian, `apt install fonts-noto-core` adds one",
        ];
        assert_eq!(messages, expected);
        let all: String = ('一'..='丿').collect();
        let many = missing_glyphs([all.as_str()], has)[0].to_string();
        assert!(many.contains(&format!("丆 U+4E06 万 U+4E07 and {} more (Han)", all.chars().count() - 8)), "{many}");
        assert_eq!(missing_glyphs(texts, |_| true), []);
        let private = missing_glyphs(["\u{e000}"], |_| false)[0].to_string();
        assert_eq!(private, "no font has \\u{e000} U+E000 (unassigned or private), drawn as □");
    }

    #[test]
    fn scripts_are_covered_with_all_their_letters() {
        let coverage = script_coverage(|char| char.is_ascii() || "Aéłạかカ運שם".contains(char));
        let covered: Vec<&str> = coverage.iter().filter(|script| script.is_covered).map(|script| script.name).collect();
        assert_eq!(covered, ["Hebrew", "Latin"]);
        assert!(SCRIPTS.is_sorted_by_key(|(name, ..)| *name));
    }
}
