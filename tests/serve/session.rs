//! Documents, and live sessions that are ended with their tests.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::client::Answer;
use super::playlist::Playlist;
use super::server::{Server, until};

/// More than a short session takes to its end on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(180);

/// Frames a second in all documents here.
pub(crate) const FPS: u64 = 30;

/// A composition whose picture changes with every frame and needs no clip.
pub(crate) fn composition(width: u32, height: u32, secs: u32) -> Value {
    json!({"canvas": {"width": width, "height": height, "background": "#204060"}, "duration": secs, "layers": [
        {"type": "progress", "rect": [20, height - 20, width - 40, 8]},
        {"type": "timer", "format": "mm:ss.t", "position": [width - 20, 20], "anchor": "top-right", "size": 32}]})
}

/// The smallest composition.
pub(crate) fn small(secs: u32) -> Value {
    composition(320, 180, secs)
}

/// A session that plays.
pub(crate) struct Session<'a> {
    pub(crate) server: &'a Server,
    pub(crate) id: String,
}

impl<'a> Session<'a> {
    /// Begins a session.
    pub(crate) fn begin(server: &'a Server, document: &Value) -> Self {
        let answer = server.post("/api/live", document).with(201);
        Self { server, id: answer.json()["id"].as_str().unwrap().to_owned() }
    }

    /// The path of a file of the stream.
    pub(crate) fn path(&self, file: &str) -> String {
        format!("/live/{}/{file}", self.id)
    }

    /// A file of the stream. For what the stream is not far enough yet, the answer says when to ask again.
    pub(crate) fn file(&self, file: &str) -> Answer {
        until("the stream is far enough", LIMIT, || {
            let answer = self.server.get(&self.path(file));
            if answer.status == 503 {
                thread::sleep(Duration::from_secs(answer.header("retry-after").parse().unwrap()));
                return None;
            }
            Some(answer)
        })
    }

    /// The media playlist of the only rendition of a small composition.
    pub(crate) fn media(&self, query: &str) -> Playlist {
        Playlist::read(&self.file(&format!("180p/media.m3u8{query}")).with(200).text())
    }

    /// What is told of the session.
    pub(crate) fn told(&self) -> Value {
        self.server.get(&format!("/api/live/{}", self.id)).with(200).json()
    }

    /// Sends a command.
    pub(crate) fn command(&self, command: Value) -> Answer {
        self.server.post(&format!("/api/live/{}/commands", self.id), &command)
    }

    /// Ends the session. Where its encoder takes long the answer comes first, and says so.
    pub(crate) fn end(&self) {
        let answer = self.server.ask("DELETE", &format!("/api/live/{}", self.id), &[]);
        assert!(answer.body.is_empty(), "{}", answer.text());
        match answer.status {
            204 => assert_eq!(self.told()["state"], "ended"),
            202 => _ = self.wait_for("the session ends", |told| told["state"] == "ended"),
            status => panic!("{status}"),
        }
    }

    /// Waits until what is told of the session is as it should be.
    pub(crate) fn wait_for(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        until(what, LIMIT, || Some(self.told()).filter(&is_so))
    }

    /// Waits for the session's end, and for that of its playlists, which comes with its last frame.
    pub(crate) fn ended(&self) -> Value {
        let told = self.wait_for("the session ends", |told| told["state"] == "ended");
        for rendition in told["renditions"].as_array().unwrap() {
            let path = format!("{}/media.m3u8", rendition["name"].as_str().unwrap());
            until("the playlist is closed", LIMIT, || self.file(&path).text().contains("#EXT-X-ENDLIST").then_some(()));
        }
        self.told()
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if !thread::panicking() {
            // Its server may have ended before it.
            self.server.tell("DELETE", &format!("/api/live/{}", self.id));
        }
    }
}
