//! The samples of a fragment that [`Fragmenter`](super::fragment::Fragmenter) has made, for outputs that take a stream
//! from where it is kept. Pure.

use std::num::NonZeroU32;

use mp4_atom::{Any, DecodeMaybe, Moof, Traf, Trun};

use super::MuxError;
use super::sample_table::SampleShape;
use repcast_media::{Sample, TrackId};

/// `sample_is_non_sync_sample` (ISO/IEC 14496-12, 8.8.3.1).
const NON_SYNC: u32 = 0x0001_0000;

const OUTSIDE: MuxError = MuxError::Fragment("a sample is outside of it");

/// A sample of a fragment, and where its bytes are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FragmentSample {
    pub(crate) shape: SampleShape,
    pub(crate) track: TrackId,
    /// Bytes from the start of the `moof` box.
    pub(crate) offset: usize,
}

/// The samples that a `moof` box announces.
pub(crate) fn fragment_samples(moof: &Moof) -> Result<Vec<FragmentSample>, MuxError> {
    let mut samples = Vec::new();
    moof.traf.iter().try_for_each(|traf| read_track(traf, &mut samples))?;
    Ok(samples)
}

/// The samples of one `moof` and its `mdat`, those of each track in decode order, with times as the fragment states them:
/// the decode time of audio is its presentation time.
///
/// # Errors
/// When the bytes are not a fragment whose runs state their times and sizes, as those made here do.
pub fn read_fragment(fragment: &[u8]) -> Result<Vec<Sample>, MuxError> {
    match Any::decode_maybe(&mut &*fragment)? {
        Some(Any::Moof(moof)) => {
            let sample = |FragmentSample { shape, track, offset }: FragmentSample| {
                let data = offset.checked_add(shape.size as usize).and_then(|end| fragment.get(offset..end));
                let SampleShape { dts, pts, duration, is_sync, .. } = shape;
                Ok(Sample { track, dts, pts, duration, is_sync, data: data.ok_or(OUTSIDE)?.to_vec() })
            };
            fragment_samples(&moof)?.into_iter().map(sample).collect()
        }
        _ => Err(MuxError::Fragment("it does not begin with a moof box")),
    }
}

fn read_track(traf: &Traf, samples: &mut Vec<FragmentSample>) -> Result<(), MuxError> {
    let track = NonZeroU32::new(traf.tfhd.track_id).map(TrackId::new);
    let track = track.ok_or(MuxError::Fragment("a track has the number 0"))?;
    let start = traf.tfdt.as_ref().ok_or(MuxError::Fragment("a track has no decode time"))?;
    let mut dts = start.base_media_decode_time;
    for run in &traf.trun {
        read_run(traf, run, track, &mut dts, samples)?;
    }
    Ok(())
}

fn read_run(
    Traf { tfhd, .. }: &Traf,
    run: &Trun,
    track: TrackId,
    dts: &mut u64,
    samples: &mut Vec<FragmentSample>,
) -> Result<(), MuxError> {
    let Some(mut offset) = run.data_offset.and_then(|offset| usize::try_from(offset).ok()) else {
        return Err(OUTSIDE);
    };
    for entry in run.samples.iter() {
        let size = entry.size.or(tfhd.default_sample_size).ok_or(OUTSIDE)?;
        let duration = entry.duration.or(tfhd.default_sample_duration);
        let duration = duration.ok_or(MuxError::Fragment("a sample has no duration"))?;
        let flags = entry.flags.or(tfhd.default_sample_flags).unwrap_or_default();
        let pts = i64::try_from(*dts).ok().and_then(|dts| dts.checked_add(entry.cts.unwrap_or_default()));
        let pts = pts.ok_or(MuxError::Fragment("a presentation time does not fit"))?;
        let is_sync = flags & NON_SYNC == 0;
        samples.push(FragmentSample { shape: SampleShape { dts: *dts, pts, duration, is_sync, size }, track, offset });
        *dts = dts.saturating_add(u64::from(duration));
        offset = offset.checked_add(size as usize).ok_or(OUTSIDE)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fragment::Fragmenter;
    use crate::test_media::{aac_sample, aac_track, video_track};
    use repcast_media::{EncodedFrame, Timebase};
    use repcast_model::time::FrameRate;

    fn frame(frame: u64, is_key: bool, duration: u32) -> Sample {
        let timebase = Timebase::new(FrameRate::new(30, 1).unwrap()).unwrap();
        let data = vec![0, 0, 0, 2, 0x65, frame as u8];
        Sample { duration, ..timebase.sample(EncodedFrame { frame, is_key, data }, frame) }
    }

    #[test]
    fn samples_are_read_as_they_were_written() {
        let mut fragmenter = Fragmenter::new_in_order([&video_track(), &aac_track()]).unwrap();
        // The frame between was dropped, so that the first lasts longer.
        let video = [frame(60, true, 1024), frame(62, false, 512), frame(63, false, 512)];
        let audio = [aac_sample(96_256, 96_256), aac_sample(97_280, 97_280)];
        let bytes = fragmenter.fragment(&[&video, &audio]).unwrap();
        assert_eq!(read_fragment(&bytes).unwrap(), [&video[..], &audio[..]].concat());
    }

    #[test]
    fn damaged_fragments_are_errors() {
        let mut fragmenter = Fragmenter::new_in_order([&video_track()]).unwrap();
        let bytes = fragmenter.fragment(&[&[frame(0, true, 512), frame(1, false, 512)]]).unwrap();
        for length in 0..bytes.len() {
            assert!(read_fragment(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
        }
        assert!(matches!(read_fragment(&fragmenter.init_segment().unwrap()), Err(MuxError::Fragment(_))));
    }
}
