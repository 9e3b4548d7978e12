//! A live stream from its first part to its end: what the playlists name is there, and it is one video without a fault.

use std::collections::BTreeMap;
use std::io::Read;

use super::media::{Media, boxes};
use super::playlist::{Playlist, check};
use super::server::{Server, until};
use super::session::{FPS, LIMIT, Session, small};

/// Frames that were drawn: those whose time had passed on a busy machine were left out, and the frame before each of
/// them is shown for longer.
fn drawn(told: &serde_json::Value) -> u64 {
    told["frames"].as_u64().unwrap() - told["late_frames"].as_u64().unwrap()
}

#[test]
fn parts_and_segments_are_one_video() {
    let server = Server::shared();
    // Twelve segments, which is what a playlist lists.
    let session = Session::begin(server, &small(18));
    let master = session.file("master.m3u8").with(200);
    assert_eq!(master.header("content-type"), "application/vnd.apple.mpegurl");
    check(&master.text());
    assert!(
        master.text().contains("RESOLUTION=320x180,FRAME-RATE=30.000,CLOSED-CAPTIONS=NONE\n180p/media.m3u8"),
        "{}",
        master.text()
    );
    let mut parts: BTreeMap<(u64, u64), Vec<u8>> = BTreeMap::new();
    let mut playlist = session.media("");
    let file = |name: &str| session.file(&format!("180p/{name}")).with(200).body;
    // As a player does it: each part once it is listed, and the next playlist once there is more.
    while !playlist.is_ended {
        assert!(playlist.hint.is_some(), "{}", playlist.text);
        for part in playlist.parts() {
            assert!(part.secs <= 0.5 && part.secs > 0.0, "{}", playlist.text);
            let (sequence, number) = place(&part.uri);
            assert_eq!(part.is_independent, number == 0, "{}", playlist.text);
            parts.entry((sequence, number)).or_insert_with(|| file(&part.uri));
        }
        let (sequence, part) = playlist.edge();
        playlist = session.media(&format!("?_HLS_msn={sequence}&_HLS_part={part}"));
    }
    let told = session.ended();
    assert_eq!((playlist.parts().count(), &playlist.hint), (0, &None), "{}", playlist.text);
    assert_eq!((playlist.first_sequence, playlist.secs()), (1, 18.0), "{}", playlist.text);
    let init = file(&playlist.init);
    let segments: Vec<Vec<u8>> = playlist.segments.iter().map(|segment| file(segment.uri.as_ref().unwrap())).collect();
    // The first four last half a second each.
    assert_eq!(segments.len(), 12);
    // Parts that came while nobody looked are not there: those at the end, and on a busy machine others too.
    assert!(!parts.is_empty() && parts.keys().all(|(sequence, _)| (1..=12).contains(sequence)), "{:?}", parts.keys());
    for (sequence, segment) in (1..).zip(&segments) {
        let (numbers, pieces): (Vec<u64>, Vec<&[u8]>) =
            parts.range((sequence, 0)..(sequence + 1, 0)).map(|((_, number), bytes)| (*number, &bytes[..])).unzip();
        assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "segment {sequence}: {numbers:?}");
        assert!(segment.starts_with(&pieces.concat()), "the parts of segment {sequence} are not its bytes");
    }
    let facts = Media::new(&[init.clone(), segments.concat()].concat()).facts();
    assert_eq!((facts.frames, facts.width, facts.height), (drawn(&told), 320, 180), "{told}");
    assert_eq!(told["frames"], 18 * FPS, "{told}");
    assert!((facts.secs - 18.0).abs() < 1e-3, "{facts:?}");
    // Each segment can be played by itself.
    for segment in segments {
        let facts = Media::new(&[init.clone(), segment].concat()).facts();
        assert!(facts.begins_with_key_frame, "{facts:?}");
    }
}

/// Segment and part of `12.3.m4s`.
fn place(uri: &str) -> (u64, u64) {
    let (sequence, part) = uri.trim_end_matches(".m4s").split_once('.').unwrap();
    (sequence.parse().unwrap(), part.parse().unwrap())
}

#[test]
fn who_joins_late_gets_a_video_from_a_key_frame_on() {
    let server = Server::shared();
    let session = Session::begin(server, &small(600));
    session.file("master.m3u8").with(200);
    let response = server.open("GET", &session.path("stream.mp4"), &[]);
    assert_eq!(response.headers()["content-type"], "video/mp4");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let mut first = response.into_body().into_reader();
    // The third segment has begun, and its first part is there.
    session.media("?_HLS_msn=5&_HLS_part=0");
    let mut second = server.open("GET", &session.path("stream.mp4?rendition=180p"), &[]).into_body().into_reader();
    assert!(session.told()["viewers"].as_u64().unwrap() >= 2);
    // Bytes come before the end.
    let [mut early, mut late] = [(); 2].map(|()| vec![0_u8; 1024]);
    first.read_exact(&mut early).unwrap();
    second.read_exact(&mut late).unwrap();
    session.end();
    first.read_to_end(&mut early).unwrap();
    second.read_to_end(&mut late).unwrap();
    let told = session.ended();
    let ended = session.media("");
    let after = session.file("stream.mp4").with(200).body;
    session.file("stream.mp4?rendition=nothing").problem(404);
    let end = told["frames"].as_u64().unwrap() as f64 / FPS as f64;
    for (name, bytes, from) in [("first", &early, 0.0), ("second", &late, 2.0)] {
        let kinds: Vec<String> = boxes(bytes).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds[..4], ["ftyp", "moov", "moof", "mdat"], "{name}");
        let facts = Media::new(bytes).facts();
        assert!(facts.begins_with_key_frame, "{name}: {facts:?}");
        // It begins with a segment, and on a busy machine with a later one.
        let start = end - facts.secs;
        let grid = if start < 1.75 { 0.5 } else { 2.0 };
        let border = (start / grid).round() * grid;
        assert!((start - border).abs() < 1e-3 && border >= from, "{name}: {facts:?}");
    }
    assert!(Media::new(&early).facts().frames <= drawn(&told), "{told}");
    // What has ended can still be read, from its last segment on.
    let after = Media::new(&after).facts();
    let last = ended.segments.last().unwrap();
    assert!(after.begins_with_key_frame && (after.secs - last.secs).abs() < 1e-3, "{after:?}\n{}", ended.text);
}

#[test]
fn an_ended_stream_can_still_be_read() {
    let server = Server::shared();
    let session = Session::begin(server, &small(600));
    session.file("master.m3u8").with(200);
    let live = session.media("");
    let open = until("a segment is begun", LIMIT, || Some(session.media("")).filter(|playlist| playlist.edge().1 > 0));
    session.end();
    let answer = session.file("180p/media.m3u8").with(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=30");
    let ended = Playlist::read(&answer.text());
    assert!(ended.is_ended && !live.is_ended, "{}", ended.text);
    let behind = ended.first_sequence + ended.segments.len() as u64;
    assert!(behind > open.edge().0, "what was begun is lost: {}", ended.text);
    // Whatever is asked for in the future comes at once.
    assert_eq!(session.media("?_HLS_msn=999&_HLS_part=7").text, ended.text);
    let files: Vec<String> = ended.segments.iter().map(|segment| segment.uri.clone().unwrap()).collect();
    let bytes =
        std::iter::once(&ended.init).chain(&files).map(|name| session.file(&format!("180p/{name}")).with(200).body);
    let bytes: Vec<Vec<u8>> = bytes.collect();
    assert_eq!(session.told()["state"], "ended");
    assert!(server.get("/api/live").with(200).json().as_array().unwrap().iter().any(|told| told["id"] == *session.id));
    // To end it again is no fault: it has ended, which is what was asked for.
    session.end();
    let facts = Media::new(&bytes.concat()).facts();
    assert!((facts.secs - ended.secs()).abs() < 1e-3, "{facts:?}\n{}", ended.text);
}
