//! Selects the fallback face for letters that Inter lacks.
//!
//! cosmic-text uses its own fallback lists only for faces of exactly the requested weight and falls back to any face
//! after that, monospaced ones included. Here the lists come first, and weights are matched as in CSS.

use glyphon::cosmic_text::fontdb::{Database, FaceInfo, ID, Stretch, Style};
use glyphon::cosmic_text::{Fallback, PlatformFallback};
use unicode_properties::UnicodeEmoji;
use unicode_properties::emoji::EmojiStatus;
use unicode_script::{Script, UnicodeScript};

/// The locale selects between regional forms of Chinese characters only; a constant gives the same frames on every
/// machine.
pub(crate) const LOCALE: &str = "en";

/// Text or emoji presentation of a cluster (Unicode Technical Standard #51, 2.8 and 4.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Presentation {
    Text,
    Emoji,
}

impl Presentation {
    /// The presentation requested by the cluster's variation selector, or else the default of its first character.
    pub(crate) fn of(cluster: &str) -> Self {
        const TEXT_SELECTOR: char = '\u{fe0e}';
        const EMOJI_SELECTOR: char = '\u{fe0f}';
        const JOINER: char = '\u{200d}';
        if cluster.is_ascii() || cluster.contains(TEXT_SELECTOR) {
            return Self::Text;
        }
        if cluster.contains(EMOJI_SELECTOR) {
            return Self::Emoji;
        }
        let mut chars = cluster.chars();
        let (first, rest) = (chars.next().map_or(EmojiStatus::NonEmoji, char::emoji_status), chars.as_str());
        let is_modified = |status| matches!(status, EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent);
        match first {
            EmojiStatus::EmojiPresentation
            | EmojiStatus::EmojiPresentationAndModifierBase
            | EmojiStatus::EmojiPresentationAndEmojiComponent
            | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent => Self::Emoji,
            EmojiStatus::EmojiModifierBase | EmojiStatus::EmojiOther
                if rest.contains(JOINER) || rest.chars().any(|char| is_modified(char.emoji_status())) =>
            {
                Self::Emoji
            }
            _ => Self::Text,
        }
    }
}

/// Whether a character needs no glyph: the property Default_Ignorable_Code_Point, without unassigned ranges.
pub(crate) const fn is_ignorable(char: char) -> bool {
    matches!(
        char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The first script of a text other than Common, Inherited and Unknown.
pub(crate) fn script_of(text: &str) -> Option<Script> {
    let is_own = |script: &Script| !matches!(script, Script::Common | Script::Inherited | Script::Unknown);
    text.chars().map(|char| char.script()).find(is_own)
}

/// Distance of an offered weight from the requested one; the least distance wins (CSS Fonts Module Level 4, 5.2).
pub(crate) fn weight_distance(requested: u16, offered: u16) -> (u8, u16) {
    let (above, below) = (offered >= requested, requested.abs_diff(offered));
    match requested {
        400..=500 if above && offered <= 500 => (0, below),
        400..=500 => (if above { 2 } else { 1 }, below),
        ..400 => (u8::from(offered > requested), below),
        _ => (u8::from(!above), below),
    }
}

/// The faces for a cluster in the order of preference, of which the first that has its glyphs is used: first the families
/// that cosmic-text lists for the platform and the script, then any other, monospaced ones last. Emoji faces come first for
/// emoji presentation and last for text. A face may occur twice.
pub(crate) fn candidates(
    database: &Database,
    script: Option<Script>,
    presentation: Presentation,
    weight: u16,
) -> Vec<ID> {
    if presentation == Presentation::Emoji {
        return emoji(database, weight);
    }
    let listed = script.map_or(&[][..], |script| PlatformFallback.script_fallback(script, LOCALE));
    let common = PlatformFallback.common_fallback().iter().filter(|name| !is_fixed(name) && !name.contains("Emoji"));
    let mut ids: Vec<ID> = listed
        .iter()
        .chain(common)
        .flat_map(|name| sorted(database.faces().filter(|face| is_named(face, name)), weight))
        .collect();
    ids.extend(sorted(database.faces().filter(|face| !is_emoji(face)), weight));
    ids.extend(emoji(database, weight));
    ids
}

fn emoji(database: &Database, weight: u16) -> Vec<ID> {
    // Noto exists with and without color; the color fonts of Apple and Microsoft do not have it in their names.
    let named = |in_color: bool| {
        let has_color = move |face: &&FaceInfo| is_emoji(face) && family(face).contains("Color") == in_color;
        sorted(database.faces().filter(has_color), weight)
    };
    [named(true), named(false)].concat()
}

/// Faces in the order of preference, upright ones of the nearest weight first. Ties are broken by name, so that the order in
/// which fonts were found has no influence.
fn sorted<'a>(faces: impl Iterator<Item = &'a FaceInfo>, weight: u16) -> Vec<ID> {
    let mut faces: Vec<&FaceInfo> = faces.collect();
    faces.sort_by_cached_key(|face| {
        let stretch = face.stretch.to_number().abs_diff(Stretch::Normal.to_number());
        let is_fixed = face.monospaced || is_fixed(family(face));
        let is_plain = face.style == Style::Normal;
        let distance = weight_distance(weight, face.weight.0);
        (is_fixed, !is_plain, !family(face).contains("Sans"), stretch, distance, face.post_script_name.clone())
    });
    faces.into_iter().map(|face| face.id).collect()
}

/// The first name of a face's family; empty without one.
pub(crate) fn family(face: &FaceInfo) -> &str {
    face.families.first().map_or("", |(name, _)| name)
}

fn is_named(face: &FaceInfo, name: &str) -> bool {
    face.families.iter().any(|(known, _)| known == name)
}

fn is_emoji(face: &FaceInfo) -> bool {
    face.post_script_name.contains("Emoji") || family(face).contains("Emoji")
}

fn is_fixed(family: &str) -> bool {
    family.split(' ').any(|word| word == "Mono" || word == "FreeMono" || word == "Courier")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use glyphon::cosmic_text::fontdb::{Language, Source, Weight};

    use super::*;

    fn database(faces: &[(&str, u16)]) -> Database {
        let mut database = Database::new();
        for (name, weight) in faces {
            database.push_face_info(FaceInfo {
                id: ID::dummy(),
                source: Source::Binary(Arc::new([])),
                index: 0,
                families: vec![((*name).to_owned(), Language::English_UnitedStates)],
                post_script_name: format!("{}-{weight}", name.replace(' ', "")),
                style: Style::Normal,
                weight: Weight(*weight),
                stretch: Stretch::Normal,
                monospaced: name.contains("Mono"),
            });
        }
        database
    }

    /// The selected face if all families except the `lacking` ones cover the text.
    fn chosen(faces: &[(&str, u16)], text: &str, weight: u16, lacking: &[&str]) -> String {
        let database = database(faces);
        let candidates = candidates(&database, script_of(text), Presentation::of(text), weight);
        let mut faces = candidates.into_iter().filter_map(|id| database.face(id));
        let face = faces.find(|face| !lacking.contains(&family(face)));
        face.map_or(String::new(), |face| face.post_script_name.clone())
    }

    #[test]
    fn weights_are_matched_as_in_css() {
        let nearest =
            |requested, offered: &[u16]| *offered.iter().min_by_key(|it| weight_distance(requested, **it)).unwrap();
        for (requested, offered, expected) in [
            (600, &[400, 700][..], 700),
            (900, &[400, 700], 700),
            (800, &[400, 700, 900], 900),
            (500, &[400, 700], 400),
            (500, &[300, 600], 300),
            (450, &[400, 500, 700], 500),
            (400, &[500, 300], 500),
            (400, &[300, 600], 300),
            (300, &[200, 400], 200),
            (100, &[400, 700], 400),
        ] {
            assert_eq!(nearest(requested, offered), expected, "{requested} of {offered:?}");
        }
    }

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn letters_are_set_in_the_font_of_their_script_at_every_weight() {
        let faces = [
            ("DejaVu Sans Mono", 400),
            ("DejaVu Sans Mono", 700),
            ("Noto Sans Arabic", 400),
            ("Noto Sans Arabic", 700),
            ("Noto Sans Hebrew", 400),
            ("DejaVu Sans", 400),
            ("DejaVu Sans", 700),
            ("Noto Color Emoji", 400),
        ];
        for (weight, expected) in [(100, 400), (400, 400), (500, 400), (600, 700), (700, 700), (800, 700), (900, 700)] {
            assert_eq!(chosen(&faces, "تمارين", weight, &[]), format!("NotoSansArabic-{expected}"));
            assert_eq!(chosen(&faces, "שלום", weight, &[]), "NotoSansHebrew-400");
            let without = ["Noto Sans Arabic", "Noto Sans Hebrew", "Noto Color Emoji"];
            assert_eq!(chosen(&faces, "تمارين", weight, &without), format!("DejaVuSans-{expected}"));
            assert_eq!(chosen(&faces, "ጤና", weight, &without), format!("DejaVuSans-{expected}"));
        }
    }

    #[test]
    fn monospaced_faces_come_last() {
        let faces = [("Zeta Mono", 600), ("Alpha", 300), ("Beta Sans", 300), ("Emoji One", 400)];
        assert_eq!(chosen(&faces, "ⵣ", 600, &[]), "BetaSans-300");
        assert_eq!(chosen(&faces, "ⵣ", 600, &["Beta Sans"]), "Alpha-300");
        assert_eq!(chosen(&faces, "ⵣ", 600, &["Beta Sans", "Alpha"]), "ZetaMono-600");
        assert_eq!(chosen(&faces, "ⵣ", 600, &["Beta Sans", "Alpha", "Zeta Mono"]), "EmojiOne-400");
        assert_eq!(chosen(&[], "ⵣ", 600, &[]), "");
    }

    #[test]
    fn presentation_follows_the_selectors() {
        for emoji in ["❤️", "☀️", "💪", "💪🏽", "☝🏽", "1️⃣", "🇫🇷", "👨‍👩‍👧", "❤️‍🔥", "⛹🏽‍♀", "✨", "🏴󠁧󠁢󠁷󠁬󠁳󠁿"]
        {
            assert_eq!(Presentation::of(emoji), Presentation::Emoji, "{emoji}");
        }
        for text in ["❤", "☀", "1", "é", "ت", "💪\u{fe0e}", "❤\u{fe0e}", "™", "©", "क्‍ष", "←"] {
            assert_eq!(Presentation::of(text), Presentation::Text, "{text}");
        }
        let faces = [("Noto Emoji", 400), ("Noto Color Emoji", 400), ("DejaVu Sans", 400)];
        assert_eq!(chosen(&faces, "❤️", 700, &[]), "NotoColorEmoji-400");
        assert_eq!(chosen(&faces, "❤️", 700, &["Noto Color Emoji"]), "NotoEmoji-400");
        assert_eq!(chosen(&faces, "❤️", 700, &["Noto Color Emoji", "Noto Emoji"]), "");
        assert_eq!(chosen(&faces, "❤\u{fe0e}", 700, &[]), "DejaVuSans-400");
        assert_eq!(chosen(&faces, "❤\u{fe0e}", 700, &["DejaVu Sans"]), "NotoColorEmoji-400");
    }
}
