//! Flat shapes with a lit and a shaded side, collected in metres and painted later.
//!
//! A frame is a list of shapes, so that the bounds of a whole clip are known before the first pixel is painted and the figure
//! fills its frame without being cropped.

use tiny_skia::{Path, PathBuilder, Rect};

use crate::geometry::Vec2;
use crate::palette::{Color, Tone};
use crate::tube::Tube;

/// Straight pieces per span of a smooth outline.
const PIECES: usize = 12;

/// A filled path.
pub(crate) struct Shape {
    /// The outline, in metres.
    pub(crate) path: Path,
    /// It replaces the color below, with its alpha.
    pub(crate) color: Color,
    /// The shape is visible inside of this path only.
    pub(crate) clip: Option<Path>,
}

/// A part of a frame, as filled shapes from back to front.
#[derive(Default)]
pub(crate) struct Drawing {
    shapes: Vec<Shape>,
}

impl Drawing {
    /// Adds a polygon in one color.
    pub(crate) fn polygon(&mut self, points: impl IntoIterator<Item = Vec2>, color: Color) {
        self.fill(polygon(points), color, None);
    }

    /// Adds the smooth closed outline through some points in one color.
    pub(crate) fn blob(&mut self, points: &[Vec2], color: Color) {
        self.polygon(smooth(points), color);
    }

    /// Adds ellipses that count as one shape where they overlap, each as its middle and its half axes.
    pub(crate) fn ellipses(&mut self, ellipses: &[(Vec2, Vec2)], color: Color) {
        let mut builder = PathBuilder::new();
        for (middle, half) in ellipses {
            let bounds = Rect::from_ltrb(middle.x - half.x, middle.y - half.y, middle.x + half.x, middle.y + half.y);
            if let Some(bounds) = bounds {
                builder.push_oval(bounds);
            }
        }
        self.fill(builder.finish(), color, None);
    }

    /// Adds a tube with its shaded side.
    pub(crate) fn tube(&mut self, tube: &Tube, tone: Tone) {
        self.polygon(tube.outline(), tone.base);
        if tone.shade != tone.base {
            self.polygon(tube.shade(), tone.shade);
        }
    }

    /// Adds the part of a tube that is inside of another one, in one color: a shadow that one limb casts on another.
    pub(crate) fn tube_within(&mut self, tube: &Tube, surface: &Tube, color: Color) {
        self.fill(polygon(tube.outline()), color, polygon(surface.outline()));
    }

    /// The shapes from back to front.
    pub(crate) fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// The bounds of all shapes, in metres.
    pub(crate) fn bounds(&self) -> Option<Rect> {
        let bounds = self.shapes.iter().filter(|shape| shape.clip.is_none()).map(|shape| shape.path.bounds());
        bounds.reduce(|all, next| all.join(&next).unwrap_or(all))
    }

    /// Adds a path; a shape without extent is skipped.
    fn fill(&mut self, path: Option<Path>, color: Color, clip: Option<Path>) {
        if let Some(path) = path {
            self.shapes.push(Shape { path, color, clip });
        }
    }
}

/// The closed path through some points, unless it has no extent.
fn polygon(points: impl IntoIterator<Item = Vec2>) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for (index, point) in points.into_iter().enumerate() {
        if index == 0 {
            builder.move_to(point.x, point.y);
        } else {
            builder.line_to(point.x, point.y);
        }
    }
    builder.close();
    builder.finish()
}

/// The closed Catmull-Rom curve through some points, in short straight pieces.
fn smooth(points: &[Vec2]) -> Vec<Vec2> {
    let count = points.len();
    let span = |index: usize| {
        let point = |offset: usize| points[(index + count + offset - 1) % count];
        let (before, from, to, after) = (point(0), point(1), point(2), point(3));
        (0..PIECES).map(move |piece| {
            let t = piece as f32 / PIECES as f32;
            let linear = (to - before) * t;
            let square = (before * 2.0 - from * 5.0 + to * 4.0 - after) * (t * t);
            let cube = (from * 3.0 - before - to * 3.0 + after) * (t * t * t);
            from + (linear + square + cube) * 0.5
        })
    };
    (0..count).flat_map(span).collect()
}
