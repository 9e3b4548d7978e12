//! A stream with two renditions, between which players can switch at each segment.

use serde_json::json;

use super::playlist::{Playlist, check};
use super::probe::Media;
use super::server::Server;
use super::session::{Session, composition};
use super::support::process::{LIMIT, until};

#[test]
fn renditions_have_the_same_boundaries() {
    // An event playlist keeps all segments, however long the session runs on a busy machine.
    let server = Server::start(&["--ladder", "240p,360p", "--playlist", "event"]);
    let session = Session::start(&server, &composition(640, 360, 600));
    let master = session.file("master.m3u8").assert_status(200).text();
    check(&master);
    let (large, small) = (master.find("RESOLUTION=640x360").unwrap(), master.find("RESOLUTION=426x240").unwrap());
    assert!(
        large < small && master.contains("\n360p/media.m3u8\n") && master.contains("\n240p/media.m3u8\n"),
        "{master}"
    );
    let media = |name: &str| Playlist::read(&session.file(&format!("{name}/media.m3u8")).assert_status(200).text());
    let live = until("both renditions have about the same length", LIMIT, || {
        let live = media("360p");
        let (sequence, part) = live.edge();
        let [(_, other, _)] = &live.reports[..] else { panic!("{}", live.text) };
        (part > 0 && other.abs_diff(sequence) <= 1).then_some(live)
    });
    assert_eq!(live.reports[0].0, "../240p/media.m3u8", "{}", live.text);
    let own = media("240p");
    assert_eq!(own.reports[0].0, "../360p/media.m3u8", "{}", own.text);
    session.file("240p/media.m3u8?_HLS_msn=2&_HLS_part=0").assert_status(200);
    session.end();
    let status = session.wait_for_end();
    for (index, (width, height)) in [(640, 360), (426, 240)].into_iter().enumerate() {
        let rendition = &status["renditions"][index];
        assert_eq!((&rendition["width"], &rendition["height"]), (&json!(width), &json!(height)), "{status}");
    }
    let [large, small] = ["360p", "240p"].map(media);
    assert!(large.segments.len() >= 3, "{}", large.text);
    assert_eq!(large.segments, small.segments, "times and boundaries are equal");
    let mut frames = Vec::new();
    for (name, playlist, height) in [("360p", &large, 360), ("240p", &small, 240)] {
        let file = |uri: &str| session.file(&format!("{name}/{uri}")).assert_status(200).body;
        let init = file(&playlist.init);
        let segments: Vec<_> = playlist.segments.iter().map(|segment| file(segment.uri.as_ref().unwrap())).collect();
        let info = Media::new(&[init.clone(), segments.concat()].concat()).video_info();
        assert_eq!((info.height, info.starts_with_key_frame), (height, true), "{name}");
        frames.push(info.frames);
        for segment in segments {
            assert!(Media::new(&[init.clone(), segment].concat()).video_info().starts_with_key_frame, "{name}");
        }
    }
    let drawn = status["frames"].as_u64().unwrap() - status["late_frames"].as_u64().unwrap();
    assert_eq!(frames, [drawn, drawn], "{status}");
    session.file("480p/media.m3u8").assert_problem(404);
}
