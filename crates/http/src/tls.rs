//! TLS: certificate and key from PEM files, HTTP/2 or HTTP/1.1 by ALPN. Both can be replaced while connections are open.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::RwLock;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::certificate_expiry::expiry;
use crate::config::TlsFiles;

/// Bytes of a file; a chain of certificates has some kilobytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// An error in the TLS files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{}: cannot be read: {}", path.display(), read_reason(source))]
    Read {
        /// The file.
        path: PathBuf,
        /// Error of the file system.
        source: std::io::Error,
    },
    /// The path is that of a folder, a device or a pipe.
    #[error("{}: is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// A file is too large for what it is configured for.
    #[error("{}: is larger than {MAX_BYTES} bytes", .0.display())]
    TooLarge(PathBuf),
    /// A file does not contain what it is configured for.
    #[error("{}: holds no {expected} in PEM: {source}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// `certificate` or `private key`.
        expected: &'static str,
        /// Error of the PEM parser.
        source: PemError,
    },
    /// The key does not belong to the certificate, or one of them is not supported.
    #[error("{} and {} cannot be used together: {source}", files.cert.display(), files.key.display())]
    Pair {
        /// The files.
        files: TlsFiles,
        /// Error of the TLS library.
        source: rustls::Error,
    },
}

/// The certificate and key that new connections get. Clones share them.
#[derive(Clone, Debug)]
pub struct Certificates(Arc<RwLock<Loaded>>);

/// A certificate with its key.
#[derive(Clone, Debug)]
struct Loaded {
    config: Arc<ServerConfig>,
    expiry: Option<SystemTime>,
}

impl Certificates {
    /// Loads certificate and key.
    ///
    /// # Errors
    /// If a file cannot be read, or the two cannot be used together.
    pub fn load(files: &TlsFiles) -> Result<Self, TlsError> {
        Ok(Self(Arc::new(RwLock::new(load(files)?))))
    }

    /// Takes over what `other` has loaded, for new connections. Open ones keep their certificate.
    pub fn replace(&self, other: &Self) {
        let loaded = other.0.read().clone();
        *self.0.write() = loaded;
    }

    /// When the server's own certificate expires; `None` if its end of validity cannot be read.
    #[must_use]
    pub fn expiry(&self) -> Option<SystemTime> {
        self.0.read().expiry
    }

    /// What accepts a connection now.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.0.read().config.clone())
    }
}

/// Loads `files` into a configuration that offers HTTP/2 and HTTP/1.1.
fn load(files: &TlsFiles) -> Result<Loaded, TlsError> {
    let invalid_cert = |source| content_error(&files.cert, "certificate", source);
    let pem = read(&files.cert)?;
    let certs: Vec<_> = CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(invalid_cert)?;
    let Some(own) = certs.first() else { return Err(invalid_cert(PemError::NoItemsFound)) };
    let expiry = expiry(own).map(|secs| SystemTime::UNIX_EPOCH + Duration::from_secs(secs));
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?);
    let key = key.map_err(|source| content_error(&files.key, "private key", source))?;

    let pair_error = |source| TlsError::Pair { files: files.clone(), source };
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(pair_error)?;
    let mut config = builder.with_no_client_auth().with_single_cert(certs, key).map_err(pair_error)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Loaded { config: Arc::new(config), expiry })
}

/// Why a file cannot be read, in plain words.
fn read_reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let read_error = |source| TlsError::Read { path: path.to_owned(), source };
    // Checked before it is opened: to open a pipe waits for its writer.
    if !std::fs::metadata(path).map_err(read_error)?.is_file() {
        return Err(TlsError::NotAFile(path.to_owned()));
    }
    let mut content = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut content)).map_err(read_error)?;
    if content.len() as u64 > MAX_BYTES {
        return Err(TlsError::TooLarge(path.to_owned()));
    }
    Ok(content)
}

fn content_error(path: &Path, expected: &'static str, source: PemError) -> TlsError {
    TlsError::Content { path: path.to_owned(), expected, source }
}
