//! Animated GIF, PNG and WebP as clips.
//!
//! A file gives parts, each with a place on a canvas, a way to be drawn onto it and a way to be taken away again
//! ([`Part`]). The readers of the three formats find the parts, one after another and only when they are asked for; the
//! [`Canvas`] makes frames of them. One canvas and one saved copy of it are held, never all frames.

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
use super::profile::{Described, to_srgb};
use crate::decode::{DecodeError, MAX_CLIP_SIDE};

/// Most frames in an animation: an hour at 30 a second.
const MAX_FRAMES: usize = 108_000;

/// Browsers show a frame that asks for 10 ms or less for 100 ms: programs of old wrote 0 and meant "at a usual speed".
const LEAST_MILLIS: u64 = 10;
const USUAL_NANOS: u64 = 100_000_000;

/// A format with its own way to hold parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    Gif,
    Png,
    Webp,
}

/// How long a frame is shown: a number of seconds as a fraction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Delay {
    numerator: u64,
    denominator: u64,
}

impl Delay {
    fn nanos(self) -> u64 {
        let denominator = self.denominator.max(1);
        if self.numerator * 1000 <= LEAST_MILLIS * denominator {
            return USUAL_NANOS;
        }
        // The longest delays of the formats, 65535 s of PNG among them, are far from the end of 64 bits.
        self.numerator * 1_000_000_000 / denominator
    }
}

/// An animated picture.
#[derive(Clone, Debug)]
pub(in crate::decode) struct Animation {
    format: Format,
    /// Pixels of the canvas.
    pub(super) size: (u32, u32),
    /// When each frame is shown first, in nanoseconds, and when the last has been shown.
    starts: Arc<[u64]>,
    pub(super) end_nanos: u64,
}

impl Animation {
    /// Looks for the frames of an animation, without decoding them.
    pub(super) fn find(path: &Path, format: Format) -> Result<Option<Self>, DecodeError> {
        let broken = |reason: String| DecodeError::Broken { path: path.to_owned(), reason };
        let file = open(path).map_err(broken)?;
        let (size, delays) = match format {
            Format::Gif => gif::delays(file),
            Format::Png => apng::delays(file),
            Format::Webp => webp::delays(file),
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

    /// Whether there is more to see than a still.
    pub(super) fn is_moving(&self) -> bool {
        self.starts.len() > 1
    }

    /// Starts decoding at the first frame.
    pub(in crate::decode) fn frames(&self, path: &Path) -> Result<Frames, DecodeError> {
        let parts = || -> Result<Box<dyn Parts>, String> {
            let file = open(path)?;
            Ok(match self.format {
                Format::Gif => Box::new(Gif::open(file)?),
                Format::Png => Box::new(Apng::open(file)?),
                Format::Webp => Box::new(Webp::open(file, self.size)?),
            })
        };
        let parts = parts().map_err(|reason| DecodeError::Broken { path: path.to_owned(), reason })?;
        Ok(Frames {
            path: path.into(),
            starts: self.starts.clone(),
            next: 0,
            canvas: Canvas::new(self.size),
            parts,
            profile: OnceCell::new(),
        })
    }
}

/// The frames of an animation from its first on.
pub(in crate::decode) struct Frames {
    path: Arc<Path>,
    starts: Arc<[u64]>,
    next: usize,
    canvas: Canvas,
    parts: Box<dyn Parts>,
    /// The color profile, which may come as late as with the first part.
    profile: OnceCell<Option<Box<ColorProfile>>>,
}

impl Frames {
    /// The next frame and when it is shown first, in nanoseconds.
    pub(in crate::decode) fn next(&mut self) -> Result<Option<(u64, RgbaImage)>, DecodeError> {
        let broken = |reason: String| DecodeError::Broken { path: self.path.to_path_buf(), reason };
        let Some(start) = self.starts.get(self.next).copied() else { return Ok(None) };
        let part = self.parts.next().map_err(broken)?.ok_or_else(|| broken("the file is cut short".to_owned()))?;
        self.next += 1;
        let canvas = self.canvas.draw(part).map_err(|reason| broken(reason.to_owned()))?;
        let described = || self.parts.described().and_then(|described| described.profile(&self.path)).map(Box::new);
        let profile = self.profile.get_or_init(described).as_deref();
        Ok(Some((start, to_srgb(&self.path, canvas.clone().into(), profile))))
    }
}

/// What reads the parts of one format.
trait Parts: Send {
    /// The next part of the animation.
    fn next(&mut self) -> Result<Option<Part>, String>;

    /// The color space of all of them, where it is not sRGB.
    fn described(&self) -> Option<Described>;
}

fn open(path: &Path) -> Result<BufReader<File>, String> {
    File::open(path).map(BufReader::new).map_err(|error| error.to_string())
}

/// Reads exactly so many bytes; `None` at the end of the file, where formats without an end mark may stop.
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
