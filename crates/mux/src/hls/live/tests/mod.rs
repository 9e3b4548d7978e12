//! Playlists in full, as players get them.

mod histories;

use super::*;

/// 2026-03-01T10:00:00.250Z, and less than a millisecond more.
const START_NANOS: i128 = 1_772_359_200_250_400_000;
const SEGMENT_NANOS: i128 = 2_000_000_000;

fn part(segment: u64, index: u64) -> Part {
    Part {
        uri: format!("x7_{segment}.{index}.m4s"),
        duration: Rational::new(1, 2),
        is_independent: index.is_multiple_of(4),
    }
}

fn open(segment: u64, parts: u64) -> OpenSegment {
    OpenSegment {
        program_time_nanos: START_NANOS + i128::from(segment) * SEGMENT_NANOS,
        is_discontinuous: false,
        init_uri: Some("x7_init.mp4".into()),
        parts: (0..parts).map(|index| part(segment, index)).collect(),
    }
}

fn complete(segment: u64) -> LiveSegment {
    open(segment, 4).complete(format!("x7_{segment}.m4s"))
}

fn segments(numbers: std::ops::Range<u64>) -> VecDeque<LiveSegment> {
    numbers.map(complete).collect()
}

/// The playlist of a session that began with these segments.
fn live(segments: &VecDeque<LiveSegment>) -> LivePlaylist<'_> {
    LivePlaylist {
        kind: LivePlaylistKind::Sliding,
        target_secs: 2,
        part_target: Rational::new(1, 2),
        longest_part_target: Rational::new(1, 2),
        first_sequence: 0,
        discontinuity_sequence: 0,
        segments,
        open: None,
        hint_uri: None,
        reports: &[],
        is_ended: false,
    }
}

/// Asserts that the text is this header and these lines.
#[track_caller]
fn assert_text(text: &str, first_sequence: u64, first: &str, last: &str) {
    let expected = format!(
        "#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.500000,HOLD-BACK=6.000000,CAN-SKIP-UNTIL=12.000000
#EXT-X-PART-INF:PART-TARGET=0.500000
#EXT-X-MEDIA-SEQUENCE:{first_sequence}
{first}{last}"
    );
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn the_start_of_a_stream() {
    let none = VecDeque::new();
    let opened = open(0, 0);
    let first = LivePlaylist { open: Some(&opened), hint_uri: Some("x7_0.0.m4s"), ..live(&none) };
    assert_text(&first.text(), 0, "", "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"x7_0.0.m4s\"\n");
    assert_eq!(first.report("a.m3u8".to_owned()), None);

    let opened = open(0, 2);
    let second = LivePlaylist { open: Some(&opened), hint_uri: Some("x7_0.2.m4s"), ..live(&none) };
    let expected = "\
#EXT-X-MAP:URI=\"x7_init.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:00:00.250Z
#EXT-X-PART:DURATION=0.500000,URI=\"x7_0.0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.500000,URI=\"x7_0.1.m4s\"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"x7_0.2.m4s\"
";
    assert_text(&second.text(), 0, "", expected);
    assert_eq!(second.report("a.m3u8".to_owned()).map(|it| (it.last_sequence, it.last_part)), Some((0, 1)));
}

#[test]
fn a_steady_stream_lists_the_parts_of_its_newest_segments_and_reports_on_the_other_rendition() {
    let segments = segments(30..34);
    let opened = open(34, 1);
    let other = LivePlaylist { first_sequence: 30, ..live(&segments) }.report("../tall/media.m3u8".to_owned());
    let reports = [other.unwrap()];
    let hint_uri = Some("x7_34.1.m4s");
    let steady =
        LivePlaylist { first_sequence: 30, open: Some(&opened), hint_uri, reports: &reports, ..live(&segments) };
    // Segment 32 begins 4.5 s before the end, segment 31 6.5 s: more than three target durations.
    let expected = "\
#EXT-X-MAP:URI=\"x7_init.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:01:00.250Z
#EXTINF:2.000000,
x7_30.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:01:02.250Z
#EXTINF:2.000000,
x7_31.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:01:04.250Z
#EXT-X-PART:DURATION=0.500000,URI=\"x7_32.0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.500000,URI=\"x7_32.1.m4s\"
#EXT-X-PART:DURATION=0.500000,URI=\"x7_32.2.m4s\"
#EXT-X-PART:DURATION=0.500000,URI=\"x7_32.3.m4s\"
#EXTINF:2.000000,
x7_32.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:01:06.250Z
#EXT-X-PART:DURATION=0.500000,URI=\"x7_33.0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.500000,URI=\"x7_33.1.m4s\"
#EXT-X-PART:DURATION=0.500000,URI=\"x7_33.2.m4s\"
#EXT-X-PART:DURATION=0.500000,URI=\"x7_33.3.m4s\"
#EXTINF:2.000000,
x7_33.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:01:08.250Z
#EXT-X-PART:DURATION=0.500000,URI=\"x7_34.0.m4s\",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"x7_34.1.m4s\"
#EXT-X-RENDITION-REPORT:URI=\"../tall/media.m3u8\",LAST-MSN=33,LAST-PART=3
";
    assert_text(&steady.text(), 30, "", expected);
    assert_eq!(steady.text_skipping(), steady.text(), "ten seconds: nothing to skip");
    assert_eq!(steady.edge(), PlaylistEdge { next_sequence: 34, parts: 1, previous_parts: 4, is_ended: false });
}

#[test]
fn a_discontinuity_has_its_init_segment_and_is_counted_when_it_leaves() {
    let mut segments = segments(0..1);
    let mut after = open(1, 1);
    (after.is_discontinuous, after.init_uri) = (true, Some("x7_init_2.mp4".into()));
    let hint_uri = Some("x7_1.1.m4s");
    let broken = LivePlaylist { open: Some(&after), hint_uri, ..live(&segments) };
    let expected = "\
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI=\"x7_init_2.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:00:02.250Z
#EXT-X-PART:DURATION=0.500000,URI=\"x7_1.0.m4s\",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"x7_1.1.m4s\"
";
    assert!(broken.text().ends_with(expected), "{}", broken.text());
    assert_eq!(broken.text().matches("#EXT-X-MAP:").count(), 2);

    segments = [after.complete("x7_1.m4s".to_owned())].into();
    let leaving = LivePlaylist { first_sequence: 1, hint_uri, ..live(&segments) };
    let expected = "\
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI=\"x7_init_2.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:00:02.250Z
#EXT-X-PART:DURATION=0.500000,URI=\"x7_1.0.m4s\",INDEPENDENT=YES
#EXTINF:0.500000,
x7_1.m4s
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"x7_1.1.m4s\"
";
    assert_text(&leaving.text(), 1, "#EXT-X-DISCONTINUITY-SEQUENCE:0\n", expected);

    let left = LivePlaylist { first_sequence: 2, discontinuity_sequence: 1, ..live(&VecDeque::new()) }.text();
    assert_text(&left, 2, "#EXT-X-DISCONTINUITY-SEQUENCE:1\n", "");
}

#[test]
fn an_event_is_marked() {
    let segments = segments(0..1);
    let event = LivePlaylist { kind: LivePlaylistKind::Event, hint_uri: Some("x7_1.0.m4s"), ..live(&segments) }.text();
    let expected = "\
#EXT-X-MAP:URI=\"x7_init.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:00:00.250Z
#EXT-X-PART:DURATION=0.500000,URI=\"x7_0.0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.500000,URI=\"x7_0.1.m4s\"
#EXT-X-PART:DURATION=0.500000,URI=\"x7_0.2.m4s\"
#EXT-X-PART:DURATION=0.500000,URI=\"x7_0.3.m4s\"
#EXTINF:2.000000,
x7_0.m4s
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"x7_1.0.m4s\"
";
    assert_text(&event, 0, "#EXT-X-PLAYLIST-TYPE:EVENT\n", expected);
}

#[test]
fn an_ended_stream_has_nothing_for_the_live_edge() {
    let mut segments = segments(0..9);
    segments.drain(..7);
    let opened = open(9, 1);
    let reports = [RenditionReport { uri: "../tall/media.m3u8".to_owned(), last_sequence: 8, last_part: 3 }];
    let base = LivePlaylist { first_sequence: 7, open: Some(&opened), hint_uri: Some("x7_9.1.m4s"), ..live(&segments) };
    let ended = LivePlaylist { reports: &reports, is_ended: true, ..base };
    let expected = "\
#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI=\"x7_init.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:00:14.250Z
#EXTINF:2.000000,
x7_7.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:00:16.250Z
#EXTINF:2.000000,
x7_8.m4s
#EXT-X-ENDLIST
";
    assert_eq!(ended.text(), expected);
    let many = self::segments(0..99);
    let event = LivePlaylist { kind: LivePlaylistKind::Event, is_ended: true, ..live(&many) };
    assert_eq!(event.text_skipping(), event.text());
    assert!(event.text().contains("#EXT-X-PLAYLIST-TYPE:EVENT\n"));
}

#[test]
fn a_delta_update_leaves_out_segments_before_the_skip_boundary() {
    let segments = segments(100..109);
    let hint_uri = Some("x7_109.0.m4s");
    let sliding = LivePlaylist { first_sequence: 100, hint_uri, ..live(&segments) };
    let (text, delta) = (sliding.text(), sliding.text_skipping());
    // Segment 102 ends twelve seconds before the end, segment 103 ten.
    let kept = text.split_once("x7_102.m4s\n").unwrap().1;
    assert!(kept.starts_with("#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:03:26.250Z\n#EXTINF:2.000000,\nx7_103.m4s\n"));
    assert_text(&delta, 100, "#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n#EXT-X-MAP:URI=\"x7_init.mp4\"\n", kept);
}

#[test]
fn rounded_durations_keep_their_limits() {
    let third = Rational::new(8, 15);
    let parts = (0..4).map(|index| Part { duration: third, ..part(0, index) }).collect();
    let segments = [
        OpenSegment { parts, ..open(0, 0) }.complete("x7_0.m4s".to_owned()),
        LiveSegment { duration: Rational::new(24_999_999, 10_000_000), ..complete(1) },
    ];
    let text = LivePlaylist { part_target: third, longest_part_target: third, ..live(&segments.into()) }.text();
    assert!(text.contains("PART-TARGET=0.533334\n"), "{text}");
    assert!(text.contains("PART-HOLD-BACK=1.600002,"), "{text}");
    assert!(text.contains("#EXT-X-PART:DURATION=0.533333,"), "{text}");
    assert!(text.contains("#EXTINF:2.133333,\n"), "{text}");
    assert!(text.contains("#EXTINF:2.499999,\n"), "2.5 would round to 3: {text}");
}

#[test]
fn players_keep_the_distance_of_the_longest_part_target_in_all_renditions() {
    let segments = VecDeque::from([complete(0)]);
    // Access units of audio do not end where parts of half a second do.
    let text = LivePlaylist { longest_part_target: Rational::new(24 * 1024, 48_000), ..live(&segments) }.text();
    assert!(text.contains("PART-HOLD-BACK=1.536000,") && text.contains("PART-TARGET=0.500000\n"), "{text}");
}
