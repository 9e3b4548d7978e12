//! Draws the frames of an exercise and encodes them as a clip with transparency.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tiny_skia::{ColorU8, Pixmap, Rect, Transform};

use crate::drawing::Drawing;
use crate::exercises::Exercise;
use crate::geometry::{Vec2, vec2};
use crate::look::Look;
use crate::palette::{self, Color};
use crate::raster::{self, Canvas};
use crate::skeleton::Body;
use crate::{front, side};

/// Frames per second of every clip.
pub(crate) const RATE: u32 = 30;
/// Where the floor is in the largest centered square of the frame, as a share of its side from the top. All clips have it
/// there, so that figures that follow each other stand on one line.
const FLOOR: f32 = 0.95;
/// Shares of the same square that the movement fills at most: its width, and its height above the floor.
const FILL: [f32; 2] = [0.97, 0.91];
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
        let frames: Vec<Frame> =
            (0..count).map(|index| Frame::new(&(exercise.pose)(index as f32 / count as f32), look)).collect();
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
        self.frames.iter().map(|frame| {
            let drawings = [&frame.shadow, &frame.figure];
            raster::paint(&drawings, self.canvas, self.placement)
                .ok_or_else(|| "the canvas is too large to paint on".into())
        })
    }

    /// Writes the loop as a QuickTime Animation clip with straight alpha. The file is renamed when
    /// it is complete, so that a catalogue never contains a partial clip.
    pub(crate) fn encode(&self, clip: &Path) -> Result<(), Box<dyn Error>> {
        let folder = clip.parent().ok_or("the clip has no folder")?;
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let unfinished = clip.with_extension("unfinished.mov");
        let outcome = self.pipe(start_ffmpeg(self.canvas, &unfinished)?);
        if let Err(error) = outcome {
            // Removes the partial file, which may not exist.
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
        fs::rename(&unfinished, clip).map_err(|error| format!("{}: {error}", clip.display()).into())
    }

    /// Pipes all frames to the encoder and waits for its exit.
    fn pipe(&self, mut ffmpeg: Child) -> Result<(), Box<dyn Error>> {
        let fed = match ffmpeg.stdin.take() {
            Some(mut pipe) => self.paint().try_for_each(|pixels| Ok(pipe.write_all(&argb(&pixels?))?)),
            None => Err("ffmpeg takes no input".into()),
        };
        // An encoder that fails closes the pipe; its own error message is on the terminal.
        let status = ffmpeg.wait()?;
        if !status.success() {
            return Err(format!("ffmpeg failed ({status})").into());
        }
        fed
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
    fn new(body: &Body, look: &Look) -> Self {
        let (mut shadow, mut figure) = (Drawing::default(), Drawing::default());
        draw_shadow(&mut shadow, body);
        match body {
            Body::Side(body) => side::draw(&mut figure, body, look),
            Body::Front(body) => front::draw(&mut figure, body, look),
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
fn draw_shadow(drawing: &mut Drawing, body: &Body) {
    let contacts: Vec<Vec2> = match body {
        Body::Side(body) => side::contacts(body),
        Body::Front(body) => front::contacts(body),
    };
    let near: Vec<(Vec2, Vec2)> = contacts
        .iter()
        .filter(|point| point.y < 0.2)
        .map(|point| {
            let closeness = 1.0 - point.y.max(0.0) / 0.2;
            (vec2(point.x, 0.008), vec2(0.085, 0.016) * (0.35 + 0.65 * closeness))
        })
        .collect();
    let reach = |start: f32, pick: fn(f32, f32) -> f32| near.iter().map(|(middle, _)| middle.x).fold(start, pick);
    let (left, right) = (reach(f32::INFINITY, f32::min), reach(f32::NEG_INFINITY, f32::max));
    if left <= right {
        let wide = vec2((right - left) / 2.0 + SHADOW_MARGIN, SHADOW_HEIGHT);
        drawing.ellipses(&[(vec2((left + right) / 2.0, 0.008), wide)], palette::floor_shadow(0.16));
        drawing.ellipses(&near, palette::floor_shadow(0.36));
    }
}

fn start_ffmpeg(canvas: Canvas, clip: &Path) -> Result<Child, String> {
    Command::new("ffmpeg")
        .args(["-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "argb"])
        .args(["-s", &format!("{}x{}", canvas.width, canvas.height), "-r", &RATE.to_string(), "-i", "-"])
        // Only the first frame is a key frame, and no time or version is written: the output is deterministic.
        .args(["-c:v", "qtrle", "-pix_fmt", "argb", "-g", "600", "-fflags", "+bitexact"])
        .arg(clip)
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start ffmpeg: {error}"))
}

/// The pixels as alpha, red, green and blue bytes.
fn argb(pixels: &[Color]) -> Vec<u8> {
    pixels.iter().flat_map(|[red, green, blue, alpha]| [*alpha, *red, *green, *blue]).collect()
}
