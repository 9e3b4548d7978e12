//! Composited frames as images in memory.

use std::io::{self, Cursor};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops::{FilterType, resize};
use image::{DynamicImage, ExtendedColorType, ImageEncoder, RgbImage, RgbaImage};
use repcast_media::{CompositedFrame, FrameFormat};

/// Quality of JPEG images, of 100: without visible blocks around text.
const JPEG_QUALITY: u8 = 88;

/// The format of an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImageFormat {
    /// Lossless.
    Png,
    /// Smaller.
    Jpeg,
}

/// Encodes a frame in RGBA, reduced to `width` pixels if it is wider.
///
/// # Errors
/// When the frame is not RGBA.
pub fn encode_image(frame: &CompositedFrame, width: Option<u32>, format: ImageFormat) -> io::Result<Vec<u8>> {
    let size = frame.size;
    let is_rgba = frame.format == FrameFormat::Rgba;
    let pixels = is_rgba.then(|| frame.data.bytes().to_vec());
    let image = pixels.and_then(|pixels| RgbaImage::from_raw(size.width, size.height, pixels));
    let image = image.ok_or(io::ErrorKind::InvalidInput)?;
    // Frames are opaque.
    let image = DynamicImage::ImageRgba8(image).into_rgb8();
    let image = match width.filter(|width| *width < size.width) {
        None => image,
        Some(width) => {
            let height = u64::from(width) * u64::from(size.height) / u64::from(size.width);
            resize(&image, width.max(1), u32::try_from(height).unwrap_or(size.height).max(1), FilterType::CatmullRom)
        }
    };
    encode(&image, format)
}

fn encode(image: &RgbImage, format: ImageFormat) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let (width, height) = image.dimensions();
    let written = match format {
        ImageFormat::Png => PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, PngFilter::Adaptive)
            .write_image(image, width, height, ExtendedColorType::Rgb8),
        ImageFormat::Jpeg => JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(
            image,
            width,
            height,
            ExtendedColorType::Rgb8,
        ),
    };
    written.map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use repcast_model::geometry::Size;

    fn frame(format: FrameFormat) -> CompositedFrame {
        let size = Size { width: 64, height: 32 };
        let data: Vec<u8> = [200, 100, 50, 255].repeat(64 * 32);
        CompositedFrame { format, size, stride: 256, data: Arc::new(data) }
    }

    #[test]
    fn images_have_the_colors_and_the_size_that_were_asked_for() {
        for (format, width, expected) in [
            (ImageFormat::Png, None, (64, 32)),
            (ImageFormat::Png, Some(100), (64, 32)),
            (ImageFormat::Jpeg, Some(16), (16, 8)),
            (ImageFormat::Jpeg, Some(1), (1, 1)),
        ] {
            let bytes = encode_image(&frame(FrameFormat::Rgba), width, format).unwrap();
            let image = image::load_from_memory(&bytes).unwrap().into_rgb8();
            assert_eq!(image.dimensions(), expected);
            let near = |(is, wanted): (&u8, u8)| is.abs_diff(wanted) <= 4;
            assert!(std::iter::zip(&image.get_pixel(0, 0).0, [200, 100, 50]).all(near), "{:?}", image.get_pixel(0, 0));
        }
        assert!(encode_image(&frame(FrameFormat::Nv12), None, ImageFormat::Png).is_err());
    }
}
