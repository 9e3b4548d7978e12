//! Movie fragments (ISO/IEC 14496-12, 8.8): samples that are described where they lie.

use std::fs::File;
use std::io;

use mp4_atom::{Atom, FourCC, Tfdt, Tfhd, Trex, Trun};

use super::boxes::{Child, read_at};
use super::{MAX_SAMPLES, Patches, Sample};

/// Bit of the sample flags that says that decoding cannot begin here (8.8.3.1).
const IS_NON_SYNC: u32 = 1 << 16;

/// Latest decoding time that is counted with, in ticks: sums of a few of them stay in range.
const MAX_DECODE_TIME: u64 = i64::MAX as u64 / 4;

/// What is known of a track's fragments while they are read one after the other.
pub(super) struct Fragments {
    track_id: u32,
    defaults: Trex,
    /// Decoding time at which the next sample begins, where its fragment does not say.
    next_dts: i64,
    /// Runs with composition offsets, and the least of these offsets.
    runs: Vec<Run>,
    least_offset: i32,
}

/// Where the samples of a `trun` are described in the file.
struct Run {
    at: u64,
    bytes: u64,
    /// Bytes of one sample's description. Its composition offset comes last.
    entry_bytes: usize,
}

/// Bytes of a composition offset.
const OFFSET_BYTES: usize = 4;

/// Flags of a `trun` (8.8.8.1): an offset of the data, flags of the first sample, and what each sample has.
const RUN_HEADER_FIELDS: u32 = 0x1 | 0x4;
const RUN_SAMPLE_FIELDS: u32 = 0xf00;
const RUN_HAS_OFFSETS: u32 = 0x800;

impl Fragments {
    /// Fragments of a track whose samples in the `moov` end at `next_dts`; `None` where the movie has no fragments.
    pub(super) fn of(moov: Child<'_>, track_id: u32, next_dts: i64) -> Option<Self> {
        let mvex = moov.find(b"mvex")?;
        let defaults = mvex.all::<Trex>().find(|trex| trex.track_id == track_id);
        Some(Self { track_id, defaults: defaults.unwrap_or_default(), next_dts, runs: Vec::new(), least_offset: 0 })
    }

    /// Adds the track's samples of one `moof`, up to one more than a clip may have.
    pub(super) fn add(&mut self, moof: Child<'_>, samples: &mut Vec<Sample>) {
        for traf in moof.children().filter(|child| child.kind == FourCC::new(b"traf")) {
            if let Some(header) = traf.get::<Tfhd>().filter(|header| header.track_id == self.track_id) {
                self.add_track(traf, &header, samples);
            }
        }
    }

    fn add_track(&mut self, traf: Child<'_>, header: &Tfhd, samples: &mut Vec<Sample>) {
        if let Some(Tfdt { base_media_decode_time }) = traf.get() {
            self.next_dts = base_media_decode_time.min(MAX_DECODE_TIME) as i64;
        }
        let duration = header.default_sample_duration.unwrap_or(self.defaults.default_sample_duration);
        let flags = header.default_sample_flags.unwrap_or(self.defaults.default_sample_flags);
        for child in traf.children().filter(|child| child.kind == Trun::KIND) {
            let Some(run) = child.decode::<Trun>() else { continue };
            self.runs.extend(Run::of(child, run.samples.len()));
            let room = (MAX_SAMPLES + 1).saturating_sub(samples.len());
            for entry in run.samples.iter().take(room) {
                let duration = entry.duration.unwrap_or(duration);
                // Signed in either version, as in a `ctts`.
                let offset = entry.cts.unwrap_or(0) as i32;
                self.least_offset = self.least_offset.min(offset);
                let pts = self.next_dts.saturating_add(i64::from(offset));
                let is_key = entry.flags.unwrap_or(flags) & IS_NON_SYNC == 0;
                samples.push(Sample { pts, duration, is_key });
                self.next_dts = self.next_dts.saturating_add(i64::from(duration));
            }
        }
    }

    /// Has the demuxer see no negative composition offset: it moves the times of each run by the least offset of that run.
    /// Returns by how many ticks it sees all times later.
    pub(super) fn raise_offsets(&self, file: &mut File, patches: &mut Patches) -> io::Result<i64> {
        let rise = -i64::from(self.least_offset);
        for Run { at, bytes, entry_bytes } in self.runs.iter().filter(|_| rise > 0) {
            let mut entries = read_at(file, *at, *bytes)?;
            for entry in entries.chunks_exact_mut(*entry_bytes) {
                if let Some(field) = entry.last_chunk_mut::<OFFSET_BYTES>() {
                    *field = (i64::from(i32::from_be_bytes(*field)).saturating_add(rise) as u32).to_be_bytes();
                }
            }
            patches.replace(*at, entries);
        }
        Ok(rise)
    }
}

impl Run {
    /// The descriptions in a `trun` of so many samples; `None` where they have no composition offsets.
    fn of(trun: Child<'_>, samples: usize) -> Option<Self> {
        let flags = u32::from_be_bytes(*trun.body.first_chunk()?);
        let entry_bytes = (flags & RUN_SAMPLE_FIELDS).count_ones() as usize * OFFSET_BYTES;
        let header_bytes = 8 + u64::from((flags & RUN_HEADER_FIELDS).count_ones()) * OFFSET_BYTES as u64;
        let bytes = (samples * entry_bytes) as u64;
        (flags & RUN_HAS_OFFSETS != 0).then_some(Self { at: trun.body_offset + header_bytes, bytes, entry_bytes })
    }
}
