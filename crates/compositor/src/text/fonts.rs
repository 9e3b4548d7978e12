//! The font database and the face selected for each cluster of a text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use glyphon::cosmic_text::fontdb::{ID, Query, Stretch, Style, Weight};
use glyphon::{Family, FontSystem};
use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

use crate::text::coverage::FontCoverage;
use crate::text::document_font::{DocumentFont, nearest_weight};
use crate::text::missing::mark_missing;
use crate::text::spans::{Presentation, candidates, family, is_ignorable, script_of};

/// The family for every cluster that it has glyphs for.
pub(crate) const PRIMARY_FAMILY: &str = "Inter";

/// Capacity of the cache of faces by cluster. A text has at most 1000 characters.
const CLUSTERS: usize = 4096;

/// Capacity of the cache of candidates by script and weight. Documents use a few.
const CANDIDATE_LISTS: usize = 64;

/// The font database with caches of the faces selected so far.
pub(crate) struct Fonts {
    system: FontSystem,
    /// The font of the document, for the clusters that it has glyphs for.
    document: Option<DocumentFont>,
    /// By base, requested weight and script.
    faces: HashMap<(Base, u16, Option<Script>), ClusterFaces>,
    candidates: HashMap<(u16, Option<Script>, Presentation), Vec<ID>>,
    coverage: Arc<FontCoverage>,
}

/// The font in which a text is set where nothing else is said.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Base {
    Primary,
    Document,
}

/// Fallback faces by cluster; `None` where the base draws the cluster or no font does.
type ClusterFaces = HashMap<String, Option<Arc<Face>>>;

/// Attributes that select exactly one face in cosmic-text, with a weight that the face has.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Face {
    pub(crate) family: String,
    pub(crate) weight: Weight,
    pub(crate) style: Style,
    pub(crate) stretch: Stretch,
}

impl Fonts {
    /// The fonts of a database whose faces `coverage` knows, with that of a document if it has one.
    pub(crate) fn new(system: FontSystem, coverage: Arc<FontCoverage>, document: Option<DocumentFont>) -> Self {
        Self { system, document, faces: HashMap::new(), candidates: HashMap::new(), coverage }
    }

    /// The base of a text. Running times are set in the document's font only if they do not move in it.
    pub(crate) fn base(&self, is_tabular: bool) -> Base {
        let is_usable = |font: &DocumentFont| !is_tabular || font.has_tabular_digits;
        if self.document.as_ref().is_some_and(is_usable) { Base::Document } else { Base::Primary }
    }

    /// The family of a base, and its weight nearest to the requested one.
    pub(crate) fn family(&self, base: Base, weight: u16) -> (Family<'static>, Weight) {
        match self.document.as_ref().filter(|_| base == Base::Document) {
            Some(font) => (font.family(), font.weight(self.system.db(), weight)),
            None => (Family::Name(PRIMARY_FAMILY), self.primary_weight(weight)),
        }
    }

    fn base_face(&self, base: Base, weight: u16) -> Option<ID> {
        match self.document.as_ref().filter(|_| base == Base::Document) {
            Some(font) => Some(font.id),
            None => self.primary_face(weight),
        }
    }

    /// The text with a mark in place of each character that no font has a glyph for.
    pub(crate) fn mark_missing<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let is_own = |char| self.document.as_ref().is_some_and(|font| font.has(char));
        mark_missing(text, |char| is_own(char) || self.coverage.has(self.system.db(), char))
    }

    #[cfg(test)]
    pub(crate) fn system(&self) -> &FontSystem {
        &self.system
    }

    pub(crate) fn system_mut(&mut self) -> &mut FontSystem {
        &mut self.system
    }

    /// The weight of the primary family nearest to the requested one. For a weight that the family lacks, cosmic-text
    /// would select another family even for letters that Inter has.
    fn primary_weight(&self, weight: u16) -> Weight {
        let primary = self.primary_face(weight).and_then(|id| self.system.db().face(id));
        primary.map_or(Weight(weight), |face| face.weight)
    }

    fn primary_face(&self, weight: u16) -> Option<ID> {
        let families = [Family::Name(PRIMARY_FAMILY)];
        self.system.db().query(&Query { families: &families, weight: Weight(weight), ..Query::default() })
    }

    /// The byte ranges of a line that need another family than the base, in order, with their faces. Ranges that no font
    /// covers are omitted.
    pub(crate) fn spans(&mut self, line: &str, base: Base, weight: u16) -> Vec<(Range<usize>, Arc<Face>)> {
        let mut spans: Vec<(Range<usize>, Arc<Face>)> = Vec::new();
        // The primary family has all of ASCII.
        let is_covered = |text: &str| base == Base::Primary && text.is_ascii();
        if is_covered(line) {
            return spans;
        }
        // Punctuation and digits shared by several scripts take the font of the preceding letters.
        let mut script = script_of(line);
        for (start, cluster) in line.grapheme_indices(true) {
            if is_covered(cluster) {
                continue;
            }
            script = script_of(cluster).or(script);
            let Some(face) = self.face_of(cluster, script, (base, weight)) else { continue };
            let range = start..start + cluster.len();
            match spans.last_mut() {
                Some((last, its_face)) if last.end == range.start && *its_face == face => last.end = range.end,
                _ => spans.push((range, face)),
            }
        }
        spans
    }

    fn face_of(&mut self, cluster: &str, script: Option<Script>, (base, weight): (Base, u16)) -> Option<Arc<Face>> {
        let key = (base, weight, script);
        if let Some(known) = self.faces.get(&key).and_then(|known| known.get(cluster)) {
            return known.clone();
        }
        let face = self.find_face(cluster, script, (base, weight)).map(Arc::new);
        if self.faces.values().map(HashMap::len).sum::<usize>() >= CLUSTERS {
            self.faces.clear();
        }
        self.faces.entry(key).or_default().insert(cluster.to_owned(), face.clone());
        face
    }

    fn find_face(&mut self, cluster: &str, script: Option<Script>, (base, weight): (Base, u16)) -> Option<Face> {
        let is_control = |char: char| char.is_control() || is_ignorable(char);
        if cluster.chars().all(is_control) {
            return None;
        }
        let has = |fonts: &Self, id: Option<ID>| id.filter(|id| fonts.covers(*id, cluster, true));
        let is_in_base = has(self, self.base_face(base, weight)).is_some();
        // Below the base: the primary family, and then the others.
        let primary = has(self, self.primary_face(weight)).filter(|_| !is_in_base);
        let id = match Presentation::of(cluster) {
            Presentation::Text if is_in_base => None,
            Presentation::Text => primary.or_else(|| self.choose(cluster, script, Presentation::Text, weight)),
            Presentation::Emoji => match self.choose(cluster, script, Presentation::Emoji, weight) {
                None if !is_in_base => primary.or_else(|| self.choose(cluster, script, Presentation::Text, weight)),
                chosen => chosen,
            },
        };
        let database = self.system.db();
        let face = database.face(id?)?;
        let weight = nearest_weight(database, face.id, weight);
        Some(Face { family: family(face).to_owned(), weight, style: face.style, stretch: face.stretch })
    }

    /// The first candidate that has the glyphs of a cluster.
    fn choose(&mut self, cluster: &str, script: Option<Script>, presentation: Presentation, weight: u16) -> Option<ID> {
        let key = (weight, script, presentation);
        if !self.candidates.contains_key(&key) {
            if self.candidates.len() >= CANDIDATE_LISTS {
                self.candidates.clear();
            }
            self.candidates.insert(key, candidates(self.system.db(), script, presentation, weight));
        }
        self.candidates[&key].iter().copied().find(|id| self.covers(*id, cluster, false))
    }

    /// Whether a face has a glyph for every character of a cluster that needs one. `marks_may_lack` accepts missing
    /// combining marks, which shaping composes or synthesises.
    fn covers(&self, id: ID, cluster: &str, marks_may_lack: bool) -> bool {
        let document = self.document.as_ref().filter(|font| font.id == id);
        let shared = document.is_none().then(|| self.coverage.of(self.system.db(), id));
        let has = |char| match (document, &shared) {
            (Some(font), _) => font.has(char),
            (None, characters) => characters.as_ref().is_some_and(|characters| characters.contains(char)),
        };
        cluster.char_indices().all(|(at, char)| {
            is_ignorable(char) || (marks_may_lack && at > 0 && char.script() == Script::Inherited) || has(char)
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use glyphon::cosmic_text::fontdb::{self, FaceInfo, Language, Source};

    use super::super::spans::LOCALE;
    use super::*;
    use crate::FONTS;
    use repcast_model::font::Font;

    /// A font with empty glyphs, 600 of 1000 units wide, for an inclusive range of characters. It holds the tables that
    /// OpenType requires for shaping (ISO/IEC 14496-22).
    fn tiny_font(first: char, last: char) -> Vec<u8> {
        let words = |words: &[u16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
        let longs = |longs: &[u32]| longs.iter().flat_map(|long| long.to_be_bytes()).collect::<Vec<u8>>();
        let (first, last) = (u32::from(first), u32::from(last));
        let glyphs = (last - first + 2) as u16;
        let head =
            [longs(&[0x10000, 0x10000, 0, 0x5f0f_3cf5]), words(&[0, 1000]), vec![0; 16], words(&[0; 9])].concat();
        let hhea =
            [longs(&[0x10000]), words(&[800, 200_u16.wrapping_neg(), 0, 600]), vec![0; 22], words(&[1])].concat();
        let group = longs(&[12 << 16, 28, 0, 1, first, last, 1]);
        let mut tables = [
            (b"cmap", [words(&[0, 1, 3, 10, 0, 12]), group].concat()),
            (b"glyf", vec![0; 4]),
            (b"head", head),
            (b"hhea", hhea),
            (b"hmtx", words(&[&[600, 0][..], &vec![0; usize::from(glyphs) - 1]].concat())),
            (b"loca", vec![0; 2 * (usize::from(glyphs) + 1)]),
            (b"maxp", [longs(&[0x10000]), words(&[glyphs]), vec![0; 26]].concat()),
        ];
        let mut font = [longs(&[0x10000]), words(&[tables.len() as u16, 0, 0, 0])].concat();
        let mut offset = font.len() + 16 * tables.len();
        for (tag, table) in &mut tables {
            font.extend(**tag);
            font.extend(longs(&[0, offset as u32, table.len() as u32]));
            table.resize(table.len().next_multiple_of(4), 0);
            offset += table.len();
        }
        font.extend(tables.into_iter().flat_map(|(_, table)| table));
        font
    }

    /// Inter, and generated faces: family, weight, first and last character.
    pub(crate) fn fonts(faces: &[(&str, u16, char, char)]) -> Fonts {
        let mut database = fontdb::Database::new();
        for (name, weight, first, last) in faces {
            database.push_face_info(FaceInfo {
                id: ID::dummy(),
                source: Source::Binary(Arc::new(tiny_font(*first, *last))),
                index: 0,
                families: vec![((*name).to_owned(), Language::English_UnitedStates)],
                post_script_name: format!("{}-{weight}", name.replace(' ', "")),
                style: Style::Normal,
                weight: Weight(*weight),
                stretch: Stretch::Normal,
                monospaced: name.contains("Mono"),
            });
        }
        for font in FONTS {
            database.load_font_source(Source::Binary(Arc::new(font)));
        }
        Fonts::new(FontSystem::new_with_locale_and_db(LOCALE.to_owned(), database), Arc::default(), None)
    }

    /// A document's font has its characters, Inter what Inter has of the others, and the fonts of the system the rest.
    #[test]
    fn a_document_is_set_in_its_own_font() {
        let mut fonts = fonts(&[("Other Sans", 400, 'ء', 'ي')]);
        let (mut database, bytes) = (fonts.system.db().clone(), tiny_font('A', 'Z'));
        let document = DocumentFont::load(&mut database, &Font::new(bytes, [1; 32])).unwrap();
        assert!(!document.has_tabular_digits);
        fonts =
            Fonts::new(FontSystem::new_with_locale_and_db(LOCALE.to_owned(), database), Arc::default(), Some(document));
        assert_eq!((fonts.base(false), fonts.base(true)), (Base::Document, Base::Primary));
        let mut spans = |text| -> Vec<(Range<usize>, String, u16)> {
            let spans = fonts.spans(text, Base::Document, 700).into_iter();
            spans.map(|(range, face)| (range, face.family.clone(), face.weight.0)).collect()
        };
        assert_eq!(spans("SQUAT"), []);
        assert_eq!(spans("SQUaT 3"), [(3..4, PRIMARY_FAMILY.to_owned(), 700), (5..7, PRIMARY_FAMILY.to_owned(), 700)]);
        assert_eq!(spans("Aمي"), [(1..5, "Other Sans".to_owned(), 400)]);
        assert_eq!(fonts.family(Base::Document, 700).1, Weight(400));
        // Another file of the same name is another font.
        assert!(fonts.system.db().faces().filter(|face| family(face) == PRIMARY_FAMILY).count() == FONTS.len());
    }

    #[test]
    fn text_that_inter_has_needs_no_other_font() {
        let mut fonts = fonts(&[("DejaVu Sans", 700, 'ⵀ', '⵿')]);
        for text in
            ["Squat", "Élan · 3 / 8 …", "Đầu gối", "e\u{301}t\u{e9}", "Приседания", "γόνατα", "❤", "a\u{2068}b\u{2069}"]
        {
            assert_eq!(fonts.spans(text, Base::Primary, 600), [], "{text}");
        }
    }

    #[test]
    fn text_without_glyphs_in_any_font_is_left_to_inter() {
        let mut fonts = fonts(&[]);
        for text in ["تمارين", "ทดสอบ", "深蹲", "💪🏽", "❤️", "1️⃣"] {
            assert_eq!(fonts.spans(text, Base::Primary, 600), [], "{text}");
        }
    }

    #[test]
    fn characters_that_no_font_has_are_marked() {
        let fonts = fonts(&[("Other Sans", 400, 'ء', 'ي')]);
        for (text, marked) in [
            ("Squat — Élan", "Squat — Élan"),
            ("تمارين", "تمارين"),
            ("Squat 深蹲!", "Squat □□!"),
            ("💪🏽 ok", "□ ok"),
            ("e\u{301} ع\u{5b0}ع", "e\u{301} عع"),
            ("a\u{2029}b\u{200b}\n\u{3000}c", "a\u{2029}b\u{200b}\n\u{3000}c"),
        ] {
            assert_eq!(fonts.mark_missing(text), marked, "{text}");
        }
    }

    #[test]
    fn spans_cover_only_what_inter_lacks() {
        let mut fonts =
            fonts(&[("Other Sans", 400, 'ء', '۹'), ("Color Emoji", 400, '❤', '❤'), ("A Mono", 600, ' ', '\u{ffff}')]);
        let mut spans = |text| -> Vec<(Range<usize>, String, u16)> {
            let spans = fonts.spans(text, Base::Primary, 600).into_iter();
            spans.map(|(range, face)| (range, face.family.clone(), face.weight.0)).collect()
        };
        // Shared digits and marks stay with the letters before them, a joiner with its cluster.
        assert_eq!(spans("ab مي\u{200c}خ٣! é"), [(3..14, "Other Sans".to_owned(), 400)]);
        assert_eq!(spans("❤ ❤\u{fe0f}❤\u{fe0e}"), [(4..10, "Color Emoji".to_owned(), 400)]);
        assert_eq!(spans("ⵣ"), [(0..3, "A Mono".to_owned(), 600)]);
    }

    #[test]
    fn requested_weights_map_to_weights_of_inter() {
        let fonts = fonts(&[]);
        for (requested, expected) in
            [(100, 400), (300, 400), (500, 400), (600, 600), (650, 700), (800, 800), (900, 800)]
        {
            assert_eq!(fonts.primary_weight(requested), Weight(expected), "{requested}");
        }
    }
}
