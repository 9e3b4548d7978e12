//! Frame times from a file's packets, without decoding: for Matroska, and for movies with malformed boxes.

use std::path::Path;
use std::time::Duration;

use gstreamer as gst;

use super::DecodeError;
use super::container::Container;
use super::demux::is_key;
use super::file_format::FileFormat;
use super::iso::MAX_SAMPLES;
use super::stream::{Stream, StreamOutput};
use super::timing::{EditSegment, MAX_NANOS, Timing};
use repcast_model::time::{FrameRate, NANOS_PER_SEC, Rational, round};

/// Size in bytes up to which all packets of a file are read. For larger files, duration and rate come from the header.
const MAX_SCANNED_BYTES: u64 = 512 << 20;

/// Derives the timing of a file from the packets of its video track.
pub(super) fn scan(path: &Path, container: &Container, stall_timeout: Duration) -> Result<Timing, DecodeError> {
    let stream = Stream::start(path, container, StreamOutput::Packets, stall_timeout)?;
    let Some(first) = stream.next()? else { return Err(DecodeError::NoVideo(path.to_owned())) };
    // The nominal rate can only be verified against all packets.
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
    // Matroska rounds to a millisecond: an error of at most 0.5 ms, and a margin.
    let tolerance_nanos = if container.format == FileFormat::Matroska { 600_000 } else { 1_000 };
    let timing = timing(&packets, &keys, nominal, tolerance_nanos);
    // A truncated file, or one that was not read whole, lasts as long as its header states: the missing part is an
    // error at its time and not a shorter clip.
    let stated = stated.filter(|_| container.truncated || !is_whole);
    let stated = stated.map(|nanos| Rational::new(i128::from(nanos), NANOS_PER_SEC));
    Ok(Timing { duration: stated.unwrap_or(timing.duration).max(timing.duration), ..timing })
}

/// Packets from the beginning of a file among which the first frame is searched for: more than are reordered.
const FIRST_PACKETS: usize = 17;

/// The demuxer's time of the frame that [`scan`] counts times from, in nanoseconds, from the first packets alone; `None`
/// when there is no video.
pub(super) fn scan_start(
    path: &Path,
    container: &Container,
    stall_timeout: Duration,
) -> Result<Option<u64>, DecodeError> {
    let stream = Stream::start(path, container, StreamOutput::Packets, stall_timeout)?;
    let (mut starts, mut nominal) = (Vec::new(), None);
    loop {
        match stream.next() {
            Ok(Some(timed)) => {
                nominal = nominal.or_else(|| timed.sample.caps().and_then(nominal_rate));
                starts.push(timed.start_nanos);
            }
            Ok(None) | Err(DecodeError::NoVideo(_)) => break,
            Err(error) => return Err(error),
        }
        if starts.len() == FIRST_PACKETS {
            break;
        }
    }
    Ok(starts.into_iter().min().map(|first| origin(first, nominal)))
}

/// Media time zero: the first frame, if reordering explains its delay of one or two frames, which is removed. A longer
/// delay was intended by the author.
fn origin(first: u64, nominal: Option<FrameRate>) -> u64 {
    if first <= nominal.map_or(40_000_000, |rate| rate.nanos_at(1)) * 2 { first } else { 0 }
}

fn span(sample: &gst::Sample, start: u64) -> (u64, Option<u64>) {
    let length = sample.buffer().and_then(|buffer| buffer.duration()).map(gst::ClockTime::nseconds);
    (start, length.map(|length| length.min(MAX_NANOS)))
}

fn nominal_rate(caps: &gst::CapsRef) -> Option<FrameRate> {
    let rate = caps.structure(0)?.get::<gst::Fraction>("framerate").ok()?;
    FrameRate::new(u32::try_from(rate.numer()).ok()?, u32::try_from(rate.denom()).ok()?)
}

/// Timing of packets, each with its start and duration in nanoseconds, sorted, at least one. The nominal rate applies
/// if every packet is on its grid.
fn timing(packets: &[(u64, Option<u64>)], keys: &[u64], nominal: Option<FrameRate>, tolerance_nanos: u64) -> Timing {
    let first = packets[0].0;
    let (last, last_length) = packets[packets.len() - 1];
    let frame_nanos = nominal.map(|rate| rate.nanos_at(1));
    let origin = origin(first, nominal);
    let on_grid = |rate: FrameRate, start: u64| {
        let nearest = rate.boundary_at(Rational::new(i128::from(start), NANOS_PER_SEC));
        rate.nanos_at(nearest).abs_diff(start) <= tolerance_nanos
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
    let edits = [EditSegment::whole()].into();
    Timing { origin_nanos: origin, rate, duration, keys, edits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_rounded_to_milliseconds_are_restored_to_the_grid() {
        let rate = FrameRate::new(30, 1);
        let packets: Vec<_> = [0, 33, 67, 100, 133].map(|millis| (millis * 1_000_000, None)).to_vec();
        let timing = timing(&packets, &[0, 67_000_000], rate, 600_000);
        assert_eq!((timing.rate, timing.duration), (rate, Rational::new(1, 6)));
        assert_eq!([0, 66_999_999, 67_000_000].map(|at| timing.key_before(at)), [0, 0, 67_000_000].map(Some));
        // Frame 2 starts at 1/15 s exactly, although its time stamp is 67 ms.
        assert!(timing.latest_start(Rational::new(1, 15)) >= 67_000_000);
        assert!(timing.latest_start(Rational::new(1, 15) - Rational::new(1, 1_000_000)) < 66_000_000);
    }

    #[test]
    fn a_variable_rate_keeps_its_times() {
        let packets = [(0, Some(100)), (100, Some(250)), (350, Some(50))]
            .map(|(start, length)| (start * 1_000_000, length.map(|l: u64| l * 1_000_000)));
        let timing = timing(&packets, &[], FrameRate::new(10, 1), 1_000);
        assert_eq!((timing.rate, timing.duration), (None, Rational::new(2, 5)));
        assert_eq!(timing.latest_start(Rational::new(1, 10)), 100_000_001);
    }
}
