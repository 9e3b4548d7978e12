//! A frame plan: everything needed to draw one frame, as plain data that can be compared and printed.

use std::path::Path;
use std::sync::Arc;

use crate::color::Color;
use crate::geometry::{Anchor, Placement, Rect};
use crate::clip::AlphaMode;
use crate::time::SourceTime;

/// What is drawn on one frame, from below to above.
#[derive(Clone, PartialEq, Debug)]
pub struct FramePlan {
    /// The frame's number.
    pub number: u64,
    /// The visible layers in drawing order.
    pub layers: Vec<PlannedLayer>,
}

/// One thing drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedLayer {
    /// The timeline item it comes from: the same item is the same thing from frame to frame.
    pub item: usize,
    /// 0 (invisible, never planned) to [`Self::OPAQUE`].
    pub opacity: u16,
    /// What it looks like.
    pub draw: Draw,
}

impl PlannedLayer {
    /// Full opacity.
    pub const OPAQUE: u16 = u16::MAX;

    /// The opacity from 0 to 1.
    #[must_use]
    pub fn opacity_fraction(&self) -> f32 {
        f32::from(self.opacity) / f32::from(Self::OPAQUE)
    }
}

/// The look of a layer.
#[derive(Clone, PartialEq, Debug)]
pub enum Draw {
    /// A frame of a clip.
    Clip {
        /// When in the clip.
        time: SourceTime,
        /// Where on the canvas.
        placement: Placement,
        /// What its alpha means.
        alpha: AlphaMode,
        /// Whether the same part of the clip comes round again while the item is shown.
        returns: bool,
    },
    /// A still picture.
    Image {
        /// The file.
        path: Arc<Path>,
        /// Where on the canvas.
        placement: Placement,
    },
    /// Text.
    Text {
        /// The characters.
        text: Arc<str>,
        /// How and where.
        style: Arc<TextStyle>,
    },
    /// A rectangle of one color.
    Shape {
        /// Its edges.
        rect: Rect,
        /// Radius of its corners, in pixels.
        radius: f32,
        /// Its color.
        color: Color,
    },
}

/// How a block of text is set. Lengths are canvas pixels.
#[derive(Clone, PartialEq, Debug)]
pub struct TextStyle {
    /// Wanted height of the type.
    pub size: f32,
    /// The smallest size to which it may shrink to fit, before it is cut off with an ellipsis.
    pub min_size: f32,
    /// 100 to 900.
    pub weight: u16,
    /// Color of the type.
    pub color: Color,
    /// Where the anchor lies on the canvas.
    pub position: (f32, f32),
    /// Which point of the block lies there; its horizontal part aligns the lines too.
    pub anchor: Anchor,
    /// Lines are broken to this width.
    pub max_width: f32,
    /// Lines there may be at the wanted size; smaller type has as many as the same height holds. One line stays one.
    pub max_lines: u16,
    /// A rounded box behind the block.
    pub backing: Option<Backing>,
    /// A line around every letter, for legibility over pictures.
    pub outline: Option<Color>,
    /// Digits of equal width, so that a running time does not tremble.
    pub tabular: bool,
}

/// A rounded box behind text.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Backing {
    /// Its color.
    pub color: Color,
    /// Distance from the text to the left and right edge.
    pub padding_x: f32,
    /// Distance from the text to the upper and lower edge.
    pub padding_y: f32,
    /// Radius of its corners.
    pub radius: f32,
}
