//! The input as a file, for readers that take a path.

use std::path::Path;
use std::{env, fs, process};

/// Calls `read` with the path of a file of these bytes, in the temporary folder.
pub(crate) fn with_file(bytes: &[u8], read: impl FnOnce(&Path)) {
    let path = env::temp_dir().join(format!("repcast-fuzz-{}", process::id()));
    fs::write(&path, bytes).expect("the temporary folder is writable");
    read(&path);
    fs::remove_file(&path).expect("the file exists");
}
