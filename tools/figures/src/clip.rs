//! Draws the frames of an exercise and encodes them as a clip with transparency.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tiny_skia::{Pixmap, PremultipliedColorU8, Rect, Transform};

use crate::exercises::Exercise;
use crate::geometry::{Vec2, vec2};
use crate::paint::Drawing;
use crate::palette;
use crate::skeleton::Body;
use crate::snap_colors;
use crate::{front, side};

/// Frames per second of every clip.
pub(crate) const RATE: u32 = 30;
/// Share of the frame's square that the movement fills in its larger dimension.
const FILL: f32 = 0.87;

/// Allowed side lengths of a canvas, in pixels.
const SIDES: RangeInclusive<u32> = 64..=8192;

/// The size of a clip's frames in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Canvas {
    /// Width in pixels.
    pub(crate) width: u32,
    /// Height in pixels.
    pub(crate) height: u32,
}

/// One loop of an exercise, drawn but not yet painted.
pub(crate) struct ExerciseClip {
    frames: Vec<Drawing>,
    canvas: Canvas,
    placement: Transform,
}

impl ExerciseClip {
    /// Draws all frames and scales the figure so that the whole movement fills the canvas.
    pub(crate) fn new(exercise: &Exercise, canvas: Canvas) -> Result<Self, Box<dyn Error>> {
        let count = (exercise.seconds * RATE as f32).round() as u32;
        let look = (exercise.look)();
        let frames: Vec<Drawing> = (0..count)
            .map(|index| {
                let mut drawing = Drawing::default();
                let body = (exercise.pose)(index as f32 / count as f32);
                draw_shadow(&mut drawing, &body);
                match &body {
                    Body::Side(body) => side::draw(&mut drawing, body, &look),
                    Body::Front(body) => front::draw(&mut drawing, body, &look),
                }
                drawing
            })
            .collect();
        let bounds = frames
            .iter()
            .filter_map(Drawing::bounds)
            .reduce(|all, next| all.join(&next).unwrap_or(all))
            .ok_or_else(|| format!("{}: there is nothing to see", exercise.id))?;
        Ok(Self { frames, canvas, placement: placement(bounds, canvas) })
    }

    /// Number of frames of the loop.
    pub(crate) fn len(&self) -> usize {
        self.frames.len()
    }

    /// Paints the frames in order.
    pub(crate) fn paint(&self) -> impl Iterator<Item = Result<Pixmap, Box<dyn Error>>> {
        self.frames.iter().map(|frame| {
            let Canvas { width, height } = self.canvas;
            let mut pixmap = Pixmap::new(width, height).ok_or("the canvas is too large to paint on")?;
            frame.paint(&mut pixmap, self.placement);
            snap_colors::snap(&mut pixmap);
            Ok(pixmap)
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
            Some(mut pipe) => self.paint().try_for_each(|pixmap| Ok(pipe.write_all(&straight_argb(&pixmap?))?)),
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
        for (index, pixmap) in self.paint().enumerate() {
            let file = folder.join(format!("{id}_{index:03}.png"));
            pixmap?.save_png(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        }
        Ok(())
    }
}

/// The transform from metres to pixels that fits `bounds` into the largest centered square of the canvas.
fn placement(bounds: Rect, canvas: Canvas) -> Transform {
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let scale = FILL * width.min(height) / bounds.width().max(bounds.height());
    let middle = vec2((bounds.left() + bounds.right()) / 2.0, (bounds.top() + bounds.bottom()) / 2.0);
    Transform::from_row(scale, 0.0, 0.0, -scale, width / 2.0 - scale * middle.x, height / 2.0 + scale * middle.y)
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
            (vec2(point.x, 0.008), vec2(0.1, 0.016) * (0.35 + 0.65 * closeness))
        })
        .collect();
    let reach = |start: f32, pick: fn(f32, f32) -> f32| near.iter().map(|(middle, _)| middle.x).fold(start, pick);
    let (left, right) = (reach(f32::INFINITY, f32::min), reach(f32::NEG_INFINITY, f32::max));
    if left <= right {
        let wide = (vec2((left + right) / 2.0, 0.008), vec2((right - left) / 2.0 + 0.2, 0.036));
        drawing.ellipses(&[wide], palette::shadow(0.16));
        drawing.ellipses(&near, palette::shadow(0.24));
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

/// The pixels as alpha, red, green and blue bytes, with straight alpha.
fn straight_argb(pixmap: &Pixmap) -> Vec<u8> {
    let pixel = |pixel: &PremultipliedColorU8| {
        let colour = pixel.demultiply();
        [colour.alpha(), colour.red(), colour.green(), colour.blue()]
    };
    pixmap.pixels().iter().flat_map(pixel).collect()
}

/// Parses a canvas as WIDTHxHEIGHT.
pub(crate) fn parse_canvas(text: &str) -> Option<Canvas> {
    let (width, height) = text.split_once('x')?;
    let (width, height) = (width.parse().ok()?, height.parse().ok()?);
    let sensible = SIDES.contains(&width) && SIDES.contains(&height);
    sensible.then_some(Canvas { width, height })
}
