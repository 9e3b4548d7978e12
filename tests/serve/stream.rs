//! A live stream from its first part to its end: everything that the playlists list exists and is one valid video.

use std::collections::BTreeMap;
use std::io::Read;

use super::playlist::{Playlist, check};
use super::probe::{Media, boxes};
use super::server::Server;
use super::session::{FPS, Session, small};
use super::support::process::{LIMIT, until};

/// Frames that were drawn. On a busy machine late frames are skipped, and the frame before is shown for longer.
fn drawn_frames(status: &serde_json::Value) -> u64 {
    status["frames"].as_u64().unwrap() - status["late_frames"].as_u64().unwrap()
}

#[test]
fn parts_and_segments_are_one_video() {
    let server = Server::shared();
    // Twelve segments: as many as a playlist lists.
    let session = Session::start(server, &small(18));
    let master = session.file("master.m3u8").assert_status(200);
    assert_eq!(master.header("content-type"), "application/vnd.apple.mpegurl");
    check(&master.text());
    assert!(
        master.text().contains("RESOLUTION=320x180,FRAME-RATE=30.000,CLOSED-CAPTIONS=NONE\n180p/media.m3u8"),
        "{}",
        master.text()
    );
    let mut parts: BTreeMap<(u64, u64), Vec<u8>> = BTreeMap::new();
    let mut playlist = session.media("");
    let file = |name: &str| session.file(&format!("180p/{name}")).assert_status(200).body;
    // Like a player: fetches each part when it is listed, and reloads the playlist when it has changed.
    while !playlist.is_ended {
        assert!(playlist.hint.is_some(), "{}", playlist.text);
        for part in playlist.parts() {
            assert!(part.secs <= 0.5 && part.secs > 0.0, "{}", playlist.text);
            let (sequence, number) = segment_and_part(&part.uri);
            assert_eq!(part.is_independent, number == 0, "{}", playlist.text);
            parts.entry((sequence, number)).or_insert_with(|| file(&part.uri));
        }
        let (sequence, part) = playlist.edge();
        playlist = session.media(&format!("?_HLS_msn={sequence}&_HLS_part={part}"));
    }
    let status = session.wait_for_end();
    assert_eq!((playlist.parts().count(), &playlist.hint), (0, &None), "{}", playlist.text);
    assert_eq!((playlist.first_sequence, playlist.secs()), (1, 18.0), "{}", playlist.text);
    let init = file(&playlist.init);
    let segments: Vec<Vec<u8>> = playlist.segments.iter().map(|segment| file(segment.uri.as_ref().unwrap())).collect();
    // The first four segments have half a second each.
    assert_eq!(segments.len(), 12);
    // Parts that were not listed in any fetched playlist are missing here: those at the end, on a busy machine also others.
    assert!(!parts.is_empty() && parts.keys().all(|(sequence, _)| (1..=12).contains(sequence)), "{:?}", parts.keys());
    for (sequence, segment) in (1..).zip(&segments) {
        let (numbers, pieces): (Vec<u64>, Vec<&[u8]>) =
            parts.range((sequence, 0)..(sequence + 1, 0)).map(|((_, number), bytes)| (*number, &bytes[..])).unzip();
        assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "segment {sequence}: {numbers:?}");
        assert!(segment.starts_with(&pieces.concat()), "the parts of segment {sequence} are not its bytes");
    }
    let info = Media::new(&[init.clone(), segments.concat()].concat()).video_info();
    assert_eq!((info.frames, info.width, info.height), (drawn_frames(&status), 320, 180), "{status}");
    assert_eq!(status["frames"], 18 * FPS, "{status}");
    assert!((info.secs - 18.0).abs() < 1e-3, "{info:?}");
    // Each segment can be decoded on its own.
    for segment in segments {
        let info = Media::new(&[init.clone(), segment].concat()).video_info();
        assert!(info.starts_with_key_frame, "{info:?}");
    }
}

/// Segment and part numbers of `12.3.m4s`.
fn segment_and_part(uri: &str) -> (u64, u64) {
    let (sequence, part) = uri.trim_end_matches(".m4s").split_once('.').unwrap();
    (sequence.parse().unwrap(), part.parse().unwrap())
}

#[test]
fn a_late_reader_starts_at_a_key_frame() {
    let server = Server::shared();
    let session = Session::start(server, &small(600));
    session.file("master.m3u8").assert_status(200);
    let response = server.open("GET", &session.path("stream.mp4"), &[]);
    assert_eq!(response.headers()["content-type"], "video/mp4");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let mut first = response.into_body().into_reader();
    // The third segment of two seconds has started.
    session.media("?_HLS_msn=5&_HLS_part=0");
    let mut second = server.open("GET", &session.path("stream.mp4?rendition=180p"), &[]).into_body().into_reader();
    assert!(session.status()["viewers"].as_u64().unwrap() >= 2);
    // Bytes arrive before the stream ends.
    let [mut early, mut late] = [(); 2].map(|()| vec![0_u8; 1024]);
    first.read_exact(&mut early).unwrap();
    second.read_exact(&mut late).unwrap();
    session.end();
    first.read_to_end(&mut early).unwrap();
    second.read_to_end(&mut late).unwrap();
    let status = session.wait_for_end();
    let ended = session.media("");
    let after = session.file("stream.mp4").assert_status(200).body;
    session.file("stream.mp4?rendition=nothing").assert_problem(404);
    let end = status["frames"].as_u64().unwrap() as f64 / FPS as f64;
    for (name, bytes, from) in [("first", &early, 0.0), ("second", &late, 2.0)] {
        let kinds: Vec<String> = boxes(bytes).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds[..4], ["ftyp", "moov", "moof", "mdat"], "{name}");
        let info = Media::new(bytes).video_info();
        assert!(info.starts_with_key_frame, "{name}: {info:?}");
        // It starts at a segment boundary, on a busy machine at a later one.
        let start = end - info.secs;
        let grid = if start < 1.75 { 0.5 } else { 2.0 };
        let boundary = (start / grid).round() * grid;
        assert!((start - boundary).abs() < 1e-3 && boundary >= from, "{name}: {info:?}");
    }
    assert!(Media::new(&early).video_info().frames <= drawn_frames(&status), "{status}");
    // After the end, the last segment can still be read.
    let after = Media::new(&after).video_info();
    let last = ended.segments.last().unwrap();
    assert!(after.starts_with_key_frame && (after.secs - last.secs).abs() < 1e-3, "{after:?}\n{}", ended.text);
}

#[test]
fn an_ended_stream_remains_available() {
    let server = Server::shared();
    let session = Session::start(server, &small(600));
    session.file("master.m3u8").assert_status(200);
    let live = session.media("");
    let open =
        until("a segment has started", LIMIT, || Some(session.media("")).filter(|playlist| playlist.edge().1 > 0));
    session.end();
    let answer = session.file("180p/media.m3u8").assert_status(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=30");
    let ended = Playlist::read(&answer.text());
    assert!(ended.is_ended && !live.is_ended, "{}", ended.text);
    let next_sequence = ended.first_sequence + ended.segments.len() as u64;
    assert!(next_sequence > open.edge().0, "the open segment is lost: {}", ended.text);
    // Blocking requests return at once.
    assert_eq!(session.media("?_HLS_msn=999&_HLS_part=7").text, ended.text);
    let files: Vec<String> = ended.segments.iter().map(|segment| segment.uri.clone().unwrap()).collect();
    let bytes = std::iter::once(&ended.init)
        .chain(&files)
        .map(|name| session.file(&format!("180p/{name}")).assert_status(200).body);
    let bytes: Vec<Vec<u8>> = bytes.collect();
    assert_eq!(session.status()["state"], "ended");
    // Ending an ended session succeeds.
    session.end();
    let info = Media::new(&bytes.concat()).video_info();
    assert!((info.secs - ended.secs()).abs() < 1e-3, "{info:?}\n{}", ended.text);
}
