//! Samples of cached frames, compressed until they are read. Figures on transparent ground shrink to about a hundredth.

use std::borrow::Cow;
use std::ops::Range;

use lz4_flex::block::{CompressError, compress_into, decompress_into, get_maximum_output_size};
use repcast_media::PixelData;

/// Bytes that are compressed together. The rows of a figure in one tile lie in one or two blocks, so that reading a
/// tile decompresses little else.
const BLOCK_BYTES: usize = 64 << 10;

/// Samples compressed with LZ4, block by block.
pub(super) struct PackedSamples {
    /// Bytes before compression.
    len: usize,
    packed: Vec<u8>,
    /// The end of each block in `packed`.
    ends: Vec<usize>,
}

impl PackedSamples {
    /// # Errors
    /// When LZ4 reports that its output buffer is too small, although it has the size that LZ4 states as sufficient.
    pub(super) fn compress(samples: &[u8]) -> Result<Self, CompressError> {
        let mut packed = Vec::new();
        let mut buffer = vec![0; get_maximum_output_size(BLOCK_BYTES.min(samples.len()))];
        let mut ends = Vec::with_capacity(samples.len().div_ceil(BLOCK_BYTES));
        for block in samples.chunks(BLOCK_BYTES) {
            let length = compress_into(block, &mut buffer)?;
            packed.extend_from_slice(&buffer[..length]);
            ends.push(packed.len());
        }
        packed.shrink_to_fit();
        Ok(Self { len: samples.len(), packed, ends })
    }

    /// Bytes after compression.
    pub(super) fn packed_bytes(&self) -> usize {
        self.packed.len()
    }
}

impl PixelData for PackedSamples {
    /// # Panics
    /// When a block does not decompress to its original length. Only corrupt memory can cause that, and continuing
    /// would draw wrong pixels.
    fn part(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        let blocks = range.start / BLOCK_BYTES..range.end.div_ceil(BLOCK_BYTES);
        let first = blocks.start * BLOCK_BYTES;
        let mut samples = vec![0; (blocks.end * BLOCK_BYTES).min(self.len).saturating_sub(first)];
        for (block, target) in blocks.zip(samples.chunks_mut(BLOCK_BYTES)) {
            let start = if block == 0 { 0 } else { self.ends[block - 1] };
            let length = decompress_into(&self.packed[start..self.ends[block]], target);
            assert!(
                length.as_ref().is_ok_and(|length| *length == target.len()),
                "block {block} of a cached frame is corrupt in memory: {length:?}, expected {} bytes",
                target.len()
            );
        }
        samples.truncate(range.end - first);
        samples.drain(..range.start - first);
        Cow::Owned(samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(samples: &[u8]) -> PackedSamples {
        PackedSamples::compress(samples).unwrap()
    }

    #[test]
    fn every_range_decompresses_to_its_original() {
        // Neither constant nor random, and not a whole number of blocks.
        let samples: Vec<u8> = (0..3 * BLOCK_BYTES + 777).map(|at| (at * at / 4096 % 251) as u8).collect();
        let packed_samples = packed(&samples);
        assert!(packed_samples.packed_bytes() < samples.len());
        let end = samples.len();
        for range in [
            0..end,
            0..1,
            5..5,
            BLOCK_BYTES - 1..BLOCK_BYTES + 1,
            BLOCK_BYTES..2 * BLOCK_BYTES,
            100..end - 100,
            end - 1..end,
            end..end,
        ] {
            assert_eq!(&*packed_samples.part(range.clone()), &samples[range.clone()], "{range:?}");
        }
        assert!(packed(&[]).part(0..0).is_empty());
    }

    #[test]
    fn ranges_that_touch_block_boundaries_are_exact() {
        for length in [1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES, 2 * BLOCK_BYTES + 1] {
            let samples: Vec<u8> = (0..length).map(|at| (at * at / 4096 % 251) as u8).collect();
            let packed = packed(&samples);
            let around = |at: usize| [at.saturating_sub(1), at, at + 1].into_iter().filter(|at| *at <= length);
            let bounds: Vec<usize> = [0, BLOCK_BYTES, 2 * BLOCK_BYTES, length].into_iter().flat_map(around).collect();
            for start in &bounds {
                for end in bounds.iter().filter(|end| *end >= start) {
                    assert_eq!(&*packed.part(*start..*end), &samples[*start..*end], "{start}..{end} of {length}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "corrupt in memory")]
    fn corrupt_blocks_are_not_read_as_zeros() {
        let mut packed = packed(&[7; 1000]);
        packed.packed.truncate(packed.packed.len() - 1);
        packed.ends[0] -= 1;
        packed.part(0..1000);
    }
}
