//! No response names a folder of the server: files are named as the document or the catalogue names them.

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::HttpResponse;
use super::server::{Server, TOKEN, root};
use super::session::Session;
use super::support::tools::{tool, truncate_with_index};

/// Part of the path of every folder that the server reads, and of nothing else.
const MARKER: &str = "location-of-the-folders";

/// A server with a media folder and a catalogue.
struct Folders {
    folder: TempDir,
    server: Server,
}

impl Folders {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix(MARKER).tempdir().unwrap();
        let (media, catalogue) = (folder.path().join("media"), folder.path().join("catalogue"));
        make_media(&media);
        make_catalogue(&catalogue, &media.join("whole.mp4"));
        let [media, catalogue] = [media, catalogue].map(|path| path.to_str().unwrap().to_owned());
        let options = ["--rate-limit", "100000", "--token", TOKEN, "--media", &media, "--catalogue", &catalogue];
        Self { server: Server::start(&options), folder }
    }

    fn media(&self) -> PathBuf {
        self.folder.path().join("media")
    }

    /// Sends a document that cannot be opened; returns the status and the detail of the response.
    fn rejected(&self, path: &str, document: &Value) -> (u16, String) {
        let answer = checked(self.server.post(path, document));
        answer.assert_problem(answer.status);
        (answer.status, answer.json()["detail"].as_str().unwrap().to_owned())
    }

    /// Every response about a session.
    fn check_session(&self, session: &Session<'_>) {
        for path in [format!("/api/live/{}", session.id), "/api/live".to_owned(), "/metrics".to_owned()] {
            checked(self.server.get(&path)).assert_status(200);
        }
    }
}

/// Asserts that a response does not contain the marker.
#[track_caller]
fn checked(answer: HttpResponse) -> HttpResponse {
    assert!(!answer.text().contains(MARKER), "{}", answer.text());
    assert!(!format!("{:?}", answer.headers).contains(MARKER), "{:?}", answer.headers);
    answer
}

fn make_media(media: &Path) {
    fs::create_dir_all(media.join("folder")).unwrap();
    for sequence in ["gap", "damaged"] {
        fs::create_dir(media.join(sequence)).unwrap();
    }
    tool(media, "ffmpeg -v error -f lavfi -i testsrc=s=160x90:r=30:d=4 -pix_fmt yuv420p -g 30 whole.mp4");
    tool(media, "ffmpeg -v error -f lavfi -i color=s=9000x16 -frames:v 1 wide.png");
    tool(media, "ffmpeg -v error -f lavfi -i testsrc=s=16x16:r=30:d=1 damaged/%03d.png");
    truncate_with_index(&media.join("whole.mp4"), &media.join("cut.mp4"));
    let picture = fs::read(root().join("assets/pictures/square.png")).unwrap();
    fs::write(media.join("cut.png"), &picture[..picture.len() / 2]).unwrap();
    // The numbers have a gap, and the first picture is damaged.
    fs::write(media.join("gap/001.png"), "not a picture").unwrap();
    fs::write(media.join("gap/004.png"), &picture).unwrap();
    fs::write(media.join("damaged/020.png"), "not a picture").unwrap();
    fs::copy(media.join("whole.mp4"), media.join("later.mp4")).unwrap();
    fs::write(media.join("text.mp4"), "not a clip").unwrap();
    fs::write(media.join("other.mp4"), b"RIFF\x00\x10\x00\x00AVI LIST").unwrap();
    fs::write(media.join("head.mp4"), &fs::read(media.join("whole.mp4")).unwrap()[..64]).unwrap();
    fs::write(media.join("empty.mp4"), "").unwrap();
    tool(media, "mkfifo pipe.mp4");
    fs::write(media.parent().unwrap().join("outside.png"), &picture).unwrap();
    symlink("../outside.png", media.join("link.png")).unwrap();
    symlink("nowhere.png", media.join("broken-link.png")).unwrap();
}

/// Clips must exist when the server starts; they may be damaged, and deleted later.
fn make_catalogue(catalogue: &Path, clip: &Path) {
    fs::create_dir_all(catalogue.join("clips")).unwrap();
    let mut text = String::new();
    for id in ["whole", "cut", "text", "deleted"] {
        text += &format!("[[exercise]]\nid = \"{id}\"\nname = \"{id}\"\nclip = \"clips/{id}.mp4\"\n");
        fs::copy(clip, catalogue.join(format!("clips/{id}.mp4"))).unwrap();
    }
    truncate_with_index(clip, &catalogue.join("clips/cut.mp4"));
    fs::write(catalogue.join("clips/text.mp4"), "not a clip").unwrap();
    fs::write(catalogue.join("catalogue.toml"), text).unwrap();
}

fn composition(kind: &str, src: &str, start: u32) -> Value {
    json!({"canvas": {"width": 160, "height": 90, "fps": 30}, "duration": 12, "layers": [
        {"type": kind, "src": src, "start": start, "duration": 4}]})
}

fn workout(id: &str) -> Value {
    json!({"exercises": [{"id": id, "duration": 6}], "resolution": "720p"})
}

#[test]
fn rejected_documents_do_not_reveal_where_files_are() {
    let folders = Folders::new();
    let cases = [
        ("clip", "missing.mp4", 404),
        ("image", "missing.png", 404),
        ("clip", "folder/missing.mp4", 404),
        ("clip", "none/%05d.png", 404),
        ("image", "broken-link.png", 404),
        ("clip", "gap/%03d.png", 422),
        ("clip", "text.mp4", 422),
        ("clip", "other.mp4", 422),
        ("clip", "head.mp4", 422),
        ("clip", "empty.mp4", 422),
        ("clip", "folder", 422),
        ("clip", ".", 422),
        ("clip", "pipe.mp4", 422),
        ("image", "pipe.mp4", 422),
        ("image", "cut.png", 422),
        ("image", "wide.png", 422),
        ("image", "link.png", 422),
        ("image", "../outside.png", 422),
        ("subtitles", "missing.vtt", 404),
        ("subtitles", "cut.png", 422),
        ("subtitles", "text.mp4", 422),
        ("subtitles", "folder", 422),
        ("subtitles", "pipe.mp4", 422),
        ("subtitles", "link.png", 422),
        ("subtitles", "../outside.png", 422),
    ];
    for (kind, src, status) in cases {
        let (found, detail) = folders.rejected("/api/live", &composition(kind, src, 0));
        assert_eq!(found, status, "{src}: {detail}");
        // The part of the name in front of the number of a picture.
        let name = src.split('%').next().unwrap();
        assert!(detail.contains(name) || detail.contains("media folder"), "{src}: {detail}");
    }
    let absolute = folders.media().join("whole.mp4");
    let answer = folders.server.post("/api/live", &composition("clip", absolute.to_str().unwrap(), 0));
    answer.assert_problem(422);
    assert!(!answer.text().contains(MARKER), "a path is repeated: {}", answer.text());

    fs::remove_file(folders.folder.path().join("catalogue/clips/deleted.mp4")).unwrap();
    for path in ["/api/live", "/api/generate-workout-video"] {
        let (status, detail) = folders.rejected(path, &workout("text"));
        assert!(status == 422 && detail.contains(": clips/text.mp4: "), "{detail}");
        let (status, detail) = folders.rejected(path, &workout("deleted"));
        assert!(status == 404 && detail.contains(": clips/deleted.mp4: "), "{detail}");
        let background = json!({"exercises": [{"id": "whole"}], "background": {"video": "text.mp4"}});
        let (status, detail) = folders.rejected(path, &background);
        assert!(status == 422 && detail.contains("background.video: text.mp4: "), "{detail}");
    }
}

#[test]
fn sessions_with_broken_clips_do_not_reveal_where_files_are() {
    let folders = Folders::new();
    let server = &folders.server;
    let cases = [
        (composition("clip", "cut.mp4", 0), "cut.mp4: "),
        (composition("clip", "damaged/%03d.png", 0), "damaged/020.png: "),
        (workout("cut"), "clips/cut.mp4: "),
        // Deleted after the session has started, before it is read.
        (composition("clip", "later.mp4", 8), "later.mp4: "),
    ];
    for (document, name) in cases {
        let session = Session::start(server, &document);
        let events = server.open("GET", &format!("/api/live/{}/events", session.id), &[]);
        if name.starts_with("later") {
            fs::remove_file(folders.media().join("later.mp4")).unwrap();
            checked(session.command(json!({"command": "seek", "to": 8.5})));
        }
        let status = session.wait_for("a clip is broken", |status| status["broken_clips"] != json!([]));
        let message = status["broken_clips"][0].as_str().unwrap();
        assert!(message.starts_with(name), "{message}");
        folders.check_session(&session);
        session.end();
        folders.check_session(&session);
        let mut text = String::new();
        events.into_body().into_reader().read_to_string(&mut text).unwrap();
        assert!(!text.is_empty() && !text.contains(MARKER), "{text}");
    }
    // The log is for the operator.
    assert!(server.stderr_lines().iter().any(|line| line.contains(MARKER)));
    let video = checked(server.post("/api/generate-workout-video", &workout("cut"))).assert_status(200);
    assert!(!video.body.windows(MARKER.len()).any(|window| window == MARKER.as_bytes()));
}

#[test]
fn errors_of_the_api_do_not_reveal_where_files_are() {
    let folders = Folders::new();
    let api = checked(folders.server.get("/api/openapi.json")).json();
    let mut count = 0;
    for (path, operations) in api["paths"].as_object().unwrap() {
        let parts = path.split('/').map(|part| if part.starts_with('{') { "nothing" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        for method in operations.as_object().unwrap().keys() {
            let answer = match method.as_str() {
                "post" => folders.server.post(&path, &json!({})),
                method => folders.server.request(&method.to_uppercase(), &path, &[]),
            };
            checked(answer);
            count += 1;
        }
    }
    assert!(count >= 10, "{count} operations");
}
