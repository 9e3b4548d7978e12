//! Checks that samples arrive in an order that a decoder can follow and a player can show.
//!
//! Every sink checks its samples before it writes them, so that an encoder's error is reported at the frame where it
//! appears, and never becomes a file with a hole in its time line.

use std::collections::BTreeSet;

use super::MuxError;
use repcast_media::{Sample, Timebase};

/// Frames that may be decoded before one that is shown before them: `max_num_reorder_frames` is at most
/// `MaxDpbFrames`, which is at most 16 (ITU-T H.264, E.2.1 and A.3.1).
const MAX_REORDER: usize = 16;

/// The order of the video samples so far: of a constant rate, each presentation time once.
#[derive(Debug)]
pub(crate) struct VideoOrder {
    timebase: Timebase,
    /// Frames accepted.
    count: u64,
    /// All frames below this number have arrived.
    complete_below: u64,
    /// The frames above it that have arrived as well.
    ahead: BTreeSet<u64>,
}

impl VideoOrder {
    /// The order of an empty stream.
    pub(crate) const fn new(timebase: Timebase) -> Self {
        Self { timebase, count: 0, complete_below: 0, ahead: BTreeSet::new() }
    }

    /// Checks the next sample in decode order.
    pub(crate) fn accept(&mut self, sample: &Sample) -> Result<(), MuxError> {
        let ticks = u64::from(self.timebase.frame_ticks);
        let pts = u64::try_from(sample.pts).ok().filter(|pts| pts.is_multiple_of(ticks));
        if pts.is_none() || sample.duration != self.timebase.frame_ticks {
            return Err(MuxError::NotOnGrid { pts: sample.pts });
        }
        let number = pts.unwrap_or_default() / ticks;
        if self.count == 0 && !sample.is_sync {
            return Err(MuxError::FirstNotKey { frame: number });
        }
        if number < self.complete_below || !self.ahead.insert(number) {
            return Err(MuxError::Repeated { frame: number });
        }
        while self.ahead.remove(&self.complete_below) {
            self.complete_below += 1;
        }
        if self.ahead.len() > MAX_REORDER {
            return Err(MuxError::Missing { frame: self.complete_below });
        }
        if !is_length_prefixed(&sample.data) {
            return Err(MuxError::NotLengthPrefixed { frame: number });
        }
        check_dts(sample, self.timebase.at(self.count))?;
        self.count += 1;
        Ok(())
    }

    /// The number of frames of a stream that ends here.
    pub(crate) fn finish(&self) -> Result<u64, MuxError> {
        match (self.count, self.ahead.is_empty()) {
            (0, _) => Err(MuxError::Empty),
            (count, true) => Ok(count),
            (_, false) => Err(MuxError::Missing { frame: self.complete_below }),
        }
    }
}

/// The order of the audio samples so far: without gaps, all at the same encoder delay.
#[derive(Debug, Default)]
pub(crate) struct AudioOrder {
    /// The end of the sample before, in ticks.
    next_dts: u64,
    /// The end of the sample before in presentation time.
    next_pts: Option<i64>,
}

impl AudioOrder {
    /// Checks the next sample. The first may be played before 0, which is the encoder's delay, and not after it.
    pub(crate) fn accept(&mut self, sample: &Sample) -> Result<(), MuxError> {
        check_dts(sample, self.next_dts)?;
        if self.next_pts.map_or(sample.pts > 0, |expected| sample.pts != expected) {
            return Err(MuxError::AudioGap { pts: sample.pts, expected: self.next_pts.unwrap_or(0) });
        }
        self.next_dts += u64::from(sample.duration);
        self.next_pts = Some(sample.pts + i64::from(sample.duration));
        Ok(())
    }

    /// When the audio so far ends, in ticks of presentation time; nothing before the first sample.
    pub(crate) const fn end(&self) -> Option<i64> {
        self.next_pts
    }

    /// The check of a track that ends here.
    pub(crate) fn finish(&self) -> Result<(), MuxError> {
        if self.next_pts.is_some() { Ok(()) } else { Err(MuxError::EmptyAudio) }
    }
}

fn check_dts(sample: &Sample, expected: u64) -> Result<(), MuxError> {
    if sample.dts == expected {
        return Ok(());
    }
    Err(MuxError::DecodeTime { track: sample.track.get(), dts: sample.dts, expected })
}

/// Whether bytes are one or more NAL units, each after its length in four bytes (ISO/IEC 14496-15, 5.3.2).
fn is_length_prefixed(data: &[u8]) -> bool {
    let mut rest = data;
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        match tail.split_at_checked(length) {
            Some((_, after)) if length > 0 => rest = after,
            _ => return false,
        }
    }
    rest.is_empty() && !data.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use repcast_media::{EncodedFrame, TrackId};
    use repcast_model::time::FrameRate;

    fn timebase() -> Timebase {
        Timebase::new(FrameRate::new(30, 1).unwrap()).unwrap()
    }

    fn accept(numbers: &[u64]) -> Result<u64, MuxError> {
        let mut order = VideoOrder::new(timebase());
        for (index, &frame) in (0..).zip(numbers) {
            let frame = EncodedFrame { frame, is_key: frame == 0, data: vec![0, 0, 0, 1, 0x65] };
            order.accept(&timebase().sample(frame, index))?;
        }
        order.finish()
    }

    #[test]
    fn reordered_frames_are_accepted() {
        assert_eq!(accept(&[0, 4, 2, 1, 3, 8, 6, 5, 7]).unwrap(), 9);
    }

    #[test]
    fn impossible_orders_name_the_frame() {
        assert!(matches!(accept(&[]), Err(MuxError::Empty)));
        assert!(matches!(accept(&[3, 0]), Err(MuxError::FirstNotKey { frame: 3 })));
        assert!(matches!(accept(&[0, 1, 1]), Err(MuxError::Repeated { frame: 1 })));
        assert!(matches!(accept(&[0, 2, 2]), Err(MuxError::Repeated { frame: 2 })));
        assert!(matches!(accept(&[0, 2, 3]), Err(MuxError::Missing { frame: 1 })));
        let with_gap: Vec<u64> = (0..1).chain(2..100).collect();
        assert!(matches!(accept(&with_gap), Err(MuxError::Missing { frame: 1 })));
    }

    #[test]
    fn start_codes_are_not_lengths() {
        let annex_b = [0, 0, 0, 1, 0x67, 0x64, 0, 0x28, 0, 0, 0, 1, 0x68];
        for data in [&annex_b[..], &[], &[0, 0, 0, 0], &[0, 0, 0, 9, 1], &[0, 0, 0, 1, 0x65, 0]] {
            let frame = EncodedFrame { frame: 0, is_key: true, data: data.to_vec() };
            let accepted = VideoOrder::new(timebase()).accept(&timebase().sample(frame, 0));
            assert!(matches!(accepted, Err(MuxError::NotLengthPrefixed { frame: 0 })), "{data:?}");
        }
    }

    #[test]
    fn times_between_frames_are_rejected() {
        let frame = EncodedFrame { frame: 0, is_key: true, data: vec![0, 0, 0, 1, 0x65] };
        let sample = timebase().sample(frame, 0);
        let accept = |sample| VideoOrder::new(timebase()).accept(&sample);
        assert!(matches!(accept(Sample { pts: 1, ..sample.clone() }), Err(MuxError::NotOnGrid { pts: 1 })));
        assert!(matches!(accept(Sample { pts: -512, ..sample.clone() }), Err(MuxError::NotOnGrid { pts: -512 })));
        assert!(matches!(accept(Sample { dts: 512, ..sample }), Err(MuxError::DecodeTime { expected: 0, .. })));
    }

    #[test]
    fn audio_has_one_delay_and_no_gaps() {
        let accept = |times: &[(u64, i64)]| {
            let mut order = AudioOrder::default();
            times.iter().try_for_each(|&(dts, pts)| {
                let (track, data) = (TrackId::AUDIO, vec![0]);
                order.accept(&Sample { track, dts, pts, duration: 1024, is_sync: true, data })
            })?;
            order.finish().map(|()| order.end())
        };
        assert_eq!(accept(&[(0, -1024), (1024, 0), (2048, 1024)]).unwrap(), Some(2048));
        assert!(matches!(accept(&[]), Err(MuxError::EmptyAudio)));
        assert!(matches!(accept(&[(0, 1)]), Err(MuxError::AudioGap { pts: 1, expected: 0 })));
        assert!(matches!(accept(&[(0, 0), (1024, 1025)]), Err(MuxError::AudioGap { pts: 1025, expected: 1024 })));
        assert!(matches!(accept(&[(0, 0), (2048, 2048)]), Err(MuxError::DecodeTime { dts: 2048, .. })));
    }
}
