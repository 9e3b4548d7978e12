//! Requests and their responses.

#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;
use ureq::http::{HeaderMap, Request, Response};
use ureq::{Agent, Body};

use super::server::Server;
use super::support::process::LIMIT;

/// A complete response.
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl HttpResponse {
    /// A header, or the empty string.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Asserts the status code.
    #[track_caller]
    pub(crate) fn assert_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Asserts the status code and the form of errors (RFC 9457). Returns the field at fault, or the empty string.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        for field in ["type", "title", "detail"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "no {field}: {problem}");
        }
        problem["place"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.into_with_config().limit(1 << 30).read_to_vec().unwrap();
        Self { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

impl Server {
    /// Sends a request without a body; returns when the head of the response has arrived.
    pub(crate) fn open(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
        agent().run(self.builder(method, path, headers).body(()).unwrap()).unwrap()
    }

    /// Sends a request without a body.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> HttpResponse {
        HttpResponse::of(self.open(method, path, headers))
    }

    /// Sends a request without a body and ignores failures.
    pub(crate) fn try_send(&self, method: &str, path: &str, headers: &[(&str, &str)]) {
        let _ = agent().run(self.builder(method, path, headers).body(()).unwrap());
    }

    pub(crate) fn get(&self, path: &str) -> HttpResponse {
        self.request("GET", path, &[])
    }

    /// Sends a document; returns when the head of the response has arrived.
    pub(crate) fn open_post(&self, path: &str, body: &Value) -> Response<Body> {
        self.send(path, &[("content-type", "application/json")], body.to_string().into_bytes())
    }

    /// Sends a document.
    pub(crate) fn post(&self, path: &str, body: &Value) -> HttpResponse {
        HttpResponse::of(self.open_post(path, body))
    }

    /// Sends bytes with a content type.
    pub(crate) fn post_bytes(&self, path: &str, kind: &str, body: &[u8]) -> HttpResponse {
        HttpResponse::of(self.send(path, &[("content-type", kind)], body.to_vec()))
    }

    /// Sends bytes with headers, by any method.
    pub(crate) fn exchange(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> HttpResponse {
        HttpResponse::of(agent().run(self.builder(method, path, headers).body(body).unwrap()).unwrap())
    }

    /// Sends bytes with headers.
    pub(crate) fn send(&self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Response<Body> {
        agent().run(self.builder("POST", path, headers).body(body).unwrap()).unwrap()
    }

    fn builder(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> ureq::http::request::Builder {
        let request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        let own = self.token.as_ref().filter(|_| !headers.iter().any(|(name, _)| *name == "authorization"));
        let request = own.into_iter().fold(request, |request, token| request.header("authorization", bearer(token)));
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    }

    /// Sends raw bytes over a new connection and reads until the server closes it.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        // A server may respond and close before it has read everything.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    /// Requests a target without normalizing it; returns status code and text of the response.
    pub(crate) fn raw_get(&self, target: &[u8]) -> (u16, String) {
        let head = [b"GET ", target, b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"].concat();
        let answer = String::from_utf8_lossy(&self.raw(&head)).into_owned();
        (status_of(&answer), answer)
    }
}

/// The value of an Authorization header.
pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The status code in the first line of a response.
pub(crate) fn status_of(answer: &str) -> u16 {
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|digits| digits.parse().ok());
    status.unwrap_or_else(|| panic!("no response: {:?}", answer.get(..200).unwrap_or(answer)))
}

fn agent() -> Agent {
    let config = Agent::config_builder().timeout_global(Some(LIMIT)).http_status_as_error(false).max_redirects(0);
    config.max_redirects_will_error(false).allow_non_standard_methods(true).build().into()
}
