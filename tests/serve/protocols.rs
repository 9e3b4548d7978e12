//! HTTP/1.1 and HTTP/2, in clear text and over TLS, tested with curl.

use std::fs;
use std::process::Command;

use super::server::Server;
use super::session::{Session, small};

/// HTTP version, status code and content type of a transfer by curl.
fn curl(args: &[&str]) -> String {
    let mut command = Command::new("curl");
    command
        .args(["-sS", "-m", "180", "-o", "/dev/null", "-w", "%{http_version} %{http_code} %{content_type}"])
        .args(args);
    let output = command.output().unwrap_or_else(|error| panic!("curl: {error}; run script/bootstrap"));
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn both_versions_work_in_clear_text() {
    let server = Server::shared();
    let session = Session::start(server, &small(600));
    session.file("master.m3u8").assert_status(200);
    let address = format!("http://{}{}", server.address, session.path("180p/media.m3u8"));
    let kind = "200 application/vnd.apple.mpegurl";
    assert_eq!(curl(&["--http2-prior-knowledge", &address]), format!("2 {kind}"));
    assert_eq!(curl(&["--http1.1", &address]), format!("1.1 {kind}"));
}

#[test]
fn both_versions_work_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    fs::write(&cert, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let server = Server::start(&["--tls-cert", &cert, "--tls-key", &key]);
    let address = format!("https://{}/healthz", server.address);
    assert_eq!(curl(&["--cacert", &cert, &address]), "2 200 application/json");
    assert_eq!(curl(&["--cacert", &cert, "--http1.1", &address]), "1.1 200 application/json");
    // Clear text on the TLS port is rejected and does not affect other connections.
    assert!(!server.raw(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").starts_with(b"HTTP/1.1 200"));
    assert_eq!(curl(&["--cacert", &cert, &address]), "2 200 application/json");
}
