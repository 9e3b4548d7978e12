//! A camera that sends JPEG images over HTTP, in the ways that cameras do.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How its parts look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Style {
    /// As RFC 2046 has it.
    Correct,
    /// The boundary of the header has dashes, that of the parts has more.
    Dashes,
    /// No lengths, line ends of one character, each boundary twice.
    Sloppy,
    /// A wrong length, garbage between the parts, and the first image cut off.
    Lying,
    /// No multipart at all: images one after another.
    Bare,
}

pub(crate) const STYLES: [Style; 5] = [Style::Correct, Style::Dashes, Style::Sloppy, Style::Lying, Style::Bare];

/// A camera that runs until it is dropped.
pub(crate) struct HttpCamera {
    pub(crate) port: u16,
    is_over: Arc<AtomicBool>,
}

impl HttpCamera {
    /// Starts a camera that sends these images for ever, 20 a second; with a login it asks for Basic credentials.
    pub(crate) fn start(style: Style, images: Vec<Vec<u8>>, login: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, images) = (is_over.clone(), Arc::new(images));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let (over, images) = (over.clone(), images.clone());
                thread::spawn(move || serve(client, style, &images, login, &over));
            }
        });
        Self { port, is_over }
    }
}

impl Drop for HttpCamera {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(mut client: TcpStream, style: Style, images: &[Vec<u8>], login: Option<&str>, over: &AtomicBool) {
    let mut head = Vec::new();
    let mut lines = BufReader::new(client.try_clone().unwrap()).lines();
    while let Some(Ok(line)) = lines.next()
        && !line.is_empty()
    {
        head.push(line.to_lowercase());
    }
    if let Some(login) = login
        && !head.iter().any(|line| *line == format!("authorization: basic {}", login.to_lowercase()))
    {
        let _ = client.write_all(
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"camera\"\r\nContent-Length: 0\r\n\r\n",
        );
        return;
    }
    let kind = match style {
        Style::Correct | Style::Lying => "Content-Type: multipart/x-mixed-replace; boundary=frame\r\n",
        Style::Dashes => "Content-Type: multipart/x-mixed-replace;boundary=\"--frame\"\r\n",
        Style::Sloppy => "content-type:multipart/x-mixed-replace\r\n",
        Style::Bare => "",
    };
    let _ = client.write_all(format!("HTTP/1.0 200 OK\r\n{kind}\r\n").as_bytes());
    for (number, image) in images.iter().cycle().enumerate() {
        let part = match style {
            Style::Correct => {
                let head = format!("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", image.len());
                [head.as_bytes(), image, b"\r\n"].concat()
            }
            Style::Dashes => [b"----frame\r\nContent-Type: image/jpeg\r\n\r\n", &image[..], b"\r\n"].concat(),
            Style::Sloppy => [b"--x\n--x\nContent-type: image/jpeg\n\n", &image[..]].concat(),
            Style::Lying if number == 0 => image[..image.len() / 2].to_vec(),
            Style::Lying => [b"\xff\xd8\xff garbage --frame\r\nContent-Length: 7\r\n\r\n", &image[..]].concat(),
            Style::Bare => image.clone(),
        };
        // In two pieces, as networks cut them.
        let (first, second) = part.split_at(part.len() / 3);
        if over.load(Ordering::Relaxed) || client.write_all(first).is_err() || client.write_all(second).is_err() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}
