//! Checks that a font of a document can be drawn, before anything is drawn with it.

use glyphon::cosmic_text::fontdb;
use glyphon::cosmic_text::skrifa::instance::{Location, Size};
use glyphon::cosmic_text::skrifa::metrics::Metrics as FontMetrics;
use glyphon::cosmic_text::skrifa::outline::{DrawSettings, OutlinePen};
use glyphon::cosmic_text::skrifa::raw::{FontRef, TableProvider};
use glyphon::cosmic_text::skrifa::{MetadataProvider, Tag};
use glyphon::{Attrs, Buffer, FontSystem, Metrics, Shaping, SwashCache};
use repcast_model::font::Font;

use super::document_font::DocumentFont;
use super::spans::LOCALE;

/// Bounds of a glyph and of the lines, in multiples of the type size. The widest of ordinary fonts are ligatures of whole
/// phrases.
const MAX_WIDTH: f32 = 20.0;
const MAX_HEIGHT: f32 = 6.0;
const MAX_LINE: f32 = 3.0;

/// Units of the type size that OpenType allows (`head`).
const UNITS: std::ops::RangeInclusive<u16> = 16..=16_384;

/// Tables of glyphs that are pictures.
const COLOR_TABLES: [&[u8; 4]; 6] = [b"COLR", b"CBDT", b"CBLC", b"EBDT", b"sbix", b"SVG "];

/// Characters that are shaped and rasterised, of those that the font has.
const DRAWN: usize = 400;

/// Why a font is not used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FontFault {
    /// Other bytes, or damaged ones.
    #[error("is not a font that repcast reads (TrueType or OpenType)")]
    NotAFont,
    /// WOFF.
    #[error("is a font for web pages (WOFF); use the .ttf or .otf file of it")]
    Web,
    /// TTC.
    #[error("is a collection of fonts; use the file of one of them")]
    Collection,
    /// Glyphs that are pictures.
    #[error("is a font of colored pictures; use one whose letters have outlines only")]
    Color,
    /// Glyphs that would cover everything.
    #[error("has glyphs or lines that are many times larger than its type size")]
    Large,
}

/// Checks the bytes of a font file: all outlines are read, and its first characters are drawn. In a font that was made to
/// harm, reading may take long or fail badly: one of others is first checked in a process of its own.
///
/// # Errors
/// When the font is not used.
pub fn check_font(bytes: &[u8]) -> Result<(), FontFault> {
    match bytes.first_chunk() {
        Some(b"wOFF" | b"wOF2") => return Err(FontFault::Web),
        Some(b"ttcf") => return Err(FontFault::Collection),
        _ => {}
    }
    let font = FontRef::new(bytes).map_err(|_| FontFault::NotAFont)?;
    if COLOR_TABLES.iter().any(|tag| font.table_data(Tag::new(tag)).is_some()) {
        return Err(FontFault::Color);
    }
    let units = font.head().map_err(|_| FontFault::NotAFont)?.units_per_em();
    let has_characters = font.charmap().mappings().next().is_some();
    if !UNITS.contains(&units) || !has_characters || font.outline_glyphs().format().is_none() {
        return Err(FontFault::NotAFont);
    }
    for location in locations(&font) {
        check_extents(&font, &location)?;
    }
    draw_first_characters(&font, bytes)
}

/// The default weight, and the lightest and the heaviest of a variable font.
fn locations(font: &FontRef<'_>) -> Vec<Location> {
    let axes = font.axes();
    let Some(weight) = axes.get_by_tag(Tag::new(b"wght")) else { return vec![Location::default()] };
    let weights = [weight.default_value(), weight.min_value(), weight.max_value()];
    weights.into_iter().map(|weight| axes.location([("wght", weight)])).collect()
}

/// Checks the size of all glyphs and lines.
fn check_extents(font: &FontRef<'_>, location: &Location) -> Result<(), FontFault> {
    // At a size of 1, lengths are multiples of the type size.
    let size = Size::new(1.0);
    let FontMetrics { ascent, descent, leading, .. } = font.metrics(size, location);
    if [ascent, descent, leading].iter().any(|length| !(length.abs() <= MAX_LINE)) {
        return Err(FontFault::Large);
    }
    let widths = font.glyph_metrics(size, location);
    for (glyph, outline) in font.outline_glyphs().iter() {
        let mut extent = Extent::default();
        // A glyph that cannot be read is left out when it is drawn.
        let _ = outline.draw(DrawSettings::unhinted(size, location), &mut extent);
        let is_wide = widths.advance_width(glyph).is_some_and(|width| !(width.abs() <= MAX_WIDTH));
        if is_wide || !(extent.across <= MAX_WIDTH && extent.along <= MAX_HEIGHT) {
            return Err(FontFault::Large);
        }
    }
    Ok(())
}

/// The largest distances of an outline from its origin.
#[derive(Default)]
struct Extent {
    across: f32,
    along: f32,
}

impl Extent {
    fn add(&mut self, points: &[(f32, f32)]) {
        for (x, y) in points {
            // Not `max`, which would ignore what is not a number.
            let larger = |is: f32, now: f32| if now.abs() <= is { is } else { now.abs() };
            (self.across, self.along) = (larger(self.across, *x), larger(self.along, *y));
        }
    }
}

impl OutlinePen for Extent {
    fn move_to(&mut self, x: f32, y: f32) {
        self.add(&[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.add(&[(x, y)]);
    }

    fn quad_to(&mut self, control_x: f32, control_y: f32, x: f32, y: f32) {
        self.add(&[(control_x, control_y), (x, y)]);
    }

    fn curve_to(&mut self, x0: f32, y0: f32, x1: f32, y1: f32, x: f32, y: f32) {
        self.add(&[(x0, y0), (x1, y1), (x, y)]);
    }

    fn close(&mut self) {}
}

/// Shapes and rasterises the first characters as texts are.
fn draw_first_characters(font: &FontRef<'_>, bytes: &[u8]) -> Result<(), FontFault> {
    let mut chars: Vec<char> = font
        .charmap()
        .mappings()
        .filter_map(|(char, _)| char::from_u32(char))
        .filter(|char| !char.is_control())
        .collect();
    chars.sort_unstable();
    let text: String = chars.into_iter().take(DRAWN).collect();
    let mut database = fontdb::Database::new();
    let loaded = DocumentFont::load(&mut database, &Font::new(bytes.to_vec(), [0; 32])).ok_or(FontFault::NotAFont)?;
    let mut system = FontSystem::new_with_locale_and_db(LOCALE.to_owned(), database);
    let mut buffer = Buffer::new(&mut system, Metrics::new(32.0, 40.0));
    buffer.set_text(&text, &Attrs::new().family(loaded.family()), Shaping::Advanced, None);
    buffer.shape_until_scroll(&mut system, false);
    let mut cache = SwashCache::new();
    for glyph in buffer.layout_runs().flat_map(|run| run.glyphs) {
        cache.get_image_uncached(&mut system, glyph.physical((0.0, 0.0), 1.0).cache_key);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FONTS;

    #[test]
    fn ordinary_fonts_are_accepted_and_others_say_why() {
        for font in FONTS {
            assert_eq!(check_font(font), Ok(()));
        }
        for (bytes, fault) in [
            (&b""[..], FontFault::NotAFont),
            (b"wOF2\0\0\0\0", FontFault::Web),
            (b"ttcf\0\x01\0\0", FontFault::Collection),
            (b"\0\x01\0\0 not a font", FontFault::NotAFont),
            (&FONTS[0][..2000], FontFault::NotAFont),
        ] {
            assert_eq!(check_font(bytes), Err(fault));
        }
    }

    /// The units of the type size are at byte 18 of `head`: with 16 of them, all glyphs are huge.
    #[test]
    fn glyphs_are_not_larger_than_texts_may_be() {
        let mut font = FONTS[0].to_vec();
        let entry = font.windows(4).position(|window| window == b"head").unwrap();
        let offset = u32::from_be_bytes(*font[entry + 8..].first_chunk().unwrap()) as usize;
        font[offset + 18..offset + 20].copy_from_slice(&16_u16.to_be_bytes());
        assert_eq!(check_font(&font), Err(FontFault::Large));
        font[offset + 18..offset + 20].copy_from_slice(&15_u16.to_be_bytes());
        assert_eq!(check_font(&font), Err(FontFault::NotAFont));
    }

    /// Damaged fonts are an answer and not a panic.
    #[test]
    fn damaged_fonts_do_no_harm() {
        for step in 0..60_usize {
            let mut font = FONTS[step % FONTS.len()].to_vec();
            let length = font.len();
            for (index, byte) in font.iter_mut().enumerate().skip(step).step_by(997 + step) {
                *byte = byte.wrapping_add((index % 251) as u8).rotate_left(3);
            }
            font.truncate(length - step * 100);
            let _ = check_font(&font);
        }
    }
}
