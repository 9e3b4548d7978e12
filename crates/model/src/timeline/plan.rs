//! The plan of a frame: everything that is needed to draw it, as data that can be compared and printed.

use std::path::Path;
use std::sync::Arc;

use crate::chroma_key::ChromaKey;
use crate::clip::AlphaMode;
use crate::color::Color;
use crate::font::Font;
use crate::geometry::{Anchor, Placement, Rect};
use crate::time::SourceTime;

/// The plan of one frame.
#[derive(Clone, PartialEq, Debug)]
pub struct FramePlan {
    /// Number of the frame.
    pub number: u64,
    /// The visible layers in drawing order, the bottom one first.
    pub layers: Vec<PlannedLayer>,
}

/// A visible layer of a frame.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedLayer {
    /// Index of its timeline item, which identifies the layer from frame to frame.
    pub item: usize,
    /// Opacity from 1 to [`Self::OPAQUE`]; transparent layers are not planned.
    pub opacity: u16,
    /// The content to draw.
    pub draw: Draw,
}

impl PlannedLayer {
    /// Opacity of an opaque layer.
    pub const OPAQUE: u16 = u16::MAX;

    /// Opacity from 0 to 1.
    #[must_use]
    pub fn opacity_fraction(&self) -> f32 {
        f32::from(self.opacity) / f32::from(Self::OPAQUE)
    }
}

/// The content of a layer.
#[derive(Clone, PartialEq, Debug)]
pub enum Draw {
    /// A frame of a clip.
    Clip {
        /// Source time of the frame.
        time: SourceTime,
        /// Position on the canvas.
        placement: Placement,
        /// Meaning of the alpha channel.
        alpha: AlphaMode,
        /// The color that becomes transparent.
        key: Option<ChromaKey>,
        /// Whether the item shows this part of the clip again later, so that its frame is worth caching.
        returns: bool,
    },
    /// A still image.
    Image {
        /// The image file.
        path: Arc<Path>,
        /// Position on the canvas.
        placement: Placement,
    },
    /// A text.
    Text {
        /// The text.
        text: Arc<str>,
        /// Font, color and position.
        style: Arc<TextStyle>,
        /// Whole pixels by which the text is moved to the right and down, so that one that moves is shaped once.
        shift: (i32, i32),
    },
    /// A filled rectangle.
    Shape {
        /// The rectangle, in canvas pixels.
        rect: Rect,
        /// Corner radius in pixels.
        radius: f32,
        /// Fill color.
        color: Color,
    },
    /// A light that is strongest at the centre of an ellipse and ends at its edge.
    Glow {
        /// The rectangle around the ellipse, in canvas pixels.
        rect: Rect,
        /// Color at the centre.
        color: Color,
    },
    /// A part of a ring, clockwise from the top.
    Ring {
        /// The square around the ring, in canvas pixels.
        rect: Rect,
        /// Width of the ring's line in pixels.
        thickness: f32,
        /// The part that is drawn, from 0 to 1, the whole ring.
        turn: f32,
        /// Fill color.
        color: Color,
    },
}

/// The style and position of a block of text. Lengths are in canvas pixels.
#[derive(Clone, PartialEq, Debug)]
pub struct TextStyle {
    /// Font size.
    pub size: f32,
    /// Smallest font size of a text that is too long; a longer text ends with an ellipsis.
    pub min_size: f32,
    /// Font weight from 100 to 900.
    pub weight: u16,
    /// Color of the glyphs.
    pub color: Color,
    /// Position of the anchor on the canvas.
    pub position: (f32, f32),
    /// Point of the block that lies at the position; its horizontal component aligns the lines too.
    pub anchor: Anchor,
    /// Width at which lines wrap.
    pub max_width: f32,
    /// Most lines at the given font size; smaller fonts have as many as fit the same height. One line stays one line.
    pub max_lines: u16,
    /// Box behind the block.
    pub backing: Option<Backing>,
    /// Color of an outline around the glyphs, for legibility over video.
    pub outline: Option<Color>,
    /// Whether all digits have the same width, so that a running time does not move.
    pub tabular: bool,
    /// The font, for the characters that it has glyphs for; Inter without one.
    pub font: Option<Font>,
}

/// A rounded box behind text.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Backing {
    /// Fill color.
    pub color: Color,
    /// Distance from the text to the left and right edges.
    pub padding_x: f32,
    /// Distance from the text to the top and bottom edges.
    pub padding_y: f32,
    /// Corner radius.
    pub radius: f32,
}
