//! The time stamps of a file's frames, read from its packets without decoding them: for Matroska, and for movies whose boxes
//! make no sense.

use std::path::Path;

use gstreamer as gst;

use super::DecodeError;
use super::demux::is_key;
use super::iso::MAX_SAMPLES;
use super::sniff::Kind;
use super::stream::{Container, Output, STALL, Stream};
use super::timing::{Edit, MAX_NANOS, Timing};
use repcast_model::time::{FrameRate, NANOS_PER_SEC, Rational, round};

/// Files above this size are not read whole to find their time stamps; their header is believed.
const MAX_SCANNED_BYTES: u64 = 512 << 20;

/// Reads the packets of a file's video track.
pub(super) fn scan(path: &Path, container: &Container) -> Result<Timing, DecodeError> {
    let stream = Stream::start(path, container, Output::Packets, STALL)?;
    let Some(first) = stream.next()? else { return Err(DecodeError::NoVideo(path.to_owned())) };
    // Whether a file that is not read whole keeps to its rate is not known.
    let is_whole = container.len <= MAX_SCANNED_BYTES;
    let nominal = first.sample.caps().and_then(nominal_rate).filter(|_| is_whole);
    let stated = stream.stated_duration_nanos();
    let mut packets = vec![span(&first.sample, first.start_nanos)];
    let mut keys = Vec::new();
    if is_whole {
        let is_key = |sample: &gst::Sample| sample.buffer().is_some_and(|buffer| is_key(buffer, sample.caps()));
        keys.extend(is_key(&first.sample).then_some(first.start_nanos));
        while let Some(timed) = stream.next()? {
            if packets.len() == MAX_SAMPLES {
                let reason = format!("more than {MAX_SAMPLES} frames");
                return Err(DecodeError::Io { path: path.to_owned(), reason });
            }
            packets.push(span(&timed.sample, timed.start_nanos));
            keys.extend(is_key(&timed.sample).then_some(timed.start_nanos));
        }
        packets.sort_unstable();
        keys.sort_unstable();
    }
    let tolerance = if container.kind == Kind::Matroska { 600_000 } else { 1_000 };
    let timing = timing(&packets, &keys, nominal, tolerance);
    // A file that is cut short, or was not read whole, promises what its header says: what is missing then shows up
    // as an error at its time and not as a shorter clip.
    let promised = stated.filter(|_| container.truncated || !is_whole);
    let promised = promised.map(|nanos| Rational::new(i128::from(nanos), NANOS_PER_SEC));
    Ok(Timing { duration: promised.unwrap_or(timing.duration).max(timing.duration), ..timing })
}

fn span(sample: &gst::Sample, start: u64) -> (u64, Option<u64>) {
    let length = sample.buffer().and_then(|buffer| buffer.duration()).map(gst::ClockTime::nseconds);
    (start, length.map(|length| length.min(MAX_NANOS)))
}

fn nominal_rate(caps: &gst::CapsRef) -> Option<FrameRate> {
    let rate = caps.structure(0)?.get::<gst::Fraction>("framerate").ok()?;
    FrameRate::new(u32::try_from(rate.numer()).ok()?, u32::try_from(rate.denom()).ok()?)
}

/// Finds the grid in sorted spans of time stamp and length. There is at least one.
fn timing(packets: &[(u64, Option<u64>)], keys: &[u64], nominal: Option<FrameRate>, tolerance: u64) -> Timing {
    let first = packets[0].0;
    let (last, last_length) = packets[packets.len() - 1];
    let frame_nanos = nominal.map(|rate| rate.nanos_at(1));
    // A first frame that is late by the reordering of one or two frames is at time zero; anything more is a delay that
    // the author wrote into the edit list.
    let origin = if first <= frame_nanos.unwrap_or(40_000_000) * 2 { first } else { 0 };
    let on_grid = |rate: FrameRate, start: u64| {
        let nearest = rate.border_at(Rational::new(i128::from(start), NANOS_PER_SEC));
        rate.nanos_at(nearest).abs_diff(start) <= tolerance
    };
    let rate = nominal.filter(|rate| packets.iter().all(|(start, _)| on_grid(*rate, start - origin)));
    let duration = match rate {
        Some(rate) => {
            let last = round(Rational::new(i128::from(last - origin), NANOS_PER_SEC) * rate.per_second());
            Rational::from_integer(last + 1) / rate.per_second()
        }
        None => {
            let before = packets.len().checked_sub(2).map(|index| last - packets[index].0);
            let length = last_length.filter(|length| *length > 0).or(before).or(frame_nanos).unwrap_or(40_000_000);
            Rational::new(i128::from(last + length - origin), NANOS_PER_SEC)
        }
    };
    let keys = keys.iter().map(|key| key.saturating_sub(origin)).collect();
    let edits = [Edit::whole()].into();
    Timing { origin_nanos: origin, rate, duration, keys, edits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_rounded_to_milliseconds_is_exact_again() {
        let rate = FrameRate::new(30, 1);
        let packets: Vec<_> = [0, 33, 67, 100, 133].map(|millis| (millis * 1_000_000, None)).to_vec();
        let timing = timing(&packets, &[0, 67_000_000], rate, 600_000);
        assert_eq!((timing.rate, timing.duration), (rate, Rational::new(1, 6)));
        assert_eq!([0, 66_999_999, 67_000_000].map(|at| timing.key_before(at)), [0, 0, 67_000_000].map(Some));
        // Frame 2 begins at 1/15 s exactly, although its time stamp says 67 ms.
        assert!(timing.latest_start(Rational::new(1, 15)) >= 67_000_000);
        assert!(timing.latest_start(Rational::new(1, 15) - Rational::new(1, 1_000_000)) < 66_000_000);
    }

    #[test]
    fn a_variable_rate_is_left_alone() {
        let packets = [(0, Some(100)), (100, Some(250)), (350, Some(50))]
            .map(|(start, length)| (start * 1_000_000, length.map(|l: u64| l * 1_000_000)));
        let timing = timing(&packets, &[], FrameRate::new(10, 1), 1_000);
        assert_eq!((timing.rate, timing.duration), (None, Rational::new(2, 5)));
        assert_eq!(timing.latest_start(Rational::new(1, 10)), 100_000_001);
    }
}
