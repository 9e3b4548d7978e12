//! Conversion of pictures to sRGB: photographs in Display P3 or Adobe RGB, scans with a gray profile.
//!
//! All later stages expect sRGB, so pictures are converted when they are read. A profile that is damaged, or that is
//! not for the samples that the decoder returns (for example for the inks of a CMYK picture), is ignored, as in
//! browsers.

use std::path::Path;

use image::{DynamicImage, RgbaImage};
use moxcms::{CmsError, ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

/// The color space stated in a file.
pub(super) enum ColorDescription {
    /// An embedded ICC profile (ICC.1).
    Icc(Vec<u8>),
    /// A color space stated in numbers.
    Named(Box<ColorProfile>),
}

impl ColorDescription {
    /// The parsed profile; `None` and a warning if it is damaged.
    pub(super) fn into_profile(self, path: &Path) -> Option<ColorProfile> {
        match self {
            Self::Icc(bytes) => log_unusable(path, ColorProfile::new_from_slice(&bytes)),
            Self::Named(profile) => Some(*profile),
        }
    }
}

/// Converts a picture to sRGB with 8 bits per component; alpha is unchanged. Samples of 16 bits are converted before
/// they are rounded.
pub(super) fn to_srgb(path: &Path, picture: DynamicImage, profile: Option<&ColorProfile>) -> RgbaImage {
    let converted = profile.map_or(Ok(None), |profile| convert(&picture, profile));
    log_unusable(path, converted).flatten().unwrap_or_else(|| picture.into_rgba8())
}

/// Logs the error of a profile that cannot be used.
fn log_unusable<T>(path: &Path, result: Result<T, CmsError>) -> Option<T> {
    result
        .inspect_err(|error| {
            tracing::warn!(
                "{}: its color profile cannot be used ({error}); the picture is treated as sRGB",
                path.display()
            );
        })
        .ok()
}

/// `None` if the profile equals sRGB, or is not for this kind of samples.
fn convert(picture: &DynamicImage, profile: &ColorProfile) -> Result<Option<RgbaImage>, CmsError> {
    // Gray pictures exist with gray and with RGB profiles.
    let (layout, channels) = match profile.color_space {
        DataColorSpace::Gray if !picture.color().has_color() => (Layout::GrayAlpha, 2),
        DataColorSpace::Rgb => (Layout::Rgba, 4),
        _ => return Ok(None),
    };
    let (srgb, options) = (ColorProfile::new_srgb(), TransformOptions::default());
    let bytes = profile.create_transform_8bit(layout, &srgb, Layout::Rgba, options)?;
    if is_identity(&*bytes, channels)? {
        return Ok(None);
    }
    let row = picture.width() as usize * channels;
    let samples = if picture.color().bytes_per_pixel() > picture.color().channel_count() {
        let deep = profile.create_transform_16bit(layout, &srgb, Layout::Rgba, options)?;
        // One step of 8 bits is 257 steps of 16 bits.
        let round = |sample: u16| ((u32::from(sample) + 128) / 257) as u8;
        match channels {
            2 => apply(&*deep, picture.to_luma_alpha16().as_raw(), row, channels, round)?,
            _ => apply(&*deep, picture.to_rgba16().as_raw(), row, channels, round)?,
        }
    } else {
        match channels {
            2 => apply(&*bytes, picture.to_luma_alpha8().as_raw(), row, channels, |sample| sample)?,
            _ => apply(&*bytes, picture.to_rgba8().as_raw(), row, channels, |sample| sample)?,
        }
    };
    Ok(RgbaImage::from_raw(picture.width(), picture.height(), samples))
}

/// Converts row by row, to avoid a second copy of the picture at full depth.
fn apply<T: Copy + Default>(
    transform: &dyn TransformExecutor<T>,
    samples: &[T],
    row: usize,
    channels: usize,
    to_byte: impl Fn(T) -> u8,
) -> Result<Vec<u8>, CmsError> {
    let mut converted = vec![T::default(); row / channels * 4];
    let mut bytes = Vec::with_capacity(samples.len() / channels * 4);
    for row in samples.chunks_exact(row) {
        transform.transform(row, &mut converted)?;
        bytes.extend(converted.iter().map(|sample| to_byte(*sample)));
    }
    Ok(bytes)
}

/// Whether a conversion changes no color by more than one level: most embedded profiles are sRGB.
fn is_identity(transform: &dyn TransformExecutor<u8>, channels: usize) -> Result<bool, CmsError> {
    let (steps, level) = if channels == 2 { (256, 1) } else { (9, 255 / 8) };
    let colors: Vec<[u8; 4]> = match channels {
        2 => (0..=255).map(|gray| [gray, gray, gray, 255]).collect(),
        _ => (0..steps * steps * steps)
            .map(|at| [at % steps, at / steps % steps, at / steps / steps].map(|step| (step * level) as u8))
            .map(|[red, green, blue]| [red, green, blue, 255])
            .collect(),
    };
    let samples: Vec<u8> = match channels {
        2 => colors.iter().flat_map(|[gray, ..]| [*gray, 255]).collect(),
        _ => colors.as_flattened().to_vec(),
    };
    let mut converted = vec![0; colors.len() * 4];
    transform.transform(&samples, &mut converted)?;
    Ok(std::iter::zip(colors.as_flattened(), &converted).all(|(before, after)| before.abs_diff(*after) <= 1))
}
