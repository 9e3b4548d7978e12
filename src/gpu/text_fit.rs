//! Finding the size at which a text fits its block.

use glyphon::cosmic_text::{Align, FeatureTag, FontFeatures};
use glyphon::{Attrs, Buffer, Family, FontSystem, Metrics, Shaping, Weight, Wrap};

use crate::geometry::Anchor;
use crate::timeline::TextStyle;

/// Height of a line over the size of its type.
const LINE_HEIGHT: f32 = 1.18;

/// How much smaller each try is than the last.
const SHRINK: f32 = 0.94;

/// A text that has been shaped.
pub(super) struct Fitted {
    pub(super) buffer: Buffer,
    /// Size of the type.
    pub(super) size: f32,
    /// Size of the block, in whole pixels.
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Shapes a text at the largest size, up to the style's, at which it keeps to its width and lines. At the smallest size
/// the rest is cut off behind an ellipsis.
pub(super) fn fit(fonts: &mut FontSystem, text: &str, style: &TextStyle) -> Fitted {
    let mut size = style.size;
    loop {
        let mut buffer = shaped(fonts, text, style, size);
        let (width, lines) = extent(&buffer);
        let fits = width <= style.max_width + 0.5 && lines <= lines_at(style, size);
        let smallest = size <= style.min_size;
        if fits || smallest {
            if !fits {
                cut(fonts, &mut buffer, text, style, size);
            }
            return finished(fonts, buffer, size);
        }
        size = (size * SHRINK).max(style.min_size);
    }
}

/// Lines that the block's height holds at a size.
fn lines_at(style: &TextStyle, size: f32) -> usize {
    match style.max_lines {
        1 => 1,
        lines => (f32::from(lines) * style.size / size) as usize,
    }
}

fn shaped(fonts: &mut FontSystem, text: &str, style: &TextStyle, size: f32) -> Buffer {
    let mut buffer = Buffer::new(fonts, Metrics::new(size, size * LINE_HEIGHT));
    // A word longer than a line would break in its middle; it shrinks instead, as long as it may.
    let wrap = if size > style.min_size { Wrap::Word } else { Wrap::WordOrGlyph };
    buffer.set_wrap(wrap);
    buffer.set_size(Some(style.max_width), None);
    set_text(&mut buffer, text, style);
    buffer.shape_until_scroll(fonts, false);
    buffer
}

fn set_text(buffer: &mut Buffer, text: &str, style: &TextStyle) {
    let mut features = FontFeatures::new();
    if style.tabular {
        features.enable(FeatureTag::new(b"tnum"));
    }
    let attributes = Attrs::new().family(Family::Name("Inter")).weight(Weight(style.weight)).font_features(features);
    let align = match style.anchor {
        Anchor::TopLeft | Anchor::Left | Anchor::BottomLeft => Align::Left,
        Anchor::Top | Anchor::Center | Anchor::Bottom => Align::Center,
        Anchor::TopRight | Anchor::Right | Anchor::BottomRight => Align::Right,
    };
    buffer.set_text(text, &attributes, Shaping::Advanced, Some(align));
}

/// Drops words, and at last letters, until the text with an ellipsis fits.
fn cut(fonts: &mut FontSystem, buffer: &mut Buffer, text: &str, style: &TextStyle, size: f32) {
    let ends: Vec<usize> = text.char_indices().map(|(index, _)| index).collect();
    // The longest beginning that fits, found by halving: more text never takes less room.
    let (mut fitting, mut too_long) = (0, ends.len());
    while fitting + 1 < too_long {
        let middle = fitting.midpoint(too_long);
        *buffer = shaped(fonts, &format!("{}…", text[..ends[middle]].trim_end()), style, size);
        let (width, lines) = extent(buffer);
        if width <= style.max_width + 0.5 && lines <= lines_at(style, size) {
            fitting = middle;
        } else {
            too_long = middle;
        }
    }
    let kept = ends.get(fitting).map_or("", |end| text[..*end].trim_end());
    *buffer = shaped(fonts, &format!("{kept}…"), style, size);
}

fn extent(buffer: &Buffer) -> (f32, usize) {
    buffer.layout_runs().fold((0.0, 0), |(width, lines), run| (run.line_w.max(width), lines + 1))
}

/// Narrows the block to its longest line, so that it can be placed by any of its corners.
fn finished(fonts: &mut FontSystem, mut buffer: Buffer, size: f32) -> Fitted {
    let (width, lines) = extent(&buffer);
    let width = width.ceil().max(1.0);
    // Half a pixel more keeps a line that just fits from being broken anew by rounding.
    buffer.set_size(Some(width + 0.5), None);
    buffer.shape_until_scroll(fonts, false);
    let height = (lines.max(1) as f32 * size * LINE_HEIGHT).ceil();
    Fitted { buffer, size, width: width as u32, height: height as u32 }
}
