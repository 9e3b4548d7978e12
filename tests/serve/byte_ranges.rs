//! Range requests of the growing MP4.

use std::io::Read;
use std::process::Command;

use super::server::Server;
use super::session::{Session, small};

#[test]
fn ranges_from_the_start_of_a_growing_file() {
    let server = Server::shared();
    let session = Session::start(server, &small(600));
    session.file("master.m3u8").assert_status(200);
    let path = session.path("stream.mp4");
    let init = session.file("180p/init-0.mp4").assert_status(200).body;
    let ask = |method: &str, range: &str| server.open(method, &path, &[("range", range)]);
    // The first requests of Safari's media player, which do not count as a viewer.
    for (range, last) in [
        ("bytes=0-1", 1),
        ("bytes=0-0", 0),
        ("bytes=0-15", 15),
        (&format!("bytes=0-{}", init.len() - 1), init.len() - 1),
    ] {
        let answer = server.request("GET", &path, &[("range", range)]).assert_status(206);
        assert_eq!(answer.header("content-range"), format!("bytes 0-{last}/*"), "{range}");
        assert_eq!(answer.header("content-length"), (last + 1).to_string(), "{range}");
        assert_eq!(
            (answer.header("content-type"), answer.header("cache-control")),
            ("video/mp4", "no-store"),
            "{range}"
        );
        assert_eq!(answer.body, init[..=last], "{range}");
    }
    assert_eq!(init[4..8], *b"ftyp");
    assert_eq!(session.status()["viewers"], 0);
    // Its next requests, and those of RFC 8673: up to a position far after the end.
    for last in [1_073_741_822_u64, 9_007_199_254_740_991] {
        let response = ask("GET", &format!("bytes=0-{last}"));
        assert_eq!((response.status().as_u16(), response.headers().get("content-length")), (206, None));
        assert_eq!(response.headers()["content-range"], format!("bytes 0-{last}/*"));
        let mut bytes = vec![0; init.len() + 8];
        response.into_body().into_reader().read_exact(&mut bytes).unwrap();
        assert_eq!((&bytes[..init.len()], &bytes[init.len() + 4..]), (&init[..], &b"moof"[..]));
    }
    // A range that ends within the next parts ends there.
    let last = init.len() + 20_000;
    let mut bytes = Vec::new();
    ask("GET", &format!("bytes=0-{last}")).into_body().into_reader().read_to_end(&mut bytes).unwrap();
    assert_eq!((bytes.len(), bytes.starts_with(&init)), (last + 1, true));
    // For any other range the whole file is sent, with status 200.
    for range in
        ["bytes=0-", "bytes=5-", "bytes=5-9", "bytes=-7", "bytes=0-1,4-5", "items=0-1", "bytes=9-2", "nonsense"]
    {
        let response = ask("GET", range);
        assert_eq!((response.status().as_u16(), response.headers().get("content-range")), (200, None), "{range}");
        let mut bytes = vec![0; init.len()];
        response.into_body().into_reader().read_exact(&mut bytes).unwrap();
        assert_eq!(bytes, init, "{range}");
    }
    let head = ask("HEAD", "bytes=0-1");
    assert_eq!((head.status().as_u16(), head.headers().get("content-range")), (200, None));
    let changed = server.open("GET", &path, &[("range", "bytes=0-1"), ("if-range", "\"x\"")]);
    assert_eq!((changed.status().as_u16(), changed.headers().get("content-range")), (200, None));
}

#[test]
fn an_ended_growing_file_has_a_length() {
    let server = Server::shared();
    let session = Session::start(server, &small(600));
    session.file("master.m3u8").assert_status(200);
    session.end();
    session.wait_for_end();
    let path = session.path("stream.mp4");
    let whole = server.get(&path).assert_status(200);
    let size = whole.body.len();
    assert_eq!((whole.header("content-length"), whole.header("cache-control")), (&*size.to_string(), "no-store"));
    for (range, first, last) in [
        ("bytes=0-1", 0, 1),
        ("bytes=0-", 0, size - 1),
        ("bytes=100-", 100, size - 1),
        ("bytes=-9", size - 9, size - 1),
    ] {
        let part = server.request("GET", &path, &[("range", range)]).assert_status(206);
        assert_eq!(part.header("content-range"), format!("bytes {first}-{last}/{size}"), "{range}");
        assert_eq!(part.body, whole.body[first..=last], "{range}");
    }
    let beyond = server.request("GET", &path, &[("range", &format!("bytes={size}-"))]);
    assert_eq!(beyond.header("content-range"), format!("bytes */{size}"));
    beyond.assert_problem(416);
    let head = server.request("HEAD", &path, &[("range", "bytes=0-1")]).assert_status(200);
    assert_eq!((head.header("content-length"), head.header("content-range")), (&*size.to_string(), ""));
}

#[test]
fn ffmpeg_reads_a_growing_file() {
    let server = Server::shared();
    let session = Session::start(server, &small(600));
    session.file("master.m3u8").assert_status(200);
    let url = format!("http://{}{}", server.address, session.path("stream.mp4"));
    // It sends `Range: bytes=0-` by default.
    for seekable in ["-1", "0"] {
        let args =
            ["-nostdin", "-v", "error", "-seekable", seekable, "-i", &url, "-frames:v", "40", "-f", "framemd5", "-"];
        let output = Command::new("ffmpeg").args(args).output().unwrap();
        let frames = String::from_utf8_lossy(&output.stdout).lines().filter(|line| !line.starts_with('#')).count();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && frames == 40, "{seekable}: {frames} frames; {stderr}");
    }
}
