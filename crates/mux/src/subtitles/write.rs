//! Writes WebVTT.

use repcast_model::audio::{SAMPLE_RATE, SampleSpan};
use repcast_model::captions::{CaptionCue, CaptionPlacement};
use std::fmt::Write;

use super::markup::escaped;

/// The first line of a file, from which a later render recognises its own.
pub const FILE_HEADER: &str = "WEBVTT - repcast";

/// The times of segments are those of the media (RFC 8216, 3.5). Both values are one millisecond: hls.js 1.7 takes the
/// value 0 for the start of the stream as it joined it.
const TIMESTAMP_MAP: &str = "X-TIMESTAMP-MAP=MPEGTS:90,LOCAL:00:00:00.001";

/// A file of cues.
#[must_use]
pub fn write_file(cues: &[CaptionCue], placement: Option<CaptionPlacement>) -> String {
    document(FILE_HEADER, cues, placement)
}

/// A segment of an HLS rendition: those of the cues, which are in order, that are shown in a span, with their whole times.
/// A player that has them from another segment recognises them.
#[must_use]
pub fn write_segment(cues: &[CaptionCue], span: SampleSpan, placement: Option<CaptionPlacement>) -> String {
    let started = cues.partition_point(|cue| cue.span.start < span.end);
    let shown: Vec<CaptionCue> = cues[..started].iter().filter(|cue| cue.span.overlaps(span)).cloned().collect();
    segment(&shown, placement)
}

/// A segment of these cues.
pub(super) fn segment(cues: &[CaptionCue], placement: Option<CaptionPlacement>) -> String {
    document(&format!("WEBVTT\n{TIMESTAMP_MAP}"), cues, placement)
}

fn document(header: &str, cues: &[CaptionCue], placement: Option<CaptionPlacement>) -> String {
    let mut text = format!("{header}\n");
    let settings = placement.map_or(String::new(), |CaptionPlacement { line, position, size }| {
        format!(" line:{line}% position:{position}% size:{size}%")
    });
    for CaptionCue { span, text: lines } in cues {
        let (start, end) = (millis(span.start), millis(span.end));
        // What is shorter than a millisecond has no times, and is not seen.
        if start < end {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n{} --> {}{settings}\n{}\n", time(start), time(end), escaped(lines));
        }
    }
    text
}

/// Samples in milliseconds, rounded to the nearest, halves up.
fn millis(samples: u64) -> u64 {
    const SAMPLES: u64 = SAMPLE_RATE as u64 / 1000;
    (samples + SAMPLES / 2) / SAMPLES
}

/// A time as WebVTT writes it.
fn time(millis: u64) -> String {
    let (secs, minutes, hours) = (millis / 1000, millis / 60_000, millis / 3_600_000);
    format!("{hours:02}:{:02}:{:02}.{:03}", minutes % 60, secs % 60, millis % 1000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use repcast_model::document::SubtitleCue;

    use super::super::read;
    use super::*;

    fn cue(start_millis: u64, end_millis: u64, text: &str) -> CaptionCue {
        CaptionCue { span: SampleSpan { start: start_millis * 48, end: end_millis * 48 }, text: text.into() }
    }

    #[test]
    fn a_file_has_every_cue() {
        let cues = [cue(0, 2360, "Air squat & <hold>.\nHeels down."), cue(3_661_001, 3_662_000, "Done")];
        let expected = "WEBVTT - repcast\n\n00:00:00.000 --> 00:00:02.360\nAir squat &amp; &lt;hold&gt;.\nHeels down.\n\n\
            01:01:01.001 --> 01:01:02.000\nDone\n";
        assert_eq!(write_file(&cues, None), expected);
        let placement = CaptionPlacement { line: 80, position: 65, size: 60 };
        let placed = write_file(&cues[1..], Some(placement));
        assert!(placed.contains("01:01:02.000 line:80% position:65% size:60%\nDone"), "{placed}");
    }

    #[test]
    fn a_segment_has_the_cues_that_are_shown_in_it() {
        let cues = [cue(0, 2000, "a"), cue(1500, 4500, "b"), cue(4000, 5000, "c")];
        let segment = |start: u64, end: u64| {
            let span = SampleSpan { start: start * 48, end: end * 48 };
            let text = write_segment(&cues, span, None);
            assert!(text.starts_with("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:90,LOCAL:00:00:00.001\n"), "{text}");
            read(text.as_bytes()).unwrap().cues.iter().map(|cue| cue.text.clone()).collect::<String>()
        };
        assert_eq!(
            [segment(0, 2000), segment(2000, 4000), segment(4000, 6000), segment(6000, 8000)],
            ["ab", "b", "bc", ""]
        );
        let whole = write_segment(&cues, SampleSpan { start: 96_000, end: 192_000 }, None);
        assert!(whole.contains("00:00:01.500 --> 00:00:04.500"), "{whole}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(
            cues in prop::collection::vec(
                (0_u64..43_000_000, 1_u64..100_000, "[^\\p{Cc}\\p{Z}]{1,20}(( |\n)[^\\p{Cc}\\p{Z}]{1,9}){0,3}"), 0..6,
            ),
        ) {
            let mut cues: Vec<_> = cues.into_iter().map(|(start, len, text)| (start, start + len, text)).collect();
            cues.sort_by_key(|(start, ..)| *start);
            let captions: Vec<CaptionCue> = cues.iter().map(|(start, end, text)| cue(*start, *end, text)).collect();
            let expected: Result<Vec<_>, _> =
                cues.iter().map(|(start, end, text)| SubtitleCue::from_millis(*start, *end, text)).collect();
            // Stacks of marks, and times after twelve hours, obey no document's rules.
            if let Ok(expected) = expected {
                let found = read(write_file(&captions, None).as_bytes()).unwrap();
                prop_assert_eq!(found.skipped, 0);
                prop_assert_eq!(found.cues, expected);
            }
        }
    }
}
