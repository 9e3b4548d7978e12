//! Sizes, rectangles, and the placement of frames and images on the canvas.

/// A size in pixels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Size {
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
}

/// A rectangle in canvas pixels. It may extend beyond the canvas or lie outside it.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Rect {
    /// The left edge.
    pub x: f32,
    /// The top edge.
    pub y: f32,
    /// The distance from the left to the right edge.
    pub width: f32,
    /// The distance from the top to the bottom edge.
    pub height: f32,
}

impl Rect {
    /// The rectangle with this top left corner, width and height.
    #[must_use]
    pub const fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self { x, y, width, height }
    }

    /// The right edge.
    #[must_use]
    pub fn right(self) -> f32 {
        self.x + self.width
    }

    /// The bottom edge.
    #[must_use]
    pub fn bottom(self) -> f32 {
        self.y + self.height
    }

    /// The intersection of both rectangles, or `None` if it is empty.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        (right > x && bottom > y).then(|| Self::new(x, y, right - x, bottom - y))
    }

    /// The rectangle grown by `margin` on every side.
    #[must_use]
    pub fn grown(self, margin: f32) -> Self {
        Self::new(self.x - margin, self.y - margin, self.width + 2.0 * margin, self.height + 2.0 * margin)
    }
}

/// How a frame or image is scaled into a rectangle of another aspect ratio.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// All of it is visible, centred; two sides of the rectangle may stay empty.
    #[default]
    Contain,
    /// The rectangle is filled; what extends beyond two of its sides is cut off.
    Cover,
    /// It is stretched to the rectangle.
    Fill,
    /// It keeps its own size, centred; what extends beyond the rectangle is cut off.
    None,
}

/// How a frame or image is cut out and scaled into a rectangle.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Framing {
    /// How the part that is shown fills the rectangle.
    pub fit: Fit,
    /// The part that is shown: x, y, width and height as fractions of the upright frame, inside of it.
    pub crop: [f64; 4],
    /// The point that is as near to the middle of the rectangle as the frame reaches, where a part is cut off: x and y as
    /// fractions of the upright frame.
    pub focus: [f64; 2],
    /// Radius of the corners of what is seen, in canvas pixels.
    pub radius: f32,
}

impl From<Fit> for Framing {
    /// The whole frame, about its middle, with square corners.
    fn from(fit: Fit) -> Self {
        Self { fit, crop: [0.0, 0.0, 1.0, 1.0], focus: [0.5; 2], radius: 0.0 }
    }
}

/// The point of an object that lies at its position.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each name states the point")]
pub enum Anchor {
    #[default]
    TopLeft,
    Top,
    TopRight,
    Left,
    Center,
    Right,
    BottomLeft,
    Bottom,
    BottomRight,
}

impl Anchor {
    /// The anchor at the right instead of the left, or at the left instead of the right.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::TopLeft => Self::TopRight,
            Self::Left => Self::Right,
            Self::BottomLeft => Self::BottomRight,
            Self::TopRight => Self::TopLeft,
            Self::Right => Self::Left,
            Self::BottomRight => Self::BottomLeft,
            Self::Top | Self::Center | Self::Bottom => self,
        }
    }

    /// The offset of the anchor from the top left corner, as a fraction of width and height.
    #[must_use]
    pub const fn fraction(self) -> (f32, f32) {
        match self {
            Self::TopLeft => (0.0, 0.0),
            Self::Top => (0.5, 0.0),
            Self::TopRight => (1.0, 0.0),
            Self::Left => (0.0, 0.5),
            Self::Center => (0.5, 0.5),
            Self::Right => (1.0, 0.5),
            Self::BottomLeft => (0.0, 1.0),
            Self::Bottom => (0.5, 1.0),
            Self::BottomRight => (1.0, 1.0),
        }
    }
}

/// The transformation from a stored frame to an upright one: first mirrored, then rotated clockwise.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Orientation {
    /// Whether left and right are exchanged before the rotation.
    pub mirrored: bool,
    /// Clockwise rotation in quarter turns, 0 to 3.
    pub quarter_turns: u8,
}

impl Orientation {
    /// Whether the rotation exchanges width and height.
    #[must_use]
    pub const fn is_sideways(self) -> bool {
        self.quarter_turns % 2 == 1
    }

    /// The matrix from the upright unit square to the stored one, as rows `[a, b, c]` meaning `a x + b y + c`.
    #[must_use]
    pub const fn stored_from_upright(self) -> [[f64; 3]; 2] {
        // The inverse: first the rotation is undone, then the mirroring, which is its own inverse.
        let [row_x, row_y] = match self.quarter_turns % 4 {
            0 => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
            1 => [[0.0, 1.0, 0.0], [-1.0, 0.0, 1.0]],
            2 => [[-1.0, 0.0, 1.0], [0.0, -1.0, 1.0]],
            _ => [[0.0, -1.0, 1.0], [1.0, 0.0, 0.0]],
        };
        if self.mirrored { [[-row_x[0], -row_x[1], 1.0 - row_x[2]], row_y] } else { [row_x, row_y] }
    }
}

/// The position of a frame or image on the canvas: its clip rectangle and the map from canvas to stored pixels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Placement {
    /// The canvas rectangle outside which nothing is drawn.
    pub clip: Rect,
    /// `stored_x = m[0][0] x + m[0][1] y + m[0][2]`, and likewise for y, in pixels; the centre of the first is at 0.5.
    pub stored_from_canvas: [[f32; 3]; 2],
    /// Radius of the corners of the clip rectangle, in pixels.
    pub radius: f32,
}

impl Placement {
    /// Places a frame of `stored` pixels, each `pixel_aspect` times as wide as high, into `rect`.
    #[must_use]
    pub fn new(
        stored: Size,
        pixel_aspect: f64,
        orientation: Orientation,
        rect: Rect,
        framing: impl Into<Framing>,
    ) -> Self {
        let Framing { fit, crop: [crop_x, crop_y, crop_width, crop_height], focus, radius } = framing.into();
        let (stored_width, stored_height) = (f64::from(stored.width), f64::from(stored.height));
        let wide = stored_width * pixel_aspect;
        let (width, height) = if orientation.is_sideways() { (stored_height, wide) } else { (wide, stored_height) };
        // From here on, the frame is its cut-out part.
        let (width, height) = (width * crop_width, height * crop_height);
        let (rect_width, rect_height) = (f64::from(rect.width), f64::from(rect.height));
        let (across, down) = (rect_width / width, rect_height / height);
        let (scale_x, scale_y) = match fit {
            Fit::Contain => (across.min(down), across.min(down)),
            Fit::Cover => (across.max(down), across.max(down)),
            Fit::Fill => (across, down),
            Fit::None => (1.0, 1.0),
        };
        let (drawn_width, drawn_height) = (width * scale_x, height * scale_y);
        // An unscaled frame is aligned to whole pixels, so that its pixels are copied instead of interpolated.
        let whole = |start: f64, scale: f64| if scale == 1.0 { start.floor() } else { start };
        let start = |from: f32, room: f64, drawn: f64, focus: f64| {
            let focus = if drawn > room { focus.clamp(0.0, 1.0) } else { 0.5 };
            f64::from(from) + (room / 2.0 - focus * drawn).clamp((room - drawn).min(0.0), (room - drawn).max(0.0))
        };
        let [focus_x, focus_y] = [(focus[0] - crop_x) / crop_width, (focus[1] - crop_y) / crop_height];
        let left = whole(start(rect.x, rect_width, drawn_width, focus_x), scale_x);
        let top = whole(start(rect.y, rect_height, drawn_height, focus_y), scale_y);
        let [row_x, row_y] = orientation.stored_from_upright();
        let row = |[a, b, c]: [f64; 3], extent: f64| {
            let corner = extent * (a * crop_x + b * crop_y + c);
            let (a, b) = (a * crop_width * extent / drawn_width, b * crop_height * extent / drawn_height);
            [a as f32, b as f32, (corner - a * left - b * top) as f32]
        };
        let drawn = Rect::new(left as f32, top as f32, drawn_width as f32, drawn_height as f32);
        Self {
            clip: rect.intersection(drawn).unwrap_or_default(),
            stored_from_canvas: [row(row_x, stored_width), row(row_y, stored_height)],
            radius,
        }
    }

    /// The canvas rectangle that shows a rectangle of stored pixels, before clipping.
    #[must_use]
    pub fn canvas_rect(&self, stored: Rect) -> Rect {
        let [[a, b, c], [d, e, f]] = self.stored_from_canvas;
        let determinant = a * e - b * d;
        let point = |x: f32, y: f32| {
            let (x, y) = (x - c, y - f);
            ((e * x - b * y) / determinant, (a * y - d * x) / determinant)
        };
        let (x0, y0) = point(stored.x, stored.y);
        let (x1, y1) = point(stored.right(), stored.bottom());
        Rect::new(x0.min(x1), y0.min(y1), (x1 - x0).abs(), (y1 - y0).abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored_at(placement: &Placement, x: f32, y: f32) -> (f32, f32) {
        let [[a, b, c], [d, e, f]] = placement.stored_from_canvas;
        (a * x + b * y + c, d * x + e * y + f)
    }

    #[test]
    fn unscaled_frames_are_aligned_to_whole_pixels() {
        let size = Size { width: 101, height: 50 };
        let rect = Rect::new(10.0, 10.0, 200.0, 100.0);
        let placement = Placement::new(size, 1.0, Orientation::default(), rect, Fit::None);
        assert_eq!(placement.clip, Rect::new(59.0, 35.0, 101.0, 50.0));
        assert_eq!(stored_at(&placement, 59.5, 35.5), (0.5, 0.5));
    }

    fn placed(size: (u32, u32), orientation: Orientation, rect: Rect, framing: Framing) -> Placement {
        Placement::new(Size { width: size.0, height: size.1 }, 1.0, orientation, rect, framing)
    }

    #[test]
    fn the_focus_is_centred_as_far_as_the_frame_reaches() {
        let rect = Rect::new(10.0, 0.0, 50.0, 100.0);
        // Twice as wide as it is high: of the 200 pixels of its width, 50 are seen.
        for (focus, first) in [(0.5, 75.0), (0.25, 25.0), (0.1, 0.0), (0.0, 0.0), (0.9, 150.0), (1.0, 150.0)] {
            let framing = Framing { focus: [focus, 0.5], ..Fit::Cover.into() };
            let placement = placed((200, 100), Orientation::default(), rect, framing);
            assert_eq!(stored_at(&placement, 10.0, 0.0), (first, 0.0), "{focus}");
            assert_eq!(placement.clip, rect);
        }
        // Nothing is cut off, and the focus has no influence.
        let contained =
            placed((200, 100), Orientation::default(), rect, Framing { focus: [0.0; 2], ..Fit::Contain.into() });
        assert_eq!(contained, placed((200, 100), Orientation::default(), rect, Fit::Contain.into()));
    }

    #[test]
    fn a_crop_shows_its_part_of_the_upright_frame() {
        let rect = Rect::new(0.0, 0.0, 60.0, 60.0);
        let framing = Framing { crop: [0.5, 0.25, 0.25, 0.5], ..Fit::Contain.into() };
        let placement = placed((40, 40), Orientation::default(), rect, framing);
        // Ten by twenty pixels from (20, 10) on, three times as large, in the middle.
        assert_eq!(placement.clip, Rect::new(15.0, 0.0, 30.0, 60.0));
        assert_eq!(stored_at(&placement, 15.0, 0.0), (20.0, 10.0));
        assert_eq!(stored_at(&placement, 45.0, 60.0), (30.0, 30.0));
        // The same part of the same picture, stored lying on its side.
        let turned = Orientation { mirrored: false, quarter_turns: 1 };
        let placement = placed(
            (40, 20),
            turned,
            Rect::new(0.0, 0.0, 10.0, 20.0),
            Framing { crop: [0.5, 0.0, 0.5, 0.5], ..Fit::Fill.into() },
        );
        assert_eq!(stored_at(&placement, 10.0, 0.0), (0.0, 0.0));
        assert_eq!(stored_at(&placement, 0.0, 20.0), (20.0, 10.0));
        // The focus is a point of the whole frame.
        let framing = Framing { crop: [0.5, 0.0, 0.5, 1.0], focus: [0.625, 0.5], ..Fit::Cover.into() };
        let placement = placed((400, 100), Orientation::default(), Rect::new(0.0, 0.0, 50.0, 100.0), framing);
        assert_eq!(stored_at(&placement, 0.0, 0.0), (225.0, 0.0));
    }

    #[test]
    fn a_quarter_turn_puts_the_stored_top_left_at_the_top_right() {
        let size = Size { width: 40, height: 20 };
        let turned = Orientation { mirrored: false, quarter_turns: 1 };
        let placement = Placement::new(size, 1.0, turned, Rect::new(0.0, 0.0, 20.0, 40.0), Fit::Fill);
        assert_eq!(stored_at(&placement, 20.0, 0.0), (0.0, 0.0));
        assert_eq!(stored_at(&placement, 20.0, 40.0), (40.0, 0.0));
        assert_eq!(placement.canvas_rect(Rect::new(0.0, 0.0, 40.0, 20.0)), Rect::new(0.0, 0.0, 20.0, 40.0));
    }
}
