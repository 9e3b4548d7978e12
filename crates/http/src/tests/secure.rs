//! TLS, and errors of binding.

use std::path::PathBuf;
use std::sync::Arc;

use axum::routing::get;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::*;

/// A self-signed certificate for `localhost`, in files.
struct Certificate {
    _folder: TempDir,
    files: TlsFiles,
    der: CertificateDer<'static>,
}

fn certificate() -> Certificate {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = TlsFiles { cert: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
    std::fs::write(&files.cert, cert.pem()).unwrap();
    std::fs::write(&files.key, signing_key.serialize_pem()).unwrap();
    Certificate { _folder: folder, files, der: cert.der().clone() }
}

fn connector(certificate: &Certificate, protocols: &[&str]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der.clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

fn start(certificate: &Certificate, config: HttpConfig) -> TestServer {
    let config = HttpConfig { tls: Some(certificate.files.clone()), ..config };
    let version = |request: axum::extract::Request| async move { format!("{:?}", request.version()) };
    TestServer::start(config, Router::new().route("/", get(version)).route("/long", get(|| async { long_body(64).0 })))
}

#[tokio::test]
async fn http_1_and_http_2_are_negotiated_over_tls() {
    let certificate = certificate();
    let server = start(&certificate, no_timeouts());
    let name = ServerName::try_from("localhost").unwrap();

    let connector_2 = connector(&certificate, &["h2", "http/1.1"]);
    let stream = connector_2.connect(name.clone(), server.connect().await).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let mut client = http2_over(stream).await;
    let response = client.send_request(request("/")).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "HTTP/2.0");
    let response = client.send_request(request("/long")).await.unwrap();
    assert_eq!(length_of(response.into_body()).await, 64 * 64 * 1024);

    let connector_1 = connector(&certificate, &["http/1.1"]);
    let mut stream = connector_1.connect(name, server.connect().await).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").await.unwrap();
    let response = RawResponse::read(&mut stream).await;
    assert_eq!(response.body, b"HTTP/1.1");
    assert_eq!(response.header("strict-transport-security"), Some("max-age=2592000"));
}

#[tokio::test]
async fn a_replaced_certificate_is_used_by_new_connections() {
    let (first, second) = (certificate(), certificate());
    let config = HttpConfig { tls: Some(first.files.clone()), ..no_timeouts() };
    let bound = bind(config.clone()).unwrap();
    let (address, certificates) = (bound.address(), bound.certificates().unwrap().clone());
    let metrics = HttpMetrics::default();
    let router = with_middleware(Router::new().route("/", get(|| async { "ok" })), &config, &metrics);
    let _server = tokio::spawn(async move { bound.serve(router, &metrics, std::future::pending()).await });
    let connect = async |certificate: &Certificate| {
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        connector(certificate, &["http/1.1"]).connect(name, stream).await
    };
    let mut open = connect(&first).await.unwrap();
    assert!(connect(&second).await.is_err());
    certificates.replace(&Certificates::load(&second.files).unwrap());
    assert!(connect(&second).await.is_ok() && connect(&first).await.is_err());
    open.write_all(b"GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").await.unwrap();
    assert_eq!(RawResponse::read(&mut open).await.body, b"ok");
}

#[tokio::test]
async fn handshakes_have_a_timeout() {
    let certificate = certificate();
    let server = start(&certificate, HttpConfig { header_timeout: HEADER, ..no_timeouts() });
    let mut silent = server.connect().await;
    let mut partial = server.connect().await;
    partial.write_all(b"\x16\x03\x01").await.unwrap();
    assert!(is_closed(&mut silent).await);
    assert!(is_closed(&mut partial).await);
}

#[tokio::test]
async fn stalled_tls_readers_are_disconnected() {
    let certificate = certificate();
    let (body, dropped) = long_body(usize::MAX);
    let body = Arc::new(std::sync::Mutex::new(Some(body)));
    let handler = move || std::future::ready(body.lock().unwrap().take().unwrap());
    let config = HttpConfig { tls: Some(certificate.files.clone()), stall_timeout: STALL, ..no_timeouts() };
    let server = TestServer::start(config, Router::new().route("/", get(handler)));
    let connector = connector(&certificate, &["http/1.1"]);
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, server.connect().await).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    is_dropped(dropped).await;
}

/// The error of [`bind`] for these files.
fn bind_error(cert: PathBuf, key: PathBuf) -> String {
    bind(HttpConfig { tls: Some(TlsFiles { cert, key }), ..no_timeouts() }).unwrap_err().to_string()
}

#[test]
fn errors_name_the_file_and_the_cause() {
    let (one, two) = (certificate(), certificate());
    let (cert, key) = (one.files.cert.clone(), one.files.key.clone());
    let missing = cert.with_file_name("missing.pem");
    assert!(bind_error(missing.clone(), key.clone()).contains("missing.pem: cannot be read: "));
    assert!(bind_error(cert.clone(), missing).contains("missing.pem: cannot be read: "));
    assert!(bind_error(key.clone(), key.clone()).contains("key.pem: holds no certificate in PEM: "));
    assert!(bind_error(cert.clone(), cert.clone()).contains("cert.pem: holds no private key in PEM: "));
    let large = cert.with_file_name("large.pem");
    std::fs::write(&large, "\n".repeat(1024 * 1024 + 1)).unwrap();
    assert!(bind_error(large, key.clone()).contains("large.pem: is larger than 1048576 bytes"));
    for special in [cert.with_file_name(""), "/dev/zero".into()] {
        assert!(bind_error(special, key.clone()).ends_with(": is not a regular file"));
    }
    let unrelated = bind_error(cert, two.files.key.clone());
    assert!(unrelated.contains("cannot be used together: "), "{unrelated}");
}

#[test]
fn an_address_in_use_is_reported() {
    let first = bind(no_timeouts()).unwrap();
    let error = bind(HttpConfig::new(first.address())).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen on {}: ", first.address())), "{error}");
    assert!(error.to_lowercase().contains("in use"), "{error}");
}
