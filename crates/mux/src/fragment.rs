//! Frames to fragmented MP4 (CMAF, ISO/IEC 23000-19): an init segment, then any number of fragments. Pure.
//!
//! ```text
//! ftyp                  init segment
//! moov  ... mvex trex
//! styp                  before the first fragment of a segment file, if wanted
//! moof                  fragment
//!   mfhd                sequence number
//!   traf
//!     tfhd              defaults of a frame that is no key frame
//!     tfdt              decode time of the first frame: its decode index in ticks
//!     trun              size, flags and composition offset per frame
//! mdat                  the frames
//! ```
//!
//! A frame's decode time is its index in decode order, its presentation time its frame number, both times the ticks of
//! a frame. The composition offset is the difference, signed, so that the first frame is shown at exactly 0 and no edit
//! list is needed.

use mp4_atom::{Ftyp, Mfhd, Moof, Mvex, Stbl, Stco, Styp, Tfdt, Tfhd, Traf, Trex, Trun, TrunEntry};

use super::PackageError;
use super::boxes::{Presentation, TRACK_ID, Video, encode};
use super::timebase::reorder_offset;
use repcast_media::{EncodedFrame, StreamConfig};

/// Sample flags of ISO/IEC 14496-12, 8.8.3.1: `sample_depends_on` = 2, it depends on no other.
const KEY_FLAGS: u32 = 0x0200_0000;
/// `sample_depends_on` = 1, it depends on others, and `sample_is_non_sync_sample`.
const DELTA_FLAGS: u32 = 0x0101_0000;

/// Bytes of the header of an `mdat` box.
const MDAT_HEADER: usize = 8;

/// Makes the fragments of one stream, in order.
#[derive(Debug)]
pub struct Fragmenter {
    video: Video,
    /// Frames in the fragments made so far.
    decoded: u64,
    /// Fragments made so far.
    fragments: u32,
}

impl Fragmenter {
    /// A fragmenter at the beginning of a stream.
    ///
    /// # Errors
    /// When the configuration cannot be written as MP4.
    pub fn new(config: &StreamConfig) -> Result<Self, PackageError> {
        Ok(Self { video: Video::new(config)?, decoded: 0, fragments: 0 })
    }

    /// A fragmenter that goes on where this one stands, for frames of another configuration and the same rate.
    ///
    /// # Errors
    /// When the configuration cannot be written as MP4.
    pub fn reconfigured(self, config: &StreamConfig) -> Result<Self, PackageError> {
        Ok(Self { video: Video::new(config)?, ..self })
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
    pub fn init_segment(&self) -> Result<Vec<u8>, PackageError> {
        let ftyp = Ftyp {
            major_brand: b"iso6".into(),
            minor_version: 0,
            compatible_brands: vec![b"iso6".into(), b"cmfc".into(), b"mp41".into()],
        };
        let tables = Stbl { stco: Some(Stco::default()), ..Stbl::default() };
        let mut movie = self.video.movie(Presentation::default(), tables, None)?;
        let trex = Trex {
            track_id: TRACK_ID,
            default_sample_description_index: 1,
            default_sample_duration: self.video.timebase.frame_ticks,
            default_sample_size: 0,
            default_sample_flags: DELTA_FLAGS,
        };
        movie.mvex = Some(Mvex { mehd: None, trex: vec![trex] });
        let mut bytes = encode(&ftyp)?;
        bytes.extend(encode(&movie)?);
        Ok(bytes)
    }

    /// The box that opens a segment kept as a file of its own.
    ///
    /// # Errors
    /// When the box cannot be built.
    pub fn segment_type() -> Result<Vec<u8>, PackageError> {
        let brands = vec![b"msdh".into(), b"cmfs".into()];
        encode(&Styp { major_brand: b"msdh".into(), minor_version: 0, compatible_brands: brands })
    }

    /// The next frames in decode order as one fragment. No frames make no bytes.
    ///
    /// # Errors
    /// When the frames are too large, or too far out of order, for one fragment.
    pub fn fragment(&mut self, frames: &[EncodedFrame]) -> Result<Vec<u8>, PackageError> {
        if frames.is_empty() {
            return Ok(Vec::new());
        }
        let offset = |(index, frame): (u64, &EncodedFrame)| {
            Ok((None, Some(self.video.timebase.offset(reorder_offset(frame.frame, index)?))))
        };
        let times: Result<Vec<_>, PackageError> = (self.decoded..).zip(frames).map(offset).collect();
        let bytes = self.write(frames, self.decoded, &times?)?;
        self.decoded += frames.len() as u64;
        Ok(bytes)
    }

    /// The next frames of a stream that is never reordered and may leave frames out, as one fragment that lasts to the
    /// start of frame `end`: a frame is shown until the next one that is there. No frames make no bytes.
    ///
    /// # Errors
    /// When the frames do not rise towards `end`, or are too large for one fragment.
    pub fn fragment_until(&mut self, frames: &[EncodedFrame], end: u64) -> Result<Vec<u8>, PackageError> {
        let Some(first) = frames.first() else { return Ok(Vec::new()) };
        let ends = frames.iter().skip(1).map(|frame| frame.frame).chain([end]);
        let duration = |(frame, end): (&EncodedFrame, u64)| match end.checked_sub(frame.frame) {
            None | Some(0) => Err(PackageError::Repeated { frame: frame.frame }),
            Some(1) => Ok((None, None)),
            Some(frames) => {
                let ticks = u32::try_from(self.video.timebase.at(frames));
                let too_long = |_| PackageError::Unrepresentable { what: "a gap in frames", value: frames.to_string() };
                Ok((Some(ticks.map_err(too_long)?), None))
            }
        };
        let mut times = frames.iter().zip(ends).map(duration).collect::<Result<Vec<_>, _>>()?;
        // A run gives durations for all of its samples or for none.
        if times.iter().any(|(duration, _)| duration.is_some()) {
            let one = self.video.timebase.frame_ticks;
            times.iter_mut().for_each(|(duration, _)| *duration = Some(duration.unwrap_or(one)));
        }
        let start = first.frame;
        let bytes = self.write(frames, start, &times)?;
        self.decoded = end;
        Ok(bytes)
    }

    /// Frames as one fragment that begins at the border `start`, with each frame's duration and composition offset in
    /// ticks where they differ from the usual ones.
    fn write(
        &mut self,
        frames: &[EncodedFrame],
        start: u64,
        times: &[(Option<u32>, Option<i64>)],
    ) -> Result<Vec<u8>, PackageError> {
        let mut moof = self.moof(frames, start, times)?;
        // The data offset counts from the start of the moof box, so the box is built once to learn its size.
        let moof_len = encode(&moof)?.len();
        let data_offset = i32::try_from(moof_len + MDAT_HEADER).map_err(|_| too_large(moof_len))?;
        moof.traf.iter_mut().flat_map(|traf| &mut traf.trun).for_each(|run| run.data_offset = Some(data_offset));
        let data_len: usize = frames.iter().map(|frame| frame.data.len()).sum();
        let mdat_len = u32::try_from(MDAT_HEADER + data_len).map_err(|_| too_large(data_len))?;

        let mut bytes = encode(&moof)?;
        bytes.reserve_exact(MDAT_HEADER + data_len);
        bytes.extend_from_slice(&mdat_len.to_be_bytes());
        bytes.extend_from_slice(b"mdat");
        frames.iter().for_each(|frame| bytes.extend_from_slice(&frame.data));
        self.fragments += 1;
        Ok(bytes)
    }

    fn moof(
        &self,
        frames: &[EncodedFrame],
        start: u64,
        times: &[(Option<u32>, Option<i64>)],
    ) -> Result<Moof, PackageError> {
        let tfhd = Tfhd {
            track_id: TRACK_ID,
            default_sample_duration: Some(self.video.timebase.frame_ticks),
            default_sample_flags: Some(DELTA_FLAGS),
            default_base_is_moof: true,
            ..Tfhd::default()
        };
        let tfdt = Tfdt { base_media_decode_time: self.video.timebase.at(start) };
        // Flags of the first frame alone have a field of their own; those of any other must be given for all.
        let all_flags = frames.iter().skip(1).any(|frame| frame.is_key);
        let entry = |(frame, &(duration, cts)): (&EncodedFrame, &(Option<u32>, Option<i64>))| {
            let size = u32::try_from(frame.data.len()).map_err(|_| too_large(frame.data.len()))?;
            let flags = if frame.is_key { KEY_FLAGS } else { DELTA_FLAGS };
            Ok(TrunEntry { duration, size: Some(size), flags: (all_flags || frame.is_key).then_some(flags), cts })
        };
        let entries: Result<Vec<_>, PackageError> = frames.iter().zip(times).map(entry).collect();
        // Space for the offset is taken now; its value is known when the box has been measured.
        let trun = Trun { data_offset: Some(0), samples: entries?.into() };
        let traf = Traf { tfhd, tfdt: Some(tfdt), trun: vec![trun], ..Traf::default() };
        Ok(Moof { mfhd: Mfhd { sequence_number: self.fragments + 1 }, traf: vec![traf] })
    }
}

fn too_large(bytes: usize) -> PackageError {
    PackageError::Unrepresentable { what: "a fragment's size in bytes", value: bytes.to_string() }
}

#[cfg(test)]
mod tests {
    use mp4_atom::{Any, DecodeMaybe};

    use super::*;
    use repcast_model::geometry::Size;
    use repcast_model::time::FrameRate;

    fn fragmenter() -> Fragmenter {
        let config = StreamConfig {
            size: Size { width: 64, height: 64 },
            rate: FrameRate::new(30, 1).unwrap(),
            avcc: vec![1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x28, 1, 0, 4, 0x68, 0xeb, 0xec, 0xb2],
        };
        Fragmenter::new(&config).unwrap()
    }

    fn frame(frame: u64, is_key: bool) -> EncodedFrame {
        EncodedFrame { frame, is_key, data: vec![0, 0, 0, 1, frame as u8] }
    }

    /// The flags that each frame of a fragment has, given or inherited.
    fn flags(bytes: &[u8]) -> Vec<u32> {
        let Some(Any::Moof(moof)) = Any::decode_maybe(&mut &*bytes).unwrap() else { panic!("no moof") };
        let traf = &moof.traf[0];
        let default = traf.tfhd.default_sample_flags.unwrap();
        traf.trun[0].samples.iter().map(|sample| sample.flags.unwrap_or(default)).collect()
    }

    #[test]
    fn key_frames_are_marked_wherever_they_stand() {
        let (key, delta) = (KEY_FLAGS, DELTA_FLAGS);
        let cases: [&[bool]; 4] = [&[true, false, false], &[false, false], &[false, true], &[true, false, true]];
        for is_key in cases {
            let frames: Vec<_> = (0..).zip(is_key).map(|(number, &is_key)| frame(number, is_key)).collect();
            let expected: Vec<_> = is_key.iter().map(|&is_key| if is_key { key } else { delta }).collect();
            assert_eq!(flags(&fragmenter().fragment(&frames).unwrap()), expected);
        }
    }

    #[test]
    fn the_data_offset_points_at_the_first_frame() {
        let bytes = fragmenter().fragment(&[frame(0, true), frame(1, false)]).unwrap();
        let Some(Any::Moof(moof)) = Any::decode_maybe(&mut bytes.as_slice()).unwrap() else { panic!("no moof") };
        let offset = moof.traf[0].trun[0].data_offset.unwrap() as usize;
        assert_eq!(bytes[offset..], [0, 0, 0, 1, 0, 0, 0, 0, 1, 1]);
    }

    #[test]
    fn no_frames_make_no_fragment() {
        let mut fragmenter = fragmenter();
        assert!(fragmenter.fragment(&[]).unwrap().is_empty());
        assert_eq!(fragmenter.fragments, 0);
    }
}
