//! Samples to fragmented MP4 (CMAF, ISO/IEC 23000-19): an init segment, then any number of fragments. Pure.
//!
//! ```text
//! ftyp                  init segment
//! moov  ... mvex trex
//! styp                  before the first fragment of a segment file
//! moof                  fragment
//!   mfhd                sequence number
//!   traf                one per track that has samples in it
//!     tfhd              defaults of a frame that is no key frame, or of an audio sample
//!     tfdt              decode time of the first sample in ticks
//!     trun              size, flags and composition offset per sample
//! mdat                  the samples, one track after the other
//! ```
//!
//! The composition offset of a frame is signed, so that the first frame is shown at exactly 0 and no edit list is needed:
//! browsers apply edit lists in init segments, Android's players ignore them.
//!
//! For the same reason the decode time of audio is its presentation time, and access units that are played before 0, the
//! encoder's delay, are left out. The decoder then starts at the first unit that is heard, of which it reproduces all but
//! what overlaps with the unit left out; nothing is lost when the audio begins with silence.

use mp4_atom::{Ftyp, Mfhd, Moof, Mvex, Stbl, Stco, Styp, Tfdt, Tfhd, Traf, Trun, TrunEntry};

use super::MuxError;
use super::boxes::{encode, movie};
use super::track_box::{Presentation, SYNC_FLAGS, TrackBox};
use repcast_media::{Sample, Track, TrackKind};

/// Bytes of the header of an `mdat` box.
const MDAT_HEADER: usize = 8;

/// Makes the fragments of one stream, in order.
#[derive(Debug)]
pub struct Fragmenter {
    tracks: Vec<TrackBox>,
    /// Whether each frame states its composition offset.
    has_offsets: bool,
    /// Fragments made so far.
    fragments: u32,
}

impl Fragmenter {
    /// A fragmenter at the beginning of a stream.
    ///
    /// # Errors
    /// When the configuration of a track cannot be written as MP4.
    pub fn new<'a>(tracks: impl IntoIterator<Item = &'a Track>) -> Result<Self, MuxError> {
        let tracks = tracks.into_iter().map(TrackBox::new).collect::<Result<_, _>>()?;
        Ok(Self { tracks, has_offsets: true, fragments: 0 })
    }

    /// A fragmenter at the beginning of a stream whose frames are never reordered.
    ///
    /// # Errors
    /// When the configuration of a track cannot be written as MP4.
    pub fn new_in_order<'a>(tracks: impl IntoIterator<Item = &'a Track>) -> Result<Self, MuxError> {
        Ok(Self { has_offsets: false, ..Self::new(tracks)? })
    }

    /// A fragmenter that continues a stream of this many fragments, whose frames are never reordered.
    ///
    /// # Errors
    /// When the configuration of a track cannot be written as MP4.
    pub(crate) fn continued<'a>(tracks: impl IntoIterator<Item = &'a Track>, fragments: u32) -> Result<Self, MuxError> {
        Ok(Self { fragments, ..Self::new_in_order(tracks)? })
    }

    /// A fragmenter that continues this stream with another configuration of the same tracks.
    ///
    /// # Errors
    /// When the configuration of a track cannot be written as MP4.
    pub fn reconfigured<'a>(self, tracks: impl IntoIterator<Item = &'a Track>) -> Result<Self, MuxError> {
        let tracks = tracks.into_iter().map(TrackBox::new).collect::<Result<_, _>>()?;
        Ok(Self { tracks, ..self })
    }

    /// Whether a fragment has been made.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.fragments > 0
    }

    /// The bytes that a player needs before any fragment.
    ///
    /// # Errors
    /// When a box cannot be built.
    pub fn init_segment(&self) -> Result<Vec<u8>, MuxError> {
        let ftyp = Ftyp {
            major_brand: b"iso6".into(),
            minor_version: 0,
            compatible_brands: vec![b"iso6".into(), b"cmfc".into(), b"mp41".into()],
        };
        let empty = |track| (track, Presentation::default(), Stbl { stco: Some(Stco::default()), ..Stbl::default() });
        let mut movie = movie(self.tracks.iter().map(empty), None)?;
        movie.mvex = Some(Mvex { mehd: None, trex: self.tracks.iter().map(TrackBox::trex).collect() });
        let mut bytes = encode(&ftyp)?;
        bytes.extend(encode(&movie)?);
        Ok(bytes)
    }

    /// The box that opens a segment kept as a file of its own.
    ///
    /// # Errors
    /// When the box cannot be built.
    pub fn segment_type() -> Result<Vec<u8>, MuxError> {
        let brands = vec![b"msdh".into(), b"cmfs".into()];
        encode(&Styp { major_brand: b"msdh".into(), minor_version: 0, compatible_brands: brands })
    }

    /// The next samples as one fragment: for each track those that follow in decode order. No samples make no bytes.
    ///
    /// # Errors
    /// When the samples are too large, or too far out of order, for one fragment, when they belong to no track of the
    /// stream, or when an encoder's delay is no whole number of access units.
    pub fn fragment(&mut self, runs: &[&[Sample]]) -> Result<Vec<u8>, MuxError> {
        let runs: Vec<_> = runs.iter().map(|run| self.presented(run)).filter(|run| !run.is_empty()).collect();
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        let traf = runs.iter().map(|run| self.traf(run)).collect::<Result<_, _>>()?;
        let mut moof = Moof { mfhd: Mfhd { sequence_number: self.fragments + 1 }, traf };
        // The data offsets count from the start of the moof box, so the box is built once to measure its size.
        let mut offset = encode(&moof)?.len() + MDAT_HEADER;
        for (traf, run) in moof.traf.iter_mut().zip(&runs) {
            let data_offset = i32::try_from(offset).map_err(|_| too_large(offset))?;
            traf.trun.iter_mut().for_each(|trun| trun.data_offset = Some(data_offset));
            offset += run.iter().map(|sample| sample.data.len()).sum::<usize>();
        }
        let mut bytes = encode(&moof)?;
        let mdat_len = offset - bytes.len();
        bytes.reserve_exact(mdat_len);
        bytes.extend_from_slice(&u32::try_from(mdat_len).map_err(|_| too_large(mdat_len))?.to_be_bytes());
        bytes.extend_from_slice(b"mdat");
        runs.iter().copied().flatten().for_each(|sample| bytes.extend_from_slice(&sample.data));
        self.fragments += 1;
        Ok(bytes)
    }

    /// The samples of a run without those that are over before the program begins.
    fn presented<'a>(&self, run: &'a [Sample]) -> &'a [Sample] {
        let is_audio = run.first().and_then(|first| self.track(first)).is_some_and(|it| it.kind() == TrackKind::Audio);
        let is_over = |sample: &&Sample| is_audio && sample.pts + i64::from(sample.duration) <= 0;
        &run[run.iter().take_while(is_over).count()..]
    }

    fn track(&self, sample: &Sample) -> Option<&TrackBox> {
        self.tracks.iter().find(|track| track.id == sample.track)
    }

    fn traf(&self, run: &[Sample]) -> Result<Traf, MuxError> {
        let first = &run[0];
        let track = self.track(first).ok_or(MuxError::Tracks("a sample belongs to none of its tracks"))?;
        let is_video = track.kind() == TrackKind::Video;
        let tfhd = Tfhd {
            track_id: track.id.get(),
            default_sample_duration: Some(track.sample_ticks),
            default_sample_flags: Some(track.default_flags()),
            default_base_is_moof: true,
            ..Tfhd::default()
        };
        let base_media_decode_time = if is_video { first.dts } else { audio_start(first)? };
        // A run states the durations of all of its samples or of none.
        let all_durations = run.iter().any(|sample| sample.duration != track.sample_ticks);
        // The flags of the first sample alone have a field of their own; those of any other must be given for all.
        let all_flags = is_video && run.iter().skip(1).any(|sample| sample.is_sync);
        let entry = |sample: &Sample| {
            let size = u32::try_from(sample.data.len()).map_err(|_| too_large(sample.data.len()))?;
            let flags = if sample.is_sync { SYNC_FLAGS } else { track.default_flags() };
            let has_flags = all_flags || flags != track.default_flags();
            let cts =
                if is_video && self.has_offsets { Some(composition_offset(sample.dts, sample.pts)?) } else { None };
            Ok(TrunEntry {
                duration: all_durations.then_some(sample.duration),
                size: Some(size),
                flags: has_flags.then_some(flags),
                cts,
            })
        };
        let entries: Result<Vec<_>, MuxError> = run.iter().map(entry).collect();
        // Space for the offset is reserved now; its value follows from the size of the box.
        let trun = Trun { data_offset: Some(0), samples: entries?.into() };
        Ok(Traf { tfhd, tfdt: Some(Tfdt { base_media_decode_time }), trun: vec![trun], ..Traf::default() })
    }
}

/// Ticks from the decode time of a sample to its presentation. Negative where frames that are shown later are decoded
/// first.
pub(crate) fn composition_offset(dts: u64, pts: i64) -> Result<i64, MuxError> {
    let offset = i64::try_from(dts).ok().and_then(|dts| pts.checked_sub(dts));
    // Boxes hold 32 bits.
    let offset = offset.filter(|&offset| i32::try_from(offset).is_ok());
    offset.ok_or_else(|| MuxError::Unrepresentable { what: "the order of the sample", value: pts.to_string() })
}

fn audio_start(first: &Sample) -> Result<u64, MuxError> {
    let what = "an encoder delay that is no whole number of access units";
    u64::try_from(first.pts).map_err(|_| MuxError::Unrepresentable { what, value: first.pts.to_string() })
}

fn too_large(bytes: usize) -> MuxError {
    MuxError::Unrepresentable { what: "a fragment's size in bytes", value: bytes.to_string() }
}

#[cfg(test)]
mod tests {
    use mp4_atom::{Any, DecodeMaybe};

    use super::*;
    use crate::test_media::{aac_sample, aac_track, video_track};
    use crate::track_box::DELTA_FLAGS;
    use repcast_media::{EncodedFrame, Timebase};
    use repcast_model::time::FrameRate;

    fn fragmenter() -> Fragmenter {
        Fragmenter::new([&video_track(), &aac_track()]).unwrap()
    }

    fn frame(frame: u64, is_key: bool) -> Sample {
        let timebase = Timebase::new(FrameRate::new(30, 1).unwrap()).unwrap();
        timebase.sample(EncodedFrame { frame, is_key, data: vec![0, 0, 0, 1, frame as u8] }, frame)
    }

    fn moof(bytes: &[u8]) -> Moof {
        let Some(Any::Moof(moof)) = Any::decode_maybe(&mut &*bytes).unwrap() else { panic!("no moof") };
        moof
    }

    #[test]
    fn key_frames_are_marked_wherever_they_stand() {
        let cases: [&[bool]; 4] = [&[true, false, false], &[false, false], &[false, true], &[true, false, true]];
        for is_key in cases {
            let frames: Vec<_> = (0..).zip(is_key).map(|(number, &is_key)| frame(number, is_key)).collect();
            let expected: Vec<_> = is_key.iter().map(|&is_key| if is_key { SYNC_FLAGS } else { DELTA_FLAGS }).collect();
            let traf = &moof(&fragmenter().fragment(&[&frames]).unwrap()).traf[0];
            let default = traf.tfhd.default_sample_flags.unwrap();
            let flags: Vec<_> = traf.trun[0].samples.iter().map(|sample| sample.flags.unwrap_or(default)).collect();
            assert_eq!(flags, expected);
        }
    }

    #[test]
    fn data_offsets_point_at_the_first_sample_of_each_track() {
        let (frames, audio) = ([frame(0, true), frame(1, false)], [aac_sample(1024, 0)]);
        let bytes = fragmenter().fragment(&[&frames, &audio]).unwrap();
        let offsets: Vec<_> = moof(&bytes).traf.iter().map(|traf| traf.trun[0].data_offset.unwrap() as usize).collect();
        assert_eq!(bytes[offsets[0]..offsets[1]], [0, 0, 0, 1, 0, 0, 0, 0, 1, 1]);
        assert_eq!(bytes[offsets[1]..], audio[0].data);
    }

    #[test]
    fn audio_begins_with_the_program() {
        let mut fragmenter = fragmenter();
        let audio = [aac_sample(0, -1024), aac_sample(1024, 0), aac_sample(2048, 1024)];
        let first = moof(&fragmenter.fragment(&[&[], &audio]).unwrap());
        let [traf] = &first.traf[..] else { panic!("one track has samples") };
        assert_eq!((traf.tfhd.track_id, traf.trun[0].samples.iter().count()), (2, 2));
        assert_eq!(traf.tfdt.as_ref().unwrap().base_media_decode_time, 0);
        let next = moof(&fragmenter.fragment(&[&[aac_sample(3072, 2048)]]).unwrap());
        assert_eq!(next.traf[0].tfdt.as_ref().unwrap().base_media_decode_time, 2048);
        let uneven = fragmenter.fragment(&[&[aac_sample(0, -576)]]);
        assert!(matches!(uneven, Err(MuxError::Unrepresentable { .. })));
    }

    #[test]
    fn no_samples_make_no_fragment() {
        let mut fragmenter = fragmenter();
        assert!(fragmenter.fragment(&[&[], &[]]).unwrap().is_empty());
        assert!(fragmenter.fragment(&[&[aac_sample(0, -1024)]]).unwrap().is_empty());
        assert!(!fragmenter.has_begun());
    }
}
