//! Samples kept small until somebody looks at them: a figure on nothing packs to a hundredth.

use std::borrow::Cow;
use std::ops::Range;

use repcast_media::Samples;

/// Samples that are packed together. A tile's rows of a figure fit in one or two, so that little is unpacked in vain.
const BLOCK: usize = 64 << 10;

/// Samples packed block by block with LZ4.
pub(super) struct Packed {
    len: usize,
    packed: Vec<u8>,
    /// Where each block ends.
    ends: Vec<usize>,
}

impl Packed {
    pub(super) fn of(samples: &[u8]) -> Self {
        let mut packed = Vec::new();
        let mut room = vec![0; lz4_flex::block::get_maximum_output_size(BLOCK.min(samples.len()))];
        let ends = samples
            .chunks(BLOCK)
            .map(|block| {
                // There is room for whatever comes out.
                let length = lz4_flex::block::compress_into(block, &mut room).unwrap_or_default();
                packed.extend_from_slice(&room[..length]);
                packed.len()
            })
            .collect();
        packed.shrink_to_fit();
        Self { len: samples.len(), packed, ends }
    }

    /// What it takes.
    pub(super) fn bytes(&self) -> usize {
        self.packed.len()
    }
}

impl Samples for Packed {
    fn part(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        let blocks = range.start / BLOCK..range.end.div_ceil(BLOCK);
        let first = blocks.start * BLOCK;
        let mut samples = vec![0; (blocks.end * BLOCK).min(self.len).saturating_sub(first)];
        for (block, to) in blocks.zip(samples.chunks_mut(BLOCK)) {
            let start = if block == 0 { 0 } else { self.ends[block - 1] };
            let unpacked = lz4_flex::block::decompress_into(&self.packed[start..self.ends[block]], to);
            debug_assert!(unpacked.is_ok_and(|length| length == to.len()), "what was packed here cannot be unpacked");
        }
        samples.truncate(range.end - first);
        samples.drain(..range.start - first);
        Cow::Owned(samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_comes_back() {
        // Neither all alike nor all different, and no whole number of blocks.
        let samples: Vec<u8> = (0..3 * BLOCK + 777).map(|at| (at * at / 4096 % 251) as u8).collect();
        let packed = Packed::of(&samples);
        assert!(packed.bytes() < samples.len());
        let end = samples.len();
        for range in
            [0..end, 0..1, 5..5, BLOCK - 1..BLOCK + 1, BLOCK..2 * BLOCK, 100..end - 100, end - 1..end, end..end]
        {
            assert_eq!(&*packed.part(range.clone()), &samples[range.clone()], "{range:?}");
        }
        assert!(Packed::of(&[]).part(0..0).is_empty());
    }

    #[test]
    fn parts_come_back_at_the_boundaries_of_blocks() {
        for length in [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 1] {
            let samples: Vec<u8> = (0..length).map(|at| (at * at / 4096 % 251) as u8).collect();
            let packed = Packed::of(&samples);
            let around = |at: usize| [at.saturating_sub(1), at, at + 1].into_iter().filter(|at| *at <= length);
            let places: Vec<usize> = [0, BLOCK, 2 * BLOCK, length].into_iter().flat_map(around).collect();
            for start in &places {
                for end in places.iter().filter(|end| *end >= start) {
                    assert_eq!(&*packed.part(*start..*end), &samples[*start..*end], "{start}..{end} of {length}");
                }
            }
        }
    }
}
