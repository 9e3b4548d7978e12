//! A recording of a live stream: fragmented MP4 for as long as it grows, so that what is written plays however the process
//! ends; an MP4 file with its index in front once it is complete, without a byte of media being moved.
//!
//! ```text
//! grows           complete
//! ftyp            ftyp
//! free            moov              the index, in the space kept for it
//! :               free              the rest of that space
//! :               mdat (64 bits)    its content is all that follows:
//! moov mvex       :
//! moof mdat       :                 the samples are where they were
//! moof mdat       :
//! ```
//!
//! The space holds everything but its first eight bytes before these turn it from `free` into `moov`: there is no moment at
//! which the file does not play. An index that is larger than its space is written at the end instead.
//!
//! Time 0 of the file is the first frame that it is given. Times are those of the stream: a frame that was dropped leaves no
//! gap, the one before is shown for longer.

use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::Duration;

use mp4_atom::Ftyp;

use super::MuxError;
use super::boxes::{encode, movie};
use super::fragment::Fragmenter;
use super::movie_file::{MDAT_HEADER, mdat_header};
use super::sample_table::SampleTable;
use super::sink::OutputSummary;
use super::track_box::TrackBox;
use repcast_media::{CodecConfig, HevcConfig, Sample, StreamConfig, Track, TrackKind};
use repcast_model::time::Rational;

/// Bytes of a box header of 32 bits.
const HEADER: u64 = 8;
/// Bytes of the index that do not grow: those of its boxes, codec configurations included.
const FIXED_BOXES: u64 = 4096;
/// Chunks of a track in a second, at most: parts last a fifth of a second at least.
const CHUNKS_PER_SEC: u64 = 5;
/// Access units of AAC in a second, at most.
const UNITS_PER_SEC: u64 = 48_000 / 1024 + 1;
/// Most bytes kept free for the index: those of about a day.
const MAX_SPACE: u64 = 48 << 20;

/// One track of a recording.
#[derive(Debug)]
struct RecordedTrack {
    shape: TrackBox,
    table: SampleTable,
    /// Ticks of the stream at time 0 of the file.
    origin: u64,
    /// Ticks of the file before the first sample.
    delay: u64,
    /// Ticks of the file at which the samples so far end.
    end: u64,
}

/// A recording that grows.
#[derive(Debug)]
pub struct RecordingMuxer<F> {
    output: F,
    /// Named in errors.
    target: PathBuf,
    fragmenter: Fragmenter,
    tracks: Vec<RecordedTrack>,
    /// Seconds of the stream at time 0 of the file, once there is a frame.
    origin: Option<Rational>,
    /// The start of the space for the index.
    space_start: u64,
    space: u64,
    /// Bytes of whole fragments and all that is before them.
    len: u64,
    frames: u64,
}

impl<F: Write + Seek> RecordingMuxer<F> {
    /// Writes what is in front of the fragments, with space for the index of `expected_secs` seconds. That space is written
    /// and not skipped, so that the index fits on a disk that is full by then.
    ///
    /// # Errors
    /// When the tracks cannot be written, or storage fails.
    pub fn new(output: F, target: PathBuf, tracks: &[Track], expected_secs: u64) -> Result<Self, MuxError> {
        let fragmenter = Fragmenter::new_in_order(tracks)?;
        let init = fragmenter.init_segment()?;
        // The movie box alone: the file's type is another.
        let type_len = init.first_chunk::<4>().map_or(0, |size| u32::from_be_bytes(*size) as usize);
        let init = init.get(type_len..).unwrap_or_default();
        let ftyp = encode(&Ftyp {
            major_brand: b"isom".into(),
            minor_version: 512,
            compatible_brands: vec![b"isom".into(), b"iso6".into(), b"avc1".into(), b"mp41".into()],
        })?;
        let recorded = |track: &Track| {
            let (shape, table) = (TrackBox::new(track)?, SampleTable::new(track.kind()));
            Ok(RecordedTrack { shape, table, origin: 0, delay: 0, end: 0 })
        };
        let space = space(tracks, expected_secs);
        let space_start = ftyp.len() as u64;
        let mut recording = Self {
            output,
            target,
            fragmenter,
            tracks: tracks.iter().map(recorded).collect::<Result<_, MuxError>>()?,
            origin: None,
            space_start,
            space,
            len: space_start + space + init.len() as u64,
            frames: 0,
        };
        let front = [&ftyp[..], &box_header(space, b"free"), &vec![0; (space - HEADER) as usize], init].concat();
        recording.write_at(0, &front)?;
        Ok(recording)
    }

    /// Appends the samples of one track that follow, as one fragment. Audio before the first frame is left out.
    ///
    /// # Errors
    /// When the samples do not follow, or storage fails. Bytes after [`Self::len`] are to be cut off then; what was
    /// appended before can still be completed.
    pub fn push(&mut self, mut samples: Vec<Sample>) -> Result<(), MuxError> {
        let Some(id) = samples.first().map(|sample| sample.track) else { return Ok(()) };
        let index = self.tracks.iter().position(|track| track.shape.id == id);
        let index = index.ok_or(MuxError::Tracks("a sample belongs to none of its tracks"))?;
        if self.origin.is_none() {
            self.set_origin(index, &samples)?;
        }
        let track = &mut self.tracks[index];
        samples.retain(|sample| sample.dts >= track.origin);
        for sample in &mut samples {
            sample.dts -= track.origin;
            sample.pts = sample.pts.saturating_sub_unsigned(track.origin);
        }
        let Some(first) = samples.first() else { return Ok(()) };
        let start = first.dts;
        let bytes = self.fragmenter.fragment(&[&samples])?;
        // In a fragment without other tracks, the samples are its end.
        let data_len: usize = samples.iter().map(|sample| sample.data.len()).sum();
        let data_start = self.len + (bytes.len() - data_len) as u64;
        let at = self.len;
        self.write_at(at, &bytes)?;
        let track = &mut self.tracks[index];
        track.follow(start)?;
        track.table.push_chunk(data_start, &samples)?;
        track.end = start + samples.iter().map(|sample| u64::from(sample.duration)).sum::<u64>();
        if track.shape.kind() == TrackKind::Video {
            self.frames += samples.len() as u64;
        }
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Lets the last frame be shown until a time of the file, if that is later.
    ///
    /// # Errors
    /// When the time does not fit.
    pub fn hold_until(&mut self, position: Duration) -> Result<(), MuxError> {
        let video = self.tracks.iter_mut().find(|track| track.shape.kind() == TrackKind::Video);
        let Some(track) = video.filter(|track| track.end > 0) else { return Ok(()) };
        let ticks = position.as_nanos() * u128::from(track.shape.timescale) / 1_000_000_000;
        let end = u64::try_from(ticks).unwrap_or(u64::MAX);
        if end > track.end {
            track.follow(end)?;
            track.end = end;
        }
        Ok(())
    }

    /// Bytes of whole fragments and of all that is before them.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no frame yet.
    pub const fn is_empty(&self) -> bool {
        self.frames == 0
    }

    /// Frames, those that were dropped not included.
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// Seconds of video.
    pub fn secs(&self) -> Rational {
        let video = self.tracks.iter().find(|track| track.shape.kind() == TrackKind::Video);
        let ticks =
            |track: &RecordedTrack| Rational::new(i128::from(track.end), i128::from(track.shape.timescale.max(1)));
        video.map_or(Rational::from_integer(0), ticks)
    }

    /// The output.
    pub const fn output(&self) -> &F {
        &self.output
    }

    /// Writes the index. The output ends at [`Self::len`] by now. `sync` makes durable what was written; it is called before
    /// and after the change that turns the fragmented file into the complete one.
    ///
    /// # Errors
    /// When there is no frame, or storage fails. The fragmented file plays then.
    pub fn finish(mut self, mut sync: impl FnMut(&mut F) -> io::Result<()>) -> Result<(F, OutputSummary), MuxError> {
        if self.is_empty() {
            return Err(MuxError::Empty);
        }
        let index = self.index()?;
        let (start, space, end) = (self.space_start, self.space, self.len);
        let room = space - MDAT_HEADER;
        let rest = room.checked_sub(index.len() as u64).filter(|rest| *rest == 0 || *rest >= HEADER);
        let (turn, len) = match rest {
            Some(rest) => {
                self.write_at(start + HEADER, &index[HEADER as usize..])?;
                if rest > 0 {
                    self.write_at(start + index.len() as u64, &box_header(rest, b"free"))?;
                }
                self.write_at(start + room, &mdat_header(end - start - space))?;
                (index[..HEADER as usize].to_vec(), end)
            }
            None => {
                self.write_at(end, &index)?;
                (mdat_header(end - start - MDAT_HEADER).to_vec(), end + index.len() as u64)
            }
        };
        sync(&mut self.output).map_err(MuxError::storage(&self.target, STORE))?;
        self.write_at(start, &turn)?;
        sync(&mut self.output).map_err(MuxError::storage(&self.target, STORE))?;
        Ok((self.output, OutputSummary { frames: self.frames, bytes: len }))
    }

    /// Time 0 of the file is the first frame. That of a track is the first of its ticks at or after it.
    fn set_origin(&mut self, index: usize, samples: &[Sample]) -> Result<(), MuxError> {
        let first = samples.first().filter(|_| self.tracks[index].shape.kind() == TrackKind::Video);
        let first = first.ok_or(MuxError::Tracks("a recording begins with audio"))?;
        if !first.is_sync {
            return Err(MuxError::FirstNotKey { frame: 0 });
        }
        let timescale = |track: &RecordedTrack| i128::from(track.shape.timescale.max(1));
        let origin = Rational::new(i128::from(first.dts), timescale(&self.tracks[index]));
        for track in &mut self.tracks {
            track.origin = u64::try_from((origin * timescale(track)).ceil().to_integer()).unwrap_or(u64::MAX);
        }
        self.origin = Some(origin);
        Ok(())
    }

    /// The movie box of the complete file.
    fn index(&self) -> Result<Vec<u8>, MuxError> {
        let tracks = self.tracks.iter().filter(|track| track.end > 0).map(|track| {
            let mut shown = track.table.presentation();
            shown.delay = track.delay;
            shown.duration = shown.duration.saturating_sub(track.delay);
            // The positions of chunks count from the start of the file.
            (&track.shape, shown, track.table.boxes(0))
        });
        encode(&movie(tracks, None)?)
    }

    fn write_at(&mut self, position: u64, bytes: &[u8]) -> Result<(), MuxError> {
        let written = self.output.seek(SeekFrom::Start(position)).and_then(|_| self.output.write_all(bytes));
        written.map_err(MuxError::storage(&self.target, "write the recording"))
    }
}

/// What is done last, for errors.
const STORE: &str = "store the recording";

impl RecordedTrack {
    /// Continues with a sample that is decoded at `start`: the one before is shown until then.
    fn follow(&mut self, start: u64) -> Result<(), MuxError> {
        if self.end == 0 {
            self.delay = start;
            return Ok(());
        }
        let gap = start.checked_sub(self.end).and_then(|gap| u32::try_from(gap).ok());
        let error = MuxError::DecodeTime { track: self.shape.id.get(), dts: start, expected: self.end };
        self.table.extend_last(gap.ok_or(error)?);
        Ok(())
    }
}

/// Bytes that the index of a recording needs, and the headers around it.
fn space(tracks: &[Track], secs: u64) -> u64 {
    let secs = secs.min(u64::from(u32::MAX));
    let chunks = secs * CHUNKS_PER_SEC + 1;
    let table = |track: &Track| match &track.codec {
        CodecConfig::H264(StreamConfig { rate, .. }) | CodecConfig::H265(HevcConfig { rate, .. }) => {
            let frames = secs.saturating_mul(u64::from(rate.ceil()));
            SampleTable::estimate(frames, frames / chunks) + chunks * CHUNK_BYTES
        }
        _ => SampleTable::estimate_audio(secs.saturating_mul(UNITS_PER_SEC), chunks),
    };
    let tables = tracks.iter().map(table).fold(0, u64::saturating_add);
    tables.min(MAX_SPACE) + FIXED_BOXES
}

/// Bytes of a chunk whose number of samples differs from that of the one before (`stsc`).
const CHUNK_BYTES: u64 = 12;

fn box_header(size: u64, name: &[u8; 4]) -> [u8; HEADER as usize] {
    // Sizes are those of the space here, which is far smaller than 32 bits.
    let [.., a, b, c, d] = size.to_be_bytes();
    let [e, f, g, h] = *name;
    [a, b, c, d, e, f, g, h]
}

mod clip;
mod resume;
#[cfg(test)]
mod tests;

pub use clip::RecordingReader;
