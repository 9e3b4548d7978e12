//! Parts of a GIF (GIF89a, 20 and 23).

use std::io::Read;
use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, Decoder, DisposalMethod, MemoryLimit};
use image::RgbaImage;

use super::super::MAX_PICTURE_BYTES;
use super::super::profile::ColorDescription;
use super::canvas::{Disposal, Part};
use super::{Delay, MAX_FRAMES, Parts};

/// Reads the parts of a GIF.
pub(super) struct Gif<R: Read> {
    decoder: Decoder<R>,
}

fn decoder<R: Read>(file: R, skips_pixels: bool) -> Result<Decoder<R>, String> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    options.skip_frame_decoding(skips_pixels);
    options.set_memory_limit(NonZeroU64::new(MAX_PICTURE_BYTES).map_or(MemoryLimit::Unlimited, MemoryLimit::Bytes));
    options.read_info(file).map_err(|error| error.to_string())
}

/// Canvas size and frame delays, up to the first damaged frame.
pub(super) fn delays(file: impl Read) -> Result<((u32, u32), Vec<Delay>), String> {
    let mut decoder = decoder(file, true)?;
    let size = (u32::from(decoder.width()), u32::from(decoder.height()));
    let mut delays = Vec::new();
    while let Ok(Some(frame)) = decoder.next_frame_info() {
        delays.push(Delay { numerator: u64::from(frame.delay), denominator: 100 });
        if delays.len() > MAX_FRAMES {
            break;
        }
    }
    Ok((size, delays))
}

impl<R: Read> Gif<R> {
    pub(super) fn open(file: R) -> Result<Self, String> {
        Ok(Self { decoder: decoder(file, false)? })
    }
}

impl<R: Read + Send> Parts for Gif<R> {
    fn next(&mut self) -> Result<Option<Part>, String> {
        let Some(frame) = self.decoder.read_next_frame().map_err(|error| error.to_string())? else { return Ok(None) };
        let pixels = RgbaImage::from_raw(frame.width.into(), frame.height.into(), frame.buffer.to_vec());
        let disposal = match frame.dispose {
            DisposalMethod::Any | DisposalMethod::Keep => Disposal::Keep,
            DisposalMethod::Background => Disposal::Clear,
            DisposalMethod::Previous => Disposal::Restore,
        };
        let (left, top) = (frame.left.into(), frame.top.into());
        Ok(Some(Part { left, top, pixels: pixels.ok_or("a frame without pixels")?, is_blended: true, disposal }))
    }

    fn color_description(&self) -> Option<ColorDescription> {
        self.decoder.icc_profile().map(|profile| ColorDescription::Icc(profile.to_vec()))
    }
}
