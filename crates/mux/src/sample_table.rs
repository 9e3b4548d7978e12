//! The sample table of a file: twelve bytes a frame at most while it grows, boxes at the end.
//!
//! Frames lie in the file without gaps, in chunks of equal length, so the chunks' places follow from the sizes.

use mp4_atom::{Co64, Ctts, CttsEntry, Stbl, Stco, Stsc, StscEntry, Stss, Stsz, StszSamples, Stts, SttsEntry};

use super::PackageError;
use super::boxes::Presentation;
use super::timebase::{Timebase, reorder_offset};
use repcast_media::EncodedFrame;

/// A run of frames that are shown equally far from where they are decoded.
#[derive(Debug)]
struct Run {
    frames: u32,
    /// See [`reorder_offset`].
    offset: i32,
}

/// What is known of the frames written so far.
#[derive(Debug)]
pub(crate) struct SampleTable {
    frames_per_chunk: usize,
    sizes: Vec<u32>,
    /// Key frames, counted from 1 as `stss` does.
    keys: Vec<u32>,
    runs: Vec<Run>,
}

impl SampleTable {
    /// An empty table of chunks of this many frames.
    pub(crate) fn new(frames_per_chunk: u64) -> Self {
        let frames_per_chunk = usize::try_from(frames_per_chunk).unwrap_or(usize::MAX).max(1);
        Self { frames_per_chunk, sizes: Vec::new(), keys: Vec::new(), runs: Vec::new() }
    }

    /// An estimate of the bytes of the boxes for a number of frames: never too small for the coding that the encoders
    /// here do, in which at most one frame in eight is a key frame or all are.
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

    /// Adds the next frame in decode order.
    pub(crate) fn push(&mut self, frame: &EncodedFrame) -> Result<(), PackageError> {
        let unrepresentable = |what, value: usize| PackageError::Unrepresentable { what, value: value.to_string() };
        let (index, len) = (self.sizes.len(), frame.data.len());
        let number = u32::try_from(index + 1).map_err(|_| unrepresentable("the number of frames", index + 1))?;
        self.sizes.push(u32::try_from(len).map_err(|_| unrepresentable("the size of a frame", len))?);
        if frame.is_key {
            self.keys.push(number);
        }
        let offset = reorder_offset(frame.frame, index as u64)?;
        match self.runs.last_mut() {
            Some(run) if run.offset == offset => run.frames += 1,
            _ => self.runs.push(Run { frames: 1, offset }),
        }
        Ok(())
    }

    /// Bytes of all frames.
    pub(crate) fn data_len(&self) -> u64 {
        self.sizes.iter().map(|&size| u64::from(size)).sum()
    }

    /// Frames by which composition is delayed so that no frame is shown before it is decoded.
    fn delay(&self) -> i32 {
        self.runs.iter().map(|run| -run.offset).max().unwrap_or(0).max(0)
    }

    /// What the track shows: all frames, from the first.
    pub(crate) fn presentation(&self, timebase: Timebase) -> Presentation {
        let frames = self.sizes.len() as u64;
        Presentation { duration: timebase.at(frames), media_start: timebase.offset(self.delay()).unsigned_abs() }
    }

    /// The boxes, for frames whose first byte lies at `data_start` of the file.
    pub(crate) fn boxes(&self, timebase: Timebase, data_start: u64) -> Stbl {
        let frames = self.sizes.len() as u32;
        let (stco, co64) = self.chunk_offsets(data_start);
        // Without an stss box every frame is a key frame (ISO/IEC 14496-12, 8.6.2).
        let all_keys = self.keys.len() == self.sizes.len();
        Stbl {
            stts: Stts { entries: vec![SttsEntry { sample_count: frames, sample_delta: timebase.frame_ticks }] },
            ctts: self.composition_offsets(timebase),
            stss: (!all_keys).then(|| Stss { entries: self.keys.clone() }),
            stsc: self.samples_to_chunks(),
            stsz: Stsz { samples: StszSamples::Different { sizes: self.sizes.clone() } },
            stco,
            co64,
            ..Stbl::default()
        }
    }

    /// Composition offsets of version 0, none negative (8.6.1.3); the edit list takes the delay away again.
    fn composition_offsets(&self, timebase: Timebase) -> Option<Ctts> {
        let delay = self.delay();
        let ticks = |run: &Run| timebase.offset(run.offset + delay);
        let entry = |run: &Run| CttsEntry { sample_count: run.frames, sample_offset: ticks(run) };
        (delay > 0).then(|| Ctts { entries: self.runs.iter().map(entry).collect() })
    }

    fn samples_to_chunks(&self) -> Stsc {
        let entry = |first_chunk: usize, samples: usize| StscEntry {
            first_chunk: first_chunk as u32,
            samples_per_chunk: samples as u32,
            sample_description_index: 1,
        };
        let (full, rest) = (self.sizes.len() / self.frames_per_chunk, self.sizes.len() % self.frames_per_chunk);
        let full_chunks = (full > 0).then(|| entry(1, self.frames_per_chunk));
        let last_chunk = (rest > 0).then(|| entry(full + 1, rest));
        Stsc { entries: full_chunks.into_iter().chain(last_chunk).collect() }
    }

    /// Where each chunk begins: in 32 bits where they suffice, as more programs read those (8.7.5).
    fn chunk_offsets(&self, data_start: u64) -> (Option<Stco>, Option<Co64>) {
        let chunks = self.sizes.chunks(self.frames_per_chunk);
        let place = |next: &mut u64, chunk: &[u32]| {
            let start = *next;
            *next += chunk.iter().map(|&size| u64::from(size)).sum::<u64>();
            Some(start)
        };
        let starts: Vec<u64> = chunks.scan(data_start, place).collect();
        match starts.iter().map(|&start| u32::try_from(start)).collect() {
            Ok(entries) => (Some(Stco { entries }), None),
            Err(_) => (None, Some(Co64 { entries: starts })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use repcast_model::time::FrameRate;

    fn table(numbers: &[u64]) -> SampleTable {
        let mut table = SampleTable::new(2);
        for &frame in numbers {
            table.push(&EncodedFrame { frame, is_key: frame == 0, data: vec![0; 10] }).unwrap();
        }
        table
    }

    fn timebase() -> Timebase {
        Timebase::new(FrameRate::new(30000, 1001).unwrap()).unwrap()
    }

    #[test]
    fn frames_in_order_need_neither_offsets_nor_an_edit() {
        let table = table(&[0, 1, 2]);
        assert_eq!(table.presentation(timebase()), Presentation { duration: 3003, media_start: 0 });
        assert_eq!(table.boxes(timebase(), 0).ctts, None);
    }

    #[test]
    fn reordered_frames_are_shown_after_their_delay() {
        let table = table(&[0, 3, 1, 2]);
        assert_eq!(table.presentation(timebase()), Presentation { duration: 4004, media_start: 1001 });
        let offsets = table.boxes(timebase(), 0).ctts.unwrap().entries;
        let offsets: Vec<_> = offsets.iter().map(|entry| (entry.sample_count, entry.sample_offset)).collect();
        assert_eq!(offsets, [(1, 1001), (1, 3003), (2, 0)]);
    }

    #[test]
    fn chunk_offsets_grow_to_64_bits_only_when_they_must() {
        let table = table(&[0, 1, 2, 3, 4]);
        assert_eq!(table.boxes(timebase(), 100).stco.unwrap().entries, [100, 120, 140]);
        let far = table.boxes(timebase(), u64::from(u32::MAX));
        assert_eq!((far.stco, far.co64.unwrap().entries.len()), (None, 3));
    }

    #[test]
    fn the_estimate_holds_the_worst_order() {
        let numbers: Vec<u64> = (0..1000).map(|index| if index == 0 { 0 } else { ((index - 1) ^ 1) + 1 }).collect();
        let boxes = super::super::boxes::encode(&table(&numbers).boxes(timebase(), u64::from(u32::MAX))).unwrap();
        assert!(boxes.len() as u64 <= SampleTable::estimate(1000, 2));
    }
}
