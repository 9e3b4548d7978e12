//! Playlists of live streams in every situation, validated by an independent checker: the crate `media-doctor`, which
//! implements draft-pantos-hls-rfc8216bis. It must accept them, and must find errors that are inserted.

use std::collections::VecDeque;

use media_doctor::{Report as Findings, check_hls_playlist};
use repcast_model::geometry::Size;
use repcast_model::time::{FrameRate, Rational};
use repcast_mux::hls::{
    Bandwidth, Decision, LivePlaylist, LivePlaylistKind, LiveSegment, OpenSegment, Part, Reload, RenditionReport,
    VariantStream, master,
};

/// Four parts of sixteen frames at 30 frames a second: the boundary that video and 48 kHz audio share.
const PARTS: usize = 4;
const PART_FRAMES: i128 = 16;
const FRAMES_PER_SEC: i128 = 30;
const TARGET_SECS: u32 = 2;
/// 2026-11-21T13:59:58Z.
const START_NANOS: i128 = 1_795_269_598_000_000_000;

/// The rules that a playlist violates.
fn findings(text: &str) -> Vec<String> {
    let mut report = Findings::new();
    check_hls_playlist(text, &mut report);
    report.findings().iter().map(|finding| finding.rule_id.clone()).collect()
}

fn open(number: usize, parts: usize) -> OpenSegment {
    let part = |index| Part {
        uri: format!("k3_{number}_{index}.m4s"),
        duration: Rational::new(PART_FRAMES, FRAMES_PER_SEC),
        is_independent: index == 0,
    };
    let frames = number as i128 * PARTS as i128 * PART_FRAMES;
    OpenSegment {
        program_time_nanos: START_NANOS + frames * 1_000_000_000 / FRAMES_PER_SEC,
        is_discontinuous: false,
        init_uri: Some("k3_init.mp4".into()),
        parts: (0..parts).map(part).collect(),
    }
}

fn segments(numbers: std::ops::Range<usize>) -> VecDeque<LiveSegment> {
    numbers.map(|number| open(number, PARTS).complete(format!("k3_{number}.m4s"))).collect()
}

/// The playlist of a session with these complete segments and the open segment `open`.
fn live<'a>(segments: &'a VecDeque<LiveSegment>, open: &'a OpenSegment) -> LivePlaylist<'a> {
    LivePlaylist {
        kind: LivePlaylistKind::Sliding,
        target_secs: TARGET_SECS,
        part_target: Rational::new(PART_FRAMES, FRAMES_PER_SEC),
        longest_part_target: Rational::new(PART_FRAMES, FRAMES_PER_SEC),
        first_sequence: 0,
        discontinuity_sequence: 0,
        segments,
        open: Some(open),
        hint_uri: Some("k3_next.m4s"),
        reports: &[],
        is_ended: false,
    }
}

/// The playlists of all situations, by name.
fn situations() -> Vec<(&'static str, String)> {
    let (none, few, many) = (segments(0..0), segments(0..3), segments(40..60));
    let mut broken = segments(0..6);
    broken[2].is_discontinuous = true;
    for segment in broken.range_mut(2..) {
        segment.init_uri = Some("k3_init_2.mp4".into());
    }
    let restarted = OpenSegment { is_discontinuous: true, init_uri: Some("k3_init_3.mp4".into()), ..open(6, 1) };
    let (first, middle, next, late) = (open(0, 0), open(0, 2), open(3, 3), open(60, 0));
    let reports = [RenditionReport { uri: "../tall/media.m3u8".to_owned(), last_sequence: 3, last_part: 1 }];
    let slid = LivePlaylist { first_sequence: 40, discontinuity_sequence: 2, ..live(&many, &late) };
    vec![
        ("nothing", live(&none, &first).text()),
        ("first parts", live(&none, &middle).text()),
        ("steady", live(&few, &next).text()),
        ("two renditions", LivePlaylist { reports: &reports, ..live(&few, &next) }.text()),
        ("discontinuities", live(&broken, &restarted).text()),
        ("slid", slid.text()),
        ("delta", slid.text_skipping()),
        ("event", LivePlaylist { kind: LivePlaylistKind::Event, ..live(&few, &next) }.text()),
        ("ended", LivePlaylist { is_ended: true, ..slid }.text()),
        ("ended event", LivePlaylist { kind: LivePlaylistKind::Event, is_ended: true, ..live(&few, &next) }.text()),
    ]
}

#[test]
fn all_playlists_are_valid() {
    for (name, text) in situations() {
        assert_eq!(findings(&text), Vec::<String>::new(), "{name}\n{text}");
    }
}

#[test]
fn the_checker_finds_inserted_errors() {
    let texts = situations();
    let text = |name| texts.iter().find(|(it, _)| *it == name).unwrap().1.clone();
    let with_error = |name, from: &str, to: &str| {
        let text: String = text(name);
        assert!(text.contains(from), "{name} has no {from}\n{text}");
        text.replacen(from, to, 1)
    };
    let cases = [
        (with_error("steady", "DURATION=0.533333,", "DURATION=0.633333,"), "hls-part-duration-range"),
        (
            with_error("steady", "DURATION=0.533333,URI=\"k3_3_1", "DURATION=0.4,URI=\"k3_3_1"),
            "hls-part-duration-range",
        ),
        (with_error("steady", "PART-TARGET=0.533334", "PART-TARGET=0.5"), "hls-part-duration-range"),
        (with_error("slid", "#EXTINF:2.133333", "#EXTINF:2.500000"), "hls-extinf-exceeds-target"),
        (with_error("delta", ",CAN-SKIP-UNTIL=12.000000", ""), "hls-skip-without-can-skip-until"),
        (text("steady") + "#EXT-X-ENDLIST\n", "hls-preload-hint-with-endlist"),
        (with_error("steady", "#EXTM3U\n", ""), "hls-missing-extm3u"),
        (with_error("ended", "#EXT-X-TARGETDURATION:2\n", ""), "hls-missing-targetduration"),
        (with_error("two renditions", "LAST-MSN=3,", ""), "hls-parse-error"),
        (with_error("event", "TYPE:EVENT", "TYPE:LIVE"), "hls-parse-error"),
        (with_error("steady", "TIME:2026-11-21T", "TIME:2026-21-11T"), "hls-parse-error"),
    ];
    for (text, rule) in cases {
        assert!(findings(&text).iter().any(|found| found == rule), "{rule}: {:?}\n{text}", findings(&text));
    }
}

#[test]
fn a_master_playlist_with_bandwidths_is_valid() {
    let rendition = |uri: &str, width, height| VariantStream {
        uri: uri.to_owned(),
        codecs: "avc1.640028".to_owned(),
        size: Size { width, height },
        rate: FrameRate::new(30, 1).unwrap(),
        bandwidth: Bandwidth { peak: 6_000_000, average: 4_000_000 },
    };
    let text = master(&[rendition("wide/media.m3u8", 1920, 1080), rendition("tall/media.m3u8", 1080, 1920)]);
    assert_eq!(findings(&text), Vec::<String>::new(), "{text}");
    assert_eq!(text.matches("BANDWIDTH=6000000,AVERAGE-BANDWIDTH=4000000,").count(), 2, "{text}");
    assert_eq!(findings(&text.replacen(":BANDWIDTH=6000000,", ":", 1)), ["hls-parse-error"]);
}

#[test]
fn a_blocking_reload_has_the_requested_part() {
    let segments = segments(0..3);
    let reload = Reload::parse(Some("_HLS_msn=3&_HLS_part=1")).unwrap();
    let (early, ready) = (open(3, 1), open(3, 2));
    assert_eq!(reload.decide(live(&segments, &early).edge()), Decision::Wait);
    assert!(!live(&segments, &early).text().contains("k3_3_1.m4s"));
    assert_eq!(reload.decide(live(&segments, &ready).edge()), Decision::Ready);
    assert!(live(&segments, &ready).text().contains("k3_3_1.m4s"));
    let ended = LivePlaylist { is_ended: true, ..live(&segments, &early) };
    assert_eq!(reload.decide(ended.edge()), Decision::Ready);
}
