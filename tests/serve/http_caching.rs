//! Headers for caches, ranges of media files, compression, and the content security policy.

use std::io::Write;
use std::process::{Command, Stdio};

use super::server::Server;
use super::session::{Session, small};

const FOREVER: &str = "public, max-age=31536000, immutable";

#[test]
fn media_is_immutable_and_has_ranges() {
    let server = Server::shared();
    let session = Session::start(server, &small(30));
    session.file("master.m3u8").assert_status(200);
    for name in ["init-0.mp4", "1.m4s", "1.0.m4s"] {
        let path = session.path(&format!("180p/{name}"));
        let whole = server.get(&path).assert_status(200);
        assert_eq!((whole.header("cache-control"), whole.header("content-type")), (FOREVER, "video/mp4"), "{name}");
        assert_eq!(whole.header("accept-ranges"), "bytes", "{name}");
        let size = whole.body.len();
        let ranges = [
            ("bytes=0-0".to_owned(), 0, 0),
            ("bytes=10-19".to_owned(), 10, 19),
            ("bytes=10-".to_owned(), 10, size - 1),
            ("bytes=-7".to_owned(), size - 7, size - 1),
            (format!("bytes=5-{}", size * 9), 5, size - 1),
        ];
        for (range, first, last) in ranges {
            let part =
                server.request("GET", &path, &[("range", &range), ("accept-encoding", "gzip, br")]).assert_status(206);
            assert_eq!(part.header("content-range"), format!("bytes {first}-{last}/{size}"), "{name}, {range}");
            assert_eq!((part.header("content-encoding"), &part.body[..]), ("", &whole.body[first..=last]), "{range}");
        }
        let beyond = server.request("GET", &path, &[("range", &format!("bytes={size}-"))]);
        assert_eq!(beyond.header("content-range"), format!("bytes */{size}"), "{name}: a 416 contains the size");
        beyond.assert_problem(416);
        for ignored in ["bytes=0-1,4-5", "items=0-1", "bytes=9-2", "bytes=a-b", "bytes=-", "nonsense"] {
            let answer = server.request("GET", &path, &[("range", ignored)]).assert_status(200);
            assert_eq!(answer.body, whole.body, "{name}, {ignored}");
        }
        // Ranges apply to GET only. `If-Range` never matches, because responses have no validators: the whole file is sent.
        let head = server.request("HEAD", &path, &[("range", "bytes=0-1")]).assert_status(200);
        assert_eq!((head.header("content-length"), head.header("content-range")), (&*size.to_string(), ""), "{name}");
        for known in ["\"x\"", "W/\"x\"", "Sun, 06 Nov 1994 08:49:37 GMT", "nonsense"] {
            let answer =
                server.request("GET", &path, &[("range", "bytes=0-1"), ("if-range", known)]).assert_status(200);
            assert_eq!((answer.header("content-range"), &answer.body), ("", &whole.body), "{name}, {known}");
        }
        let twice = server.request("GET", &path, &[("range", "bytes=0-1"), ("range", "bytes=4-5")]).assert_status(200);
        assert_eq!(twice.body, whole.body, "{name}");
    }
}

#[test]
fn playlists_are_cached_briefly_and_compressed() {
    let server = Server::shared();
    let session = Session::start(server, &small(600));
    let master = session.file("master.m3u8").assert_status(200);
    assert_eq!(master.header("cache-control"), "public, max-age=1");
    let playlist = session.media("");
    let (sequence, part) = playlist.edge();
    let plain = session.file("180p/media.m3u8").assert_status(200);
    assert_eq!(plain.header("content-type"), "application/vnd.apple.mpegurl");
    assert_eq!((plain.header("cache-control"), plain.header("content-encoding")), ("public, max-age=1", ""));
    let blocking = session.file(&format!("180p/media.m3u8?_HLS_msn={sequence}&_HLS_part={part}")).assert_status(200);
    assert_eq!(blocking.header("cache-control"), "public, max-age=2");
    let path = session.path("180p/media.m3u8");
    for coding in ["gzip", "br"] {
        let answer = server.request("GET", &path, &[("accept-encoding", coding)]).assert_status(200);
        assert_eq!(answer.header("content-encoding"), coding);
        assert!(answer.header("vary").to_ascii_lowercase().contains("accept-encoding"), "{:?}", answer.headers);
        assert!(answer.body.len() < plain.body.len(), "{coding} makes it larger");
        if coding == "gzip" {
            assert!(gunzip(&answer.body).starts_with("#EXTM3U\n"));
        }
    }
    // Video is not compressed again, and problems are sent as they are.
    let newest = session.media("").segments.into_iter().rev().find_map(|segment| segment.uri).unwrap();
    let segment = session.path(&format!("180p/{newest}"));
    assert_eq!(
        server.request("GET", &segment, &[("accept-encoding", "gzip")]).assert_status(200).header("content-encoding"),
        ""
    );
    assert_eq!(server.request("GET", "/nothing", &[("accept-encoding", "gzip")]).status, 404);
}

fn gunzip(bytes: &[u8]) -> String {
    let mut gzip = Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    gzip.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = gzip.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_player_page_has_a_strict_policy() {
    let server = Server::shared();
    let session = Session::start(server, &small(30));
    let page = session.file("").assert_status(200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    let text = page.text();
    assert!(
        !text.contains("<script>") && !text.contains("style=") && !text.contains("onclick"),
        "inline code violates the policy"
    );
    let bare = server.get(&format!("/live/{}", session.id));
    assert_eq!((bare.status, bare.header("location")), (307, &*session.path("")));
    server.get("/live/00000000000000000000000000000000/").assert_problem(404);
}
