//! Where a store is.

use std::fmt;
use std::path::PathBuf;

/// Where files are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ObjectsAddress {
    /// A folder of this machine, which is created if it does not exist.
    Folder(PathBuf),
    /// A bucket of a store that speaks S3.
    S3(S3Address),
}

/// A bucket, and who may use it.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Address {
    /// The address of the store, such as `http://127.0.0.1:8333`; AWS without it.
    pub endpoint: Option<String>,
    /// The bucket, which exists.
    pub bucket: String,
    /// The region; `us-east-1` unless the store says otherwise.
    pub region: String,
    /// The name of the key.
    pub key_id: String,
    /// The key.
    pub secret_key: String,
}

/// Without the key.
impl fmt::Debug for S3Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "s3://{} at {}", self.bucket, self.endpoint.as_deref().unwrap_or("AWS"))
    }
}

impl fmt::Display for ObjectsAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(formatter, "{}", folder.display()),
            Self::S3(address) => write!(formatter, "{address:?}"),
        }
    }
}
