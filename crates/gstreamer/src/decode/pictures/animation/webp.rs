//! Parts of an animated WebP (RFC 9649, 2.7).
//!
//! Each frame is a complete WebP picture without a file header. A header is added, and the picture is decoded as a
//! still.

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};

use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder};

use super::super::profile::ColorDescription;
use super::canvas::{Disposal, Part};
use super::{Delay, MAX_FRAMES, Parts, read_array, skip};

/// Most bytes of one frame or of the color profile.
const MAX_CHUNK_BYTES: u64 = 256 << 20;

/// Flags in the header of the extended format (2.7.1).
const HAS_ALPHA: u8 = 0x10;
const IS_ANIMATED: u8 = 0x02;

/// Reads the parts of an animated WebP.
pub(super) struct Webp<R> {
    file: R,
    profile: Option<Vec<u8>>,
    canvas: (u32, u32),
}

/// Type and payload length of the next chunk. The file is positioned at the payload.
fn next_chunk(file: &mut impl Read) -> Result<Option<([u8; 4], u64)>, String> {
    let header = read_array::<8>(file)?;
    Ok(header.map(|[a, b, c, d, length @ ..]| ([a, b, c, d], u64::from(u32::from_le_bytes(length)))))
}

/// Payload length with padding: chunks start at even offsets.
fn padded(length: u64) -> u64 {
    length + length % 2
}

/// Canvas size and frame delays.
pub(super) fn delays(mut file: impl BufRead + Seek) -> Result<((u32, u32), Vec<Delay>), String> {
    let (mut size, mut delays) = ((0, 0), Vec::new());
    skip(&mut file, 12)?;
    while let Some((name, length)) = next_chunk(&mut file)? {
        let mut read = 0;
        if &name == b"VP8X" && length >= 10 {
            let Some([flags, _, _, _, a, b, c, d, e, f]) = read_array(&mut file)? else { break };
            if flags & IS_ANIMATED == 0 {
                break;
            }
            size = (u32::from_le_bytes([a, b, c, 0]) + 1, u32::from_le_bytes([d, e, f, 0]) + 1);
            read = 10;
        } else if &name == b"ANMF" && length >= 16 {
            let Some(header) = read_array::<16>(&mut file)? else { break };
            let millis = u32::from_le_bytes([header[12], header[13], header[14], 0]);
            delays.push(Delay { numerator: millis.into(), denominator: 1000 });
            read = 16;
        } else if size == (0, 0) {
            // The simple formats contain one picture.
            break;
        }
        if delays.len() > MAX_FRAMES {
            break;
        }
        skip(&mut file, padded(length) - read)?;
    }
    Ok((size, delays))
}

impl<R: BufRead + Seek> Webp<R> {
    pub(super) fn open(mut file: R, canvas: (u32, u32)) -> Result<Self, String> {
        skip(&mut file, 12)?;
        let mut profile = None;
        while let Some((name, length)) = next_chunk(&mut file)? {
            if &name == b"ANMF" {
                file.seek_relative(-8).map_err(|error| error.to_string())?;
                break;
            }
            let start = file.stream_position().map_err(|error| error.to_string())?;
            if &name == b"ICCP" {
                profile = Some(read_chunk(&mut file, length)?);
            }
            file.seek(SeekFrom::Start(start + padded(length))).map_err(|error| error.to_string())?;
        }
        Ok(Self { file, profile, canvas })
    }
}

fn read_chunk(file: &mut impl Read, length: u64) -> Result<Vec<u8>, String> {
    if length > MAX_CHUNK_BYTES {
        return Err(format!("a chunk of {length} bytes exceeds the limit of {MAX_CHUNK_BYTES}"));
    }
    let mut bytes = Vec::new();
    let read = file.take(length).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if read as u64 == length { Ok(bytes) } else { Err("the file is cut short".to_owned()) }
}

impl<R: BufRead + Seek + Send> Parts for Webp<R> {
    fn next(&mut self) -> Result<Option<Part>, String> {
        while let Some((name, length)) = next_chunk(&mut self.file)? {
            if &name != b"ANMF" {
                skip(&mut self.file, padded(length))?;
                continue;
            }
            let bytes = read_chunk(&mut self.file, length)?;
            skip(&mut self.file, length % 2)?;
            return part(&bytes, self.canvas).map(Some);
        }
        Ok(None)
    }

    fn color_description(&self) -> Option<ColorDescription> {
        self.profile.clone().map(ColorDescription::Icc)
    }
}

/// Decodes a frame chunk (2.7.1.5): position in steps of two pixels, size, duration, flags, picture data.
fn part(chunk: &[u8], canvas: (u32, u32)) -> Result<Part, String> {
    let (header, data) = chunk.split_at_checked(16).ok_or("a frame chunk shorter than its header")?;
    let number = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], 0]);
    let stated = (number(6) + 1, number(9) + 1);
    if number(0) * 2 + stated.0 > canvas.0 || number(3) * 2 + stated.1 > canvas.1 {
        return Err("a frame extends past the edge of the canvas".to_owned());
    }
    let mut file = b"WEBPVP8X\x0a\0\0\0".to_vec();
    let flags = if data.starts_with(b"ALPH") { HAS_ALPHA } else { 0 };
    file.extend([flags, 0, 0, 0]);
    file.extend(&header[6..12]);
    // A lossless picture states whether it has alpha, which the decoder reads in the simple format only.
    if data.starts_with(b"VP8L") {
        file.truncate(4);
    }
    file.extend(data);
    let length = u32::try_from(file.len()).map_err(|error| error.to_string())?;
    let file = [b"RIFF".as_slice(), &length.to_le_bytes(), &file].concat();
    let decoder = WebPDecoder::new(Cursor::new(file)).map_err(|error| error.to_string())?;
    if decoder.dimensions() != stated {
        return Err("the size of a frame differs from the size in its header".to_owned());
    }
    let pixels = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?.into_rgba8();
    let is_blended = header[15] & 2 == 0;
    let disposal = if header[15] & 1 == 1 { Disposal::Clear } else { Disposal::Keep };
    Ok(Part { left: number(0) * 2, top: number(3) * 2, pixels, is_blended, disposal })
}
