//! Comparison of two images.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, RgbaImage};

/// The difference of two images of the same size.
pub(crate) struct Difference {
    /// Share of the pixels in which a channel differs by more than the tolerance.
    pub(crate) outliers: f64,
    /// The largest difference of any channel.
    pub(crate) largest: u8,
    /// Position of the largest difference.
    pub(crate) place: (u32, u32),
    /// Outliers in red over the dimmed expected image.
    pub(crate) picture: RgbImage,
}

/// Compares every channel, alpha too. Fails for images of different sizes.
pub(crate) fn compare(actual: &RgbaImage, expected: &RgbaImage, tolerance: u8) -> Result<Difference, String> {
    if actual.dimensions() != expected.dimensions() {
        let ((width, height), (expected_width, expected_height)) = (actual.dimensions(), expected.dimensions());
        return Err(format!("is {width}x{height} instead of {expected_width}x{expected_height}"));
    }
    let mut difference = Difference {
        outliers: 0.0,
        largest: 0,
        place: (0, 0),
        picture: RgbImage::new(expected.width(), expected.height()),
    };
    let mut count = 0_u32;
    for ((x, y, found), expected_pixel) in std::iter::zip(actual.enumerate_pixels(), expected.pixels()) {
        let levels = std::iter::zip(found.0, expected_pixel.0).map(|(found, expected)| found.abs_diff(expected));
        let largest = levels.max().unwrap_or(0);
        if largest > difference.largest {
            (difference.largest, difference.place) = (largest, (x, y));
        }
        let [red, green, blue, _] = expected_pixel.0.map(u16::from);
        let faint = ((red + green + blue) / 9) as u8;
        let color = if largest > tolerance { Rgb([255, 0, 0]) } else { Rgb([faint; 3]) };
        count += u32::from(largest > tolerance);
        difference.picture.put_pixel(x, y, color);
    }
    difference.outliers = f64::from(count) / f64::from(expected.width() * expected.height());
    Ok(difference)
}

/// Reads an image file.
pub(crate) fn load(path: &Path) -> Result<RgbaImage, String> {
    let picture = image::open(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    Ok(picture.into_rgba8())
}

/// Writes an image as a PNG with the best compression, because references are stored in the repository.
pub(crate) fn save(picture: &RgbImage, path: &Path) {
    let file = BufWriter::new(File::create(path).unwrap());
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    let (width, height) = picture.dimensions();
    encoder.write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8).unwrap();
}

/// The image without its alpha, which must be opaque, as in all video frames.
pub(crate) fn opaque(picture: &RgbaImage) -> RgbImage {
    assert!(picture.pixels().all(|pixel| pixel.0[3] == 255), "a frame is not opaque");
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, _] = picture.get_pixel(x, y).0;
        Rgb([red, green, blue])
    })
}
