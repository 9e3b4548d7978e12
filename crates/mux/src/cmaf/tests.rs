//! Parts and segments of video.

use mp4_atom::{Any, DecodeMaybe};
use proptest::prelude::*;

use super::*;
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

fn config(level: u8) -> StreamConfig {
    StreamConfig {
        size: Size { width: 64, height: 64 },
        rate: FrameRate::new(30, 1).unwrap(),
        avcc: vec![1, 0x64, 0, level, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, level, 1, 0, 4, 0x68, 0xeb, 0xec, 0xb2],
    }
}

fn frame(frame: u64, is_key: bool) -> EncodedFrame {
    EncodedFrame { frame, is_key, data: vec![0, 0, 0, 2, 0x65, frame as u8] }
}

const GRID: Grid = Grid { part: 4, segment: 16 };

fn cut(frames: &[(u64, bool, u8)], end: u64) -> Result<Vec<Chunk>, MuxError> {
    let mut segmenter = Segmenter::new(GRID);
    let mut chunks = Vec::new();
    for &(number, is_key, level) in frames {
        segmenter.push(&config(level), frame(number, is_key), |chunk| chunks.push(chunk))?;
    }
    chunks.extend(segmenter.finish(end)?);
    Ok(chunks)
}

/// Start and length of each sample in frames.
fn samples(chunk: &Chunk) -> Vec<(u64, u64)> {
    let Some(Any::Moof(moof)) = Any::decode_maybe(&mut chunk.data.as_slice()).unwrap() else { panic!("no moof") };
    let traf = &moof.traf[0];
    let mut at = traf.tfdt.as_ref().unwrap().base_media_decode_time;
    let default = traf.tfhd.default_sample_duration.unwrap();
    let mut found = Vec::new();
    for sample in traf.trun[0].samples.iter() {
        let ticks = u64::from(sample.duration.unwrap_or(default));
        found.push((at / 512, ticks / 512));
        at += ticks;
    }
    found
}

#[test]
fn parts_and_segments_end_on_the_grid_at_once() {
    let mut segmenter = Segmenter::new(GRID);
    let mut seen = Vec::new();
    for number in 0..20 {
        let mut publish = |chunk: Chunk| {
            seen.push((number, chunk.start, chunk.end, chunk.begins_segment, chunk.ends_segment, chunk.init.is_some()));
        };
        segmenter.push(&config(30), frame(number, GRID.begins_segment(number)), &mut publish).unwrap();
    }
    let expected = [
        (3, 0, 4, true, true, true),
        (7, 4, 8, true, true, false),
        (11, 8, 12, true, true, false),
        (15, 12, 16, true, true, false),
        (19, 16, 20, true, false, false),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_dropped_frame_is_covered_by_the_one_before() {
    let frames = [(0, true, 30), (1, false, 30), (4, true, 30), (8, true, 30)];
    let chunks = cut(&frames, 9).unwrap();
    let found: Vec<_> = chunks.iter().map(samples).collect();
    assert_eq!(found, [vec![(0, 1), (1, 3)], vec![(4, 4)], vec![(8, 1)]]);
}

#[test]
fn a_key_frame_of_a_new_encoder_begins_a_segment_with_its_own_init() {
    let frames = [(0, true, 30), (1, false, 30), (2, true, 31), (3, false, 31), (4, true, 31)];
    let chunks = cut(&frames, 5).unwrap();
    let shape: Vec<_> = chunks.iter().map(|chunk| (chunk.start, chunk.end, chunk.begins_segment)).collect();
    assert_eq!(shape, [(0, 2, true), (2, 4, true), (4, 5, true)]);
    assert!(chunks[0].ends_segment && chunks[1].ends_segment);
    assert_eq!(chunks[1].init.as_ref().unwrap().codecs, "avc1.64001F");
    // The parameter sets are in front of each of its key frames too: readers begin at any.
    for (chunk, first) in [(&chunks[1], 2), (&chunks[2], 4)] {
        let sets = [0, 0, 0, 4, 0x67, 0x64, 0, 31, 0, 0, 0, 4, 0x68, 0xeb, 0xec, 0xb2, 0, 0, 0, 2, 0x65, first];
        assert!(chunk.data.windows(sets.len()).any(|window| window == sets), "frame {first}");
    }
    assert!(!chunks[0].data.windows(4).any(|window| window == [0x68, 0xeb, 0xec, 0xb2]));
}

#[test]
fn streams_that_no_player_could_follow_are_rejected() {
    assert!(matches!(cut(&[(0, false, 30)], 1), Err(MuxError::FirstNotKey { frame: 0 })));
    assert!(matches!(cut(&[(0, true, 30), (0, false, 30)], 1), Err(MuxError::Repeated { frame: 0 })));
    let lost_key: Vec<_> = (0..12).map(|number| (number, number == 0, 30)).collect();
    assert!(matches!(cut(&lost_key, 12), Err(MuxError::FirstNotKey { frame: 4 })));
}

proptest! {
    #[test]
    fn no_time_is_lost_or_shown_twice(dropped in prop::collection::vec(any::<bool>(), 1..60), swap in 0_u64..60) {
        // Frames at the start of a part are never dropped.
        let frames: Vec<_> = (0..).zip(&dropped)
            .filter(|(number, dropped)| number % 4 == 0 || !**dropped)
            .map(|(number, _): (u64, _)| number).collect();
        let swap = frames.iter().find(|number| **number >= swap).copied().unwrap_or(u64::MAX);
        let frames: Vec<_> = frames.into_iter()
            .map(|number| (number, GRID.begins_segment(number) || number == swap, if number >= swap { 31 } else { 30 })).collect();
        let end = dropped.len() as u64;
        let chunks = cut(&frames, end).unwrap();
        let mut at = 0;
        for chunk in &chunks {
            prop_assert_eq!(chunk.start, at);
            prop_assert!(chunk.end - chunk.start <= 4);
            for (start, length) in samples(chunk) {
                prop_assert_eq!(start, at);
                at += length;
            }
            prop_assert_eq!(chunk.end, at);
        }
        prop_assert_eq!(at, end);
        for pair in chunks.windows(2) {
            // A part that was complete may turn out to have been its segment's last when a key frame follows.
            prop_assert!(!pair[0].ends_segment || pair[1].begins_segment);
            prop_assert!(pair[1].init.is_none() || pair[1].begins_segment);
        }
        prop_assert!(chunks[0].begins_segment && chunks[0].init.is_some());
    }
}
