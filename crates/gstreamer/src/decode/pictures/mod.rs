//! Stills, numbered sequences and animations, decoded by the `image` crate on the caller's thread.

mod animation;
mod jpeg;
mod numbered;
mod png;
mod profile;

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Seek};
use std::path::Path;
use std::sync::Arc;

use image::codecs::jpeg::JpegDecoder;
use image::metadata::Orientation as Exif;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbaImage};

use self::animation::AnimationFormat;
pub(super) use self::animation::{Animation, AnimationFrames};
use self::jpeg::Jpeg;
pub(super) use self::numbered::Sequence;
pub(super) use self::numbered::is_numbered;
use self::png::{named_space, with_end};
use self::profile::{ColorDescription, to_srgb};
use super::DecodeError;
use super::coverage::coverage;
use super::file_format::{FileFormat, sniff};
use super::limits::MAX_CLIP_SIDE;
use repcast_media::{ClipFrame, ColorModel, Component, FrameId, PixelLayout, PixelRect, Plane};
use repcast_model::clip::ClipInfo;
use repcast_model::color::Colorimetry;
use repcast_model::geometry::{Orientation, Size};
use repcast_model::time::{FrameRate, Rational};

/// Most memory for decoding one picture, in bytes: a frame of the largest size with 16 bits per component.
const MAX_PICTURE_BYTES: u64 = 8 * MAX_CLIP_SIDE as u64 * MAX_CLIP_SIDE as u64;

/// The result of probing pictures.
pub(super) struct ProbedPictures {
    pub(super) info: ClipInfo,
    /// The clip number in the identities of its frames.
    pub(super) number: u64,
    pub(super) source: PictureSource,
}

/// What the frames are read from.
pub(super) enum PictureSource {
    Sequence(Sequence),
    Animation(Animation),
}

pub(super) fn probe_sequence(pattern: &Path) -> Result<ProbedPictures, DecodeError> {
    let sequence = Sequence::find(pattern)?;
    let first = read_picture(&sequence.files[0])?;
    let (duration, rate) = (sequence.rate.secs_at(sequence.frames()), Some(sequence.rate));
    let info = ClipInfo { is_still: false, is_picture: false, ..info(first.size, duration, rate) };
    Ok(ProbedPictures { info, number: first.id.clip, source: PictureSource::Sequence(sequence) })
}

pub(super) fn probe_picture(path: &Path) -> Result<ProbedPictures, DecodeError> {
    let (first, animation) = (read_picture(path)?, animation_of(path)?);
    // A picture with a rotation is shown as a still, because animation frames are not rotated.
    let is_upright = |animation: &Animation| animation.size == (first.size.width, first.size.height);
    let (info, source) = match animation.filter(is_upright) {
        Some(animation) => {
            let duration = Rational::new(i128::from(animation.end_nanos), 1_000_000_000);
            (ClipInfo { is_still: false, ..info(first.size, duration, None) }, PictureSource::Animation(animation))
        }
        None => {
            let still = Sequence::still(path)?;
            (info(first.size, still.rate.secs_at(1), Some(still.rate)), PictureSource::Sequence(still))
        }
    };
    Ok(ProbedPictures { info, number: first.id.clip, source })
}

/// The animation in a file, if it has several frames and the first one decodes. Otherwise the file is a still.
fn animation_of(path: &Path) -> Result<Option<Animation>, DecodeError> {
    let format = match open(path)?.1 {
        Some(ImageFormat::Gif) => AnimationFormat::Gif,
        Some(ImageFormat::Png) => AnimationFormat::Png,
        Some(ImageFormat::WebP) => AnimationFormat::Webp,
        _ => return Ok(None),
    };
    let animation = Animation::find(path, format)?.filter(Animation::is_moving);
    let Some(animation) = animation else { return Ok(None) };
    let first = animation.frames(path).and_then(|mut frames| frames.next());
    let warn = |error: &DecodeError| tracing::warn!("{error}; it is shown as a still");
    Ok(first.inspect_err(warn).is_ok().then_some(animation))
}

/// The [`ClipInfo`] of a still.
fn info(size: Size, duration: Rational, rate: Option<FrameRate>) -> ClipInfo {
    let (pixel_aspect, orientation) = (Rational::from_integer(1), Orientation::default());
    ClipInfo { size, pixel_aspect, orientation, duration, rate, is_still: true, is_picture: true }
}

/// Reads one picture, upright and in sRGB.
///
/// # Errors
/// When the file is missing, too large, or not a decodable PNG, JPEG, WebP or GIF.
pub fn read_picture(path: &Path) -> Result<ClipFrame, DecodeError> {
    let broken = |reason: &dyn Display| DecodeError::Broken { path: path.to_owned(), reason: reason.to_string() };
    if sniff(path)?.format != FileFormat::Picture {
        return Err(broken(&"it is a video; use a layer of type `clip`"));
    }
    let (mut file, format) = open(path)?;
    let pixels = if let Some(first) = first_of_webp(path, format)? {
        first
    } else if format == Some(ImageFormat::Jpeg) {
        let jpeg = Jpeg::read(file).map_err(|error| broken(&error))?;
        // Checked before `is_complete`, which decodes the picture.
        let decoder = JpegDecoder::new(Cursor::new(&jpeg.bytes)).map_err(|error| broken(&error))?;
        check_sides(path, &decoder)?;
        if !jpeg.is_complete() {
            return Err(broken(&"the file is cut short"));
        }
        decode(path, decoder, None)?
    } else {
        let is_png = format == Some(ImageFormat::Png);
        let space = is_png.then(|| named_space(&mut file)).flatten();
        let described = space.map(|space| ColorDescription::Named(Box::new(space)));
        let ended = is_png.then(|| with_end(&mut file)).transpose().map_err(|error| broken(&error))?.flatten();
        file.rewind().map_err(|error| broken(&error))?;
        match ended {
            Some(bytes) => decode_from(path, Cursor::new(bytes), described)?,
            None => decode_from(path, file, described)?,
        }
    };
    Ok(picture_frame(FrameId { clip: super::stream::next_clip_number(), start_nanos: 0 }, pixels))
}

fn decode_from(
    path: &Path,
    from: impl BufRead + Seek,
    described: Option<ColorDescription>,
) -> Result<RgbaImage, DecodeError> {
    let broken = |reason: &dyn Display| DecodeError::Broken { path: path.to_owned(), reason: reason.to_string() };
    let mut reader = ImageReader::new(from).with_guessed_format().map_err(|error| broken(&error))?;
    reader.limits(limits());
    decode(path, reader.into_decoder().map_err(|error| broken(&error))?, described)
}

/// A frame from an sRGB picture.
pub(super) fn picture_frame(id: FrameId, pixels: RgbaImage) -> ClipFrame {
    let size = Size { width: pixels.width(), height: pixels.height() };
    rgba_frame(id, size, pixels.into_raw())
}

/// The first frame of an animated WebP. It is not read by `image-webp` 0.2.4, which panics when frame sizes are
/// inconsistent.
fn first_of_webp(path: &Path, format: Option<ImageFormat>) -> Result<Option<RgbaImage>, DecodeError> {
    let is_webp = format == Some(ImageFormat::WebP);
    let Some(animation) = is_webp.then(|| Animation::find(path, AnimationFormat::Webp)).transpose()?.flatten() else {
        return Ok(None);
    };
    Ok(animation.frames(path)?.next()?.map(|(_, pixels)| pixels))
}

/// Opens a picture and recognises its format by its first bytes.
fn open(path: &Path) -> Result<(BufReader<File>, Option<ImageFormat>), DecodeError> {
    let opened = || -> io::Result<_> {
        let mut file = BufReader::new(File::open(path)?);
        let format = ImageReader::new(&mut file).with_guessed_format()?.format();
        file.rewind()?;
        Ok((file, format))
    };
    opened().map_err(|error| DecodeError::io(path, &error))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_PICTURE_BYTES);
    limits
}

fn check_sides(path: &Path, decoder: &impl ImageDecoder) -> Result<(), DecodeError> {
    let (width, height) = decoder.dimensions();
    if [width, height].iter().any(|side| !(1..=MAX_CLIP_SIDE).contains(side)) {
        return Err(DecodeError::Dimensions { path: path.to_owned(), width, height });
    }
    Ok(())
}

/// Decodes a picture, applies its EXIF orientation, and converts it to sRGB from the given color space or else from
/// that of its ICC profile.
fn decode(
    path: &Path,
    mut decoder: impl ImageDecoder,
    described: Option<ColorDescription>,
) -> Result<RgbaImage, DecodeError> {
    check_sides(path, &decoder)?;
    let exif = decoder.orientation().unwrap_or(Exif::NoTransforms);
    let described = described.or_else(|| decoder.icc_profile().ok().flatten().map(ColorDescription::Icc));
    let decoded = DynamicImage::from_decoder(decoder);
    let mut picture =
        decoded.map_err(|error| DecodeError::Broken { path: path.to_owned(), reason: error.to_string() })?;
    picture.apply_orientation(exif);
    let profile = described.and_then(|described| described.into_profile(path));
    Ok(to_srgb(path, picture, profile.as_ref()))
}

/// A frame from RGBA bytes with straight alpha and without row padding.
pub(super) fn rgba_frame(id: FrameId, size: Size, bytes: Vec<u8>) -> ClipFrame {
    let layout = PixelLayout {
        components: [0, 1, 2, 3].map(|offset| Component { offset, step: 4, ..Component::default() }),
        model: ColorModel::Rgb,
        has_alpha: true,
        depth: 8,
        chroma_left: true,
        colorimetry: Colorimetry::CANVAS,
    };
    let planes = vec![Plane { offset: 0, stride: size.width as usize * 4, rows: size.height as usize }];
    let coverage = coverage(size, &layout, &planes, &bytes);
    let stored = PixelRect { x: 0, y: 0, width: size.width, height: size.height };
    ClipFrame { id, size, layout, planes, stored, coverage, data: Arc::new(bytes) }
}
