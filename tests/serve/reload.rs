//! Players that wait: for the next part, for the next playlist, for what has changed in it.

use std::thread;

use super::server::{Server, until};
use super::session::{LIMIT, Session, small};

#[test]
fn a_playlist_waits_for_the_part_that_is_asked_for() {
    let session = Session::begin(Server::shared(), &small(600));
    session.file("master.m3u8").with(200);
    for _ in 0..3 {
        let (sequence, part) = session.media("").edge();
        let next = session.media(&format!("?_HLS_msn={sequence}&_HLS_part={part}"));
        assert!(next.edge() > (sequence, part), "answered at {:?}: {}", next.edge(), next.text);
    }
    // Without a part, the first one of the segment is enough.
    let (sequence, _) = session.media("").edge();
    let next = session.media(&format!("?_HLS_msn={}", sequence + 1));
    assert!(next.edge() >= (sequence + 1, 1), "{}", next.text);
    // What is there already is not waited for, and a part beyond a segment's last is the next segment's first.
    let now = session.media("?_HLS_msn=1&_HLS_part=0");
    assert!(now.edge() >= next.edge(), "{}", now.text);
    let (sequence, _) = now.edge();
    let next = session.media(&format!("?_HLS_msn={}&_HLS_part=4", sequence - 1));
    assert!(next.edge() >= (sequence, 1), "{}", next.text);
}

#[test]
fn what_nobody_can_wait_for_is_refused() {
    let session = Session::begin(Server::shared(), &small(600));
    session.file("master.m3u8").with(200);
    let far: [fn(u64) -> String; 3] = [
        |sequence| format!("_HLS_msn={}", sequence + 10),
        |_| format!("_HLS_msn={}", u64::MAX),
        |sequence| format!("_HLS_msn={sequence}&_HLS_part=40"),
    ];
    for query in far {
        until("what is far is refused", LIMIT, || {
            let (sequence, _) = session.media("").edge();
            let answer = session.file(&format!("180p/media.m3u8?{}", query(sequence)));
            // On a busy machine the stream may have gone on meanwhile, so that it was not far any more.
            let is_far = session.media("").edge().0 == sequence || answer.status != 200;
            is_far.then(|| answer.problem(400))
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
        session.file(&format!("180p/media.m3u8?{query}")).problem(400);
    }
    // What others put into a query is none of the server's business.
    session.media("?token=a%20b&msn=x&&=");
}

#[test]
fn a_delta_leaves_out_what_is_known() {
    let session = Session::begin(Server::shared(), &small(600));
    session.file("master.m3u8").with(200);
    // Six target durations are never left out, and at the beginning there is no more.
    let short = session.media("?_HLS_skip=YES");
    assert!(short.skipped == 0 || short.secs() >= 12.0, "what is left out is not old enough: {}", short.text);
    // The playlist is long, and begins with the same segment while it is asked for three times.
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
fn a_part_that_was_announced_is_waited_for() {
    let session = Session::begin(Server::shared(), &small(600));
    session.file("master.m3u8").with(200);
    let mut seen = 0;
    until("three parts are listed as they were announced", LIMIT, || {
        let playlist = session.media("");
        let hint = playlist.hint.clone().unwrap();
        // Two at once get the same bytes, which are those that are listed afterwards.
        let ask = || session.file(&format!("180p/{hint}")).with(200).body;
        let (first, second) = thread::scope(|scope| {
            let other = scope.spawn(ask);
            (ask(), other.join().unwrap())
        });
        assert!(first == second && !first.is_empty());
        assert_eq!(&first[4..8], b"moof");
        let (sequence, part) = playlist.edge();
        let next = session.media(&format!("?_HLS_msn={sequence}&_HLS_part={part}"));
        // On a busy machine the stream may have gone so far that it lists the parts of later segments only.
        let is_listed = next.parts().any(|part| part.uri == hint);
        assert!(is_listed || next.edge().0 > sequence + 2, "{hint} was announced: {}", next.text);
        assert!(ask() == first, "{hint} has changed");
        seen += u64::from(is_listed);
        (seen == 3).then_some(())
    });
    let gone = ["999.m4s", "999.0.m4s", "1.9.m4s", "init-9.mp4"];
    for name in gone {
        let answer = session.file(&format!("180p/{name}"));
        let status = answer.status;
        assert!([404, 410].contains(&status), "{name}: {status}");
        answer.problem(status);
    }
}
