//! Two pictures, and how much they differ.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, RgbaImage};

/// How two pictures of the same size differ.
pub(crate) struct Difference {
    /// Part of the pixels in which a channel differs by more than the tolerance.
    pub(crate) outliers: f64,
    /// The largest difference of any channel.
    pub(crate) largest: u8,
    /// Where that is.
    pub(crate) place: (u32, u32),
    /// Outliers in red over the faint expected picture.
    pub(crate) picture: RgbImage,
}

/// Compares every channel, alpha too. Pictures of different sizes cannot be compared.
pub(crate) fn compare(actual: &RgbaImage, expected: &RgbaImage, tolerance: u8) -> Result<Difference, String> {
    if actual.dimensions() != expected.dimensions() {
        let ((width, height), (wanted_width, wanted_height)) = (actual.dimensions(), expected.dimensions());
        return Err(format!("is {width}x{height} and not {wanted_width}x{wanted_height}"));
    }
    let mut difference = Difference {
        outliers: 0.0,
        largest: 0,
        place: (0, 0),
        picture: RgbImage::new(expected.width(), expected.height()),
    };
    let mut count = 0_u32;
    for ((x, y, found), wanted) in std::iter::zip(actual.enumerate_pixels(), expected.pixels()) {
        let levels = std::iter::zip(found.0, wanted.0).map(|(found, wanted)| found.abs_diff(wanted));
        let largest = levels.max().unwrap_or(0);
        if largest > difference.largest {
            (difference.largest, difference.place) = (largest, (x, y));
        }
        let [red, green, blue, _] = wanted.0.map(u16::from);
        let faint = ((red + green + blue) / 9) as u8;
        let color = if largest > tolerance { Rgb([255, 0, 0]) } else { Rgb([faint; 3]) };
        count += u32::from(largest > tolerance);
        difference.picture.put_pixel(x, y, color);
    }
    difference.outliers = f64::from(count) / f64::from(expected.width() * expected.height());
    Ok(difference)
}

/// Reads a picture, or says which cannot be read and why.
pub(crate) fn load(path: &Path) -> Result<RgbaImage, String> {
    let picture = image::open(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    Ok(picture.into_rgba8())
}

/// Writes a picture as small as PNG makes it: references are kept in the repository for ever.
pub(crate) fn save(picture: &RgbImage, path: &Path) {
    let file = BufWriter::new(File::create(path).unwrap());
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    let (width, height) = picture.dimensions();
    encoder.write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8).unwrap();
}

/// A picture without its alpha, which must be full: a frame of video has no other.
pub(crate) fn opaque(picture: &RgbaImage) -> RgbImage {
    assert!(picture.pixels().all(|pixel| pixel.0[3] == 255), "a frame is not opaque");
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, _] = picture.get_pixel(x, y).0;
        Rgb([red, green, blue])
    })
}
