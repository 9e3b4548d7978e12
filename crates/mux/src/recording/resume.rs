//! A recording whose process ended before it was complete: what it holds is read back, so that it can be continued or
//! completed. Media data are not read, apart from the last seconds: a machine that lost its power may have kept the size of
//! what was written last, and not its bytes.

use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use mp4_atom::{Any, Atom, Codec, DecodeMaybe, Encode, Moof, Moov, Trak};

use super::{HEADER, RecordedTrack, RecordingMuxer};
use crate::MuxError;
use crate::fragment::Fragmenter;
use crate::fragment_reader::{FragmentSample, fragment_samples};
use crate::sample_table::{SampleShape, SampleTable};
use crate::track_box::TrackBox;
use repcast_media::{AacConfig, CodecConfig, HevcConfig, StreamConfig, Track, TrackId, TrackKind};
use repcast_model::geometry::Size;
use repcast_model::time::{FrameRate, Rational};

/// Most bytes of a `moov` or `moof` box: fragments here have a few dozen samples.
const MAX_BOX: u64 = 1 << 20;
/// Fragments at the end whose NAL units are checked: more than are written between two calls of fdatasync.
const CHECKED_FRAGMENTS: usize = 16;
/// The rate of a track whose usual frame has no length.
const DEFAULT_RATE: u32 = 25;

/// One fragment of one track.
struct FoundFragment {
    /// Bytes from the start of the file.
    start: u64,
    end: u64,
    samples: Vec<FragmentSample>,
}

impl<F: Read + Write + Seek> RecordingMuxer<F> {
    /// Continues a recording that was not completed. What is after its last whole fragment is overwritten by the next.
    /// Samples that are pushed then have times in the file, whose first frame is at 0; the first has to be a key frame.
    ///
    /// # Errors
    /// When the file is no recording that grows, or storage fails.
    pub fn resume(mut output: F, target: PathBuf) -> Result<(Self, Vec<Track>), MuxError> {
        let mut reader = Reader { output: &mut output, target: &target };
        let file_len = reader.output.seek(SeekFrom::End(0)).map_err(MuxError::storage(&target, READ))?;
        let (name, space_start) = reader.header(0)?;
        let (space_name, space) = reader.header(space_start)?;
        if &name != b"ftyp" || &space_name != b"free" {
            return Err(MuxError::Fragment("the file is not a recording that grows"));
        }
        let movie_start = space_start.saturating_add(space);
        let (Any::Moov(movie), movie_len) = reader.movie_box(movie_start, file_len)? else {
            return Err(MuxError::Fragment("the file has no movie box"));
        };
        let tracks = tracks(&movie)?;
        let mut found = Vec::new();
        let mut at = movie_start + movie_len;
        while let Some(fragment) = reader.fragment(at, file_len) {
            at = fragment.end;
            found.push(fragment);
        }
        let is_video = |fragment: &FoundFragment| {
            let id = fragment.samples.first().map(|sample| sample.track);
            tracks.iter().any(|track| Some(track.id) == id && track.kind() == TrackKind::Video)
        };
        // From the first of the last fragments that is damaged on, nothing is used.
        let checked = found.len().saturating_sub(CHECKED_FRAGMENTS);
        let mut is_whole = |fragment: &FoundFragment| {
            !is_video(fragment) || fragment.samples.iter().all(|sample| reader.has_nal_units(fragment.start, sample))
        };
        let damaged = found[checked..].iter().position(|fragment| !is_whole(fragment));
        found.truncate(damaged.map_or(found.len(), |index| checked + index));

        let fragmenter = Fragmenter::continued(&tracks, u32::try_from(found.len()).unwrap_or(u32::MAX))?;
        let recorded = |track: &Track| {
            let (shape, table) = (TrackBox::new(track)?, SampleTable::new(track.kind()));
            Ok(RecordedTrack { shape, table, origin: 0, delay: 0, end: 0 })
        };
        let mut recording = Self {
            output,
            target,
            fragmenter,
            tracks: tracks.iter().map(recorded).collect::<Result<_, MuxError>>()?,
            origin: Some(Rational::from_integer(0)),
            space_start,
            space,
            len: movie_start + movie_len,
            frames: 0,
        };
        found.iter().try_for_each(|fragment| recording.adopt(fragment))?;
        Ok((recording, tracks))
    }

    /// Enters a fragment that is in the file already.
    fn adopt(&mut self, fragment: &FoundFragment) -> Result<(), MuxError> {
        let first = fragment.samples.first().ok_or(MuxError::Fragment("it has no samples"))?;
        let index = self.tracks.iter().position(|track| track.shape.id == first.track);
        let track = index.map(|index| &mut self.tracks[index]);
        let track = track.ok_or(MuxError::Fragment("it belongs to no track"))?;
        let shapes: Vec<SampleShape> = fragment.samples.iter().map(|sample| sample.shape).collect();
        track.follow(first.shape.dts)?;
        track.table.push_shapes(fragment.start + first.offset as u64, &shapes)?;
        track.end = first.shape.dts + shapes.iter().map(|shape| u64::from(shape.duration)).sum::<u64>();
        if track.shape.kind() == TrackKind::Video {
            self.frames += shapes.len() as u64;
        }
        self.len = fragment.end;
        Ok(())
    }
}

/// What is done meanwhile, for errors.
pub(super) const READ: &str = "read the recording";

/// Reads boxes of a file that may end anywhere.
pub(super) struct Reader<'a, F> {
    pub(super) output: &'a mut F,
    pub(super) target: &'a Path,
}

impl<F: Read + Seek> Reader<'_, F> {
    fn read_at(&mut self, at: u64, bytes: &mut [u8]) -> Result<(), MuxError> {
        let read = self.output.seek(SeekFrom::Start(at)).and_then(|_| self.output.read_exact(bytes));
        match read {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(MuxError::Fragment("it ends too early")),
            other => other.map_err(MuxError::storage(self.target, READ)),
        }
    }

    /// The name and the size of a box of less than 4 GiB.
    pub(super) fn header(&mut self, at: u64) -> Result<([u8; 4], u64), MuxError> {
        let mut header = [0; HEADER as usize];
        self.read_at(at, &mut header)?;
        let [a, b, c, d, name @ ..] = header;
        let size = u64::from(u32::from_be_bytes([a, b, c, d]));
        if size < HEADER { Err(MuxError::Fragment("a box has no size")) } else { Ok((name, size)) }
    }

    /// A box of the structure, and its bytes.
    fn movie_box(&mut self, at: u64, file_len: u64) -> Result<(Any, u64), MuxError> {
        self.any_box(at, file_len, MAX_BOX)
    }

    /// The length of media data that have a length of 64 bits, if that is what begins here.
    pub(super) fn large_mdat(&mut self, at: u64) -> Result<Option<u64>, MuxError> {
        let mut header = [0; 2 * HEADER as usize];
        self.read_at(at, &mut header)?;
        let [0, 0, 0, 1, b'm', b'd', b'a', b't', size @ ..] = header else { return Ok(None) };
        Ok(Some(u64::from_be_bytes(size)))
    }

    /// A box of at most `limit` bytes, and its length.
    pub(super) fn any_box(&mut self, at: u64, file_len: u64, limit: u64) -> Result<(Any, u64), MuxError> {
        let (_, size) = self.header(at)?;
        if size > limit || at.saturating_add(size) > file_len {
            return Err(MuxError::Fragment("a box is too large"));
        }
        let mut bytes = vec![0; size as usize];
        self.read_at(at, &mut bytes)?;
        let found = Any::decode_maybe(&mut &bytes[..])?.ok_or(MuxError::Fragment("a box is cut off"))?;
        Ok((found, size))
    }

    /// The fragment that begins here, if it is whole.
    fn fragment(&mut self, start: u64, file_len: u64) -> Option<FoundFragment> {
        let (Any::Moof(moof), moof_len) = self.movie_box(start, file_len).ok()? else { return None };
        let (name, mdat_len) = self.header(start + moof_len).ok()?;
        let end = start + moof_len + mdat_len;
        (&name == b"mdat" && end <= file_len).then_some(())?;
        let samples = samples_inside(&moof, moof_len + HEADER, end - start)?;
        Some(FoundFragment { start, end, samples })
    }

    /// Whether a frame is NAL units, each after its length in four bytes.
    fn has_nal_units(&mut self, fragment: u64, sample: &FragmentSample) -> bool {
        let start = fragment + sample.offset as u64;
        let end = start + u64::from(sample.shape.size);
        let mut at = start;
        while at < end {
            let mut length = [0; 4];
            if self.read_at(at, &mut length).is_err() {
                return false;
            }
            match u64::from(u32::from_be_bytes(length)) {
                0 => return false,
                length => at += 4 + length,
            }
        }
        at == end && end > start
    }
}

/// The samples of a fragment of one track that lie where its media data are.
fn samples_inside(moof: &Moof, data_start: u64, end: u64) -> Option<Vec<FragmentSample>> {
    let samples = fragment_samples(moof).ok()?;
    let first = samples.first()?;
    let is_inside = |sample: &FragmentSample| {
        let (start, size) = (sample.offset as u64, u64::from(sample.shape.size));
        sample.track == first.track && start >= data_start && start + size <= end
    };
    samples.iter().all(is_inside).then_some(samples)
}

/// The tracks of a movie box that is written here.
fn tracks(movie: &Moov) -> Result<Vec<Track>, MuxError> {
    let trex = movie.mvex.iter().flat_map(|mvex| &mvex.trex);
    let usual_ticks =
        |id: u32| trex.clone().find(|trex| trex.track_id == id).map_or(0, |it| it.default_sample_duration);
    movie.trak.iter().map(|trak| track(trak, usual_ticks(trak.tkhd.track_id))).collect()
}

pub(super) fn track(trak: &Trak, usual_ticks: u32) -> Result<Track, MuxError> {
    let id = NonZeroU32::new(trak.tkhd.track_id).map(TrackId::new);
    let id = id.ok_or(MuxError::Fragment("a track has the number 0"))?;
    let timescale = trak.mdia.mdhd.timescale;
    let rate = FrameRate::new(timescale, usual_ticks).or_else(|| FrameRate::new(DEFAULT_RATE, 1));
    let rate = rate.ok_or(MuxError::Fragment("a track has no frame rate"))?;
    let size = |visual: &mp4_atom::Visual| Size { width: visual.width.into(), height: visual.height.into() };
    let codec = match &trak.mdia.minf.stbl.stsd.codecs[..] {
        [Codec::Avc1(entry)] => {
            CodecConfig::H264(StreamConfig { size: size(&entry.visual), rate, avcc: body(&entry.avcc)? })
        }
        [Codec::Hvc1(entry)] => {
            CodecConfig::H265(HevcConfig { size: size(&entry.visual), rate, hvcc: body(&entry.hvcc)? })
        }
        [Codec::Mp4a(entry)] => {
            let specific = entry.esds.es_desc.dec_config.dec_specific.as_ref();
            CodecConfig::Aac(AacConfig {
                sample_rate: entry.audio.sample_rate.integer().into(),
                channels: entry.audio.channel_count,
                audio_specific_config: specific.map(|specific| specific.raw.clone()).unwrap_or_default(),
            })
        }
        _ => return Err(MuxError::Fragment("a track has another codec")),
    };
    Ok(Track { id, timescale, codec })
}

/// The content of a box.
fn body(atom: &(impl Atom + Encode)) -> Result<Vec<u8>, MuxError> {
    let mut bytes = Vec::new();
    atom.encode_body(&mut bytes)?;
    Ok(bytes)
}
