//! The service of cameras as programs use it, over HTTP: courts, sessions, recordings, previews.

use std::io::Read;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::recorder::check;
use super::rtsp_camera::{AAC, CameraKind, H264, PASSWORD, RtspCamera, USER};
use super::server::Server;
use super::support::process::{LIMIT, signal, until};

fn start(data: &Path, options: &[&str]) -> Server {
    let own = [
        "--data",
        data.to_str().unwrap(),
        "--rate-limit",
        "100000",
        "--camera-allow",
        "127.0.0.1",
        "--recording-free-mb",
        "1",
    ];
    Server::start(&[&own[..], options].concat())
}

fn court(server: &Server, port: u16) -> i64 {
    let camera = json!({"name": "North", "url": format!("rtsp://127.0.0.1:{port}/live"), "username": USER, "password": PASSWORD});
    let body = json!({"name": "Court 1", "club": "Padel Lyon", "camera": camera});
    let created = server.post("/api/terrains", &body).assert_status(201);
    assert!(!created.text().contains(PASSWORD));
    created.json()["id"].as_i64().unwrap()
}

fn open(server: &Server, terrain: i64) -> String {
    let session = server.post("/api/video/session/create", &json!({"terrain_id": terrain})).assert_status(200).json();
    assert_eq!(session["status"], "active", "{session}");
    session["session_id"].as_str().unwrap().to_owned()
}

fn record(server: &Server, session: &str) {
    server.post("/api/video/record/start", &json!({"session_id": session, "duration_minutes": 5})).assert_status(200);
}

fn status(server: &Server, session: &str) -> Value {
    server.get(&format!("/api/video/record/status/{session}")).assert_status(200).json()
}

fn gaps(server: &Server, session: &str) -> usize {
    status(server, session)["gaps"].as_array().unwrap().len()
}

fn until_recorded(server: &Server, session: &str, secs: f64) {
    until("the length of the recording", LIMIT, || {
        (status(server, session)["duration_seconds"].as_f64().unwrap() >= secs).then_some(())
    });
}

/// So long no picture arrives that a recording has a gap.
const LONGER_THAN_A_GAP: Duration = Duration::from_secs(3);

const KIND: CameraKind = CameraKind { video: H264, audio: AAC, has_login: true };

#[test]
fn one_file_outlives_the_server_and_the_camera() {
    let data = tempfile::tempdir().unwrap();
    let mut camera = RtspCamera::start(KIND);
    let port = camera.port;
    let mut server = start(data.path(), &[]);
    let session = open(&server, court(&server, port));
    record(&server, &session);
    server.post("/api/video/record/start", &json!({"session_id": session})).assert_problem(409);
    until_recorded(&server, &session, 2.0);
    let path = format!("/api/video/record/{session}/markers");
    server.post(&path, &json!({"at": 1.5, "label": "Smash <b>\u{202e}"})).assert_status(201);
    assert_eq!(server.post(&path, &json!({"at": 1000})).assert_problem(422), "at");
    // The server is killed, the camera loses its power, and the server is ended.
    signal(server.pid, "KILL");
    std::thread::sleep(LONGER_THAN_A_GAP);
    server = start(data.path(), &[]);
    until("a gap", LIMIT, || (gaps(&server, &session) >= 1).then_some(()));
    drop(camera);
    std::thread::sleep(LONGER_THAN_A_GAP);
    camera = RtspCamera::start_at(KIND, port);
    until("two gaps", LIMIT, || (gaps(&server, &session) >= 2).then_some(()));
    server.signal("TERM");
    assert_eq!(server.wait(LIMIT).0, 0);
    std::thread::sleep(LONGER_THAN_A_GAP);
    server = start(data.path(), &[]);
    until("three gaps", LIMIT, || (gaps(&server, &session) >= 3).then_some(()));
    let length = status(&server, &session)["duration_seconds"].as_f64().unwrap();
    until_recorded(&server, &session, length + 1.0);
    let ended = server.post("/api/video/record/stop", &json!({"session_id": session})).assert_status(200).json();
    let found = ended["gaps"].as_array().unwrap().len();
    assert!(ended["status"] == "recovered" && found >= 3, "{ended}");
    // What was lost is said: less than a second, of the one that was killed.
    assert!(ended["lost_seconds"].as_f64().unwrap() <= 1.0, "{ended}");
    let files = server.get("/api/video/files/list").assert_status(200).json();
    let file = &files[0];
    assert_eq!((files.as_array().unwrap().len(), &file["session_id"]), (1, &json!(session)));
    let club = file["club_id"].as_str().unwrap();
    let stored = data.path().join(format!("videos/{club}/{session}.mp4"));
    assert_eq!(std::fs::metadata(&stored).unwrap().len(), file["size"].as_u64().unwrap());
    let checked = check(&stored);
    let held = checked.times.windows(2).filter(|pair| pair[1] - pair[0] > 1.9).count();
    assert_eq!(held, found, "{:?}", checked.times);
    let elapsed = ended["elapsed_seconds"].as_f64().unwrap();
    assert!((checked.times.last().unwrap() - elapsed).abs() < 2.0, "{ended}");
    let download = file["download_url"].as_str().unwrap();
    let part = server.request("GET", download, &[("range", "bytes=4-7")]).assert_status(206);
    assert_eq!(part.body, b"ftyp");
    assert_eq!(server.get(&path).json()[0]["label"], "Smash <b>\u{202e}");
    // A clip around the marker: from the key frame before it, at most half a second earlier.
    let clips = format!("/api/video/record/{session}/clips");
    let clip = server.post(&clips, &json!({"from": 1.1, "to": 2.0})).assert_status(201).json();
    let from = clip["from"].as_f64().unwrap();
    assert!((0.5..=1.1).contains(&from), "{clip}");
    let path_of_clip = data.path().join("clip.mp4");
    std::fs::write(&path_of_clip, server.get(clip["download_url"].as_str().unwrap()).assert_status(200).body).unwrap();
    let cut = check(&path_of_clip);
    assert!((cut.times.len() as f64 - (2.0 - from) * 25.0).abs() <= 8.0, "{clip}: {:?}", cut.times);
    // The same again is there already.
    let again = server.post(&clips, &json!({"from": 1.1, "to": 2.0})).assert_status(201).json();
    assert_eq!(again, clip);
    for (from, to, place) in [(-1.0, 2.0, "from"), (1e9, 2e9, "from"), (2.0, 2.0, "to"), (1.0, 1e9, "to")] {
        assert_eq!(server.post(&clips, &json!({"from": from, "to": to})).assert_problem(422), place);
    }
    for name in ["1100", "x-y", "..%2f-1", "1100-2001"] {
        server.get(&format!("/api/video/files/{session}/download?clip={name}")).assert_problem(404);
    }
    server.get(&format!("/api/video/files/{session}/download?club_id=other")).assert_problem(404);
    server.request("DELETE", &format!("/api/video/files/{session}/delete?club_id={club}"), &[]).assert_status(204);
    assert!(!stored.exists());
    assert_eq!(std::fs::read_dir(stored.parent().unwrap()).unwrap().count(), 0, "clips go with their recording");
    assert_eq!(server.get("/api/video/files/list").json(), json!([]));
    let closed = server.post(&format!("/api/video/session/{session}/close"), &Value::Null).assert_status(200).json();
    assert_eq!(closed["status"], "closed");
    server.post("/api/video/record/start", &json!({"session_id": session})).assert_problem(409);
    drop(camera);
}

#[test]
fn a_camera_is_watched_as_images_and_as_a_stream() {
    let data = tempfile::tempdir().unwrap();
    let camera = RtspCamera::start(KIND);
    let server = start(data.path(), &["--preview-viewers", "2", "--preview-width", "160"]);
    let session = open(&server, court(&server, camera.port));
    let preview = format!("/api/preview/{session}");
    let image = server.get(&format!("{preview}/snapshot.jpg")).assert_status(200);
    assert_eq!((image.header("content-type"), image.header("cache-control")), ("image/jpeg", "no-store"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.jpg");
    std::fs::write(&path, &image.body).unwrap();
    let report = super::support::ffmpeg::ffprobe_json(&path);
    assert_eq!((&report["streams"][0]["width"], &report["streams"][0]["height"]), (&json!(160), &json!(90)));
    let info = server.get(&format!("{preview}/info")).assert_status(200).json();
    assert_eq!((&info["width"], &info["codec"], &info["fps"]), (&json!(320), &json!("h264"), &json!(25.0)));
    // Two watch, and no third.
    let first = watch(&server, &preview);
    let second = watch(&server, &preview);
    server.get(&format!("{preview}/snapshot.jpg")).assert_problem(503);
    let parts = images(first, 20);
    assert_eq!(parts.len(), 20);
    // Who leaves makes room.
    until("room", LIMIT, || (server.get(&format!("{preview}/info")).json()["viewers"] == 1).then_some(()));
    server.get(&format!("{preview}/snapshot.jpg")).assert_status(200);
    // A session that is closed ends the streams.
    server.post(&format!("/api/video/session/{session}/close"), &Value::Null).assert_status(200);
    let mut rest = Vec::new();
    let mut second = second;
    second.read_to_end(&mut rest).unwrap();
    server.get(&format!("{preview}/snapshot.jpg")).assert_problem(409);
    server.get(&format!("{preview}/ws")).assert_problem(409);
}

/// A connection that watches, with the head of the response read.
fn watch(server: &Server, preview: &str) -> TcpStream {
    use std::io::Write;
    let mut connection = TcpStream::connect(&server.address).unwrap();
    connection.set_read_timeout(Some(LIMIT)).unwrap();
    write!(connection, "GET {preview}/stream.mjpeg HTTP/1.1\r\nhost: {}\r\n\r\n", server.address).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("boundary=repcast-picture"), "{head}");
    connection
}

/// The first images of a stream.
fn images(mut connection: TcpStream, count: usize) -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    let find = |bytes: &[u8], wanted: &[u8], from: usize| {
        bytes[from..].windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
    };
    loop {
        let read = connection.read(&mut buffer).unwrap();
        assert!(read > 0, "the stream ended");
        bytes.extend_from_slice(&buffer[..read]);
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(start) = find(&bytes, b"\xff\xd8", at) {
            let Some(end) = find(&bytes, b"\xff\xd9", start) else { break };
            found.push(bytes[start..end + 2].to_vec());
            at = end + 2;
        }
        if found.len() >= count {
            found.truncate(count);
            return found;
        }
    }
}

#[test]
fn a_camera_is_looked_at_before_it_belongs_to_a_court() {
    let data = tempfile::tempdir().unwrap();
    let camera = RtspCamera::start(KIND);
    let server = start(data.path(), &[]);
    let url = format!("rtsp://{USER}:{PASSWORD}@127.0.0.1:{}/live", camera.port);
    let seen = server.get(&format!("/api/cameras/probe?url={url}")).assert_status(200).json();
    let known =
        json!([seen["codec"], seen["width"], seen["height"], seen["audio"], seen["video_plan"], seen["advice"]]);
    assert_eq!(known, json!(["h264", 320, 180, "aac", "stored as it is", []]));
    let near = |value: &Value, wanted: f64| (value.as_f64().unwrap() / wanted - 1.0).abs() < 0.1;
    assert!(near(&seen["fps"], 25.0) && near(&seen["key_interval"], 0.48), "{seen}");
    server.get("/api/cameras/probe?url=rtsp://127.0.0.1:9/live").assert_problem(502);
    server.get("/api/cameras/probe?url=rtsp://[::1]/live").assert_problem(422);
    assert_eq!(server.get("/api/cameras/probe?url=ftp://x/").assert_problem(422), "url");
    // The same from the command line.
    let doctor = |url: &str| {
        let mut command = super::support::process::repcast();
        command.args(["doctor", "--json", "--camera", url]);
        super::support::process::run(command, LIMIT, |_| ())
    };
    let printed: Value = serde_json::from_slice(&doctor(&url).stdout).unwrap();
    assert_eq!(printed["codec"], "h264");
    assert_eq!(doctor("rtsp://127.0.0.1:9/live").exit, super::support::process::Exit::Code(1));
    assert_eq!(doctor("no address").exit, super::support::process::Exit::Code(2));
}

#[test]
fn what_is_wrong_is_said() {
    let data = tempfile::tempdir().unwrap();
    let camera = RtspCamera::start(KIND);
    let server = start(data.path(), &["--camera-sessions", "1"]);
    let url = format!("rtsp://127.0.0.1:{}/live", camera.port);
    let create = |camera: Value| server.post("/api/terrains", &json!({"name": "C", "club": "Padel", "camera": camera}));
    let cases = [
        (json!({"url": "file:///etc/passwd"}), "cameras[0].url"),
        (json!({"url": "rtsp://a b/"}), "cameras[0].url"),
        (json!({"url": url, "kind": "usb"}), "cameras[0].kind"),
        (json!({"url": url, "name": ""}), "cameras[0].name"),
        (json!({"url": url, "name": "a\nb"}), "cameras[0].name"),
        (json!({"url": url, "username": "x".repeat(200)}), "cameras[0].username"),
        (json!({"url": url, "password": "a\r\nb"}), "cameras[0].password"),
    ];
    for (camera, place) in cases {
        assert_eq!(create(camera.clone()).assert_problem(422), place, "{camera}");
    }
    assert_eq!(server.post("/api/terrains", &json!({"name": "C", "club": "Padel"})).assert_problem(422), "cameras");
    assert_eq!(server.post("/api/terrains", &json!({"name": "C", "camera": {"url": url}})).assert_problem(422), "club");
    let id = |camera: Value| create(camera).assert_status(201).json()["id"].as_i64().unwrap();
    let denied = id(json!({"url": "http://169.254.169.254/latest/meta-data"}));
    let wrong = id(json!({"url": url, "username": USER, "password": "wrong"}));
    let right = id(json!({"url": url, "username": USER, "password": PASSWORD}));
    let open = |terrain: i64| server.post("/api/video/session/create", &json!({"terrain_id": terrain}));
    assert_eq!(open(denied).assert_problem(422), "camera.url");
    open(wrong).assert_problem(502);
    open(999).assert_problem(404);
    let session = open(right).assert_status(200).json()["session_id"].as_str().unwrap().to_owned();
    open(right).assert_problem(503);
    for minutes in [json!(0), json!(-1), json!(1e9), json!(1e300)] {
        let body = json!({"session_id": session, "duration_minutes": minutes});
        assert_eq!(server.post("/api/video/record/start", &body).assert_problem(422), "duration_minutes");
    }
    server.get(&format!("/api/video/record/status/{session}")).assert_problem(409);
    server.post("/api/video/record/stop", &json!({"session_id": session})).assert_problem(409);
    // The login of a camera whose address changes is not sent to another host.
    let path = format!("/api/terrains/{right}");
    let changed = |url: &str| {
        let body = json!({"name": "C", "camera": {"url": url}}).to_string().into_bytes();
        let answer = server.exchange("PUT", &path, &[("content-type", "application/json")], body);
        answer.assert_status(200).json()["cameras"][0]["has_login"].clone()
    };
    assert_eq!(
        (changed(&url), changed("rtsp://10.0.0.9/live"), changed(&url)),
        (json!(true), json!(false), json!(false))
    );
    // A club with courts stays.
    let club = server.get(&path).json()["club_id"].as_str().unwrap().to_owned();
    server.request("DELETE", &format!("/api/clubs/{club}"), &[]).assert_problem(409);
    for id in
        ["..%2f..%2fsecret", "%2e%2e", "..", "a%00b", "'; DROP TABLE camera_sessions; --", "%252e%252e%252f", "....//"]
    {
        let id = id.replace(' ', "%20").replace('\'', "%27").replace(';', "%3b");
        for path in [
            format!("/api/video/files/{id}/download"),
            format!("/api/video/record/status/{id}"),
            format!("/api/preview/{id}/info"),
        ] {
            let status = server.get(&path).status;
            assert!([400, 404].contains(&status), "{path}: {status}");
        }
    }
    let password = |text: String| text.contains(PASSWORD) || text.contains("wrong");
    assert!(!server.stderr_lines().into_iter().any(password));
    let stored = std::fs::read(data.path().join("repcast.db")).unwrap();
    let wal = std::fs::read(data.path().join("repcast.db-wal")).unwrap_or_default();
    assert!(![stored, wal].concat().windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes()));
}
