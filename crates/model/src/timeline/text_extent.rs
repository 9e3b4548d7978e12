//! Estimates the pixels of a text before it is shaped: what it takes in memory and costs to draw.

use unicode_segmentation::UnicodeSegmentation;

use super::TextStyle;

/// Advance of a letter, as a fraction of the font size: that of ASCII letters and digits in bold Inter, and the square of
/// ideographs and emoji.
const NARROW_ADVANCE: f32 = 0.65;
const WIDE_ADVANCE: f32 = 1.0;

/// Distance of lines, as a fraction of the font size.
const LINE_HEIGHT: f32 = 1.2;

/// The estimated size of a text.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TextExtent {
    /// Width of the block in canvas pixels.
    pub width: f32,
    /// Height of the block in canvas pixels.
    pub height: f32,
    /// Characters to shape.
    pub letters: u32,
    /// Those of them outside ASCII: letters of other scripts, marks, emoji.
    pub wide_letters: u32,
    /// Pixels of the glyphs, each a square of the font size; marks count as letters.
    pub letter_pixels: f32,
    /// Whether the text shrinks or is truncated to fit.
    pub is_too_long: bool,
}

impl TextExtent {
    /// The extent of a text in a style. It is not exact: fonts are unknown here.
    #[must_use]
    pub fn of(text: &str, style: &TextStyle) -> Self {
        let (mut advance, mut clusters, mut lines) = (0.0_f32, 0_u32, 0_u32);
        let mut widest = 0.0_f32;
        for line in text.lines() {
            let in_line = line.graphemes(true);
            let line_advance: f32 = in_line
                .map(|cluster| {
                    clusters += 1;
                    style.size * if cluster.is_ascii() { NARROW_ADVANCE } else { WIDE_ADVANCE }
                })
                .sum();
            lines += (line_advance / style.max_width.max(1.0)).ceil().clamp(1.0, 1000.0) as u32;
            advance += line_advance;
            widest = widest.max(line_advance);
        }
        let letters = text.chars().count() as u32;
        let wide_letters = text.chars().filter(|letter| !letter.is_ascii()).count() as u32;
        let is_too_long = lines > u32::from(style.max_lines);
        let shown_lines = lines.clamp(1, u32::from(style.max_lines).max(1));
        let (width, height) = (widest.min(style.max_width), shown_lines as f32 * style.size * LINE_HEIGHT);
        // Marks are drawn over the letter before them.
        let stacked = letters as f32 / clusters.max(1) as f32;
        let letter_pixels = (advance * style.size).min(width * height) * stacked.max(1.0);
        Self { width, height, letters, wide_letters, letter_pixels, is_too_long }
    }

    /// Pixels of the block.
    #[must_use]
    pub fn pixels(&self) -> f32 {
        self.width * self.height
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Color;
    use crate::geometry::Anchor;

    fn extent(text: &str, size: f32, max_width: f32, max_lines: u16) -> TextExtent {
        let style = TextStyle {
            size,
            min_size: size * 0.4,
            weight: 600,
            color: Color::WHITE,
            position: (0.0, 0.0),
            anchor: Anchor::TopLeft,
            max_width,
            max_lines,
            backing: None,
            outline: None,
            tabular: false,
            font: None,
        };
        TextExtent::of(text, &style)
    }

    #[test]
    fn extents_follow_letters_lines_and_limits() {
        let short = extent("Squat", 40.0, 1000.0, 3);
        assert_eq!((short.width, short.height, short.letters, short.is_too_long), (130.0, 48.0, 5, false));
        assert_eq!(extent("深蹲", 40.0, 1000.0, 3).width, 80.0);
        let wrapped = extent("abcdefghij\nk", 100.0, 325.0, 3);
        assert_eq!((wrapped.width, wrapped.height, wrapped.is_too_long), (325.0, 360.0, false));
        let long = extent(&"x".repeat(1000), 100.0, 650.0, 2);
        assert_eq!((long.pixels().round(), long.letter_pixels.round(), long.is_too_long), (156_000.0, 156_000.0, true));
        // Marks are drawn as often as there are of them.
        assert_eq!(extent(&format!("深{}", "\u{301}".repeat(31)), 100.0, 1000.0, 1).letter_pixels, 32.0 * 10_000.0);
        assert_eq!(extent("", 100.0, 1000.0, 1).letter_pixels, 0.0);
    }
}
