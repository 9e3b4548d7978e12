//! Checks that a font of a document can be drawn, before anything is drawn with it.

use std::panic::catch_unwind;

use glyphon::cosmic_text::fontdb::{self, Weight};
use glyphon::cosmic_text::skrifa::instance::Size;
use glyphon::cosmic_text::skrifa::metrics::Metrics as FontMetrics;
use glyphon::cosmic_text::skrifa::raw::{FontRef, TableProvider, TableRecord};
use glyphon::cosmic_text::skrifa::{MetadataProvider, Tag};
use glyphon::cosmic_text::{CacheKeyFlags, Command};
use glyphon::{Attrs, Buffer, CacheKey, FontSystem, Metrics, Shaping, SwashCache};
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

/// The weights of a workout's texts.
const WEIGHTS: [u16; 4] = [400, 600, 700, 800];

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
    // The libraries panic about some of what is damaged.
    catch_unwind(|| check(bytes)).unwrap_or(Err(FontFault::NotAFont))
}

fn check(bytes: &[u8]) -> Result<(), FontFault> {
    match bytes.first_chunk() {
        Some(b"wOFF" | b"wOF2") => return Err(FontFault::Web),
        Some(b"ttcf") => return Err(FontFault::Collection),
        _ => {}
    }
    let font = FontRef::new(bytes).map_err(|_| FontFault::NotAFont)?;
    // Tables outside of a file that was cut off would be missing without a word.
    let is_whole = |table: &TableRecord| u64::from(table.offset()) + u64::from(table.length()) <= bytes.len() as u64;
    if !font.table_directory().table_records().iter().all(is_whole) {
        return Err(FontFault::NotAFont);
    }
    if COLOR_TABLES.iter().any(|tag| font.table_data(Tag::new(tag)).is_some()) {
        return Err(FontFault::Color);
    }
    let units = font.head().map_err(|_| FontFault::NotAFont)?.units_per_em();
    let glyphs = font.maxp().map_err(|_| FontFault::NotAFont)?.num_glyphs();
    let mut characters = font.charmap().mappings().peekable();
    let has_characters = characters.peek().is_some();
    if !UNITS.contains(&units) || !has_characters || characters.any(|(_, glyph)| glyph.to_u32() >= glyphs.into()) {
        return Err(FontFault::NotAFont);
    }
    let mut database = fontdb::Database::new();
    let loaded = DocumentFont::load(&mut database, &Font::new(bytes.to_vec(), [0; 32])).ok_or(FontFault::NotAFont)?;
    let mut system = FontSystem::new_with_locale_and_db(LOCALE.to_owned(), database);
    for weight in weights(system.db(), &loaded) {
        check_lines(&font, weight)?;
        check_glyphs(&font, &mut system, (loaded.id, glyphs), weight)?;
    }
    draw_first_characters(&font, &mut system, &loaded);
    Ok(())
}

/// The weights of texts, as the font has them: one of an ordinary font.
fn weights(database: &fontdb::Database, font: &DocumentFont) -> Vec<u16> {
    let mut weights: Vec<u16> = WEIGHTS.iter().map(|weight| font.weight(database, *weight).0).collect();
    weights.dedup();
    weights
}

/// Checks the height of lines, at a size of 1: lengths are multiples of the type size.
fn check_lines(font: &FontRef<'_>, weight: u16) -> Result<(), FontFault> {
    let location = font.axes().location([("wght", f32::from(weight))]);
    let FontMetrics { ascent, descent, leading, .. } = font.metrics(Size::new(1.0), &location);
    let is_low = |length: f32| length.abs() <= MAX_LINE;
    if [ascent, descent, leading].into_iter().all(is_low) { Ok(()) } else { Err(FontFault::Large) }
}

/// Checks the size of all glyphs, at a size of 1.
fn check_glyphs(
    font: &FontRef<'_>,
    system: &mut FontSystem,
    (id, count): (fontdb::ID, u16),
    weight: u16,
) -> Result<(), FontFault> {
    let location = font.axes().location([("wght", f32::from(weight))]);
    let widths = font.glyph_metrics(Size::new(1.0), &location);
    let mut cache = SwashCache::new();
    for glyph in 0..count {
        let flags = CacheKeyFlags::DISABLE_HINTING;
        let (key, ..) = CacheKey::new(id, glyph, 1.0, (0.0, 0.0), Weight(weight), flags);
        // A glyph that cannot be read is left out when it is drawn.
        let outline = cache.get_outline_commands_uncached(system, key).unwrap_or_default();
        let fits = |(x, y): (f32, f32)| x.abs() <= MAX_WIDTH && y.abs() <= MAX_HEIGHT;
        let is_narrow = widths.advance_width(glyph.into()).is_none_or(|width| width.abs() <= MAX_WIDTH);
        if !is_narrow || !outline.iter().flat_map(points).all(fits) {
            return Err(FontFault::Large);
        }
    }
    Ok(())
}

/// The points of a part of an outline, between which its curve stays.
fn points(command: &Command) -> impl Iterator<Item = (f32, f32)> {
    let points = match *command {
        Command::MoveTo(to) | Command::LineTo(to) => [Some(to), None, None],
        Command::QuadTo(control, to) => [Some(control), Some(to), None],
        Command::CurveTo(first, second, to) => [Some(first), Some(second), Some(to)],
        Command::Close => [None; 3],
    };
    points.into_iter().flatten().map(|point| (point.x, point.y))
}

/// Shapes and rasterises the first characters as texts are.
fn draw_first_characters(font: &FontRef<'_>, system: &mut FontSystem, loaded: &DocumentFont) {
    let chars = font.charmap().mappings().filter_map(|(char, _)| char::from_u32(char));
    let mut chars: Vec<char> = chars.filter(|char| !char.is_control()).collect();
    chars.sort_unstable();
    let text: String = chars.into_iter().take(DRAWN).collect();
    let mut buffer = Buffer::new(system, Metrics::new(32.0, 40.0));
    buffer.set_text(&text, &Attrs::new().family(loaded.family()), Shaping::Advanced, None);
    buffer.shape_until_scroll(system, false);
    let mut cache = SwashCache::new();
    for glyph in buffer.layout_runs().flat_map(|run| run.glyphs) {
        cache.get_image_uncached(system, glyph.physical((0.0, 0.0), 1.0).cache_key);
    }
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
            (&FONTS[0][..FONTS[0].len() - 4], FontFault::NotAFont),
            (&FONTS[3][..FONTS[3].len() / 2], FontFault::NotAFont),
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
