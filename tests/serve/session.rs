//! Documents, and live sessions that end with their tests.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::client::{HttpResponse, bearer};
use super::playlist::Playlist;
use super::server::Server;
use super::support::process::{LIMIT, until};

/// Frame rate of all documents here.
pub(crate) const FPS: u64 = 30;

/// A composition without clips whose frames all differ.
pub(crate) fn composition(width: u32, height: u32, secs: u32) -> Value {
    json!({"canvas": {"width": width, "height": height, "background": "#204060"}, "duration": secs, "layers": [
        {"type": "progress", "rect": [20, height - 20, width - 40, 8]},
        {"type": "timer", "format": "mm:ss.t", "position": [width - 20, 20], "anchor": "top-right", "size": 32}]})
}

/// A composition of 320 by 180 pixels.
pub(crate) fn small(secs: u32) -> Value {
    composition(320, 180, secs)
}

/// A live session.
pub(crate) struct Session<'a> {
    pub(crate) server: &'a Server,
    pub(crate) id: String,
    /// The Authorization header with the right to control it.
    pub(crate) authorization: String,
}

impl<'a> Session<'a> {
    /// Starts a session.
    pub(crate) fn start(server: &'a Server, document: &Value) -> Self {
        Self::of(server, &server.post("/api/live", document).assert_status(201).json())
    }

    /// The session in the response to its start.
    pub(crate) fn of(server: &'a Server, started: &Value) -> Self {
        let field = |name: &str| started[name].as_str().unwrap().to_owned();
        Self { server, id: field("id"), authorization: bearer(&field("control_token")) }
    }

    /// The path of a file of the stream.
    pub(crate) fn path(&self, file: &str) -> String {
        format!("/live/{}/{file}", self.id)
    }

    /// A file of the stream. While it does not exist yet, requests are repeated after the time in `Retry-After`.
    pub(crate) fn file(&self, file: &str) -> HttpResponse {
        until("the file is available", LIMIT, || {
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
        Playlist::read(&self.file(&format!("180p/media.m3u8{query}")).assert_status(200).text())
    }

    /// The status of the session.
    pub(crate) fn status(&self) -> Value {
        self.server.get(&format!("/api/live/{}", self.id)).assert_status(200).json()
    }

    /// Sends a command.
    pub(crate) fn command(&self, command: Value) -> HttpResponse {
        self.command_bytes("application/json", command.to_string().into_bytes())
    }

    /// Sends bytes as a command.
    pub(crate) fn command_bytes(&self, kind: &str, body: Vec<u8>) -> HttpResponse {
        let headers = [("authorization", self.authorization.as_str()), ("content-type", kind)];
        HttpResponse::of(self.server.send(&format!("/api/live/{}/commands", self.id), &headers, body))
    }

    /// Ends the session. The response is 202 when the encoder takes longer than the server waits.
    pub(crate) fn end(&self) {
        let authorization = [("authorization", self.authorization.as_str())];
        let answer = self.server.request("DELETE", &format!("/api/live/{}", self.id), &authorization);
        assert!(answer.body.is_empty(), "{}", answer.text());
        match answer.status {
            204 => assert_eq!(self.status()["state"], "ended"),
            202 => _ = self.wait_for("the session ends", |status| status["state"] == "ended"),
            status => panic!("{status}"),
        }
    }

    /// Waits until the status fulfils a condition.
    pub(crate) fn wait_for(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        until(what, LIMIT, || Some(self.status()).filter(&is_so))
    }

    /// Waits until the session and its playlists have ended; returns the status.
    pub(crate) fn wait_for_end(&self) -> Value {
        let status = self.wait_for("the session ends", |status| status["state"] == "ended");
        for rendition in status["renditions"].as_array().unwrap() {
            let path = format!("{}/media.m3u8", rendition["name"].as_str().unwrap());
            until("the playlist is closed", LIMIT, || self.file(&path).text().contains("#EXT-X-ENDLIST").then_some(()));
        }
        self.status()
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if !thread::panicking() {
            // The server may have exited before.
            let authorization = [("authorization", self.authorization.as_str())];
            self.server.try_send("DELETE", &format!("/api/live/{}", self.id), &authorization);
        }
    }
}
