//! People with accounts, and their requests.

#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use super::client::{HttpResponse, bearer};
use super::server::Server;
use super::support::process;

/// A password that no one guesses.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Someone who is signed in.
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
}

impl User {
    /// Makes an account from the command line, and signs in.
    pub(crate) fn new(server: &Server, data: &Path, email: &str, role: &str) -> Self {
        let arguments = ["user", "add", email, "--role", role, "--data", data.to_str().unwrap()];
        let (code, output) = repcast_with_input(&arguments, PASSWORD);
        assert_eq!(code, 0, "{output}");
        Self::log_in(server, email)
    }

    /// Signs in.
    pub(crate) fn log_in(server: &Server, email: &str) -> Self {
        let answer = server.post("/api/auth/login", &json!({"email": email, "password": PASSWORD}));
        Self::of(&answer.assert_status(200).json())
    }

    /// The user of a response with tokens.
    pub(crate) fn of(answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            id: text(&answer["user"]["id"]),
            token: text(&answer["access_token"]),
            refresh_token: text(&answer["refresh_token"]),
        }
    }

    /// Sends a request as this user.
    pub(crate) fn request(&self, server: &Server, method: &str, path: &str) -> HttpResponse {
        server.request(method, path, &[("authorization", &bearer(&self.token))])
    }

    /// Sends a document as this user.
    pub(crate) fn send(&self, server: &Server, method: &str, path: &str, body: &Value) -> HttpResponse {
        let bearer = bearer(&self.token);
        let headers = [("authorization", &*bearer), ("content-type", "application/json")];
        server.exchange(method, path, &headers, body.to_string().into_bytes())
    }
}

/// Runs the program with a line on its standard input; returns its exit code and both outputs.
pub(crate) fn repcast_with_input(arguments: &[&str], line: &str) -> (i32, String) {
    let mut command = process::repcast();
    command.args(arguments).env_remove("DATABASE_URL");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
}
