//! The canonical encoding of what a GOP is made of, and its hash: the key of the segment store.
//!
//! Every field is written with a fixed width or behind its length, integers in little-endian order, floats by their bits.
//! The encoding depends on values alone, so that two machines with the same build and the same inputs compute the same
//! key.

use repcast_model::chroma_key::ChromaKey;
use repcast_model::clip::AlphaMode;
use repcast_model::color::Color;
use repcast_model::geometry::{Anchor, Placement, Rect, Size};
use repcast_model::time::{Rational, SourceTime};
use repcast_model::timeline::{Backing, Draw, PlannedLayer, TextStyle};
use repcast_storage::SegmentKey;
use sha2::{Digest, Sha256};

/// Hashes values in their canonical encoding.
#[derive(Clone, Default)]
pub(super) struct KeyHasher(Sha256);

impl KeyHasher {
    pub(super) fn finish(self) -> SegmentKey {
        SegmentKey(self.0.finalize().into())
    }

    /// Starts a record of a kind, so that different sequences of fields never encode to the same bytes.
    pub(super) fn tag(&mut self, tag: u8) -> &mut Self {
        self.fixed(&[tag])
    }

    /// Bytes whose length is fixed by their place.
    pub(super) fn fixed(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.fixed(&(text.len() as u64).to_le_bytes()).fixed(text.as_bytes())
    }

    pub(super) fn integer(&mut self, value: u64) -> &mut Self {
        self.fixed(&value.to_le_bytes())
    }

    /// A float, by its bits; -0 and 0 draw the same and are encoded the same.
    pub(super) fn float(&mut self, value: f32) -> &mut Self {
        let value = if value == 0.0 { 0.0 } else { value };
        self.fixed(&value.to_bits().to_le_bytes())
    }

    pub(super) fn rational(&mut self, value: Rational) -> &mut Self {
        self.fixed(&value.numer().to_le_bytes()).fixed(&value.denom().to_le_bytes())
    }

    pub(super) fn size(&mut self, size: Size) -> &mut Self {
        self.integer(size.width.into()).integer(size.height.into())
    }

    pub(super) fn color(&mut self, color: Color) -> &mut Self {
        self.fixed(&[color.red, color.green, color.blue, color.alpha])
    }

    fn rect(&mut self, rect: Rect) -> &mut Self {
        self.float(rect.x).float(rect.y).float(rect.width).float(rect.height)
    }

    fn placement(&mut self, placement: &Placement) -> &mut Self {
        self.rect(placement.clip);
        placement.stored_from_canvas.as_flattened().iter().for_each(|value| {
            self.float(*value);
        });
        self.float(placement.radius)
    }

    fn chroma_key(&mut self, key: Option<&ChromaKey>) -> &mut Self {
        match key {
            None => self.tag(0),
            Some(ChromaKey { color, similarity, smoothness, spill }) => {
                self.tag(1).color(*color).rational(*similarity).rational(*smoothness).rational(*spill)
            }
        }
    }

    fn alpha(&mut self, alpha: AlphaMode) -> &mut Self {
        self.tag(match alpha {
            AlphaMode::Straight => 0,
            AlphaMode::Premultiplied => 1,
        })
    }

    fn anchor(&mut self, anchor: Anchor) -> &mut Self {
        let (x, y) = anchor.fraction();
        self.float(x).float(y)
    }

    /// A planned layer; `content` is the hash of the file of a clip or an image.
    pub(super) fn layer(&mut self, layer: &PlannedLayer, content: Option<&[u8; 32]>) -> &mut Self {
        self.tag(b'L').fixed(&layer.opacity.to_le_bytes());
        match &layer.draw {
            // Whether a clip returns decides what is cached, and not what is drawn.
            Draw::Clip { time: SourceTime(time), placement, alpha, key, returns: _ } => {
                self.tag(0).fixed(content.unwrap_or(&[0; 32])).rational(*time).placement(placement).alpha(*alpha);
                self.chroma_key(key.as_ref())
            }
            Draw::Image { path: _, placement } => self.tag(1).fixed(content.unwrap_or(&[0; 32])).placement(placement),
            Draw::Text { text, style, shift: (x, y) } => {
                self.tag(2).text(text).text_style(style).fixed(&x.to_le_bytes()).fixed(&y.to_le_bytes())
            }
            Draw::Shape { rect, radius, color } => self.tag(3).rect(*rect).float(*radius).color(*color),
            Draw::Glow { rect, color } => self.tag(4).rect(*rect).color(*color),
            Draw::Ring { rect, thickness, turn, color } => {
                self.tag(5).rect(*rect).float(*thickness).float(*turn).color(*color)
            }
        }
    }

    fn text_style(&mut self, style: &TextStyle) -> &mut Self {
        let TextStyle {
            size,
            min_size,
            weight,
            color,
            position,
            anchor,
            max_width,
            max_lines,
            backing,
            outline,
            tabular,
            font,
        } = style;
        self.float(*size).float(*min_size).fixed(&weight.to_le_bytes()).color(*color);
        self.float(position.0).float(position.1).anchor(*anchor).float(*max_width);
        self.fixed(&max_lines.to_le_bytes());
        match backing {
            None => self.tag(0),
            Some(Backing { color, padding_x, padding_y, radius }) => {
                self.tag(1).color(*color).float(*padding_x).float(*padding_y).float(*radius)
            }
        };
        match outline {
            None => self.tag(0),
            Some(color) => self.tag(1).color(*color),
        };
        self.tag(u8::from(*tabular));
        match font {
            None => self.tag(0),
            Some(font) => self.tag(1).fixed(font.digest()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn key(fill: impl FnOnce(&mut KeyHasher)) -> SegmentKey {
        let mut hasher = KeyHasher::default();
        fill(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn the_key_of_known_values_is_the_same_on_every_machine() {
        let text = Draw::Text {
            text: "Air squat".into(),
            style: Arc::new(TextStyle {
                size: 64.0,
                min_size: 32.0,
                weight: 700,
                color: Color { red: 255, green: 255, blue: 255, alpha: 255 },
                position: (60.0, 60.5),
                anchor: Anchor::TopLeft,
                max_width: 800.0,
                max_lines: 1,
                backing: None,
                outline: None,
                tabular: false,
                font: None,
            }),
            shift: (0, 0),
        };
        let layer = PlannedLayer { item: 7, opacity: PlannedLayer::OPAQUE, draw: text };
        let SegmentKey(hash) = key(|hasher| {
            hasher.size(Size { width: 1920, height: 1080 }).layer(&layer, None);
        });
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, "15bcd3a907fca3c2590c282cce978b57fb5fd6fea0546523f235b3f8767e92e1");
        // The item's index is not part of what is drawn.
        let moved = PlannedLayer { item: 8, ..layer.clone() };
        assert_eq!(key(|hasher| _ = hasher.layer(&layer, None)), key(|hasher| _ = hasher.layer(&moved, None)));
    }

    #[test]
    fn neighbouring_texts_do_not_run_together() {
        assert_ne!(key(|hasher| _ = hasher.text("ab").text("c")), key(|hasher| _ = hasher.text("a").text("bc")));
        assert_eq!(key(|hasher| _ = hasher.float(-0.0)), key(|hasher| _ = hasher.float(0.0)));
    }
}
