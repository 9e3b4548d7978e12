//! Edit lists with extreme values, and lists whose frames are enumerated independently.

use std::path::Path;

use proptest::prelude::*;

use super::{clip_start, timing};
use crate::decode::color::ContainerColor;
use crate::decode::iso::{Display, EditListEntry, Sample, VideoTrack};
use repcast_model::geometry::Orientation;
use repcast_model::time::Rational;

fn video(timescale: u32, movie_timescale: u32, samples: Vec<Sample>, edits: Vec<EditListEntry>) -> VideoTrack {
    let display = Display { orientation: Orientation::default(), stretch: Rational::from_integer(1) };
    let color = ContainerColor::default();
    VideoTrack {
        timescale,
        movie_timescale,
        samples,
        edits,
        display,
        color,
        has_alpha_layer: false,
        demuxer_shift: 0,
        is_truncated: false,
    }
}

/// Limits of the fields' types, and small numbers.
fn ticks() -> impl Strategy<Value = i64> {
    let limits =
        [0, 1, -1, i64::from(i32::MAX), i64::from(i32::MIN), i64::from(u32::MAX), i64::MAX / 2, i64::MAX, i64::MIN];
    prop_oneof![prop::sample::select(limits.to_vec()), -1000_i64..100_000]
}

fn sample() -> impl Strategy<Value = Sample> {
    let pts = ticks().prop_map(|pts| pts.clamp(i64::from(i32::MIN), i64::MAX / 2 + i64::from(u32::MAX)));
    (pts, prop_oneof![Just(0), Just(512), any::<u32>()], any::<bool>()).prop_map(|(pts, duration, is_key)| Sample {
        pts,
        duration,
        is_key,
    })
}

fn edit() -> impl Strategy<Value = EditListEntry> {
    let duration = prop_oneof![Just(0), 1_u64..5000, any::<u64>()];
    let media_time = prop::option::of(ticks().prop_map(|ticks| ticks.max(0)));
    (duration, media_time, any::<bool>(), any::<bool>()).prop_map(|(duration, media_time, is_dwell, has_other_rate)| {
        EditListEntry { duration, media_time, is_dwell, has_other_rate }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn extreme_lists_make_consistent_timings(
        timescale in prop_oneof![Just(1_u32), Just(15360), Just(10_000_000), Just(u32::MAX), 1_u32..=u32::MAX],
        movie_timescale in prop_oneof![Just(1_u32), Just(1000), Just(u32::MAX), 1_u32..=u32::MAX],
        samples in prop::collection::vec(sample(), 1..20),
        edits in prop::collection::vec(edit(), 0..6),
        numerator in 0_i128..1_000_000_000_000, denominator in 1_i128..1_000_000_000_000,
    ) {
        let video = video(timescale, movie_timescale, samples, edits);
        let start = clip_start(&video);
        let limit = Rational::from_integer(4 * 315_360_000);
        prop_assert!(start <= limit && -start <= limit);
        let timing = timing(Path::new("hostile.mp4"), &video);
        prop_assert!(timing.duration > Rational::from_integer(0));
        prop_assert!(!timing.edits.is_empty() && timing.edits.is_sorted_by_key(|edit| edit.start));
        prop_assert!(timing.keys.is_sorted());
        for part in [Rational::new(numerator, denominator), timing.duration, timing.duration / 3] {
            let latest = timing.latest_start(part);
            prop_assert!(timing.key_before(latest).is_none_or(|key| key <= latest));
        }
    }

    /// By enumeration: each entry shows its frames in order, and an empty edit holds the previous frame.
    #[test]
    fn every_frame_of_a_list_is_the_enumerated_one(
        lead in 0_u32..3,
        parts in prop::collection::vec((prop::option::of(0_u32..40), 1_u32..20, any::<bool>()), 1..6),
    ) {
        const FRAMES: u32 = 48;
        let (timescale, step) = (15360, 512_i64);
        let samples = (0..FRAMES).map(|frame| {
            Sample { pts: i64::from(frame + lead) * step, duration: 512, is_key: frame % 12 == 0 }
        });
        // Entries end at the nearest millisecond, as in files.
        let millis = |frames: u32| (f64::from(frames) * 1000.0 / 30.0).round() as u64;
        let mut end = 0;
        let mut edits: Vec<EditListEntry> = Vec::new();
        for &(from, frames, is_dwell) in &parts {
            let duration = millis(end + frames) - millis(end);
            let media_time = from.map(|from| i64::from(from + lead) * step);
            edits.push(EditListEntry { duration, media_time, is_dwell, has_other_rate: false });
            end += frames;
        }
        let mut shown: Vec<Option<u32>> = Vec::new();
        for (from, frames, is_dwell) in &parts {
            let held = shown.last().copied().flatten();
            shown.extend((0..*frames).map(|frame| match from {
                None => held,
                Some(from) if *is_dwell => Some(*from),
                Some(from) => Some((from + frame).min(FRAMES - 1)),
            }));
        }
        // A list that shows nothing is ignored.
        let Some(first) = shown.iter().find_map(|frame| *frame) else { return Ok(()) };
        let timing = timing(Path::new("counted.mp4"), &video(timescale, 1000, samples.collect(), edits));
        let end = (timing.duration * 30).round().to_integer() as usize;
        for (frame, expected) in shown.iter().take(end).enumerate() {
            let latest = timing.latest_start(Rational::new(frame as i128, 30));
            let found = u32::try_from(u128::from(latest) * 30 / 1_000_000_000).unwrap();
            prop_assert_eq!(found, expected.unwrap_or(first), "frame {} of {:?}", frame, shown);
        }
    }
}

#[test]
fn audio_begins_with_the_first_frame_however_late_the_list_shows_it() {
    let frames =
        |first: i64| (0..9).map(|frame| Sample { pts: first + frame * 512, duration: 512, is_key: true }).collect();
    let entry = |duration: u64, media_time: Option<i64>| EditListEntry {
        duration,
        media_time,
        is_dwell: false,
        has_other_rate: false,
    };
    let start = |first: i64, edits: &[EditListEntry]| clip_start(&video(15_360, 1000, frames(first), edits.to_vec()));
    let secs = |numerator: i128| Rational::new(numerator, 30);
    // The list skips the delay by reordering, does not skip it, or is missing.
    assert_eq!(start(1024, &[entry(300, Some(1024))]), secs(0));
    assert_eq!(start(1024, &[entry(300, Some(0))]), secs(2));
    assert_eq!(start(1024, &[]), secs(2));
    // A pause before the first frame belongs to the clip.
    assert_eq!(start(0, &[entry(500, None), entry(300, Some(0))]), secs(0));
    // A recording that joined a stream late starts with its first frame.
    assert_eq!(start(153_600, &[entry(300, Some(0))]), secs(300));
}
