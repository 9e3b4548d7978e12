//! Errors and panics of a build with the feature `sentry`, to an HTTP server in the place of Sentry; and what a build without
//! it says. CI builds without; `cargo test --features sentry --test serve error_reports` checks the feature.

use std::process::Command;

#[cfg(feature = "sentry")]
use super::support::process::LIMIT;
use super::support::process::{RunningProcess, repcast};

fn serve(dsn: &str) -> Command {
    let mut command = repcast();
    command.args(["serve", "--listen", "127.0.0.1:0", "--capacity", "1000"]).env("SENTRY_DSN", dsn);
    command
}

#[cfg(not(feature = "sentry"))]
#[test]
fn a_build_without_reports_says_so_once() {
    let process = RunningProcess::spawn(serve("http://key@127.0.0.1:1/1"));
    process.wait_for_line("an address", |line| line.contains("listening on").then_some(()));
    let lines = process.stderr_lines();
    let warnings: Vec<_> = lines.iter().filter(|line| line.contains("SENTRY_DSN")).collect();
    assert_eq!(warnings.len(), 1, "{lines:?}");
    assert!(warnings[0].contains("WARN") && warnings[0].contains("--features sentry"), "{warnings:?}");
    assert!(!lines.iter().any(|line| line.contains("key@")), "{lines:?}");
    // An empty variable is none.
    let process = RunningProcess::spawn(serve(""));
    process.wait_for_line("an address", |line| line.contains("listening on").then_some(()));
    assert!(!process.stderr_lines().iter().any(|line| line.contains("SENTRY_DSN")));
}

#[cfg(feature = "sentry")]
mod reports {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;

    use serde_json::{Value, json};

    use super::*;
    use crate::support::process::signal;

    /// Accepts reports; returns its DSN, and the bodies of requests with their heads.
    fn listener() -> (String, Receiver<(String, String)>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let dsn = format!("http://public@{}/7", listener.local_addr().unwrap());
        let (send, received) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let send = send.clone();
                thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    loop {
                        let (mut head, mut line) = (String::new(), String::new());
                        while reader.read_line(&mut line).unwrap_or(0) > 2 {
                            head.push_str(&std::mem::take(&mut line));
                        }
                        let length = head.lines().find_map(|line| {
                            line.to_lowercase()
                                .strip_prefix("content-length:")
                                .map(|length| length.trim().parse().unwrap())
                        });
                        let Some(length) = length else { return };
                        let mut body = vec![0; length];
                        reader.read_exact(&mut body).unwrap();
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
                        if send.send((head, String::from_utf8_lossy(&body).into_owned())).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        (dsn, received)
    }

    /// The event of an envelope: the line after the header of its item.
    fn event(body: &str) -> Value {
        let line = body.lines().find(|line| line.contains("\"event_id\"") && line.contains("\"release\""));
        serde_json::from_str(line.unwrap_or_else(|| panic!("no event: {body}"))).unwrap()
    }

    #[test]
    fn errors_are_reported_without_people() {
        let (dsn, received) = listener();
        let folder = tempfile::tempdir().unwrap();
        let mut command = serve(&dsn);
        let config = folder.path().join("repcast.toml");
        std::fs::write(&config, "rate_limit = 100\n").unwrap();
        command.arg("--config").arg(&config);
        let process = RunningProcess::spawn(command);
        let address = process.wait_for_line("an address", |line| Some(line.split_once("listening on ")?.1.to_owned()));
        ureq::get(format!("{address}/healthz?token=secret-query")).call().unwrap();
        // A reload of a configuration that is wrong is logged as an error.
        std::fs::write(&config, "rate_limit = \"many\"\n").unwrap();
        signal(process.pid(), "HUP");
        let (head, body) = received.recv_timeout(LIMIT).unwrap();
        assert!(head.starts_with("POST /api/7/envelope/") && head.contains("sentry_key=public"), "{head}");
        let event = event(&body);
        // The level is omitted where it is that of errors.
        assert!(event.get("level").is_none(), "{event}");
        assert_eq!(event["release"], json!(concat!("repcast@", env!("CARGO_PKG_VERSION"))), "{event}");
        assert!(event["message"].as_str().unwrap().contains("configuration"), "{event}");
        for absent in ["user", "request", "server_name", "breadcrumbs"] {
            assert!(event.get(absent).is_none(), "{absent}: {event}");
        }
        assert!(!body.contains("secret-query"), "{body}");
        assert!(!process.stderr_lines().iter().any(|line| line.contains("SENTRY_DSN")));
    }

    #[test]
    fn a_wrong_address_is_reported_and_not_shown() {
        let process = RunningProcess::spawn(serve("not-an-address-with-a-key"));
        process.wait_for_line("an address", |line| line.contains("listening on").then_some(()));
        let lines = process.stderr_lines();
        assert!(lines.iter().any(|line| line.contains("SENTRY_DSN") && line.contains("not reported")), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains("not-an-address")), "{lines:?}");
    }
}
