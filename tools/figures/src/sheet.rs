//! Contact sheets: phases of loops side by side on a neutral ground, one exercise per row, to check movements by eye.

use std::error::Error;
use std::path::Path;

use tiny_skia::{ColorU8, Pixmap};

use crate::clip::ExerciseClip;
use crate::palette::Color;
use crate::raster::Canvas;

/// The ground of the sheet.
const GROUND: Color = [0x5a, 0x62, 0x70, 255];
/// Phases of a loop on a sheet.
const PHASES: usize = 8;
/// Side of a phase in pixels.
const CELL: u32 = 240;

/// The size of the frames of clips on a sheet.
pub(crate) const CANVAS: Canvas = Canvas { width: CELL, height: CELL };

/// Writes the sheet of some clips, which have frames of the size of [`CANVAS`].
pub(crate) fn save(clips: &[ExerciseClip], file: &Path) -> Result<(), Box<dyn Error>> {
    let (width, height) = (CELL * PHASES as u32, CELL * clips.len() as u32);
    let mut sheet = Pixmap::new(width, height).ok_or("there is no exercise to draw")?;
    for (row, clip) in clips.iter().enumerate() {
        for phase in 0..PHASES {
            let pixels = clip.paint_frame(phase * clip.len() / PHASES)?;
            for (line, line_pixels) in pixels.chunks(CELL as usize).enumerate() {
                let start = (row * CELL as usize + line) * width as usize + phase * CELL as usize;
                let target = &mut sheet.pixels_mut()[start..start + CELL as usize];
                target.iter_mut().zip(line_pixels).for_each(|(target, pixel)| *target = on_ground(*pixel));
            }
        }
    }
    sheet.save_png(file).map_err(|error| format!("{}: {error}", file.display()).into())
}

fn on_ground(pixel: Color) -> tiny_skia::PremultipliedColorU8 {
    let alpha = u32::from(pixel[3]);
    let channel =
        |index: usize| ((u32::from(pixel[index]) * alpha + u32::from(GROUND[index]) * (255 - alpha)) / 255) as u8;
    ColorU8::from_rgba(channel(0), channel(1), channel(2), 255).premultiply()
}
