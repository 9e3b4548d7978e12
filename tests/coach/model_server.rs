//! A server with the APIs of two vendors of language models, which plays recorded answers. Which one, the request of a workout
//! says: it contains `play NAME`. The answers are files of `models`, in the forms of the vendors' references.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// How long a connection that is silent stays open: longer than any client waits.
const SILENCE: Duration = Duration::from_secs(30);

/// A request that the server has received.
#[derive(Clone)]
pub(crate) struct ModelRequest {
    /// The first line and the headers; their names are in lower case.
    pub(crate) head: Vec<String>,
    pub(crate) body: Value,
}

impl ModelRequest {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The messages that are no rules.
    pub(crate) fn turns(&self) -> Vec<&Value> {
        self.body["messages"].as_array().unwrap().iter().filter(|turn| turn["role"] != "system").collect()
    }

    /// The words of the person, which the first turn has.
    pub(crate) fn words(&self) -> String {
        let message: Value = serde_json::from_str(self.turns()[0]["content"].as_str().unwrap()).unwrap();
        message["request"].as_str().unwrap().to_owned()
    }
}

/// The server. Its threads end with the tests.
pub(crate) struct ModelServer {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<ModelRequest>>>,
}

impl ModelServer {
    /// Starts a server with the answers of a vendor.
    pub(crate) fn start(vendor: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let list = received.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let list = list.clone();
                // Clients that end the connection are a part of the tests.
                thread::spawn(move || {
                    let _ = serve(stream, vendor, &list);
                });
            }
        });
        Self { address, received }
    }

    /// The requests with these words, in order.
    pub(crate) fn received(&self, words: &str) -> Vec<ModelRequest> {
        let all = self.received.lock().unwrap();
        all.iter().filter(|request| request.words().contains(words)).cloned().collect()
    }
}

fn serve(stream: TcpStream, vendor: &str, list: &Mutex<Vec<ModelRequest>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = Vec::new();
    for line in reader.by_ref().lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        let lower = line.split_once(": ").map(|(name, value)| format!("{}: {value}", name.to_lowercase()));
        head.push(lower.unwrap_or(line));
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request = ModelRequest { head, body: serde_json::from_slice(&body)? };
    let is_repair = request.turns().len() > 1;
    let words = request.words();
    let name = words.split("play ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap_or("good").to_owned();
    list.lock().unwrap().push(request);
    // An answer that is wrong at first and right after a repair.
    let name = match name.strip_prefix("repaired_") {
        Some(_) if is_repair => "good",
        Some(wrong) => wrong,
        None => &name,
    };
    play(stream, vendor, name)
}

fn play(mut stream: TcpStream, vendor: &str, name: &str) -> std::io::Result<()> {
    match name {
        "silence" => thread::sleep(SILENCE),
        "drip" => {
            let (head, body) = recorded(vendor, "good");
            stream.write_all(head.as_bytes())?;
            for byte in body.as_bytes() {
                stream.write_all(&[*byte])?;
                thread::sleep(Duration::from_millis(100));
            }
        }
        "cut" => {
            let (head, body) = recorded(vendor, "good");
            stream.write_all(head.as_bytes())?;
            stream.write_all(&body.as_bytes()[..body.len() / 2])?;
        }
        "large" => {
            let spaces = vec![b' '; 64 << 10];
            stream.write_all(head("200 OK", &[], 10 << 20).as_bytes())?;
            for _ in 0..160 {
                stream.write_all(&spaces)?;
            }
        }
        "endless" => {
            // Without a length: the body lasts as long as the connection.
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[b' '; 4096])?;
            }
        }
        "redirect" => {
            let place = format!("location: http://{}/elsewhere", stream.local_addr()?);
            stream.write_all(head("307 Temporary Redirect", &[place], 0).as_bytes())?;
        }
        "empty" => stream.write_all(head("200 OK", &[], 0).as_bytes())?,
        "page" => {
            let page = "<html>It works!</html>";
            stream.write_all([&*head("200 OK", &[], page.len()), page].concat().as_bytes())?;
        }
        "garbage" => stream.write_all(b"\x16\x03\x01 no HTTP at all\r\n\r\n")?,
        name => {
            let (head, body) = recorded(vendor, name);
            stream.write_all([head, body].concat().as_bytes())?;
        }
    }
    Ok(())
}

/// Head and body of a recorded answer.
fn recorded(vendor: &str, name: &str) -> (String, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/coach/models");
    let file = folder.join(vendor).join(format!("{name}.json"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let answer: Value = serde_json::from_str(&text).unwrap();
    let headers: Vec<String> = answer["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.as_str().unwrap()))
        .collect();
    let body = answer["body"].to_string();
    (head(&format!("{} Recorded", answer["status"]), &headers, body.len()), body)
}

fn head(status: &str, headers: &[String], length: usize) -> String {
    let own = [
        format!("content-length: {length}"),
        "content-type: application/json".to_owned(),
        "connection: close".to_owned(),
    ];
    let headers: Vec<String> = headers.iter().chain(&own).map(|header| format!("{header}\r\n")).collect();
    format!("HTTP/1.1 {status}\r\n{}\r\n", headers.concat())
}
