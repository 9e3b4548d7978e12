//! Fits a text into its block: the largest type size at which it keeps to width and number of lines.

use glyphon::cosmic_text::{Align, AttrsList, CacheKeyFlags, FeatureTag, FontFeatures};
use glyphon::{Attrs, Buffer, Family, Metrics, Shaping, Wrap};
use unicode_segmentation::UnicodeSegmentation;

use crate::text::fonts::{Base, Face, Fonts};
use crate::text::line_break::{self, trimmed};
use repcast_model::geometry::Anchor;
use repcast_model::timeline::TextStyle;

/// Line height as a multiple of the type size.
const LINE_HEIGHT: f32 = 1.18;

/// Factor from one tried size to the next.
const SHRINK: f32 = 0.94;

/// A shaped text and the size of its block.
pub(crate) struct Fitted {
    pub(crate) buffer: Buffer,
    /// Type size in pixels.
    pub(crate) size: f32,
    /// Block width in whole pixels.
    pub(crate) width: u32,
    /// Block height in whole pixels.
    pub(crate) height: u32,
}

/// Shapes a text at the largest size, up to the style's, at which it keeps to its width and number of lines. A text
/// that does not fit at the smallest size is truncated with an ellipsis.
pub(crate) fn fit(fonts: &mut Fonts, text: &str, style: &TextStyle) -> Fitted {
    let ends = if line_break::is_needed(text, true) { line_break::ends(text) } else { Vec::new() };
    let mut size = style.size;
    // Shaping does not depend on the size: a text whose lines are not computed here is shaped once.
    let mut shaped: Option<Buffer> = None;
    loop {
        let breaks_words = size <= style.min_size;
        let mut buffer = match shaped.take().filter(|_| !line_break::is_needed(text, breaks_words)) {
            Some(mut buffer) => {
                buffer.set_metrics(metrics(size));
                buffer.set_wrap(wrap(breaks_words));
                buffer.shape_until_scroll(fonts.system_mut(), false);
                buffer
            }
            None => shape(fonts, text, &ends, style, size),
        };
        let (width, lines) = extent(&buffer);
        let fits = width <= style.max_width + 0.5 && lines <= lines_at(style, size);
        let smallest = size <= style.min_size;
        if fits || smallest {
            if !fits {
                truncate(fonts, &mut buffer, text, &ends, style, size);
            }
            return shrink_to_lines(fonts, buffer, size);
        }
        shaped = Some(buffer).filter(|_| !line_break::is_needed(text, breaks_words));
        size = (size * SHRINK).max(style.min_size);
    }
}

fn metrics(size: f32) -> Metrics {
    Metrics::new(size, size * LINE_HEIGHT)
}

/// A word wider than a line shrinks to the smallest size before it is broken.
const fn wrap(breaks_words: bool) -> Wrap {
    if breaks_words { Wrap::WordOrGlyph } else { Wrap::Word }
}

/// Number of lines that the block's height holds at a size.
fn lines_at(style: &TextStyle, size: f32) -> usize {
    match style.max_lines {
        1 => 1,
        lines => (f32::from(lines) * style.size / size) as usize,
    }
}

fn shape(fonts: &mut Fonts, text: &str, ends: &[usize], style: &TextStyle, size: f32) -> Buffer {
    let breaks_words = size <= style.min_size;
    if line_break::is_needed(text, breaks_words) {
        let broken = break_lines(fonts, text, ends, style, size, breaks_words);
        return lay_out(fonts, &broken, style, size, Wrap::None);
    }
    lay_out(fonts, text, style, size, wrap(breaks_words))
}

/// The text with each line as a paragraph of its own.
fn break_lines(
    fonts: &mut Fonts,
    text: &str,
    ends: &[usize],
    style: &TextStyle,
    size: f32,
    breaks_words: bool,
) -> String {
    let mut broken = Vec::new();
    for paragraph in line_break::paragraphs(text) {
        let start = paragraph.as_ptr() as usize - text.as_ptr() as usize;
        let inside = ends.iter().filter(|end| (start + 1..start + paragraph.len()).contains(*end));
        let mut advances = vec![0.0; paragraph.len()];
        let unbroken = lay_out(fonts, paragraph, style, size, Wrap::None);
        for glyph in unbroken.layout_runs().flat_map(|run| run.glyphs) {
            if let Some(advance) = advances.get_mut(glyph.start) {
                *advance += glyph.w;
            }
        }
        let lines =
            line_break::lines(paragraph, inside.map(|end| end - start), &advances, style.max_width, breaks_words);
        let lines = line_break::separate(paragraph, &lines).into_iter();
        broken.extend(lines.map(|line| {
            let spans = fonts.spans(&line, fonts.base(style.tabular), style.weight);
            line_break::separate_fonts(&line, spans.into_iter().map(|(range, _)| range))
        }));
    }
    broken.join("\n")
}

fn lay_out(fonts: &mut Fonts, text: &str, style: &TextStyle, size: f32, wrap: Wrap) -> Buffer {
    let mut buffer = Buffer::new(fonts.system_mut(), metrics(size));
    buffer.set_wrap(wrap);
    buffer.set_size(Some(style.max_width), None);
    set_text(fonts, &mut buffer, text, style);
    buffer.shape_until_scroll(fonts.system_mut(), false);
    buffer
}

fn set_text(fonts: &mut Fonts, buffer: &mut Buffer, text: &str, style: &TextStyle) {
    let mut features = FontFeatures::new();
    if style.tabular {
        features.enable(FeatureTag::new(b"tnum"));
    }
    let base = fonts.base(style.tabular);
    let (family, weight) = fonts.family(base, style.weight);
    // The programs in a document's font, which move points, are not run: its glyphs are as large as they were checked.
    let flags = if base == Base::Document { CacheKeyFlags::DISABLE_HINTING } else { CacheKeyFlags::empty() };
    let own = Attrs::new().family(family).weight(weight).font_features(features).cache_key_flags(flags);
    let align = match style.anchor {
        // By the direction of each paragraph, the one of its first strong character (UAX #9, P2 and P3).
        Anchor::TopLeft | Anchor::Left | Anchor::BottomLeft => None,
        Anchor::Top | Anchor::Center | Anchor::Bottom => Some(Align::Center),
        Anchor::TopRight | Anchor::Right | Anchor::BottomRight => Some(Align::Right),
    };
    buffer.set_text(text, &own, Shaping::Advanced, align);
    for line in &mut buffer.lines {
        let spans = fonts.spans(line.text(), base, style.weight);
        if spans.is_empty() {
            continue;
        }
        let mut attributes = AttrsList::new(&own);
        for (range, face) in spans {
            let Face { family, weight, style, stretch } = &*face;
            let foreign = own.clone().family(Family::Name(family)).weight(*weight).style(*style).stretch(*stretch);
            let foreign = foreign.cache_key_flags(CacheKeyFlags::empty());
            attributes.add_span(range, &foreign);
        }
        line.set_attrs_list(attributes);
    }
}

/// Truncates the text at a grapheme cluster so that it fits with an ellipsis.
fn truncate(fonts: &mut Fonts, buffer: &mut Buffer, text: &str, ends: &[usize], style: &TextStyle, size: f32) {
    let cuts: Vec<usize> = text.grapheme_indices(true).map(|(index, _)| index).collect();
    let mut shaped_until = |cut: usize| {
        let kept = trimmed(&text[..cut]);
        // No line ends before an ellipsis (UAX #14, LB22).
        let ends = &ends[..ends.partition_point(|end| *end < kept.len())];
        shape(fonts, &format!("{kept}…"), ends, style, size)
    };
    // Binary search for the longest prefix that fits: a longer prefix is never narrower.
    let (mut fitting, mut too_long) = (0, cuts.len());
    while fitting + 1 < too_long {
        let middle = fitting.midpoint(too_long);
        *buffer = shaped_until(cuts[middle]);
        let (width, lines) = extent(buffer);
        if width <= style.max_width + 0.5 && lines <= lines_at(style, size) {
            fitting = middle;
        } else {
            too_long = middle;
        }
    }
    *buffer = shaped_until(cuts.get(fitting).copied().unwrap_or(0));
}

fn extent(buffer: &Buffer) -> (f32, usize) {
    buffer.layout_runs().fold((0.0, 0), |(width, lines), run| (run.line_w.max(width), lines + 1))
}

/// Narrows the block to its longest line, so that any of its corners can serve as anchor.
fn shrink_to_lines(fonts: &mut Fonts, mut buffer: Buffer, size: f32) -> Fitted {
    let (width, lines) = extent(&buffer);
    let width = width.ceil().max(1.0);
    // Half a pixel of slack keeps a line that just fits from wrapping again through rounding.
    buffer.set_size(Some(width + 0.5), None);
    buffer.shape_until_scroll(fonts.system_mut(), false);
    let height = (lines.max(1) as f32 * size * LINE_HEIGHT).ceil();
    Fitted { buffer, size, width: width as u32, height: height as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fonts::PRIMARY_FAMILY;
    use crate::text::fonts::tests::fonts;
    use repcast_model::color::Color;

    fn style(size: f32, max_width: f32, max_lines: u16) -> TextStyle {
        TextStyle {
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
        }
    }

    fn lines(fitted: &Fitted) -> Vec<&str> {
        fitted.buffer.lines.iter().map(|line| line.text()).collect()
    }

    #[test]
    fn truncation_keeps_clusters_whole() {
        let mut fonts = fonts(&[]);
        for cluster in ["👨‍👩‍👧‍👦", "🇫🇷", "क्षि", "กี่", "e\u{301}\u{323}", "💪🏽", "1️⃣"]
        {
            let text = cluster.repeat(40);
            let fitted = fit(&mut fonts, &text, &style(48.0, 171.0, 1));
            let [line] = lines(&fitted)[..] else { panic!("{:?}", lines(&fitted)) };
            let kept = line.strip_suffix('…').unwrap();
            assert!(!kept.is_empty() && kept.len() < text.len(), "{line:?}");
            assert!(kept.graphemes(true).all(|part| part == cluster), "{line:?}");
            assert!(fitted.width <= 172, "{}", fitted.width);
        }
    }

    #[test]
    fn truncation_leaves_no_separator() {
        let mut fonts = fonts(&[]);
        for separator in [" ", "\u{200b}", "\u{2068}", " \u{2060}"] {
            let text = format!("aaaa{separator}").repeat(40);
            let fitted = fit(&mut fonts, &text, &style(48.0, 171.0, 1));
            let line = lines(&fitted).concat();
            assert!(line.ends_with("a…"), "{line:?}");
        }
    }

    #[test]
    fn scripts_without_spaces_wrap_at_their_full_size() {
        let mut fonts = fonts(&[("Noto Sans Thai", 400, 'ก', '๛')]);
        let text = "ไทยเป็นภาษาที่ไม่มีการเว้นวรรคระหว่างคำดังนั้นการตัดบรรทัดจึงยาก";
        let fitted = fit(&mut fonts, text, &style(36.0, 300.0, 20));
        assert_eq!(fitted.size, 36.0);
        let lines = lines(&fitted);
        assert_eq!(lines.concat(), text);
        assert!(lines.len() > 3 && lines.iter().all(|line| !line.starts_with("รทัด")), "{lines:?}");
        let widths: Vec<f32> = fitted.buffer.layout_runs().map(|run| run.line_w).collect();
        assert!(widths.iter().all(|width| *width <= 300.0), "{widths:?}");
    }

    /// A title of Arabic and Latin letters keeps its size, and no line ends at an opening bracket between two
    /// directions.
    #[test]
    fn a_line_of_two_directions_does_not_end_in_a_bracket() {
        let mut fonts = fonts(&[("Noto Sans Arabic", 400, 'ء', 'ي')]);
        for max_width in [160.0, 180.0, 200.0, 220.0, 240.0] {
            let fitted = fit(&mut fonts, "سؤال (Push-ups) جديد", &style(36.0, max_width, 20));
            let lines = lines(&fitted);
            assert!(lines.len() > 1, "{lines:?}");
            for line in lines {
                let shown = line
                    .trim_end_matches(|char: char| char.is_whitespace() || ('\u{200b}'..='\u{202e}').contains(&char));
                assert!(!shown.ends_with('('), "{line:?}");
            }
        }
    }

    /// Brackets are set in Inter, letters in another font: both keep their order from right to left.
    #[test]
    fn words_of_two_fonts_keep_their_order() {
        let mut fonts = fonts(&[("Noto Sans Arabic", 400, 'ء', 'ي')]);
        for (text, from_right) in [
            ("«(جديد)»!", 0),
            ("abc سؤال(جديد)» غ", 4),
            ("جديد!", 0),
            ("تمارين الضغط", 0),
            ("تمارين، الضغط (سؤال)؟ ", 0),
        ] {
            let fitted = fit(&mut fonts, text, &style(36.0, 900.0, 1));
            let mut glyphs: Vec<(f32, usize)> = Vec::new();
            for run in fitted.buffer.layout_runs() {
                let seen = run.glyphs.iter().filter(|glyph| glyph.w > 0.0 && glyph.start >= from_right);
                glyphs.extend(seen.map(|glyph| (glyph.x, glyph.start)));
            }
            glyphs.sort_by(|one, other| other.0.total_cmp(&one.0));
            assert!(glyphs.len() > 4 && glyphs.is_sorted_by_key(|(_, start)| *start), "{text}: {glyphs:?}");
        }
    }

    /// A short paragraph stands at the side where its letters start, under a long one.
    #[test]
    fn each_paragraph_of_a_block_at_the_left_starts_at_its_own_side() {
        let mut fonts = fonts(&[("Noto Sans Arabic", 400, 'ء', 'ي')]);
        let fitted = fit(&mut fonts, "abcdefghijklmnopqrstuvwxyz\nسؤال abc\nabc سؤال\n1 سؤال", &style(36.0, 900.0, 9));
        let sides: Vec<(bool, bool)> = fitted
            .buffer
            .layout_runs()
            .skip(1)
            .map(|run| {
                let left = run.glyphs.iter().map(|glyph| glyph.x).fold(f32::MAX, f32::min);
                let right = run.glyphs.iter().map(|glyph| glyph.x + glyph.w).fold(0.0, f32::max);
                (left.abs() < 1.0, (right - fitted.width as f32).abs() < 1.0)
            })
            .collect();
        assert_eq!(sides, [(false, true), (true, false), (false, true)]);
    }

    #[test]
    fn paragraphs_may_have_several_directions() {
        let mut fonts = fonts(&[]);
        for (text, expected) in [
            ("abc\u{2029}عربي", &["abc", "عربي"][..]),
            ("\u{2068}عر\u{2029}بي\u{2069} 1", &["\u{2068}عر", "بي\u{2069} 1"]),
            ("عربي\n\nabc\n", &["عربي", "", "abc", ""]),
            ("\u{200f}ไทย\u{2029}ไทย", &["\u{200f}ไทย", "ไทย"]),
        ] {
            let fitted = fit(&mut fonts, text, &style(20.0, 500.0, 9));
            assert_eq!(lines(&fitted), expected, "{text:?}");
        }
    }

    /// cosmic-text applies the attributes: each letter is drawn by the face chosen for it.
    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn letters_are_drawn_by_the_nearest_weight_of_their_font() {
        let mut fonts = fonts(&[
            ("DejaVu Sans Mono", 600, ' ', 'ي'),
            ("Noto Sans Arabic", 400, 'ء', 'ي'),
            ("Noto Sans Arabic", 700, 'ء', 'ي'),
            ("Zeta Sans", 900, ' ', 'ي'),
        ]);
        for (weight, expected) in [(100, 400), (400, 400), (500, 400), (600, 700), (800, 700), (900, 700)] {
            let style = TextStyle { weight, ..style(40.0, 2000.0, 1) };
            let fitted = fit(&mut fonts, "تمارين الضغط (a)", &style);
            let faces = fitted.buffer.layout_runs().flat_map(|run| run.glyphs);
            let mut names: Vec<_> = faces
                .map(|glyph| {
                    let face = fonts.system().db().face(glyph.font_id).unwrap();
                    (face.families[0].0.as_str(), if face.families[0].0 == PRIMARY_FAMILY { 0 } else { face.weight.0 })
                })
                .collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names, [(PRIMARY_FAMILY, 0), ("Noto Sans Arabic", expected)], "{weight}");
        }
    }
}
