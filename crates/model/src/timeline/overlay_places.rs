//! Where a live session draws over the frames of a timeline, so that nothing that matters is covered.

use crate::color::Color;
use crate::document::Language;
use crate::font::Font;
use crate::geometry::{Rect, Size};

/// Height of the strip of mark and message, its distance from the edges left and right and the gap in it, as fractions of the
/// canvas's shorter side.
const STRIP_HEIGHT: f32 = 0.13;
const STRIP_MARGIN: f32 = 0.05;
const STRIP_GAP: f32 = 0.02;

/// Lower edge of the strip, as a fraction of the canvas's height: above the bars that compositions have at their bottom.
const STRIP_BOTTOM: f32 = 0.88;

/// The places of pause mark and message, in canvas pixels. They do not overlap.
#[derive(Clone, PartialEq, Debug)]
pub struct OverlayPlaces {
    /// The square of the pause mark.
    pub mark: Rect,
    /// The rectangle in which messages are centred.
    pub message: Rect,
    /// Colors of mark and message.
    pub colors: OverlayColors,
    /// The language of the texts that are added.
    pub language: Language,
    /// The font of these texts; Inter without one.
    pub font: Option<Font>,
}

/// Colors of pause mark and message. The box is opaque, because anything may be below it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OverlayColors {
    /// The box.
    pub ground: Color,
    /// Letters and bars on it.
    pub text: Color,
}

impl OverlayPlaces {
    /// The places on a canvas of which nothing is known: a strip at the bottom, with the mark at its right end.
    #[must_use]
    pub fn of_canvas(canvas: Size) -> Self {
        let (width, height) = (canvas.width as f32, canvas.height as f32);
        let unit = width.min(height);
        let [side, margin, gap] = [STRIP_HEIGHT, STRIP_MARGIN, STRIP_GAP].map(|part| (unit * part).round().max(1.0));
        let top = (height * STRIP_BOTTOM - side).round().max(0.0);
        let right = (width - margin - side).max(0.0);
        let mark = Rect::new(right, top, side, side);
        let message = Rect::new(margin, top, (right - gap - margin).max(1.0), side);
        let colors = OverlayColors { ground: Color::rgb(0x0b, 0x12, 0x20), text: Color::WHITE };
        Self { mark, message, colors, language: Language::default(), font: None }
    }
}
