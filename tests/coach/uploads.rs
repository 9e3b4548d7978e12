//! Clips that coaches send: resumed, checked, made into exercises; and those that are none.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::client::HttpResponse;
use super::server::Server;
use super::support::ffmpeg::{decode, ffprobe_json, make as ffmpeg};
use super::support::process::{LIMIT, until};

const TUS: (&str, &str) = ("tus-resumable", "1.0.0");

/// A clip of two seconds, half transparent: a bright disc that moves, with soft edges.
pub(crate) fn clip(folder: &Path, name: &str, premultiplied: bool) -> PathBuf {
    let path = folder.join(name);
    let alpha = "clip((60-hypot(X-160-40*sin(T*3.14),Y-90))*6,0,255)";
    let color = if premultiplied { format!("230*{alpha}/255") } else { "230".to_owned() };
    let filter = format!("format=rgba,geq=r='{color}':g='{color}':b='{color}':a='{alpha}'");
    let source = "color=black:s=320x180:r=25:d=2";
    ffmpeg(&["-f", "lavfi", "-i", source, "-vf", &filter, "-c:v", "qtrle", "-pix_fmt", "argb"], &path);
    path
}

fn post(server: &Server, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> HttpResponse {
    server.exchange("POST", path, headers, body)
}

/// Begins an upload; returns its path.
fn begin(server: &Server, length: usize) -> String {
    let length = length.to_string();
    let headers = [TUS, ("upload-length", &*length), ("upload-metadata", "filename YS5tb3Y=")];
    post(server, "/api/uploads", &headers, Vec::new()).assert_status(201).header("location").to_owned()
}

fn append(server: &Server, path: &str, offset: usize, body: &[u8]) -> HttpResponse {
    let offset = offset.to_string();
    let headers = [TUS, ("upload-offset", &*offset), ("content-type", "application/offset+octet-stream")];
    server.exchange("PATCH", path, &headers, body.to_vec())
}

/// Waits until an upload was checked.
fn checked(server: &Server, path: &str) -> Value {
    until("a checked upload", LIMIT, || {
        let upload = server.get(path).assert_status(200).json();
        ["ready", "failed"].contains(&upload["state"].as_str().unwrap()).then_some(upload)
    })
}

/// Sends a file as a form; returns the upload once it was checked.
pub(crate) fn send_form(server: &Server, name: &str, content: &[u8]) -> Value {
    let upload = form(server, name, content).assert_status(201);
    checked(server, upload.header("location"))
}

fn form(server: &Server, name: &str, content: &[u8]) -> HttpResponse {
    form_with(server, name, content, &[])
}

/// Sends a file as a form, with further headers.
pub(crate) fn form_with(server: &Server, name: &str, content: &[u8], headers: &[(&str, &str)]) -> HttpResponse {
    let head = format!("--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    let body = [head.as_bytes(), content, b"\r\n--b--\r\n"].concat();
    let kind = ("content-type", "multipart/form-data; boundary=b");
    post(server, "/api/uploads", &[&[kind], headers].concat(), body)
}

pub(crate) fn change(server: &Server, method: &str, path: &str, version: Option<&str>, body: &Value) -> HttpResponse {
    let kind = ("content-type", "application/json");
    let headers: Vec<_> = [kind].into_iter().chain(version.map(|version| ("if-match", version))).collect();
    server.exchange(method, path, &headers, body.to_string().into_bytes())
}

#[test]
fn an_upload_is_resumed_checked_and_becomes_an_exercise() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&["--data", data.path().to_str().unwrap()]);
    let bytes = std::fs::read(clip(data.path(), "clip.mov", false)).unwrap();
    let path = begin(&server, bytes.len());
    let half = bytes.len() / 2;
    assert_eq!(append(&server, &path, 0, &bytes[..half]).assert_status(204).header("upload-offset"), half.to_string());
    // Elsewhere than at its end.
    append(&server, &path, 0, &bytes[..half]).assert_problem(409);
    let head = server.request("HEAD", &path, &[TUS]).assert_status(200);
    assert_eq!(
        (head.header("upload-offset"), head.header("upload-length")),
        (&*half.to_string(), &*bytes.len().to_string())
    );
    assert_eq!(server.get(&path).json()["state"], "receiving");
    // A body that breaks off: what has arrived stays.
    let mut socket = TcpStream::connect(&server.address).unwrap();
    let request = format!(
        "PATCH {path} HTTP/1.1\r\nhost: {}\r\ntus-resumable: 1.0.0\r\nupload-offset: {half}\r\n\
         content-type: application/offset+octet-stream\r\ncontent-length: {}\r\n\r\n",
        server.address,
        bytes.len() - half
    );
    socket.write_all(request.as_bytes()).unwrap();
    socket.write_all(&bytes[half..half + 1000]).unwrap();
    drop(socket);
    let offset = until("the bytes that had arrived", LIMIT, || {
        let head = server.request("HEAD", &path, &[TUS]);
        head.header("upload-offset").parse::<usize>().ok().filter(|offset| *offset > half)
    });
    // The request that broke off has ended.
    until("the rest", LIMIT, || {
        let response = append(&server, &path, offset, &bytes[offset..]);
        (response.status != 409).then(|| response.assert_status(204))
    });
    let upload = checked(&server, &path);
    assert_eq!(upload["state"], "ready", "{upload}");
    let seen = &upload["clip"];
    assert_eq!(
        [&seen["width"], &seen["height"], &seen["frames"], &seen["frame_rate"], &seen["duration"], &seen["has_sound"]],
        [&json!(320), &json!(180), &json!(50), &json!(25.0), &json!(2.0), &json!(false)]
    );
    assert_eq!(
        (&seen["has_alpha"], &seen["alpha"], &upload["warnings"][0]["kind"]),
        (&json!(true), &json!("straight"), &json!("small"))
    );
    for picture in ["poster_path", "alpha_picture_path"] {
        let picture = server.get(upload[picture].as_str().unwrap()).assert_status(200);
        assert_eq!((picture.header("content-type"), &picture.body[1..4]), ("image/png", &b"PNG"[..]));
    }

    let upload_id = &upload["upload_id"];
    let fields =
        json!({"name": "Disc roll", "difficulty": "beginner", "muscles": ["obliques"], "upload_id": upload_id});
    let wrong = json!({"name": "Disc roll", "difficulty": "hard", "upload_id": upload_id});
    assert_eq!(change(&server, "POST", "/api/exercises", None, &wrong).assert_problem(422), "difficulty");
    let added = change(&server, "POST", "/api/exercises", None, &fields).assert_status(201);
    let exercise = added.json();
    let location = added.header("location").to_owned();
    assert_eq!(
        (&exercise["name"], &exercise["own"], added.header("etag")),
        (&json!("Disc roll"), &json!(true), "\"1\"")
    );
    // The upload is used, and its file is where clips are.
    server.get(&path).assert_problem(404);
    assert_eq!(std::fs::read_dir(data.path().join("uploads")).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(data.path().join("assets/clips")).unwrap().count(), 1);
    let listed = server.get("/api/exercises?q=disc").json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &exercise["id"]));
    until("its length", LIMIT, || (server.get(&location).json()["duration"] == 2.0).then_some(()));
    let video = server.get(exercise["video_path"].as_str().unwrap()).assert_status(200);
    assert_eq!(&video.body[4..8], b"ftyp");
    // It plays in a workout.
    let document = json!({"exercises": [{"id": exercise["id"], "duration": 1}], "resolution": "720p", "fps": 24});
    server.post("/api/generate-workout-video", &document).assert_status(200);

    let renamed = json!({"name": "Disc slide", "categories": ["core"]});
    change(&server, "PUT", &location, None, &renamed).assert_problem(428);
    let replaced = change(&server, "PUT", &location, Some("\"1\""), &renamed).assert_status(200);
    assert_eq!((&replaced.json()["name"], replaced.header("etag")), (&json!("Disc slide"), "\"2\""));
    change(&server, "PUT", &location, Some("\"1\""), &renamed).assert_problem(412);
    server.request("DELETE", &location, &[("if-match", "\"1\"")]).assert_problem(412);
    server.request("DELETE", &location, &[("if-match", "\"2\"")]).assert_status(204);
    server.get(&location).assert_problem(404);
    assert_eq!(std::fs::read_dir(data.path().join("assets/clips")).unwrap().count(), 0);
}

#[test]
fn alpha_and_sound_are_found_in_the_file() {
    let server = Server::shared();
    let folder = tempfile::tempdir().unwrap();
    let premultiplied = send_form(server, "p.mov", &std::fs::read(clip(folder.path(), "p.mov", true)).unwrap());
    assert_eq!(premultiplied["clip"]["alpha"], "premultiplied", "{premultiplied}");
    assert_eq!(premultiplied["warnings"][0]["kind"], "alpha");
    // An exercise has what was seen, and keeps it with its clip when the rest changes.
    let fields = json!({"name": "Halo", "upload_id": premultiplied["upload_id"]});
    let added = change(server, "POST", "/api/exercises", None, &fields).assert_status(201);
    let location = added.header("location");
    let poster = |path: &str| server.get(&format!("{path}/poster.jpg")).assert_status(200).body;
    let before = poster(location);
    change(server, "PUT", location, Some("\"1\""), &json!({"name": "Ring"})).assert_status(200);
    assert_eq!(poster(location), before);
    let other = json!({"name": "Ring", "alpha": "straight"});
    change(server, "PUT", location, Some("\"2\""), &other).assert_status(200);
    assert_ne!(poster(location), before);
    server.request("DELETE", location, &[("if-match", "\"3\"")]).assert_status(204);
    let video = folder.path().join("sound.mp4");
    let source = ["-f", "lavfi", "-i", "testsrc2=s=640x480:r=30:d=1", "-f", "lavfi", "-i", "sine=d=1"];
    ffmpeg(&[&source[..], &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"]].concat(), &video);
    let sound = send_form(server, "sound.mp4", &std::fs::read(&video).unwrap());
    assert_eq!(sound["state"], "ready", "{sound}");
    assert_eq!(
        (&sound["clip"]["alpha"], &sound["clip"]["has_alpha"], &sound["alpha_picture_path"]),
        (&json!("none"), &json!(false), &Value::Null)
    );
    let waveform = sound["clip"]["waveform"].as_array().unwrap();
    // A sine of an eighth of full scale.
    let peaks = waveform.iter().map(|peak| peak.as_f64().unwrap()).fold(0.0, f64::max);
    assert!(waveform.len() > 100 && (0.1..0.2).contains(&peaks), "{} {peaks}", waveform.len());
}

#[test]
fn images_in_an_archive_become_a_clip() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&["--data", data.path().to_str().unwrap()]);
    let frames = data.path().join("frames");
    std::fs::create_dir(&frames).unwrap();
    let source = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=0.4,format=rgba,colorchannelmixer=aa=0.5"];
    ffmpeg(&source, &frames.join("%03d.png"));
    let archive = |name: &str, files: &[&str]| {
        let path = data.path().join(name);
        let tar = std::process::Command::new("tar").arg("-cf").arg(&path).arg("-C").arg(&frames).args(files).status();
        assert!(tar.unwrap().success());
        std::fs::read(path).unwrap()
    };
    let names: Vec<String> = (1..=10).map(|number| format!("{number:03}.png")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let upload = send_form(&server, "frames.tar", &archive("frames.tar", &names));
    assert_eq!(upload["state"], "ready", "{upload}");
    assert_eq!((&upload["clip"]["frames"], &upload["clip"]["frame_rate"]), (&json!(10), &json!(25.0)));
    assert_eq!((&upload["clip"]["has_alpha"], &upload["clip"]["duration"]), (&json!(true), &json!(0.4)));
    let fields = json!({"name": "Frames", "upload_id": upload["upload_id"]});
    change(&server, "POST", "/api/exercises", None, &fields).assert_status(201);
    let clip = std::fs::read_dir(data.path().join("assets/clips")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(clip.extension().unwrap(), "mov");
    // What an independent reader finds in it.
    let streams = ffprobe_json(&clip)["streams"][0].clone();
    assert_eq!(
        [
            &streams["codec_name"],
            &streams["width"],
            &streams["height"],
            &streams["nb_frames"],
            &streams["r_frame_rate"]
        ],
        [&json!("png"), &json!(320), &json!(240), &json!("10"), &json!("25/1")]
    );
    let bytes = 320 * 240 * 4;
    let decoded = decode(&clip, &[], Some("rgba"), bytes);
    assert_eq!(decoded, decode(&frames.join("%03d.png"), &[], Some("rgba"), bytes));
    // Links, folders, other files, other sizes, and none at all.
    std::fs::write(frames.join("text.png"), "no image").unwrap();
    ffmpeg(&["-f", "lavfi", "-i", "color=red:s=16x16", "-frames:v", "1"], &frames.join("small.png"));
    std::os::unix::fs::symlink("/etc/passwd", frames.join("link.png")).unwrap();
    let broken = archive("cut.tar", &["001.png"]);
    for (name, content) in [
        ("text", archive("text.tar", &["001.png", "text.png"])),
        ("sizes", archive("sizes.tar", &["001.png", "small.png"])),
        ("link", archive("link.tar", &["link.png"])),
        ("cut", broken[..1000].to_vec()),
    ] {
        assert_eq!(send_form(&server, name, &content)["state"], "failed", "{name}");
    }
    assert_eq!(std::fs::read_dir(data.path().join("uploads")).unwrap().count(), 0);
}

#[test]
fn what_is_no_clip_is_rejected_and_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&["--data", data.path().to_str().unwrap()]);
    for (name, content) in super::hostile_files::all(data.path()) {
        let response = form(&server, &name, &content);
        if response.status == 201 {
            let upload = checked(&server, response.header("location"));
            assert_eq!(upload["state"], "failed", "{name}: {upload}");
            let error = upload["error"].as_str().unwrap();
            assert!(!error.is_empty() && !error.contains("/proc/"), "{name}: {error}");
            let exercise = json!({"name": "A", "upload_id": upload["upload_id"]});
            assert_eq!(change(&server, "POST", "/api/exercises", None, &exercise).assert_problem(422), "upload_id");
        } else {
            assert!((400..500).contains(&response.status), "{name}: {}", response.text());
        }
    }
    server.get("/api/exercises").assert_status(200);
    let left: Vec<_> =
        std::fs::read_dir(data.path().join("uploads")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn requests_that_lie_are_answered_and_leave_nothing() {
    let server = Server::shared();
    let headers =
        |extra: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> { [&[TUS], extra].concat() };
    post(server, "/api/uploads", &headers(&[]), Vec::new()).assert_problem(422);
    for (length, status) in [("0", 422), ("-1", 422), ("x", 422), ("500000001", 413), ("18446744073709551616", 422)] {
        post(server, "/api/uploads", &headers(&[("upload-length", length)]), Vec::new()).assert_problem(status);
    }
    post(server, "/api/uploads", &[("upload-length", "5")], Vec::new()).assert_problem(412);
    post(server, "/api/uploads", &[("tus-resumable", "0.2.2"), ("upload-length", "5")], Vec::new()).assert_problem(412);
    let path = begin(server, 10);
    append(server, &path, 0, &[0; 11]).assert_problem(422);
    append(server, &path, 5, &[0; 5]).assert_problem(409);
    server.exchange("PATCH", &path, &[TUS, ("upload-offset", "0")], vec![0; 5]).assert_problem(415);
    server
        .exchange("PATCH", &path, &[TUS, ("content-type", "application/offset+octet-stream")], vec![0; 5])
        .assert_problem(422);
    server.request("DELETE", &path, &[TUS]).assert_status(204);
    server.request("HEAD", &path, &[TUS]).assert_status(404);
    for name in ["../../etc/passwd", "%2e%2e%2fpasswd", "x", &"a".repeat(300)] {
        server.get(&format!("/api/uploads/{}", name.replace('/', "%2f"))).assert_problem(404);
    }
    for body in [
        &b"--b\r\n\r\n"[..],
        b"",
        b"--b--\r\n",
        b"--b\r\ncontent-disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n",
    ] {
        let response =
            post(server, "/api/uploads", &[("content-type", "multipart/form-data; boundary=b")], body.to_vec());
        assert!([400, 422].contains(&response.status), "{}", response.text());
    }
    post(server, "/api/uploads", &[("content-type", "multipart/form-data")], Vec::new()).assert_problem(400);
    // Longer than any clip, in one endless form.
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&["--data", data.path().to_str().unwrap()]);
    let mut socket = TcpStream::connect(&server.address).unwrap();
    let head = format!(
        "POST /api/uploads HTTP/1.1\r\nhost: {}\r\ncontent-type: multipart/form-data; boundary=b\r\n\
         content-length: 9999999999\r\n\r\n\
         --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n",
        server.address
    );
    socket.write_all(head.as_bytes()).unwrap();
    let piece = vec![0; 1 << 20];
    // The connection may be closed before all was sent.
    let _ = (0..520).try_for_each(|_| socket.write_all(&piece));
    let mut status = [0; 12];
    socket.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
    until("no file", LIMIT, || (std::fs::read_dir(data.path().join("uploads")).unwrap().count() == 0).then_some(()));
}
