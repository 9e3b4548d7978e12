//! Errors of stores.

/// Why a file cannot be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// There is no file with this key.
    #[error("there is no file {0}")]
    NotFound(String),
    /// The store cannot be used as it is configured.
    #[error("{0}")]
    Configuration(String),
    /// A file of this machine could not be read or written.
    #[error("{0}")]
    File(#[from] std::io::Error),
    /// The store failed, or could not be reached.
    #[error("the object store failed: {0}")]
    Failed(String),
}

impl From<object_store::Error> for ObjectError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { path, .. } => Self::NotFound(path),
            error => Self::Failed(reason(&error)),
        }
    }
}

/// The innermost cause: what is around it repeats it with the address, which can be long.
fn reason(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(200).collect()
}
