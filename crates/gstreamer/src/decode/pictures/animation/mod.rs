//! Animated GIF, PNG and WebP as clips.
//!
//! A file contains parts, each with a position on a canvas, a blend mode and a disposal ([`Part`]). The readers of the
//! three formats decode the parts on demand, in order; the [`Canvas`] composites them into frames. Memory holds one
//! canvas and one saved part of it, never all frames.

mod apng;
mod canvas;
mod gif;
mod webp;

use std::cell::OnceCell;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use image::RgbaImage;
use moxcms::ColorProfile;

use self::apng::Apng;
use self::canvas::{Canvas, Part};
use self::gif::Gif;
use self::webp::Webp;
use super::profile::{ColorDescription, to_srgb};
use crate::decode::DecodeError;
use crate::decode::limits::MAX_CLIP_SIDE;

/// Most frames in an animation: an hour at 30 frames per second.
const MAX_FRAMES: usize = 108_000;

/// Delays up to this, in milliseconds, are replaced by [`DEFAULT_DELAY_NANOS`], as in browsers: old programs wrote 0
/// for an unspecified delay.
const MAX_UNSPECIFIED_MILLIS: u64 = 10;
const DEFAULT_DELAY_NANOS: u64 = 100_000_000;

/// The file formats of animations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum AnimationFormat {
    Gif,
    Png,
    Webp,
}

/// Duration of a frame: a fraction of seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Delay {
    numerator: u64,
    denominator: u64,
}

impl Delay {
    fn nanos(self) -> u64 {
        let denominator = self.denominator.max(1);
        if self.numerator * 1000 <= MAX_UNSPECIFIED_MILLIS * denominator {
            return DEFAULT_DELAY_NANOS;
        }
        // The longest delay of any format is 65,535 s, so that 64 bits cannot overflow.
        self.numerator * 1_000_000_000 / denominator
    }
}

/// An animated picture, before its frames are decoded.
#[derive(Clone, Debug)]
pub(in crate::decode) struct Animation {
    format: AnimationFormat,
    /// Width and height of the canvas in pixels.
    pub(super) size: (u32, u32),
    /// Start of each frame, in nanoseconds.
    starts: Arc<[u64]>,
    /// End of the last frame, in nanoseconds.
    pub(super) end_nanos: u64,
}

impl Animation {
    /// Finds the frames of an animation without decoding them; `None` for a still.
    ///
    /// # Errors
    /// When the file cannot be read, its canvas is too large, or it has more than [`MAX_FRAMES`] frames.
    pub(super) fn find(path: &Path, format: AnimationFormat) -> Result<Option<Self>, DecodeError> {
        let broken = |reason: String| DecodeError::Broken { path: path.to_owned(), reason };
        let file = open(path).map_err(broken)?;
        let (size, delays) = match format {
            AnimationFormat::Gif => gif::delays(file),
            AnimationFormat::Png => apng::delays(file),
            AnimationFormat::Webp => webp::delays(file),
        }
        .map_err(broken)?;
        if delays.is_empty() {
            return Ok(None);
        }
        let (width, height) = size;
        if [width, height].iter().any(|side| !(1..=MAX_CLIP_SIDE).contains(side)) {
            return Err(DecodeError::Dimensions { path: path.to_owned(), width, height });
        }
        if delays.len() > MAX_FRAMES {
            return Err(broken(format!("it has more than {MAX_FRAMES} frames")));
        }
        let mut end_nanos = 0;
        let mut start = |delay: &Delay| {
            let start = end_nanos;
            end_nanos += delay.nanos();
            start
        };
        let starts = delays.iter().map(&mut start).collect();
        Ok(Some(Self { format, size, starts, end_nanos }))
    }

    /// Whether there are several frames.
    pub(super) fn is_moving(&self) -> bool {
        self.starts.len() > 1
    }

    /// A decoder that starts at the first frame.
    pub(in crate::decode) fn frames(&self, path: &Path) -> Result<AnimationFrames, DecodeError> {
        let parts = || -> Result<Box<dyn Parts>, String> {
            let file = open(path)?;
            Ok(match self.format {
                AnimationFormat::Gif => Box::new(Gif::open(file)?),
                AnimationFormat::Png => Box::new(Apng::open(file)?),
                AnimationFormat::Webp => Box::new(Webp::open(file, self.size)?),
            })
        };
        let parts = parts().map_err(|reason| DecodeError::Broken { path: path.to_owned(), reason })?;
        Ok(AnimationFrames {
            path: path.into(),
            starts: self.starts.clone(),
            next: 0,
            canvas: Canvas::new(self.size),
            parts,
            profile: OnceCell::new(),
        })
    }
}

/// Decodes the frames of an animation in order.
pub(in crate::decode) struct AnimationFrames {
    path: Arc<Path>,
    starts: Arc<[u64]>,
    next: usize,
    canvas: Canvas,
    parts: Box<dyn Parts>,
    /// The color profile, read with the first part: some formats store it there.
    profile: OnceCell<Option<Box<ColorProfile>>>,
}

impl AnimationFrames {
    /// The start of the next frame in nanoseconds, and its pixels in sRGB; `None` at the end.
    pub(in crate::decode) fn next(&mut self) -> Result<Option<(u64, RgbaImage)>, DecodeError> {
        let broken = |reason: String| DecodeError::Broken { path: self.path.to_path_buf(), reason };
        let Some(start) = self.starts.get(self.next).copied() else { return Ok(None) };
        let part = self.parts.next().map_err(broken)?.ok_or_else(|| broken("the file is cut short".to_owned()))?;
        self.next += 1;
        let canvas = self.canvas.draw(part).map_err(|reason| broken(reason.to_owned()))?;
        let described =
            || self.parts.color_description().and_then(|described| described.into_profile(&self.path)).map(Box::new);
        let profile = self.profile.get_or_init(described).as_deref();
        Ok(Some((start, to_srgb(&self.path, canvas.clone().into(), profile))))
    }
}

/// Reader of the parts of one format.
trait Parts: Send {
    /// The next part, or `None` at the end.
    fn next(&mut self) -> Result<Option<Part>, String>;

    /// The color space of all parts, if it is not sRGB.
    fn color_description(&self) -> Option<ColorDescription>;
}

fn open(path: &Path) -> Result<BufReader<File>, String> {
    File::open(path).map(BufReader::new).map_err(|error| error.to_string())
}

/// Reads exactly `N` bytes; `None` at the end of the file.
fn read_array<const N: usize>(from: &mut impl Read) -> Result<Option<[u8; N]>, String> {
    let mut bytes = [0; N];
    match from.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn skip(from: &mut impl Seek, bytes: u64) -> Result<(), String> {
    from.seek_relative(i64::try_from(bytes).unwrap_or(i64::MAX)).map_err(|error| error.to_string())
}
