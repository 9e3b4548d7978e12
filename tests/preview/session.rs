//! A live session of the program and its status over HTTP.

use std::ops::{Deref, DerefMut};

use serde_json::{Value, json};
use ureq::http::Request;

use super::display::Display;
use super::program::Program;
use super::support::process::{LIMIT, until};

/// Seconds of a document that outlasts its test.
pub(crate) const LONG: u32 = 3600;

/// Seconds of each exercise of the workout.
pub(crate) const PART: u32 = LONG / 3;

/// Seconds to get ready in a workout that has waited for its start.
pub(crate) const GET_READY: f64 = 5.0;

/// Background of all documents here.
pub(crate) const BACKGROUND: [u8; 3] = [0x20, 0x40, 0x60];

/// A composition without clips whose frames all differ.
pub(crate) fn composition(secs: u32) -> Value {
    json!({"canvas": {"width": 640, "height": 360, "background": "#204060"}, "duration": secs, "layers": [
        {"type": "progress", "rect": [20, 340, 600, 8]},
        {"type": "timer", "format": "mm:ss.t", "position": [620, 20], "anchor": "top-right", "size": 32}]})
}

/// A workout of three exercises of the same length.
pub(crate) fn workout() -> Value {
    let exercises = ["air_squat", "pushups", "jumping_jacks"].map(|id| json!({"id": id, "duration": PART}));
    json!({"exercises": exercises, "resolution": "720p", "background": {"color": "#204060"}})
}

/// A live session.
pub(crate) struct Session {
    program: Program,
    /// Base URL, such as `http://127.0.0.1:4711`.
    pub(crate) url: String,
    pub(crate) id: String,
    /// The Authorization header with the right to control it.
    authorization: String,
}

impl Deref for Session {
    type Target = Program;

    fn deref(&self) -> &Program {
        &self.program
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Program {
        &mut self.program
    }
}

impl Session {
    /// A session with a window on a display.
    pub(crate) fn on(display: &Display, document: &Value) -> Self {
        Self::start(Some(&display.name), document, &["--preview"])
    }

    /// A session with or without a display.
    pub(crate) fn start(display: Option<&str>, document: &Value, options: &[&str]) -> Self {
        let options = [&["--listen", "127.0.0.1:0", "--preset", "ultrafast"], options].concat();
        let program = Program::start("live", display, document, &options);
        let url = program.wait_for_stderr("listening on ");
        let id = program.wait_for_stderr("For other players (HLS): ").split('/').nth(4).unwrap().to_owned();
        let control = program.wait_for_stderr("For the coach (keep private): ");
        let authorization = format!("Bearer {}", control.split_once('#').unwrap().1.trim());
        Self { program, url, id, authorization }
    }

    /// Sends a request; `tail` follows the session's URL. Returns status code and body.
    pub(crate) fn request(&self, method: &str, tail: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(format!("{}/api/live/{}{tail}", self.url, self.id));
        let request = request.header("authorization", &self.authorization);
        send(request.body(()).unwrap())
    }

    /// The status of the session.
    pub(crate) fn status(&self) -> Value {
        let (status, text) = self.request("GET", "");
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Waits until the status fulfils a condition.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        until(&format!("the session is {what}"), LIMIT, || Some(self.status()).filter(&is_so))
    }

    /// Pauses the session; returns its position in seconds.
    pub(crate) fn pause(&self) -> f64 {
        let uri = format!("{}/api/live/{}/commands", self.url, self.id);
        ureq::post(uri).header("authorization", &self.authorization).send_json(json!({"command": "pause"})).unwrap();
        position(&self.wait_until("paused", |status| status["state"] == "paused"))
    }

    /// Waits for a position, to within three frames.
    #[track_caller]
    pub(crate) fn wait_for_position(&self, secs: f64) {
        self.wait_until(&format!("at {secs}"), |status| (position(status) - secs).abs() < 0.1);
    }

    /// Frames of the stream so far, including those that were skipped.
    pub(crate) fn frames(&self) -> u64 {
        self.status()["frames"].as_u64().unwrap()
    }

    /// Frames that were skipped because they were late.
    pub(crate) fn late_frames(&self) -> u64 {
        self.status()["late_frames"].as_u64().unwrap()
    }

    /// The URL of the master playlist, once it is available.
    pub(crate) fn master(&self) -> String {
        let uri = format!("{}/live/{}/master.m3u8", self.url, self.id);
        let request = || send(Request::get(uri.as_str()).body(()).unwrap()).0;
        until("the playlist is available", LIMIT, || (request() == 200).then_some(()));
        uri
    }

    /// Segments of the stream so far.
    pub(crate) fn segments(&self) -> u64 {
        // The media playlist is available once the master playlist is.
        self.master();
        let name = self.status()["renditions"][0]["name"].as_str().unwrap().to_owned();
        let uri = format!("{}/live/{}/{name}/media.m3u8", self.url, self.id);
        let (status, text) = send(Request::get(uri).body(()).unwrap());
        assert_eq!(status, 200, "{text}");
        let removed = text.lines().find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:")).unwrap();
        let listed = text.lines().filter(|line| line.starts_with("#EXTINF")).count();
        removed.parse::<u64>().unwrap() + listed as u64
    }

    /// Waits until the stream has this many more frames.
    #[track_caller]
    pub(crate) fn wait_for_frames(&self, frames: u64) {
        let target = self.frames() + frames;
        self.wait_until("continuing", |status| status["frames"].as_u64().unwrap() >= target);
    }

    /// Waits until this many more frames were made in time.
    #[track_caller]
    pub(crate) fn wait_for_frames_in_time(&self, frames: u64) {
        let made = |status: &Value| status["frames"].as_u64().unwrap() - status["late_frames"].as_u64().unwrap();
        let target = made(&self.status()) + frames;
        self.wait_until("making frames", |status| made(status) >= target);
    }
}

/// The position in a status, in seconds.
pub(crate) fn position(status: &Value) -> f64 {
    status["position_secs"].as_f64().unwrap()
}

/// Sends a request; returns status code and body.
fn send(request: Request<()>) -> (u16, String) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(LIMIT)).build().into();
    let mut response = agent.run(request).unwrap();
    (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
}
