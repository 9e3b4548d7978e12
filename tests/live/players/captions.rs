//! Captions in players: hls.js, Shaka and the player page have those of the frame that they show, after commands too.

use super::*;
use crate::support::process::{self, Exit, LIMIT};

/// Seconds of each second for which its text is shown; the same as in `tests/live/browser/captions.mjs`.
const SHOWN_SECS: f64 = 0.8;
/// Seconds with captions: the numbers of frames repeat after that.
const SECS: usize = NUMBERS / FPS;

/// Numbered frames with subtitles that name their second.
fn captioned_session() -> Value {
    let cue =
        |second: usize| json!({"start": second, "end": second as f64 + SHOWN_SECS, "text": format!("Second {second}")});
    let cues: Vec<Value> = (0..SECS).map(cue).collect();
    let rect = [0, 0, numbered::WIDTH, numbered::HEIGHT];
    json!({"canvas": {"width": WIDTH, "height": HEIGHT, "fps": FPS}, "duration": SECS, "layers": [
        {"type": "clip", "src": "numbers.mp4", "rect": rect}, {"type": "subtitles", "cues": cues}]})
}

#[test]
fn browsers_show_the_captions_of_each_frame_after_commands() {
    let _browser = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Server::shared(&media());
    let id = server.start_session(&captioned_session());
    let mut master = ureq::get(server.master(&id)).call().unwrap();
    let master = master.body_mut().read_to_string().unwrap();
    let rendition = "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"English\",LANGUAGE=\"en\"";
    assert!(master.contains(rendition) && master.contains(",SUBTITLES=\"captions\""), "{master}");
    let options = ["--stream", &id, "--secs", "4", "--settle", "0", "--captions", "--together", "--commands"];
    for report in play(&server, "page,hls.js,shaka", &options) {
        // hls.js reports the requests that it aborts when the captions are turned on.
        let errors =
            report["errors"].as_array().unwrap().iter().filter(|text| **text != "networkError aborted: Aborted");
        let report = {
            let errors: Vec<Value> = errors.cloned().collect();
            let mut report = report.clone();
            report["errors"] = Value::Array(errors);
            report
        };
        check_live(&report);
        let captions = &report["captions"];
        assert_eq!(captions["wrong"], json!([]), "{report}");
        // Those of the first frames come after the captions were turned on, and on a busy machine others do.
        assert!(captions["texts"].as_u64().unwrap() >= 4, "{report}");
        assert!(captions["right"].as_u64().unwrap() > captions["missing"].as_u64().unwrap(), "{report}");
        assert_eq!(captions["drawn"].is_string(), report["player"] == "page", "{report}");
    }
    server.end_session(&id);
}

#[test]
fn hls_js_shows_the_captions_of_a_folder() {
    let _browser = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = scratch();
    let document = json!({"canvas": {"width": 320, "height": 180}, "duration": 6, "layers": [
        {"type": "timer", "size": 32},
        {"type": "subtitles", "cues": [{"start": 1.5, "end": 4.25, "text": "A <b> & c"}, {"start": 4.5, "end": 5.75, "text": "Last"}]}]});
    std::fs::write(folder.path().join("doc.json"), document.to_string()).unwrap();
    let mut render = process::repcast();
    render.current_dir(folder.path()).args(["render", "doc.json", "-o", "out.m3u8", "--preset", "ultrafast"]);
    let rendered = process::run(render, LIMIT, |_| ());
    assert_eq!(rendered.exit, Exit::Code(0), "{}", rendered.stderr);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/browser/play.mjs");
    let mut command = Command::new("node");
    command.arg(script).arg(folder.path()).args(["out.m3u8", "6"]);
    let report: Value = serde_json::from_slice(&run(command).stdout).unwrap();
    assert_eq!(report["errors"], json!([]), "{report}");
    // A cue that is in several segments is there once.
    assert_eq!(report["cues"], json!([[1.5, 4.25, "A &lt;b&gt; &amp; c"], [4.5, 5.75, "Last"]]), "{report}");
}

#[test]
fn the_page_has_a_button_for_captions_only_where_there_are_some() {
    let _browser = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Server::shared(&media());
    let (captioned, silent) = (server.start_session(&captioned_session()), server.start_session(&long_session()));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/browser/caption_button.mjs");
    let mut command = Command::new("node");
    command.arg(script);
    for id in [&captioned, &silent] {
        server.master(id);
        command.arg(format!("{}/live/{id}/", server.url));
    }
    let report: Value = serde_json::from_slice(&run(command).stdout).unwrap();
    [captioned, silent].iter().for_each(|id| server.end_session(id));
    let button = |name: &str| report[name]["pressed"].clone();
    assert_eq!(
        [button("first"), button("clicked"), button("key"), button("without")],
        [json!("false"), json!("true"), json!("false"), Value::Null],
        "{report}"
    );
    // The choice is kept.
    assert_eq!(button("reloaded"), "true", "{report}");
    assert!(report["reloaded"]["text"].as_str().unwrap().starts_with("Second "), "{report}");
    assert_eq!((&report["first"]["text"], &report["key"]["text"]), (&json!(""), &json!("")), "{report}");
    // Inside the picture, above its lower edge.
    let inside = report["reloaded"]["inside"].as_bool();
    assert_eq!(inside, Some(true), "{report}");
    assert_eq!(report["errors"], json!([]), "{report}");
}
