//! Draws the frames of an exercise and places them on the canvas of its clip.

use std::error::Error;
use std::fs;
use std::path::Path;

use tiny_skia::{ColorU8, Pixmap, Rect, Transform};

use crate::drawing::Drawing;
use crate::encoder::{self, RATE};
use crate::exercises::Exercise;
use crate::geometry::{Vec2, vec2};
use crate::look::Look;
use crate::palette::{self, Color};
use crate::props::Prop;
use crate::raster::{self, Canvas};
use crate::skeleton::Body;
use crate::{front, props, side};

/// Where the floor is in the largest centered square of the frame, as a share of its side from the top. All clips have it
/// there, so that figures that follow each other stand on one line.
const FLOOR: f32 = 0.95;
/// Shares of the same square that the movement fills at most: its width, and its height above the floor.
const FILL: [f32; 2] = [0.97, 0.91];
/// Frames for which a drawing of a pose that is held is shown: equal frames take no space.
const HOLD_FRAMES: u32 = 3;
/// Half the depth of the shadow on the floor, as seen.
const SHADOW_HEIGHT: f32 = 0.036;
/// How far the shadow goes beyond the hands and feet at its ends.
const SHADOW_MARGIN: f32 = 0.05;

/// A frame before it is painted.
struct Frame {
    shadow: Drawing,
    figure: Drawing,
}

/// One loop of an exercise, drawn but not yet painted.
pub(crate) struct ExerciseClip {
    frames: Vec<Frame>,
    canvas: Canvas,
    placement: Transform,
}

impl ExerciseClip {
    /// Draws all frames and scales the figure so that the whole movement fills the canvas.
    pub(crate) fn new(exercise: &Exercise, look: &Look, canvas: Canvas) -> Result<Self, Box<dyn Error>> {
        let count = (exercise.seconds * RATE as f32).round() as u32;
        let shown = if exercise.hold { HOLD_FRAMES } else { 1 };
        let phase = |index: u32| (index - index % shown) as f32 / count as f32;
        let frames: Vec<Frame> =
            (0..count).map(|index| Frame::new(&exercise.pose(phase(index)), exercise.props, look)).collect();
        let bounds = frames
            .iter()
            .filter_map(Frame::bounds)
            .reduce(|all, next| all.join(&next).unwrap_or(all))
            .ok_or_else(|| format!("{}: there is nothing to see", exercise.id))?;
        Ok(Self { frames, canvas, placement: placement(bounds, canvas) })
    }

    /// Number of frames of the loop.
    pub(crate) fn len(&self) -> usize {
        self.frames.len()
    }

    /// Paints the frames in order, as rows of pixels from top to bottom.
    pub(crate) fn paint(&self) -> impl Iterator<Item = Result<Vec<Color>, Box<dyn Error>>> {
        (0..self.len()).map(|index| self.paint_frame(index))
    }

    /// Paints one frame, as rows of pixels from top to bottom.
    pub(crate) fn paint_frame(&self, index: usize) -> Result<Vec<Color>, Box<dyn Error>> {
        let frame = &self.frames[index];
        raster::paint(&[&frame.shadow, &frame.figure], self.canvas, self.placement)
            .ok_or_else(|| "the canvas is too large to paint on".into())
    }

    /// Writes the loop as a clip with straight alpha.
    pub(crate) fn encode(&self, clip: &Path) -> Result<(), Box<dyn Error>> {
        encoder::encode(self.paint(), self.canvas, clip)
    }

    /// Writes every frame as a PNG for inspection.
    pub(crate) fn save_pngs(&self, folder: &Path, id: &str) -> Result<(), Box<dyn Error>> {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for (index, pixels) in self.paint().enumerate() {
            let file = folder.join(format!("{id}_{index:03}.png"));
            let mut pixmap = Pixmap::new(self.canvas.width, self.canvas.height).ok_or("the canvas is too large")?;
            for (target, [red, green, blue, alpha]) in pixmap.pixels_mut().iter_mut().zip(pixels?) {
                *target = ColorU8::from_rgba(red, green, blue, alpha).premultiply();
            }
            pixmap.save_png(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        }
        Ok(())
    }
}

impl Frame {
    fn new(body: &Body, props: &[Prop], look: &Look) -> Self {
        let (mut shadow, mut figure) = (Drawing::default(), Drawing::default());
        draw_shadow(&mut shadow, body, props);
        props::draw_behind(&mut figure, props);
        match body {
            Body::Side(body) => side::draw(&mut figure, body, props, look),
            Body::Front(body) => front::draw(&mut figure, body, props, look),
        }
        Self { shadow, figure }
    }

    /// The bounds of the figure, and of its shadow to the left and right.
    fn bounds(&self) -> Option<Rect> {
        let figure = self.figure.bounds()?;
        let shadow = self.shadow.bounds().unwrap_or(figure);
        let (left, right) = (figure.left().min(shadow.left()), figure.right().max(shadow.right()));
        Rect::from_ltrb(left, figure.top(), right, figure.bottom())
    }
}

/// The transform from metres to pixels that fits `bounds` into the largest centered square of the canvas, on its floor.
fn placement(bounds: Rect, canvas: Canvas) -> Transform {
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let side = width.min(height);
    // Metres count upwards, so that the upper edge of the movement is the bottom of its bounds.
    let scale = (FILL[0] * side / bounds.width()).min(FILL[1] * side / bounds.bottom());
    let middle = (bounds.left() + bounds.right()) / 2.0;
    let floor = (height - side) / 2.0 + FLOOR * side;
    Transform::from_row(scale, 0.0, 0.0, -scale, width / 2.0 - scale * middle, floor.round())
}

/// A wide shadow under the whole body and a small, darker one under each hand and foot that is near the floor.
fn draw_shadow(drawing: &mut Drawing, body: &Body, props: &[Prop]) {
    let mut contacts: Vec<Vec2> = match body {
        Body::Side(body) => side::contacts(body),
        Body::Front(body) => front::contacts(body),
    };
    contacts.extend(props::contacts(body, props));
    let mut near: Vec<(Vec2, Vec2)> = contacts
        .iter()
        .filter(|point| point.y < 0.2)
        .map(|point| {
            let closeness = 1.0 - point.y.max(0.0) / 0.2;
            (vec2(point.x, 0.008), vec2(0.085, 0.016) * (0.35 + 0.65 * closeness))
        })
        .collect();
    if let Body::Side(body) = body {
        near.extend(side::resting(body));
    }
    let reach = |start: f32, pick: fn(f32, f32) -> f32| near.iter().map(|(middle, _)| middle.x).fold(start, pick);
    let (left, right) = (reach(f32::INFINITY, f32::min), reach(f32::NEG_INFINITY, f32::max));
    if left <= right {
        let wide = vec2((right - left) / 2.0 + SHADOW_MARGIN, SHADOW_HEIGHT);
        drawing.ellipses(&[(vec2((left + right) / 2.0, 0.008), wide)], palette::floor_shadow(0.16));
        drawing.ellipses(&near, palette::floor_shadow(0.36));
    }
}
