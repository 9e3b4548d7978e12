//! Errors of the system in plain words.

use std::io::{Error, ErrorKind};

/// Why a file could not be used, in words that follow its name or what was done: `no such file or folder`, instead of
/// `No such file or directory (os error 2)`.
#[must_use]
pub fn io_reason(error: &Error) -> String {
    // One of ours, with its own message.
    if let Some(own) = error.get_ref() {
        return own.to_string();
    }
    let reason = match error.kind() {
        ErrorKind::NotFound => "no such file or folder",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::NotADirectory => "a part of its path is not a folder",
        ErrorKind::AlreadyExists => "it exists already",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::QuotaExceeded => "the disk quota is used up",
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        ErrorKind::InvalidData => "it is not UTF-8 text",
        ErrorKind::UnexpectedEof => "it ends too early",
        ErrorKind::TooManyLinks | ErrorKind::InvalidFilename => "its name cannot be used",
        _ => return without_number(&error.to_string()),
    };
    reason.to_owned()
}

/// A message of the system without its number, such as ` (os error 5)`.
fn without_number(message: &str) -> String {
    message.split_once(" (os error").map_or(message, |(message, _)| message).to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn common_errors_of_files_are_in_plain_words() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"\xff").unwrap();
        for (path, reason) in [
            (folder.path().join("missing"), "no such file or folder"),
            (folder.path().to_owned(), "it is a folder"),
            (file.join("below"), "a part of its path is not a folder"),
            (file, "it is not UTF-8 text"),
        ] {
            assert_eq!(io_reason(&fs::read_to_string(path).unwrap_err()), reason);
        }
        assert_eq!(io_reason(&Error::from_raw_os_error(5)), "Input/output error");
        // What was written for people stays, whatever its kind.
        for kind in [ErrorKind::Other, ErrorKind::AlreadyExists, ErrorKind::InvalidData] {
            assert_eq!(io_reason(&Error::new(kind, "it is closed")), "it is closed");
        }
    }
}
