//! Pictures in other color spaces than sRGB: photographs in Display P3 or Adobe RGB, scans with a gray profile.
//!
//! Everything behind this is sRGB, so that a picture is converted when it is read. A profile that is damaged, or belongs
//! to other samples than the decoder gives (the ink values of a CMYK picture, for one), leaves the picture as it is, as
//! browsers do.

use std::path::Path;

use image::{DynamicImage, RgbaImage};
use moxcms::{CmsError, ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

/// What a file says of its colors.
pub(super) enum Described {
    /// An ICC profile (ICC.1), as it is embedded.
    Icc(Vec<u8>),
    /// A color space that is named in numbers.
    Named(Box<ColorProfile>),
}

impl Described {
    /// The profile itself, unless it is damaged.
    pub(super) fn profile(self, path: &Path) -> Option<ColorProfile> {
        match self {
            Self::Icc(bytes) => usable(path, ColorProfile::new_from_slice(&bytes)),
            Self::Named(profile) => Some(*profile),
        }
    }
}

/// The picture in sRGB, 8 bits a component, its alpha unchanged. Pictures of 16 bits are converted before they are
/// rounded.
pub(super) fn to_srgb(path: &Path, picture: DynamicImage, profile: Option<&ColorProfile>) -> RgbaImage {
    let converted = profile.map_or(Ok(None), |profile| convert(&picture, profile));
    usable(path, converted).flatten().unwrap_or_else(|| picture.into_rgba8())
}

/// What came of a profile; a profile that is of no use is warned of.
fn usable<T>(path: &Path, result: Result<T, CmsError>) -> Option<T> {
    result
        .inspect_err(|error| {
            tracing::warn!("{}: its color profile is of no use ({error}); taken for sRGB", path.display());
        })
        .ok()
}

/// `None` where the picture is as good as sRGB already, or the profile is not for it.
fn convert(picture: &DynamicImage, profile: &ColorProfile) -> Result<Option<RgbaImage>, CmsError> {
    // Gray pictures are known with profiles of either kind.
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
        // 257 steps of 16 bits are one of 8.
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

/// Converts row by row, so that only the result is held beside the picture.
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

/// Whether a conversion moves no color by more than a level: most profiles say sRGB in one way or another.
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
