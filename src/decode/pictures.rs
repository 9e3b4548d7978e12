//! Still pictures and numbered sequences of them, decoded by the `image` crate on the caller's thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::metadata::Orientation as Exif;
use image::{ImageDecoder, ImageReader, Limits};

use super::color::VideoColor;
use super::coverage::coverage;
use super::probe::{Body, Probed};
use super::{DecodeError, MAX_CLIP_SIDE};
use crate::color::Colorimetry;
use crate::geometry::{Orientation, Size};
use crate::media::{ClipFrame, ClipInfo, ColorModel, Component, FrameId, PixelLayout, PixelRect, Plane};
use crate::time::{FrameRate, Rational};

/// Frames per second of numbered pictures, which carry no rate of their own.
const SEQUENCE_RATE: u32 = 30;

/// Most pictures in a sequence: an hour at [`SEQUENCE_RATE`].
const MAX_SEQUENCE: u32 = 108_000;

/// Memory one picture may take while it is decoded: a frame of the largest size at 16 bits a component.
const MAX_PICTURE_BYTES: u64 = 8 * MAX_CLIP_SIDE as u64 * MAX_CLIP_SIDE as u64;

/// The files of a clip made of pictures, in order; a still is a sequence of one.
#[derive(Clone, Debug)]
pub(super) struct Sequence {
    pub(super) files: Arc<[PathBuf]>,
    pub(super) rate: FrameRate,
}

/// Whether a path is a pattern of numbered pictures, such as `run/%05d.png`.
#[must_use]
pub fn is_numbered(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| split_pattern(name).is_some())
}

/// Splits `frame_%05d.png` into what stands before the number, its least digits, and what stands after.
fn split_pattern(name: &str) -> Option<(&str, usize, &str)> {
    let (before, rest) = name.split_once('%')?;
    let (digits, after) = rest.split_once('d')?;
    let ending = after.rsplit_once('.')?.1.to_ascii_lowercase();
    if !["png", "jpg", "jpeg", "webp"].contains(&ending.as_str()) {
        return None;
    }
    let width = match digits {
        "" => 1,
        _ => digits.strip_prefix('0')?.parse().ok().filter(|width| (1..=9).contains(width))?,
    };
    Some((before, width, after))
}

pub(super) fn probe_sequence(pattern: &Path) -> Result<Probed, DecodeError> {
    let name = pattern.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let (before, width, after) = split_pattern(name).unwrap_or((name, 1, ""));
    let file = |number: u32| pattern.with_file_name(format!("{before}{number:0width$}{after}"));
    // Sequences are counted from 0 or 1 by the programs that write them.
    let first = (0..=1).find(|number| file(*number).is_file()).ok_or_else(|| DecodeError::Missing(file(1)))?;
    let files: Vec<_> = (first..MAX_SEQUENCE).map(file).take_while(|path| path.is_file()).collect();
    let rate = FrameRate::new(SEQUENCE_RATE, 1).ok_or_else(|| DecodeError::NoVideo(pattern.to_owned()))?;
    probe_files(files, rate, false)
}

pub(super) fn probe_still(path: &Path) -> Result<Probed, DecodeError> {
    // A still has one frame; its length only matters where it is used as a looping clip, which shows it for ever.
    let rate = FrameRate::new(1, 1).ok_or_else(|| DecodeError::NoVideo(path.to_owned()))?;
    probe_files(vec![path.to_owned()], rate, true)
}

fn probe_files(files: Vec<PathBuf>, rate: FrameRate, is_still: bool) -> Result<Probed, DecodeError> {
    let first = read_picture(&files[0])?;
    let info = ClipInfo {
        size: first.size,
        pixel_aspect: Rational::from_integer(1),
        orientation: Orientation::default(),
        duration: rate.secs_at(files.len() as u64),
        rate: Some(rate),
        is_still,
    };
    Ok(Probed {
        info,
        number: first.id.clip,
        color: VideoColor::default(),
        body: Body::Pictures(Sequence { files: files.into(), rate }),
    })
}

/// Reads one picture, upright.
///
/// # Errors
/// When the file is missing, too large, or no PNG, JPEG or WebP that can be decoded.
pub fn read_picture(path: &Path) -> Result<ClipFrame, DecodeError> {
    let sniffed = super::sniff::sniff(path)?;
    if sniffed.truncated {
        return Err(DecodeError::Broken { path: path.to_owned(), reason: "the file is cut short".to_owned() });
    }
    let broken =
        |error: &dyn std::fmt::Display| DecodeError::Broken { path: path.to_owned(), reason: error.to_string() };
    let mut reader =
        ImageReader::open(path).and_then(ImageReader::with_guessed_format).map_err(|error| broken(&error))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_PICTURE_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| broken(&error))?;
    let (width, height) = decoder.dimensions();
    if [width, height].iter().any(|side| !(1..=MAX_CLIP_SIDE).contains(side)) {
        return Err(DecodeError::Dimensions { path: path.to_owned(), width, height });
    }
    let exif = decoder.orientation().unwrap_or(Exif::NoTransforms);
    let mut picture = image::DynamicImage::from_decoder(decoder).map_err(|error| broken(&error))?;
    picture.apply_orientation(exif);
    let pixels = picture.into_rgba8();
    let size = Size { width: pixels.width(), height: pixels.height() };
    Ok(rgba_frame(FrameId { clip: super::stream::next_clip_number(), start_nanos: 0 }, size, pixels.into_raw()))
}

/// A frame from straight RGBA bytes without padding.
pub(super) fn rgba_frame(id: FrameId, size: Size, bytes: Vec<u8>) -> ClipFrame {
    let layout = PixelLayout {
        components: [0, 1, 2, 3].map(|offset| Component { offset, step: 4, ..Component::default() }),
        model: ColorModel::Rgb,
        colorimetry: Colorimetry::CANVAS,
        has_alpha: true,
        depth: 8,
        chroma_left: true,
    };
    let planes = vec![Plane { offset: 0, stride: size.width as usize * 4, rows: size.height as usize }];
    let coverage = coverage(size, &layout, &planes, &bytes);
    let stored = PixelRect { x: 0, y: 0, width: size.width, height: size.height };
    ClipFrame { id, size, layout, planes, stored, coverage, data: Arc::new(bytes) }
}
