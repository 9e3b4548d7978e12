//! A live session of the program, asked for its state.

use std::ops::{Deref, DerefMut};

use serde_json::{Value, json};
use ureq::http::Request;

use super::display::Display;
use super::program::{LIMIT, Program, until};

/// Seconds of a document that outlasts its test.
pub(crate) const LONG: u32 = 3600;

/// Seconds of each part of the workout.
pub(crate) const PART: u32 = LONG / 3;

/// The ground of all documents here.
pub(crate) const GROUND: [u8; 3] = [0x20, 0x40, 0x60];

/// A composition whose picture changes with every frame and needs no clip.
pub(crate) fn composition(secs: u32) -> Value {
    json!({"canvas": {"width": 640, "height": 360, "background": "#204060"}, "duration": secs, "layers": [
        {"type": "progress", "rect": [20, 340, 600, 8]},
        {"type": "timer", "format": "mm:ss.t", "position": [620, 20], "anchor": "top-right", "size": 32}]})
}

/// A workout of three parts of the same length.
pub(crate) fn workout() -> Value {
    let exercises = ["air_squat", "pushups", "jumping_jacks"].map(|id| json!({"id": id, "duration": PART}));
    json!({"exercises": exercises, "resolution": "720p", "background": {"color": "#204060"}})
}

/// A live session.
pub(crate) struct Session {
    program: Program,
    /// Where it listens, such as `http://127.0.0.1:4711`.
    pub(crate) url: String,
    pub(crate) id: String,
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

    /// A session that may or may not find a display.
    pub(crate) fn start(display: Option<&str>, document: &Value, options: &[&str]) -> Self {
        let options = [&["--listen", "127.0.0.1:0", "--preset", "ultrafast"], options].concat();
        let program = Program::start("live", display, document, &options);
        let url = program.hears("listening on ");
        let id = program.hears("player: ").split('/').nth(4).unwrap().to_owned();
        Self { program, url, id }
    }

    /// Asks something of the session; `tail` is what follows the session's address. Gives status and answer.
    pub(crate) fn ask(&self, method: &str, tail: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(format!("{}/api/live/{}{tail}", self.url, self.id));
        answer(request.body(()).unwrap())
    }

    /// The session's state.
    pub(crate) fn told(&self) -> Value {
        let (status, text) = self.ask("GET", "");
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Waits until the session is as it should be.
    #[track_caller]
    pub(crate) fn becomes(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        until(&format!("the session is {what}"), || Some(self.told()).filter(&is_so))
    }

    /// Pauses the session, so that it stays where it is; says where that is.
    pub(crate) fn pause(&self) -> f64 {
        let uri = format!("{}/api/live/{}/commands", self.url, self.id);
        ureq::post(uri).send_json(json!({"command": "pause"})).unwrap();
        position(&self.becomes("paused", |told| told["state"] == "paused"))
    }

    /// Waits for a place, to a frame or two.
    #[track_caller]
    pub(crate) fn stands_at(&self, secs: f64) {
        self.becomes(&format!("at {secs}"), |told| (position(told) - secs).abs() < 0.1);
    }

    /// Frames of the stream so far, those included that were left out.
    pub(crate) fn frames(&self) -> u64 {
        self.told()["frames"].as_u64().unwrap()
    }

    /// Frames that were left out.
    pub(crate) fn late_frames(&self) -> u64 {
        self.told()["late_frames"].as_u64().unwrap()
    }

    /// The address of the master playlist, once there is one.
    pub(crate) fn master(&self) -> String {
        let uri = format!("{}/live/{}/master.m3u8", self.url, self.id);
        let asked = || answer(Request::get(uri.as_str()).body(()).unwrap()).0;
        until("there is a playlist", || (asked() == 200).then_some(()));
        uri
    }

    /// Segments of the stream so far.
    pub(crate) fn segments(&self) -> u64 {
        // Until then there is no other playlist either.
        self.master();
        let name = self.told()["renditions"][0]["name"].as_str().unwrap().to_owned();
        let uri = format!("{}/live/{}/{name}/media.m3u8", self.url, self.id);
        let (status, text) = answer(Request::get(uri).body(()).unwrap());
        assert_eq!(status, 200, "{text}");
        let gone = text.lines().find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:")).unwrap();
        let listed = text.lines().filter(|line| line.starts_with("#EXTINF")).count();
        gone.parse::<u64>().unwrap() + listed as u64
    }

    /// Waits until the stream has gone on by so many frames.
    #[track_caller]
    pub(crate) fn goes_on(&self, frames: u64) {
        let wanted = self.frames() + frames;
        self.becomes("going on", |told| told["frames"].as_u64().unwrap() >= wanted);
    }

    /// Waits until so many more frames of the stream have been made in time.
    #[track_caller]
    pub(crate) fn makes(&self, frames: u64) {
        let made = |told: &Value| told["frames"].as_u64().unwrap() - told["late_frames"].as_u64().unwrap();
        let wanted = made(&self.told()) + frames;
        self.becomes("making frames", |told| made(told) >= wanted);
    }
}

/// Seconds from the session's beginning.
pub(crate) fn position(told: &Value) -> f64 {
    told["position_secs"].as_f64().unwrap()
}

fn answer(request: Request<()>) -> (u16, String) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(LIMIT)).build().into();
    let mut response = agent.run(request).unwrap();
    (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
}
