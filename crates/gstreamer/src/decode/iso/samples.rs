//! The sample table (ISO/IEC 14496-12, 8.6 and 8.7): composition times and sync samples.

use mp4_atom::{Co64, Ctts, Stco, Stsc, Stss, Stsz, StszSamples, Stts};

use super::MAX_SAMPLES;
use super::boxes::Child;

/// One sample, in ticks of its track.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::decode) struct Sample {
    /// Composition time.
    pub(in crate::decode) pts: i64,
    /// Difference to the next decoding time; 0 if unknown.
    pub(in crate::decode) duration: u32,
    /// Whether decoding can start here.
    pub(in crate::decode) is_key: bool,
}

/// The samples of an `stbl`, and whether any of them extends past the end of a file of `len` bytes; decoding cannot
/// start at those. Empty if a table is missing; limited to one more than [`MAX_SAMPLES`].
pub(super) fn samples(stbl: Child<'_>, len: u64) -> (Vec<Sample>, bool) {
    let (Some(times), Some(sizes)) = (stbl.get::<Stts>(), stbl.get::<Stsz>()) else {
        return (Vec::new(), false);
    };
    let count = match &sizes.samples {
        StszSamples::Identical { count, .. } => *count as usize,
        StszSamples::Different { sizes } => sizes.len(),
    };
    let count = count.min(MAX_SAMPLES + 1);
    let mut samples = Vec::new();
    let mut dts = 0_i64;
    'filled: for entry in times.entries {
        for _ in 0..entry.sample_count {
            if samples.len() == count {
                break 'filled;
            }
            samples.push(Sample { pts: dts, duration: entry.sample_delta, is_key: true });
            dts += i64::from(entry.sample_delta);
        }
    }
    if let Some(offsets) = stbl.get::<Ctts>() {
        // Version 0 is specified as unsigned and version 1 as signed, but QuickTime writes signed offsets in both.
        let offsets = offsets
            .entries
            .iter()
            .flat_map(|entry| std::iter::repeat_n(i64::from(entry.sample_offset as i32), entry.sample_count as usize));
        std::iter::zip(&mut samples, offsets).for_each(|(sample, offset)| sample.pts += offset);
    }
    // Without this table every sample is a sync sample.
    if let Some(sync) = stbl.get::<Stss>() {
        samples.iter_mut().for_each(|sample| sample.is_key = false);
        for number in sync.entries {
            if let Some(sample) = (number as usize).checked_sub(1).and_then(|index| samples.get_mut(index)) {
                sample.is_key = true;
            }
        }
    }
    let truncated = truncated(stbl, &sizes.samples, samples.len(), len);
    truncated.iter().for_each(|index| samples[*index].is_key = false);
    (samples, !truncated.is_empty())
}

/// Indices of the samples that extend past the end of a file of `len` bytes.
fn truncated(stbl: Child<'_>, sizes: &StszSamples, count: usize, len: u64) -> Vec<usize> {
    let chunks = match (stbl.get::<Stco>(), stbl.get::<Co64>()) {
        (Some(short), _) => short.entries.into_iter().map(u64::from).collect(),
        (None, Some(long)) => long.entries,
        (None, None) => return Vec::new(),
    };
    let runs = stbl.get::<Stsc>().map_or_else(Vec::new, |table| table.entries);
    let size = |index: usize| match sizes {
        StszSamples::Identical { size, .. } => u64::from(*size),
        StszSamples::Different { sizes } => sizes.get(index).map_or(0, |size| u64::from(*size)),
    };
    let mut found = Vec::new();
    let mut index = 0;
    let mut runs = runs.iter().peekable();
    let mut per_chunk = 0;
    for (number, start) in (1..).zip(chunks) {
        while let Some(run) = runs.next_if(|run| run.first_chunk <= number) {
            per_chunk = run.samples_per_chunk as usize;
        }
        let mut at = start;
        for _ in 0..per_chunk.min(count - index) {
            at = at.saturating_add(size(index));
            found.extend((at > len).then_some(index));
            index += 1;
        }
    }
    found
}
