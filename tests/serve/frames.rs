//! Frames of documents, sessions and exercises as images.

use std::path::Path;

use serde_json::{Value, json};

use super::client::HttpResponse;
use super::server::Server;
use super::session::{Session, small};
use super::support::process::{LIMIT, until};
use super::support::tools::tool;

const PATH: &str = "/api/frame";

/// A composition that is red in its first second and blue in its second.
fn two_colors() -> Value {
    json!({"canvas": {"width": 320, "height": 180, "background": "#ff0000"}, "duration": 2, "layers": [
        {"type": "progress", "rect": [0, 0, 320, 180], "color": "#0000ff", "track": "#0000ff", "start": 1}]})
}

/// Codec, width, height and mean color of an image, as ffmpeg decodes it.
fn decoded(image: &[u8]) -> (String, u64, u64, [u8; 3]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("image"), image).unwrap();
    let probe = "ffprobe -v error -show_entries stream=codec_name,width,height -of json image";
    let probed: Value = serde_json::from_slice(&tool(folder.path(), probe)).unwrap();
    let stream = &probed["streams"][0];
    let color = tool(folder.path(), "ffmpeg -v error -i image -vf scale=1:1:flags=area -f rawvideo -pix_fmt rgb24 -");
    let codec = stream["codec_name"].as_str().unwrap().to_owned();
    (codec, stream["width"].as_u64().unwrap(), stream["height"].as_u64().unwrap(), color.try_into().unwrap())
}

#[track_caller]
fn assert_near(color: [u8; 3], expected: [u8; 3]) {
    let is_near = std::iter::zip(color, expected).all(|(is, wanted)| is.abs_diff(wanted) <= 6);
    assert!(is_near, "{color:?} instead of {expected:?}");
}

#[test]
fn a_frame_of_a_document_is_an_image() {
    let server = Server::shared();
    let frame = |fields: Value| {
        let mut body = json!({"document": two_colors()});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        server.post(PATH, &body)
    };
    for (fields, kind, codec, size, color) in [
        (json!({}), "image/png", "png", (320, 180), [255, 0, 0]),
        (json!({"at": 1.5, "format": "jpeg"}), "image/jpeg", "mjpeg", (320, 180), [0, 0, 255]),
        (json!({"at": 0.99, "width": 160, "format": "png"}), "image/png", "png", (160, 90), [255, 0, 0]),
        (json!({"at": "1", "width": 3840}), "image/png", "png", (320, 180), [0, 0, 255]),
    ] {
        let image = frame(fields.clone()).assert_status(200);
        assert_eq!((image.header("content-type"), image.header("cache-control")), (kind, "no-store"), "{fields}");
        let (found, width, height, mean) = decoded(&image.body);
        assert_eq!((found.as_str(), (width, height)), (codec, size), "{fields}");
        assert_near(mean, color);
    }
    for (fields, place) in [
        (json!({"at": 2}), "at"),
        (json!({"at": -1}), "at"),
        (json!({"at": 1e300}), "at"),
        (json!({"width": 5}), "width"),
        (json!({"format": "gif"}), "format"),
        (json!({"colour": 1}), "colour"),
        (json!({"document": {"exercises": [{"id": "pushups"}, {"id": "flying"}]}}), "document.exercises[1].id"),
        (json!({"document": 1}), "document"),
        (json!({"document": {"exercises": []}}), "document.exercises"),
    ] {
        assert_eq!(frame(fields.clone()).assert_problem(422), place, "{fields}");
    }
    server.post_bytes(PATH, "application/json", b"{").assert_problem(422);
    server.post_bytes(PATH, "text/plain", b"{}").assert_problem(415);
}

#[test]
fn all_faults_of_a_document_are_listed() {
    let document = json!({"exercises": [{"id": "pushups", "duration": 0}], "fps": 7});
    let problem = Server::shared().post("/api/live", &document).json();
    let faults = problem["faults"].as_array().unwrap();
    let places: Vec<&str> = faults.iter().map(|fault| fault["place"].as_str().unwrap()).collect();
    assert_eq!(places, ["exercises[0].duration", "fps"]);
    assert!(
        faults.iter().all(|fault| problem["detail"].as_str().unwrap().contains(fault["message"].as_str().unwrap()))
    );
    assert_eq!(problem["place"], "exercises[0].duration");
}

#[test]
fn a_session_has_a_poster_of_its_current_frame() {
    let server = Server::shared();
    let session = Session::start(server, &two_colors());
    let path = format!("/api/live/{}/poster.jpg", session.id);
    let poster = until("there is a frame", LIMIT, || Some(server.get(&path)).filter(|poster| poster.status != 503));
    let poster = poster.assert_status(200);
    assert_eq!((poster.header("content-type"), poster.header("cache-control")), ("image/jpeg", "public, max-age=1"));
    let (codec, width, height, _) = decoded(&poster.body);
    assert_eq!((codec.as_str(), width, height), ("mjpeg", 320, 180));
    // After its end, the last frame stays, with one tag.
    session.wait_for("over", |status| status["state"] == "ended");
    let last = until("the last frame", LIMIT, || {
        let poster = server.get(&path).assert_status(200);
        let [red, _, blue] = decoded(&poster.body).3;
        (blue > 240 && red < 15).then_some(poster)
    });
    let tag = last.header("etag").to_owned();
    let known = server.request("GET", &path, &[("if-none-match", &tag)]).assert_status(304);
    assert!(known.body.is_empty() && known.header("etag") == tag);
    server.get("/api/live/nothing/poster.jpg").assert_problem(404);
}

#[test]
fn exercises_have_images_and_videos() {
    let server = Server::shared();
    let path = |id: &str, name: &str| format!("/api/exercises/{id}/{name}");
    let get = |name: &str| server.get(&path("air_squat", name)).assert_status(200);
    let poster = get("poster.jpg");
    let (codec, width, height, mean) = decoded(&poster.body);
    assert_eq!((codec.as_str(), width, height), ("mjpeg", 640, 360));
    // A figure on a dark ground.
    assert!(mean.iter().all(|value| (10..90).contains(value)), "{mean:?}");
    assert_ne!(poster.body, server.get(&path("pushups", "poster.jpg")).assert_status(200).body);
    let clip = get("clip.mp4");
    assert_eq!((clip.header("content-type"), clip.header("accept-ranges")), ("video/mp4", "bytes"));
    assert_eq!(video_secs(&clip), 6.0);
    let range = server.request("GET", &path("air_squat", "clip.mp4"), &[("range", "bytes=4-7")]).assert_status(206);
    assert_eq!(range.body, b"ftyp");
    for (name, answer) in [("poster.jpg", &poster), ("clip.mp4", &clip)] {
        assert_eq!(answer.header("cache-control"), "public, max-age=3600");
        let tag = answer.header("etag");
        server.request("GET", &path("air_squat", name), &[("if-none-match", tag)]).assert_status(304);
        server.get(&path("flying", name)).assert_problem(404);
    }
}

fn video_secs(clip: &HttpResponse) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clip.mp4"), &clip.body).unwrap();
    let line = "ffprobe -v error -show_entries format=duration -of csv=p=0 clip.mp4";
    String::from_utf8(tool(Path::new(folder.path()), line)).unwrap().trim().parse().unwrap()
}

#[test]
fn exercises_are_filtered_by_category_and_difficulty() {
    let server = Server::shared();
    let ids = |query: &str| -> Vec<String> {
        let list = server.get(&format!("/api/exercises?{query}")).assert_status(200).json();
        list.as_array().unwrap().iter().map(|exercise| exercise["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = server.get("/api/exercises").json();
    let expected = |matches: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let found = all.as_array().unwrap().iter().filter(|exercise| matches(exercise));
        found.map(|exercise| exercise["id"].as_str().unwrap().to_owned()).collect()
    };
    let beginners = expected(&|exercise| exercise["difficulty"] == "beginner");
    assert!(!beginners.is_empty() && beginners.len() < all.as_array().unwrap().len());
    assert_eq!(ids("difficulty=beginner"), beginners);
    let chest = expected(&|exercise| exercise["categories"].as_array().unwrap().contains(&json!("chest")));
    assert!(!chest.is_empty());
    assert_eq!(ids("category=Chest"), chest);
    assert_eq!(ids("category=nothing&difficulty=beginner"), Vec::<String>::new());
    server.get("/api/exercises?difficulty=hard").assert_problem(400);
}

#[test]
fn frames_need_the_right_to_start() {
    let server = Server::start(&["--token", super::server::TOKEN]);
    let body = json!({"document": small(1)}).to_string();
    let headers = [("content-type", "application/json"), ("authorization", "")];
    HttpResponse::of(server.send(PATH, &headers, body.into_bytes())).assert_problem(401);
    server.post(PATH, &json!({"document": small(1)})).assert_status(200);
}
