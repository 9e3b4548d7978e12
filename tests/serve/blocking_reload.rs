//! Blocking playlist reloads, delta updates and preload hints.

use std::thread;

use super::server::Server;
use super::session::{Session, small};
use super::support::process::{LIMIT, until};

#[test]
fn a_playlist_is_sent_when_the_requested_part_exists() {
    let session = Session::start(Server::shared(), &small(600));
    session.file("master.m3u8").assert_status(200);
    for _ in 0..3 {
        let (sequence, part) = session.media("").edge();
        let next = session.media(&format!("?_HLS_msn={sequence}&_HLS_part={part}"));
        assert!(next.edge() > (sequence, part), "sent at {:?}: {}", next.edge(), next.text);
    }
    // Without a part number, the first part of the segment suffices.
    let (sequence, _) = session.media("").edge();
    let next = session.media(&format!("?_HLS_msn={}", sequence + 1));
    assert!(next.edge() >= (sequence + 1, 1), "{}", next.text);
    // Parts that exist do not block, and a part number after the last is the first part of the next segment.
    let now = session.media("?_HLS_msn=1&_HLS_part=0");
    assert!(now.edge() >= next.edge(), "{}", now.text);
    let (sequence, _) = now.edge();
    let next = session.media(&format!("?_HLS_msn={}&_HLS_part=4", sequence - 1));
    assert!(next.edge() >= (sequence, 1), "{}", next.text);
}

#[test]
fn distant_and_malformed_reloads_are_rejected() {
    let session = Session::start(Server::shared(), &small(600));
    session.file("master.m3u8").assert_status(200);
    let far: [fn(u64) -> String; 3] = [
        |sequence| format!("_HLS_msn={}", sequence + 10),
        |_| format!("_HLS_msn={}", u64::MAX),
        |sequence| format!("_HLS_msn={sequence}&_HLS_part=40"),
    ];
    for query in far {
        until("a distant part is rejected", LIMIT, || {
            let (sequence, _) = session.media("").edge();
            let answer = session.file(&format!("180p/media.m3u8?{}", query(sequence)));
            // On a busy machine the stream may have advanced meanwhile.
            let is_far = session.media("").edge().0 == sequence || answer.status != 200;
            is_far.then(|| answer.assert_problem(400))
        });
    }
    let garbage = [
        "_HLS_msn=",
        "_HLS_msn",
        "_HLS_msn=-1",
        "_HLS_msn=x",
        "_HLS_msn=1.5",
        "_HLS_msn=99999999999999999999",
        "_HLS_part=1",
        "_HLS_msn=1&_HLS_part=x",
        "_HLS_msn=1&_HLS_msn=2",
        "_HLS_msn=%31",
    ];
    for query in garbage {
        session.file(&format!("180p/media.m3u8?{query}")).assert_problem(400);
    }
    // Other query parameters are ignored.
    session.media("?token=a%20b&msn=x&&=");
}

#[test]
fn a_delta_update_skips_old_segments() {
    let session = Session::start(Server::shared(), &small(600));
    session.file("master.m3u8").assert_status(200);
    // The last six target durations are never skipped, and the playlist is not longer yet.
    let short = session.media("?_HLS_skip=YES");
    assert!(short.skipped == 0 || short.secs() >= 12.0, "a recent segment was skipped: {}", short.text);
    // Three reloads of a long playlist that all start with the same segment.
    let [long, delta, full] = until("the playlist is long enough", LIMIT, || {
        let three = ["", "?_HLS_skip=YES", ""].map(|query| session.media(query));
        let is_same = three.iter().all(|playlist| playlist.first_sequence == three[0].first_sequence);
        (is_same && three[0].segments.len() >= 12).then_some(three)
    });
    assert!(delta.skipped > 0 && delta.text.contains("#EXT-X-VERSION:9\n"), "{}", delta.text);
    let skipped = delta.skipped as usize;
    let rest: Vec<_> = delta.segments.iter().filter_map(|segment| segment.uri.clone()).collect();
    let all: Vec<_> = full.segments.iter().filter_map(|segment| segment.uri.clone()).collect();
    assert!(all[skipped..].starts_with(&rest) && !rest.is_empty(), "{all:?}\n{rest:?}");
    let known: Vec<_> = long.segments.iter().take(skipped).filter_map(|segment| segment.uri.clone()).collect();
    assert_eq!(known, all[..skipped]);
    assert!(delta.text.len() < full.text.len());
}

#[test]
fn a_hinted_part_is_sent_when_it_exists() {
    let session = Session::start(Server::shared(), &small(600));
    session.file("master.m3u8").assert_status(200);
    let mut seen = 0;
    until("three hinted parts are listed", LIMIT, || {
        let playlist = session.media("");
        let hint = playlist.hint.clone().unwrap();
        // Two concurrent requests receive the bytes of the part that is listed afterwards.
        let ask = || session.file(&format!("180p/{hint}")).assert_status(200).body;
        let (first, second) = thread::scope(|scope| {
            let other = scope.spawn(ask);
            (ask(), other.join().unwrap())
        });
        assert!(first == second && !first.is_empty());
        assert_eq!(&first[4..8], b"moof");
        let (sequence, part) = playlist.edge();
        let next = session.media(&format!("?_HLS_msn={sequence}&_HLS_part={part}"));
        // On a busy machine the stream may have advanced, so that it lists parts of later segments only.
        let is_listed = next.parts().any(|part| part.uri == hint);
        assert!(is_listed || next.edge().0 > sequence + 2, "{hint} was hinted: {}", next.text);
        assert!(ask() == first, "{hint} has changed");
        seen += u64::from(is_listed);
        (seen == 3).then_some(())
    });
    for name in ["999.m4s", "999.0.m4s", "init-9.mp4"] {
        session.file(&format!("180p/{name}")).assert_problem(404);
    }
    // On a busy machine the first segment may have left the playlist (410).
    let missing = session.file("180p/1.9.m4s");
    let is_listed = session.media("").first_sequence <= 1;
    assert!(missing.status == 404 || missing.status == 410 && !is_listed, "{}", missing.status);
}
