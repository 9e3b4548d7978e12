//! Clients that request files outside of the served folders.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::client::HttpResponse;
use super::server::{Server, root};
use super::session::{Session, small};

/// The start of a file that all local users can read, and that must not be served.
const SECRET: &str = "root:";

#[test]
fn no_path_leads_out_of_the_served_folders() {
    let server = Server::shared();
    let session = Session::start(server, &small(600));
    session.file("master.m3u8").assert_status(200);
    let id = &session.id;
    let up = [
        "../".repeat(12),
        "..%2f".repeat(12),
        "%2e%2e/".repeat(12),
        "%2e%2e%2f".repeat(12),
        "..\\".repeat(12),
        "%252e%252e%252f".repeat(12),
    ];
    let long = "a".repeat(20_000);
    let mut targets: Vec<Vec<u8>> = Vec::new();
    for up in &up {
        for from in ["/live/", "/api/live/", "/api/exercises/", "/assets/player/", "/api/docs/", "/"] {
            targets.push(format!("{from}{up}etc/passwd").into_bytes());
        }
        for from in [format!("/live/{id}/"), format!("/live/{id}/180p/")] {
            targets.push(format!("{from}{up}etc/passwd").into_bytes());
            targets.push(format!("{from}{up}Cargo.toml").into_bytes());
        }
    }
    for name in [
        "%00",
        "0.m4s%00",
        "%00.m4s",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "0.m4s/",
        "0.m4s/..",
        "00.m4s",
        "+0.m4s",
        "-1.m4s",
        "0.m4s;x",
        "init-0.mp4%0d%0aX-Y:z",
        "%ff%fe",
        "media.m3u8%20",
        "~",
        "con",
        "file:%2f%2f%2fetc%2fpasswd",
        &long,
    ] {
        targets.push(format!("/live/{id}/180p/{name}").into_bytes());
        targets.push(format!("/live/{id}/{name}/media.m3u8").into_bytes());
        targets.push(format!("/live/{name}/master.m3u8").into_bytes());
        targets.push(format!("/api/live/{name}").into_bytes());
        targets.push(format!("/api/exercises/{name}").into_bytes());
        targets.push(format!("/live/{name}").into_bytes());
    }
    targets.push([b"/live/", &[0xff, 0xfe, 0x01][..]].concat());
    targets.push(format!("/live/{id}\0/master.m3u8").into_bytes());
    targets.push(b"http://elsewhere.example/etc/passwd".to_vec());
    targets.push(format!("/{}", "%".repeat(5000)).into_bytes());
    for target in targets {
        let (status, answer) = server.raw_get(&target);
        let shown = String::from_utf8_lossy(&target).chars().take(120).collect::<String>();
        assert!((400..500).contains(&status), "{shown}: {answer:.300}");
        assert!(
            !answer.contains(SECRET) && !answer.contains("[package]") && !answer.contains("X-Y"),
            "{shown}: {answer:.300}"
        );
    }
    let query = session.path(&format!("180p/media.m3u8?_HLS_msn={long}"));
    assert!((400..500).contains(&server.raw_get(query.as_bytes()).0));
    // A request head may have 64 KiB.
    let with_header = |bytes: usize| server.request("GET", "/healthz", &[("x-large", &"a".repeat(bytes))]);
    with_header(60_000).assert_status(200);
    with_header(70_000).assert_status(431);
    assert_eq!(session.status()["state"], "playing");
}

fn with_image(src: &str) -> Value {
    json!({"canvas": {"width": 320, "height": 180}, "duration": 2, "layers": [
        {"type": "progress", "rect": [0, 0, 320, 8]}, {"type": "image", "src": src}]})
}

#[test]
fn without_a_media_folder_no_file_can_be_named() {
    let server = Server::shared();
    let image = root().join("assets/pictures/square.png");
    for src in ["square.png", "assets/pictures/square.png", image.to_str().unwrap(), "/etc/passwd"] {
        let answer = server.post("/api/live", &with_image(src));
        assert_eq!(answer.assert_problem(422), "layers[1].src", "{src}");
    }
}

#[test]
fn only_files_in_the_media_folder_can_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let (media, outside) = (folder.path().join("media"), folder.path().join("outside"));
    fs::create_dir_all(media.join("inner")).unwrap();
    fs::create_dir_all(&outside).unwrap();
    let image = root().join("assets/pictures/square.png");
    for file in [media.join("a.png"), media.join("inner/b.png"), outside.join("c.png")] {
        fs::copy(&image, file).unwrap();
    }
    fs::write(media.join("text.png"), "not an image").unwrap();
    symlink("../outside/c.png", media.join("link.png")).unwrap();
    symlink("../outside", media.join("linked")).unwrap();
    symlink("a.png", media.join("inside.png")).unwrap();
    let server = Server::start(&["--rate-limit", "100000", "--media", media.to_str().unwrap()]);
    let ask = |src: &str| server.post("/api/live", &with_image(src));
    for src in ["a.png", "inner/b.png", "./inner/b.png", "inside.png"] {
        ask(src).assert_status(201);
    }
    let absolute = media.join("a.png").to_str().unwrap().to_owned();
    let rejected =
        [&absolute, "/etc/passwd", "../outside/c.png", "inner/../../outside/c.png", "..", "link.png", "linked/c.png"];
    for src in rejected {
        let answer = ask(src);
        assert_eq!(answer.status, 422, "{src}: {}", answer.text());
        assert!(
            !answer.text().contains(folder.path().to_str().unwrap()) || src == absolute,
            "{src}: {}",
            answer.text()
        );
        assert_eq!(answer.assert_problem(422), "layers[1].src", "{src}");
    }
    // A file that is not an image is invalid (422); a file that does not exist is not found (404). Neither answer contains
    // the server's paths.
    for (src, status) in [("text.png", 422), ("nothing.png", 404), ("inner/nothing.png", 404)] {
        let answer: HttpResponse = ask(src);
        assert_eq!(answer.assert_problem(status), "layers[1].src", "{src}");
        assert!(!answer.text().contains(folder.path().to_str().unwrap()), "{src}: {}", answer.text());
    }
    let clip = json!({"canvas": {"width": 320, "height": 180}, "duration": 2, "layers": [
        {"type": "clip", "src": "https://elsewhere.example/a.mp4"}]});
    assert_eq!(server.post("/api/live", &clip).assert_problem(422), "layers[0].src");
}
