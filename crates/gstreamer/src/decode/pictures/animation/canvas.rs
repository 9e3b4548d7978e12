//! What parts are drawn onto.

use image::RgbaImage;

/// What becomes of a part's rectangle before the next part is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Disposal {
    Keep,
    /// It becomes transparent, whatever background color the file names: so do browsers.
    Clear,
    /// It becomes what it was before.
    Restore,
}

/// A picture at a place of the canvas.
pub(super) struct Part {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) pixels: RgbaImage,
    /// Whether it is blended over what is there; otherwise it takes its place.
    pub(super) is_blended: bool,
    pub(super) disposal: Disposal,
}

/// The frame that is shown.
pub(super) struct Canvas {
    pixels: RgbaImage,
    /// What is to be done before the next part is drawn: a rectangle's left, top, width and height, and what it held
    /// where that is to come back.
    pending: Option<([u32; 4], Option<RgbaImage>)>,
}

impl Canvas {
    pub(super) fn new((width, height): (u32, u32)) -> Self {
        Self { pixels: RgbaImage::new(width, height), pending: None }
    }

    /// Takes away what the part before leaves behind, and draws this one.
    pub(super) fn draw(&mut self, part: Part) -> Result<&RgbaImage, &'static str> {
        if let Some((rect, saved)) = self.pending.take() {
            self.put(rect, saved.as_ref());
        }
        let Part { left, top, pixels, is_blended, disposal } = part;
        let (width, height) = pixels.dimensions();
        let fits = |start: u32, length: u32, end: u32| start.checked_add(length).is_some_and(|reach| reach <= end);
        if !fits(left, width, self.pixels.width()) || !fits(top, height, self.pixels.height()) {
            return Err("a frame reaches beyond the picture's edge");
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

    /// Fills a rectangle with these pixels, or with nothing.
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

/// One straight color over another (PNG, third edition, 11.3.5.2, and the container specification of WebP).
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
