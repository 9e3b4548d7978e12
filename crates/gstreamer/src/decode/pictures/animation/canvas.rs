//! The canvas on which the parts of an animation are composited.

use image::RgbaImage;

/// What happens to the rectangle of a part before the next part is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Disposal {
    Keep,
    /// It becomes transparent. The background color in the file is ignored, as in browsers.
    Clear,
    /// Its previous contents are restored.
    Restore,
}

/// An image and its position on the canvas, in pixels.
pub(super) struct Part {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) pixels: RgbaImage,
    /// Whether it is blended over the canvas; otherwise it replaces the pixels of its rectangle.
    pub(super) is_blended: bool,
    pub(super) disposal: Disposal,
}

/// The current frame, and the disposal of its last part.
pub(super) struct Canvas {
    pixels: RgbaImage,
    /// The pending disposal: left, top, width and height of a rectangle, and the pixels to restore; `None` clears it.
    pending: Option<([u32; 4], Option<RgbaImage>)>,
}

impl Canvas {
    pub(super) fn new((width, height): (u32, u32)) -> Self {
        Self { pixels: RgbaImage::new(width, height), pending: None }
    }

    /// Disposes of the previous part and draws this one. Returns the complete frame.
    pub(super) fn draw(&mut self, part: Part) -> Result<&RgbaImage, &'static str> {
        if let Some((rect, saved)) = self.pending.take() {
            self.put(rect, saved.as_ref());
        }
        let Part { left, top, pixels, is_blended, disposal } = part;
        let (width, height) = pixels.dimensions();
        let fits = |start: u32, length: u32, limit: u32| start.checked_add(length).is_some_and(|end| end <= limit);
        if !fits(left, width, self.pixels.width()) || !fits(top, height, self.pixels.height()) {
            return Err("a frame extends past the edge of the canvas");
        }
        let rect = [left, top, width, height];
        self.pending = match disposal {
            Disposal::Keep => None,
            Disposal::Clear => Some((rect, None)),
            Disposal::Restore => {
                Some((rect, Some(image::imageops::crop_imm(&self.pixels, left, top, width, height).to_image())))
            }
        };
        if is_blended {
            for (x, y, over) in pixels.enumerate_pixels() {
                let under = self.pixels.get_pixel_mut(left + x, top + y);
                under.0 = blend(over.0, under.0);
            }
        } else {
            self.put(rect, Some(&pixels));
        }
        Ok(&self.pixels)
    }

    /// Replaces the pixels of a rectangle; `None` makes them transparent.
    fn put(&mut self, [left, top, width, height]: [u32; 4], with: Option<&RgbaImage>) {
        let row_bytes = width as usize * 4;
        let stride = self.pixels.width() as usize * 4;
        let bytes: &mut [u8] = &mut self.pixels;
        for row in 0..height as usize {
            let at = (top as usize + row) * stride + left as usize * 4;
            match with {
                Some(with) => {
                    bytes[at..at + row_bytes].copy_from_slice(&with.as_raw()[row * row_bytes..(row + 1) * row_bytes])
                }
                None => bytes[at..at + row_bytes].fill(0),
            }
        }
    }
}

/// Source-over with straight alpha (PNG, third edition, 11.3.5.2, and the WebP container specification).
fn blend(over: [u8; 4], under: [u8; 4]) -> [u8; 4] {
    match (over[3], under[3]) {
        (255, _) | (_, 0) => over,
        (0, _) => under,
        _ => {
            let [over_share, under_share] =
                [u32::from(over[3]) * 255, u32::from(under[3]) * (255 - u32::from(over[3]))];
            let total = over_share + under_share;
            let mix = |at: usize| {
                let sum = u32::from(over[at]) * over_share + u32::from(under[at]) * under_share;
                ((sum + total / 2) / total) as u8
            };
            [mix(0), mix(1), mix(2), ((total + 127) / 255) as u8]
        }
    }
}
