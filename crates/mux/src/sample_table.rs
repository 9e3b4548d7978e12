//! The sample table of one track of a file: twelve bytes a sample at most while it grows, boxes at the end.

use mp4_atom::{
    AnySampleGroupEntry, Co64, Ctts, CttsEntry, FourCC, Sbgp, SbgpEntry, Sgpd, SgpdEntry, Stbl, Stco, Stsc, StscEntry,
    Stss, Stsz, StszSamples, Stts, SttsEntry,
};

use super::MuxError;
use super::fragment::composition_offset;
use super::track_box::Presentation;
use repcast_media::{Sample, TrackKind};

/// Consecutive samples with one value in common.
#[derive(Debug)]
struct Run<T> {
    samples: u32,
    value: T,
}

/// All of a sample but its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SampleShape {
    pub(crate) dts: u64,
    pub(crate) pts: i64,
    pub(crate) duration: u32,
    pub(crate) is_sync: bool,
    /// Bytes.
    pub(crate) size: u32,
}

impl TryFrom<&Sample> for SampleShape {
    type Error = MuxError;

    fn try_from(sample: &Sample) -> Result<Self, MuxError> {
        let len = sample.data.len();
        let unrepresentable = |_| MuxError::Unrepresentable { what: "the size of a frame", value: len.to_string() };
        let Sample { dts, pts, duration, is_sync, .. } = *sample;
        Ok(Self { dts, pts, duration, is_sync, size: u32::try_from(len).map_err(unrepresentable)? })
    }
}

/// Samples that lie in the file without a gap.
#[derive(Debug)]
struct Chunk {
    /// Bytes from the start of all media data.
    offset: u64,
    samples: u32,
}

/// The sizes, times and places of the samples written so far.
#[derive(Debug)]
pub(crate) struct SampleTable {
    kind: TrackKind,
    sizes: Vec<u32>,
    /// Sync samples, counted from 1 as `stss` does.
    sync: Vec<u32>,
    /// Ticks until the next sample is decoded.
    durations: Vec<Run<u32>>,
    /// Ticks from decoding to presentation.
    offsets: Vec<Run<i32>>,
    chunks: Vec<Chunk>,
    /// Ticks from presentation time 0 to the end of the sample shown last.
    end: i64,
}

impl SampleTable {
    /// An empty table.
    pub(crate) const fn new(kind: TrackKind) -> Self {
        Self {
            kind,
            sizes: Vec::new(),
            sync: Vec::new(),
            durations: Vec::new(),
            offsets: Vec::new(),
            chunks: Vec::new(),
            end: 0,
        }
    }

    /// An estimate of the bytes of the boxes for a number of frames: never too small for the streams that the encoders
    /// here produce, in which at most one frame in eight is a key frame or all are.
    pub(crate) fn estimate(frames: u64, frames_per_chunk: u64) -> u64 {
        /// The headers of all tables, and those that do not grow.
        const FIXED: u64 = 256;
        /// A size, and a run of composition offsets of length one.
        const PER_FRAME: u64 = 4 + 8;
        // No table counts more frames than this, and no sum of them overflows.
        let frames = frames.min(u64::from(u32::MAX));
        let chunks = frames / frames_per_chunk.max(1) + 1;
        FIXED + frames * PER_FRAME + frames / 8 * 4 + chunks * 8
    }

    /// An estimate of the bytes of the boxes of an audio track: a size for each access unit, and for each chunk an offset
    /// and a number of samples, which differs by one from chunk to chunk.
    pub(crate) fn estimate_audio(units: u64, chunks: u64) -> u64 {
        const FIXED: u64 = 512;
        let limit = u64::from(u32::MAX);
        FIXED + units.min(limit) * 4 + chunks.min(limit) * (8 + 12)
    }

    /// Adds a chunk of the next samples in decode order, whose first byte is `offset` bytes from the start of all media
    /// data.
    pub(crate) fn push_chunk(&mut self, offset: u64, samples: &[Sample]) -> Result<(), MuxError> {
        let shapes: Vec<_> = samples.iter().map(SampleShape::try_from).collect::<Result<_, _>>()?;
        self.push_shapes(offset, &shapes)
    }

    /// As [`Self::push_chunk`], of samples whose bytes are in the file already.
    pub(crate) fn push_shapes(&mut self, offset: u64, shapes: &[SampleShape]) -> Result<(), MuxError> {
        shapes.iter().try_for_each(|shape| self.push(shape))?;
        self.chunks.push(Chunk { offset, samples: shapes.len() as u32 });
        Ok(())
    }

    /// Lets the last sample be shown for longer, by some ticks.
    pub(crate) fn extend_last(&mut self, ticks: u32) {
        let Some(run) = self.durations.last_mut() else { return };
        let longer = run.value.saturating_add(ticks);
        if run.samples > 1 {
            run.samples -= 1;
        } else {
            self.durations.pop();
        }
        extend(&mut self.durations, longer);
        self.end = self.end.saturating_add(i64::from(ticks));
    }

    fn push(&mut self, sample: &SampleShape) -> Result<(), MuxError> {
        let count = self.sizes.len() + 1;
        let too_many = |_| MuxError::Unrepresentable { what: "the number of frames", value: count.to_string() };
        let number = u32::try_from(count).map_err(too_many)?;
        self.sizes.push(sample.size);
        if sample.is_sync {
            self.sync.push(number);
        }
        // The conversion cannot fail: composition_offset checks the range.
        extend(&mut self.offsets, i32::try_from(composition_offset(sample.dts, sample.pts)?).unwrap_or_default());
        extend(&mut self.durations, sample.duration);
        self.end = self.end.max(sample.pts.saturating_add(i64::from(sample.duration)));
        Ok(())
    }

    /// Ticks by which composition is delayed so that no sample is shown before it is decoded.
    fn delay(&self) -> i64 {
        self.offsets.iter().map(|run| -i64::from(run.value)).max().unwrap_or(0).max(0)
    }

    /// What the track shows: all of the media from presentation time 0 on.
    pub(crate) fn presentation(&self) -> Presentation {
        Presentation {
            delay: 0,
            duration: self.end.max(0).unsigned_abs(),
            media_start: self.delay().unsigned_abs(),
            media_duration: self.durations.iter().map(|run| u64::from(run.samples) * u64::from(run.value)).sum(),
        }
    }

    /// The boxes, for media data whose first byte is `data_start` bytes from the start of the file.
    pub(crate) fn boxes(&self, data_start: u64) -> Stbl {
        let duration = |run: &Run<u32>| SttsEntry { sample_count: run.samples, sample_delta: run.value };
        let (stco, co64) = self.chunk_offsets(data_start);
        // Without an stss box every sample is a sync sample (ISO/IEC 14496-12, 8.6.2).
        let all_sync = self.sync.len() == self.sizes.len();
        let (sbgp, sgpd) = self.roll_groups();
        Stbl {
            stts: Stts { entries: self.durations.iter().map(duration).collect() },
            ctts: self.composition_offsets(),
            stss: (!all_sync).then(|| Stss { entries: self.sync.clone() }),
            stsc: self.samples_to_chunks(),
            stsz: Stsz { samples: StszSamples::Different { sizes: self.sizes.clone() } },
            stco,
            co64,
            sbgp,
            sgpd,
            ..Stbl::default()
        }
    }

    /// Composition offsets of version 0, none negative (8.6.1.3); the edit list skips the delay. Audio that is only
    /// delayed needs none.
    fn composition_offsets(&self) -> Option<Ctts> {
        let delay = self.delay();
        let entry =
            |run: &Run<i32>| CttsEntry { sample_count: run.samples, sample_offset: i64::from(run.value) + delay };
        let entries: Vec<_> = self.offsets.iter().map(entry).collect();
        entries.iter().any(|entry| entry.sample_offset != 0).then_some(Ctts { entries })
    }

    fn samples_to_chunks(&self) -> Stsc {
        let mut entries: Vec<StscEntry> = Vec::new();
        for (first_chunk, chunk) in (1..).zip(&self.chunks) {
            if entries.last().is_none_or(|entry| entry.samples_per_chunk != chunk.samples) {
                let samples_per_chunk = chunk.samples;
                entries.push(StscEntry { first_chunk, samples_per_chunk, sample_description_index: 1 });
            }
        }
        Stsc { entries }
    }

    /// Where each chunk begins: in 32 bits where they suffice, as more programs read those (8.7.5).
    fn chunk_offsets(&self, data_start: u64) -> (Option<Stco>, Option<Co64>) {
        let starts = self.chunks.iter().map(|chunk| data_start + chunk.offset);
        match starts.clone().map(u32::try_from).collect() {
            Ok(entries) => (Some(Stco { entries }), None),
            Err(_) => (None, Some(Co64 { entries: starts.collect() })),
        }
    }

    /// The sample groups of audio: a player that starts anywhere decodes one access unit before the first that it plays
    /// (`roll` with a distance of -1; ISO/IEC 14496-12, 10.1, and Apple's QuickTime File Format, appendix G).
    fn roll_groups(&self) -> (Vec<Sbgp>, Vec<Sgpd>) {
        if self.kind != TrackKind::Audio {
            return (Vec::new(), Vec::new());
        }
        let grouping_type = FourCC::new(b"roll");
        let distance = (-1_i16).to_be_bytes().to_vec();
        let description = SgpdEntry {
            description_length: Some(2),
            entry: AnySampleGroupEntry::UnknownGroupingType(grouping_type, distance),
        };
        let sgpd = Sgpd {
            grouping_type,
            default_length: Some(2),
            default_group_description_index: None,
            static_group_description: false,
            static_mapping: false,
            essential: false,
            entries: vec![description],
        };
        let all = SbgpEntry { sample_count: self.sizes.len() as u32, group_description_index: 1 };
        (vec![Sbgp { grouping_type, grouping_type_parameter: None, entries: vec![all] }], vec![sgpd])
    }
}

fn extend<T: PartialEq>(runs: &mut Vec<Run<T>>, value: T) {
    match runs.last_mut() {
        Some(run) if run.value == value => run.samples += 1,
        _ => runs.push(Run { samples: 1, value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_media::aac_sample;
    use repcast_media::{EncodedFrame, Timebase};
    use repcast_model::time::FrameRate;

    /// The table of frames of ten bytes in chunks of two.
    fn table(numbers: &[u64]) -> SampleTable {
        let timebase = Timebase::new(FrameRate::new(30000, 1001).unwrap()).unwrap();
        let sample = |(index, &frame): (u64, &u64)| {
            timebase.sample(EncodedFrame { frame, is_key: frame == 0, data: vec![0; 10] }, index)
        };
        let samples: Vec<_> = (0..).zip(numbers).map(sample).collect();
        let mut table = SampleTable::new(TrackKind::Video);
        for (offset, chunk) in (0..).step_by(20).zip(samples.chunks(2)) {
            table.push_chunk(offset, chunk).unwrap();
        }
        table
    }

    #[test]
    fn frames_in_order_need_neither_offsets_nor_an_edit() {
        let table = table(&[0, 1, 2]);
        let expected = Presentation { delay: 0, duration: 3003, media_start: 0, media_duration: 3003 };
        assert_eq!(table.presentation(), expected);
        assert_eq!(table.boxes(0).ctts, None);
    }

    #[test]
    fn reordered_frames_are_shown_after_their_delay() {
        let table = table(&[0, 3, 1, 2]);
        let expected = Presentation { delay: 0, duration: 4004, media_start: 1001, media_duration: 4004 };
        assert_eq!(table.presentation(), expected);
        let offsets = table.boxes(0).ctts.unwrap().entries;
        let offsets: Vec<_> = offsets.iter().map(|entry| (entry.sample_count, entry.sample_offset)).collect();
        assert_eq!(offsets, [(1, 1001), (1, 3003), (2, 0)]);
    }

    #[test]
    fn delayed_audio_needs_an_edit_and_no_offsets() {
        let mut table = SampleTable::new(TrackKind::Audio);
        let last = Sample { duration: 700, ..aac_sample(2048, 1024) };
        table.push_chunk(0, &[aac_sample(0, -1024), aac_sample(1024, 0), last]).unwrap();
        let expected = Presentation { delay: 0, duration: 1724, media_start: 1024, media_duration: 2748 };
        assert_eq!(table.presentation(), expected);
        let boxes = table.boxes(0);
        assert_eq!((boxes.ctts, boxes.stss), (None, None));
        assert_eq!(boxes.stts.entries.len(), 2);
        assert_eq!(boxes.sbgp[0].entries[0].sample_count, 3);
    }

    #[test]
    fn chunk_offsets_grow_to_64_bits_only_when_they_must() {
        let table = table(&[0, 1, 2, 3, 4]);
        assert_eq!(table.boxes(100).stco.unwrap().entries, [100, 120, 140]);
        let far = table.boxes(u64::from(u32::MAX));
        assert_eq!((far.stco, far.co64.unwrap().entries.len()), (None, 3));
    }

    #[test]
    fn the_estimate_holds_the_worst_order() {
        let numbers: Vec<u64> = (0..1000).map(|index| if index == 0 { 0 } else { ((index - 1) ^ 1) + 1 }).collect();
        let boxes = crate::boxes::encode(&table(&numbers).boxes(u64::from(u32::MAX))).unwrap();
        assert!(boxes.len() as u64 <= SampleTable::estimate(1000, 2));
    }
}
