//! Movie fragments (ISO/IEC 14496-12, 8.8), which describe their own samples.

use std::fs::File;
use std::io;

use mp4_atom::{Atom, FourCC, Tfdt, Tfhd, Trex, Trun};

use super::boxes::{Child, read_at};
use super::movie_patches::MoviePatches;
use super::{MAX_SAMPLES, Sample};

/// `sample_is_non_sync_sample` in the sample flags (8.8.3.1): decoding cannot start at this sample.
const IS_NON_SYNC: u32 = 1 << 16;

/// Latest decoding time in ticks; later ones are clamped, so that sums of a few of them do not overflow.
const MAX_DECODE_TIME: u64 = i64::MAX as u64 / 4;

/// State of a track while its fragments are read in order.
pub(super) struct Fragments {
    track_id: u32,
    defaults: Trex,
    /// Decoding time of the next sample unless its fragment states one.
    next_dts: i64,
    /// Track runs with composition offsets, and the least of these offsets.
    runs: Vec<TrackRun>,
    least_offset: i32,
}

/// Location of the sample entries of a `trun` in the file.
struct TrackRun {
    offset: u64,
    bytes: u64,
    /// Bytes of one entry; the composition offset is its last field.
    entry_bytes: usize,
}

/// Bytes of a composition offset, and of every other field of an entry.
const FIELD_BYTES: usize = 4;

/// Flags of a `trun` (8.8.8.1): data offset and first sample flags in its header, then the fields of each entry.
const RUN_HEADER_FIELDS: u32 = 0x1 | 0x4;
const RUN_SAMPLE_FIELDS: u32 = 0xf00;
const RUN_HAS_OFFSETS: u32 = 0x800;

impl Fragments {
    /// For a track whose samples in the `moov` end at `next_dts`; `None` for a movie without fragments.
    pub(super) fn of(moov: Child<'_>, track_id: u32, next_dts: i64) -> Option<Self> {
        let mvex = moov.find(b"mvex")?;
        let defaults = mvex.all::<Trex>().find(|trex| trex.track_id == track_id);
        Some(Self { track_id, defaults: defaults.unwrap_or_default(), next_dts, runs: Vec::new(), least_offset: 0 })
    }

    /// Appends the track's samples in one `moof`, up to one more than [`MAX_SAMPLES`] in all.
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
            self.runs.extend(TrackRun::of(child, run.samples.len()));
            let room = (MAX_SAMPLES + 1).saturating_sub(samples.len());
            for entry in run.samples.iter().take(room) {
                let duration = entry.duration.unwrap_or(duration);
                // Signed in both versions, as in `ctts`.
                let offset = entry.cts.unwrap_or(0) as i32;
                self.least_offset = self.least_offset.min(offset);
                let pts = self.next_dts.saturating_add(i64::from(offset));
                let is_key = entry.flags.unwrap_or(flags) & IS_NON_SYNC == 0;
                samples.push(Sample { pts, duration, is_key });
                self.next_dts = self.next_dts.saturating_add(i64::from(duration));
            }
        }
    }

    /// Patches the composition offsets so that none is negative: the demuxer would shift each run by its own least
    /// offset. Returns how many ticks later the demuxer sees all composition times.
    pub(super) fn raise_offsets(&self, file: &mut File, patches: &mut MoviePatches) -> io::Result<i64> {
        let rise = -i64::from(self.least_offset);
        for TrackRun { offset, bytes, entry_bytes } in self.runs.iter().filter(|_| rise > 0) {
            let mut entries = read_at(file, *offset, *bytes)?;
            for entry in entries.chunks_exact_mut(*entry_bytes) {
                if let Some(field) = entry.last_chunk_mut::<FIELD_BYTES>() {
                    *field = (i64::from(i32::from_be_bytes(*field)).saturating_add(rise) as u32).to_be_bytes();
                }
            }
            patches.replace(*offset, entries);
        }
        Ok(rise)
    }
}

impl TrackRun {
    /// The entries of a `trun` with this number of samples; `None` when they have no composition offsets.
    fn of(trun: Child<'_>, samples: usize) -> Option<Self> {
        let flags = u32::from_be_bytes(*trun.body.first_chunk()?);
        let entry_bytes = (flags & RUN_SAMPLE_FIELDS).count_ones() as usize * FIELD_BYTES;
        let header_bytes = 8 + u64::from((flags & RUN_HEADER_FIELDS).count_ones()) * FIELD_BYTES as u64;
        let bytes = (samples * entry_bytes) as u64;
        (flags & RUN_HAS_OFFSETS != 0).then_some(Self { offset: trun.body_offset + header_bytes, bytes, entry_bytes })
    }
}
