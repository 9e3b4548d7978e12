//! The library: who sees its exercises, where its clips and videos lie, and how it is exported.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use super::server::Server;
use super::support::object_store::{BUCKET, KEY_ID, ObjectStoreServer, SECRET_KEY};
use super::support::process::{self, LIMIT, until};
use super::uploads::{change, clip, form_with, send_form};
use super::users::User;

#[test]
fn private_exercises_have_signed_addresses() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&["--data", data.path().to_str().unwrap(), "--auth", "on"]);
    let coach = User::new(&server, data.path(), "coach@gym.example", "COACH");
    let other = User::new(&server, data.path(), "other@gym.example", "COACH");
    let player = User::new(&server, data.path(), "player@gym.example", "PLAYER");
    let content = std::fs::read(clip(data.path(), "clip.mov", false)).unwrap();
    let bearer = super::client::bearer(&coach.token);
    let sent = form_with(&server, "a.mov", &content, &[("authorization", &bearer)]);
    let path = sent.assert_status(201).header("location").to_owned();
    for outsider in [&other, &player] {
        assert!([403, 404].contains(&outsider.request(&server, "GET", &path).status));
    }
    let upload = until("a checked upload", LIMIT, || {
        let upload = coach.request(&server, "GET", &path).json();
        (upload["state"] == "ready").then_some(upload)
    });
    let fields = json!({"name": "Secret", "upload_id": upload["upload_id"]});
    player.send(&server, "POST", "/api/exercises", &fields).assert_problem(403);
    other.send(&server, "POST", "/api/exercises", &fields).assert_problem(422);
    let added = coach.send(&server, "POST", "/api/exercises", &fields).assert_status(201);
    let (exercise, location) = (added.json(), added.header("location").to_owned());
    for outsider in [&other, &player] {
        outsider.request(&server, "GET", &location).assert_problem(404);
        assert_eq!(outsider.request(&server, "GET", "/api/exercises?q=secret").json(), json!([]));
        outsider.send(&server, "PUT", &location, &json!({"name": "Mine"})).assert_problem(428);
    }
    let bare = format!("{location}/poster.jpg");
    server.get(&bare).assert_problem(404);
    other.request(&server, "GET", &bare).assert_problem(404);
    coach.request(&server, "GET", &bare).assert_status(200);
    let signed = exercise["poster_path"].as_str().unwrap();
    assert!(signed.starts_with(&format!("{bare}?expires=")), "{signed}");
    server.get(signed).assert_status(200);
    // For no other path, no other time, and no other key.
    let query = signed.split_once('?').unwrap().1;
    server.get(&format!("{location}/clip.mp4?{query}")).assert_problem(404);
    let (expires, signature) = query.strip_prefix("expires=").unwrap().split_once("&signature=").unwrap();
    let later = expires.parse::<i64>().unwrap() + 1;
    server.get(&format!("{bare}?expires={later}&signature={signature}")).assert_problem(404);
    server.get(&format!("{bare}?expires={expires}&signature={}", signature.replace('a', "b"))).assert_problem(404);
    server.get(&format!("{bare}?expires=1&signature={signature}")).assert_problem(404);
}

#[test]
fn clips_and_videos_lie_in_an_object_store_and_return_after_it_was_away() {
    let mut store = ObjectStoreServer::start();
    let data = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let database = super::databases::postgres_url();
    let environment = [
        format!("AWS_ACCESS_KEY_ID={KEY_ID}"),
        format!("AWS_SECRET_ACCESS_KEY={SECRET_KEY}"),
        format!("S3_ENDPOINT={}", store.endpoint),
        format!("S3_BUCKET_ASSETS={BUCKET}"),
        format!("S3_BUCKET_VIDEOS={BUCKET}"),
        format!("DATABASE_URL={database}"),
    ];
    let start = |index: usize| Server::start_with(&environment, &["--data", data[index].path().to_str().unwrap()]);
    let (first, second) = (start(0), start(1));
    let content = std::fs::read(clip(data[0].path(), "clip.mov", false)).unwrap();
    let upload = send_form(&first, "clip.mov", &content);
    let fields = json!({"name": "Shared disc", "upload_id": upload["upload_id"]});
    let added = change(&first, "POST", "/api/exercises", None, &fields).assert_status(201);
    let location = added.header("location").to_owned();
    // Another server has the clip from the store.
    until("the exercise on the other server", LIMIT, || (second.get(&location).status == 200).then_some(()));
    second.get(&format!("{location}/poster.jpg")).assert_status(200);
    let clips: Vec<_> =
        std::fs::read_dir(data[1].path().join("clips")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(std::fs::read(&clips[0]).unwrap(), content);
    // A video that one has made, the other has at once.
    let document = json!({"exercises": [{"id": added.json()["id"], "duration": 1}], "resolution": "720p", "fps": 24});
    let made = first.post("/api/generate-workout-video", &document).assert_status(200);
    let again = until("a kept video", LIMIT, || {
        let again = second.post("/api/generate-workout-video", &document).assert_status(200);
        (!again.header("content-length").is_empty()).then_some(again)
    });
    assert_eq!(made.body, again.body);

    store.stop();
    // A video is made again, and others still play.
    let remade = first.post("/api/generate-workout-video", &document).assert_status(200);
    assert_eq!(remade.body.len(), made.body.len());
    let upload = send_form(&first, "clip.mov", &std::fs::read(clip(data[0].path(), "other.mov", true)).unwrap());
    let fields = json!({"name": "Late disc", "upload_id": upload["upload_id"]});
    let failed = change(&first, "POST", "/api/exercises", None, &fields);
    failed.assert_problem(503);
    assert!(!failed.header("retry-after").is_empty());
    store.run();
    change(&first, "POST", "/api/exercises", None, &fields).assert_status(201);
}

#[test]
fn finished_videos_are_kept_until_others_need_their_place() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let server = Server::start(&["--data", folder, "--videos-mb", "1", "--rate-limit", "100000"]);
    let document = |duration: u32| json!({"exercises": [{"id": "air_squat", "duration": duration}], "resolution": "720p", "fps": 24});
    let is_kept = |duration: u32| {
        let video = server.post("/api/generate-workout-video", &document(duration)).assert_status(200);
        !video.header("content-length").is_empty()
    };
    let first = server.post("/api/generate-workout-video", &document(4)).assert_status(200);
    assert_eq!(first.header("content-length"), "");
    until("a kept video", LIMIT, || is_kept(4).then_some(()));
    let kept = server.post("/api/generate-workout-video", &document(4)).assert_status(200);
    assert_eq!(kept.body, first.body);
    assert_eq!(kept.header("content-disposition"), first.header("content-disposition"));
    let count = || std::fs::read_dir(data.path().join("videos/videos")).unwrap().count();
    let bytes = || -> u64 {
        std::fs::read_dir(data.path().join("videos/videos"))
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .sum()
    };
    assert_eq!(count(), 1);
    for duration in 5..=7 {
        assert!(!is_kept(duration));
        until("a kept video", LIMIT, || is_kept(duration).then_some(()));
    }
    until("room", LIMIT, || (bytes() <= 1_000_000).then_some(()));
    assert!(count() < 4);
    // Nothing is left of a video that was not read to its end.
    let mut socket = TcpStream::connect(&server.address).unwrap();
    let body = document(60).to_string();
    write!(socket, "POST /api/generate-workout-video HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", server.address, body.len()).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    drop(socket);
    until("no part", LIMIT, || (std::fs::read_dir(data.path().join("unfinished")).unwrap().count() == 0).then_some(()));
}

#[test]
fn the_library_is_exported_imported_and_checked() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    {
        let server = Server::start(&["--data", folder]);
        let upload = send_form(&server, "clip.mov", &std::fs::read(clip(data.path(), "clip.mov", false)).unwrap());
        let fields = json!({"name": "Own disc", "upload_id": upload["upload_id"]});
        change(&server, "POST", "/api/exercises", None, &fields).assert_status(201);
    }
    let run = |arguments: &[&str]| {
        let mut command = process::repcast();
        command.args(["library"]).args(arguments).args(["--data", folder]);
        // Checking decodes all clips, which other tests make slow.
        let output = process::run(command, 5 * LIMIT, |_| ());
        (output.exit, String::from_utf8(output.stdout).unwrap() + &output.stderr)
    };
    let exported = data.path().join("exported");
    let target = exported.to_str().unwrap();
    let (exit, output) = run(&["export", target]);
    assert_eq!(exit, process::Exit::Code(0), "{output}");
    let text = std::fs::read_to_string(exported.join("catalogue.toml")).unwrap();
    let count = text.matches("[[exercise]]").count();
    assert!(count > 30 && text.contains("Own disc"));
    // Its clips are with it.
    assert_eq!(std::fs::read_dir(&exported).unwrap().count(), count + 1);
    assert_ne!(run(&["export", target]).0, process::Exit::Code(0));
    let (exit, output) = run(&["import", target]);
    assert_eq!(exit, process::Exit::Code(0), "{output}");
    std::fs::write(exported.join("air_squat.mov"), "broken").unwrap();
    let (exit, output) = run(&["check"]);
    assert_ne!(exit, process::Exit::Code(0));
    assert!(output.contains("air_squat"), "{output}");
}
