//! The side of its box at which a text starts.

use unicode_bidi::{Direction, get_base_direction_full};

use super::TextStyle;

/// The style of a text in a box of its `max_width`, from the anchor's side on: a text that is written from right to left
/// starts at the right side of a box whose anchor is at the left. The first strong character decides (Unicode Standard
/// Annex #9, P2 and P3); without one, a text is written from left to right.
pub(crate) fn at_its_start(text: &str, style: TextStyle) -> TextStyle {
    let is_left = style.anchor.fraction().0 == 0.0;
    if !is_left || text.is_ascii() || get_base_direction_full(text) != Direction::Rtl {
        return style;
    }
    let (x, y) = style.position;
    TextStyle { anchor: style.anchor.mirrored(), position: (x + style.max_width, y), ..style }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Color;
    use crate::geometry::Anchor;

    #[test]
    fn right_to_left_text_starts_at_the_right_of_its_box() {
        let style = |anchor| TextStyle {
            size: 20.0,
            min_size: 20.0,
            weight: 400,
            color: Color::WHITE,
            position: (100.0, 50.0),
            anchor,
            max_width: 300.0,
            max_lines: 1,
            backing: None,
            outline: None,
            tabular: false,
            font: None,
        };
        let placed = |text: &str, anchor| {
            let style = at_its_start(text, style(anchor));
            (style.position, style.anchor)
        };
        for text in ["تمارين", "1. שלום (abc)", "\u{2068}abc\u{2069} שלום", "\u{200f}abc"] {
            assert_eq!(placed(text, Anchor::TopLeft), ((400.0, 50.0), Anchor::TopRight), "{text}");
            assert_eq!(placed(text, Anchor::BottomLeft), ((400.0, 50.0), Anchor::BottomRight), "{text}");
            for anchor in [Anchor::Center, Anchor::Top, Anchor::TopRight] {
                assert_eq!(placed(text, anchor), ((100.0, 50.0), anchor), "{text}");
            }
        }
        for text in ["Squat", "Élan שלום", "1 / 2  ·  \u{2068}تمارين\u{2069}", "深蹲", "12:30", ""] {
            assert_eq!(placed(text, Anchor::Left), ((100.0, 50.0), Anchor::Left), "{text}");
        }
    }
}
