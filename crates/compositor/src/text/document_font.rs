//! The font of a document, under a name of its own: its file may have that of any other.

use std::sync::Arc;

use super::coverage::Characters;
use glyphon::Family;
use glyphon::cosmic_text::fontdb::{Database, FaceInfo, ID, Language, Source, Stretch, Style, Weight};
use glyphon::cosmic_text::skrifa::raw::{FontRef, TableProvider};
use glyphon::cosmic_text::skrifa::{MetadataProvider, Tag};
use repcast_model::font::Font;

/// The family of a document's font; no other family has this name.
pub(crate) const FAMILY: &str = "\u{0}document";

/// A document's font in a database.
pub(crate) struct DocumentFont {
    pub(crate) id: ID,
    characters: Characters,
    /// Whether its digits can have the same width.
    pub(crate) has_tabular_digits: bool,
}

impl DocumentFont {
    /// Adds a font to a database, which has no other document's. `None` for bytes that are not a font.
    pub(crate) fn load(database: &mut Database, font: &Font) -> Option<Self> {
        let read = FontRef::new(font.as_ref()).ok()?;
        let has_tabular_digits = has_tabular_digits(&read);
        let face = FaceInfo {
            id: ID::dummy(),
            source: Source::Binary(Arc::new(font.clone())),
            index: 0,
            families: vec![(FAMILY.to_owned(), Language::English_UnitedStates)],
            post_script_name: FAMILY.to_owned(),
            // The one face is used for all texts.
            style: Style::Normal,
            weight: Weight(read.attributes().weight.value() as u16),
            stretch: Stretch::Normal,
            monospaced: false,
        };
        let characters = Characters::of_font(font.as_ref(), 0);
        Some(Self { id: database.push_face_info(face), characters, has_tabular_digits })
    }

    /// Whether it has a glyph for a character.
    pub(crate) fn has(&self, char: char) -> bool {
        self.characters.contains(char)
    }

    /// Its family.
    pub(crate) const fn family(&self) -> Family<'static> {
        Family::Name(FAMILY)
    }

    /// The weight of the face, or the nearest to the requested one of a variable font.
    pub(crate) fn weight(&self, database: &Database, requested: u16) -> Weight {
        nearest_weight(database, self.id, requested)
    }
}

/// The weight of a face, or the nearest to the requested one of a variable font.
pub(crate) fn nearest_weight(database: &Database, id: ID, requested: u16) -> Weight {
    match variable_weights(database, id) {
        Some((lightest, heaviest)) if lightest <= heaviest => Weight(requested.clamp(lightest, heaviest)),
        _ => database.face(id).map_or(Weight(requested), |face| face.weight),
    }
}

/// The lightest and heaviest weight of a variable font.
fn variable_weights(database: &Database, id: ID) -> Option<(u16, u16)> {
    let weights = |data: &[u8], index: u32| {
        let font = FontRef::from_index(data, index).ok()?;
        let axis = font.axes().get_by_tag(Tag::new(b"wght"))?;
        Some((axis.min_value().ceil() as u16, axis.max_value().floor() as u16))
    };
    database.with_face_data(id, weights).flatten()
}

/// Whether all digits have one width, or a feature (`tnum`) gives it to them.
fn has_tabular_digits(font: &FontRef<'_>) -> bool {
    use glyphon::cosmic_text::skrifa::instance::{LocationRef, Size};
    let features = font.gsub().ok().and_then(|table| table.feature_list().ok());
    let has_feature = features
        .is_some_and(|list| list.feature_records().iter().any(|feature| feature.feature_tag() == Tag::new(b"tnum")));
    let (charmap, widths) = (font.charmap(), font.glyph_metrics(Size::unscaled(), LocationRef::default()));
    let width = |digit: char| widths.advance_width(charmap.map(digit)?);
    let mut all = ('0'..='9').map(width);
    let first = all.next().flatten();
    first.is_some() && (has_feature || all.all(|width| width == first))
}
