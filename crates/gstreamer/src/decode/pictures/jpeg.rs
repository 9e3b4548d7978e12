//! The end of a JPEG picture, which is often not the end of its file.
//!
//! Phones append a video (Motion Photo), a second picture (gain map, depth) or padding. None of it belongs to the
//! picture (ITU-T T.81, B.1 and B.2), and none of it is read. A truncated picture is rejected, because decoders fill
//! the missing part with gray without an error.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::{Cursor, Read};

use image::codecs::jpeg::JpegDecoder;
use image::{DynamicImage, ImageResult};

/// Most bytes of one picture.
const MAX_BYTES: usize = 256 << 20;

/// Bytes per read. Small, because a video that follows the picture is not read.
const CHUNK_BYTES: u64 = 1 << 16;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;

/// A picture without the bytes that follow it in the file.
pub(super) struct Jpeg {
    pub(super) bytes: Vec<u8>,
    /// Whether the file contained the EOI marker. Otherwise one is appended, and the data may be truncated.
    pub(super) is_ended: bool,
    /// Whether the data ends inside the last scan of the picture.
    is_in_last_scan: bool,
}

impl Jpeg {
    /// Reads one picture and nothing after it.
    pub(super) fn read(mut from: impl Read) -> std::io::Result<Self> {
        let (mut bytes, mut scanner) = (Vec::new(), MarkerScanner::default());
        while scanner.end.is_none() {
            let read = from.by_ref().take(CHUNK_BYTES).read_to_end(&mut bytes)?;
            scanner.advance(&bytes);
            if read == 0 || bytes.len() > MAX_BYTES {
                break;
            }
        }
        if let Some(end) = scanner.end {
            bytes.truncate(end);
            return Ok(Self { bytes, is_ended: true, is_in_last_scan: false });
        }
        // Interrupted downloads may be preallocated with zeros. The last byte of a scan is padded with ones (F.1.2.3).
        while bytes.last() == Some(&0) && !bytes.ends_with(&[0xff, 0]) {
            bytes.pop();
        }
        // The first half of the missing marker.
        while bytes.last() == Some(&0xff) {
            bytes.pop();
        }
        let is_in_last_scan = scanner.is_in_scan && scanner.has_every_coefficient();
        bytes.extend([0xff, EOI]);
        Ok(Self { bytes, is_ended: false, is_in_last_scan })
    }

    /// Whether the image data is complete, with or without the EOI marker. Without it, the picture is decoded twice
    /// with different bytes after its data: the results are equal if and only if the data is complete. The dimensions
    /// must have been checked before.
    pub(super) fn is_complete(&self) -> bool {
        let hash_with_padding = |padding: u8| {
            let mut bytes = self.bytes[..self.bytes.len() - 2].to_vec();
            bytes.extend([padding; 64]);
            bytes.extend([0xff, EOI]);
            Some(pixel_hash(&decode(bytes).ok()?))
        };
        self.is_ended
            || (self.is_in_last_scan
                && hash_with_padding(0x55).is_some_and(|hash| hash_with_padding(0xaa) == Some(hash)))
    }
}

fn decode(bytes: Vec<u8>) -> ImageResult<DynamicImage> {
    DynamicImage::from_decoder(JpegDecoder::new(Cursor::new(bytes))?)
}

fn pixel_hash(picture: &DynamicImage) -> u64 {
    let mut hasher = DefaultHasher::new();
    picture.as_bytes().hash(&mut hasher);
    hasher.finish()
}

/// Incremental scanner of marker segments (ITU-T T.81, B.1.1).
#[derive(Default)]
struct MarkerScanner {
    at: usize,
    is_in_scan: bool,
    /// One past the EOI marker.
    end: Option<usize>,
    components: Vec<Component>,
}

/// Progress of a component: the number of low bits not yet transmitted of each coefficient.
struct Component {
    id: u8,
    missing_bits: [u8; 64],
}

impl MarkerScanner {
    /// Scans on, given all bytes read so far.
    fn advance(&mut self, bytes: &[u8]) {
        while self.end.is_none() && self.step(bytes).is_some() {}
    }

    /// Skips one marker segment, or the data of a scan up to the next marker. `None` if more bytes are needed.
    fn step(&mut self, bytes: &[u8]) -> Option<()> {
        // Stray bytes before a marker are skipped, as in decoders.
        self.at += bytes.get(self.at..)?.iter().position(|byte| *byte == 0xff).unwrap_or(bytes.len() - self.at);
        match (*bytes.get(self.at + 1)?, self.is_in_scan) {
            // Fill bytes may precede any marker.
            (0xff, _) => self.at += 1,
            (0, _) | (0xd0..=0xd7, _) => self.at += 2,
            (_, true) => self.is_in_scan = false,
            (EOI, _) => self.end = Some(self.at + 2),
            // TEM has no length.
            (SOI | 0x01, _) => self.at += 2,
            (marker, _) => {
                let length = bytes.get(self.at + 2..self.at + 4)?;
                let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
                let segment = bytes.get(self.at + 4..self.at + 2 + length.max(2))?;
                match marker {
                    SOS => self.start_scan(segment),
                    // Frame headers. The three excluded markers are DHT, JPG and DAC.
                    0xc0..=0xcf if ![0xc4, 0xc8, 0xcc].contains(&marker) => self.start_frame(segment),
                    _ => {}
                }
                self.at += 2 + length.max(2);
            }
        }
        Some(())
    }

    /// B.2.2: precision, height, width, number of components, then three bytes per component.
    fn start_frame(&mut self, header: &[u8]) {
        let specified = header.get(6..).unwrap_or_default().chunks_exact(3);
        self.components = specified.map(|bytes| Component { id: bytes[0], missing_bits: [u8::MAX; 64] }).collect();
    }

    /// B.2.3: number of components, two bytes per component, then the band of coefficients and their bits.
    fn start_scan(&mut self, header: &[u8]) {
        self.is_in_scan = true;
        let count = header.first().copied().map_or(0, usize::from);
        let (Some(selected), Some([first, last, bits])) = (header.get(1..1 + 2 * count), header.get(1 + 2 * count..))
        else {
            return;
        };
        for component in &mut self.components {
            if selected.chunks_exact(2).any(|selector| selector[0] == component.id) {
                let band = component.missing_bits.get_mut(usize::from(*first)..=usize::from(*last));
                band.unwrap_or_default().fill(bits & 0x0f);
            }
        }
    }

    fn has_every_coefficient(&self) -> bool {
        !self.components.is_empty()
            && self.components.iter().all(|component| component.missing_bits.iter().all(|missing| *missing == 0))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    /// 16 x 16 gray pixels in six progressive scans, written by libjpeg (Pillow, quality 60, optimized).
    const PROGRESSIVE: &str = "\
        ffd8ffe000104a46494600010100000100010000ffdb0043000d090a0b0a080d0b0a0b0e0e0d0f13201513121213271c1e17202e2931302e\
        292d2c333a4a3e333646372c2d405741464c4e525352323e5a615a50604a51524fffc2000b080010001001011100ffc40016000101010000\
        0000000000000000000000040305ffda000801010000000106e125ffc400191001000301010000000000000000000000020003040111ffda\
        0008010100010502ce227ca28ce26e7ebfffc4001c1000010403010000000000000000000000010003417102102142ffda0008010100063f\
        0245c98bd62c0f3d36bfffc4001b10000203000300000000000000000000000001113141a1b1d1ffda0008010100013f21a063a20a15ee0a\
        0cf3e371d9ffda0008010100000010ff00ffc4001b10000203010101000000000000000000000111002151413171ffda0008010100013f10\
        c502a1682a8130c74ab40cc533e74fa4296384e8a3f33fffd9";

    fn progressive() -> Vec<u8> {
        (0..PROGRESSIVE.len()).step_by(2).map(|at| u8::from_str_radix(&PROGRESSIVE[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn bytes_after_the_end_marker_are_not_read() {
        let picture = progressive();
        let anything: Vec<u8> = (0..=u16::MAX).flat_map(|pair| pair.wrapping_mul(40503).to_be_bytes()).collect();
        let mut filled = picture[..picture.len() - 2].to_vec();
        filled.extend([0xff, 0xff, 0xff, EOI]);
        assert_eq!(Jpeg::read(filled.as_slice()).unwrap().bytes, filled);
        for tail in [Vec::new(), vec![0; 3 << 16], anything, picture[..200].to_vec(), picture.clone()] {
            let read = Jpeg::read([picture.as_slice(), &tail].concat().as_slice()).unwrap();
            assert!(read.bytes == picture && read.is_complete());
        }
    }

    #[test]
    fn a_picture_is_complete_without_its_end_marker_only() {
        let picture = progressive();
        let cut = |at: usize| Jpeg::read(&picture[..at]).unwrap();
        for missing in [1, 2] {
            let read = cut(picture.len() - missing);
            assert!(read.is_complete() && !read.is_ended && read.bytes == picture);
        }
        // In the last scan, right before it and before each of the others, and in the tables.
        for at in [picture.len() - 3, picture.len() - 9, 292, 255, 234, 134, 80, 2] {
            assert!(!cut(at).is_complete(), "{at}");
        }
        assert!(!Jpeg::read([&picture[..200], &[0; 500]].concat().as_slice()).unwrap().is_complete());
    }
}
