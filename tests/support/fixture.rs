//! The folder of fixtures: each file is made once in a test process, when the first test asks for it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// Fixtures of earlier processes that are older than this are removed; younger ones may still be in use.
const KEPT: Duration = Duration::from_secs(3600);

static MADE: OnceLock<Mutex<HashMap<String, Arc<OnceLock<()>>>>> = OnceLock::new();

/// The folder in which this process keeps its fixtures and documents.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // The folder outlives its tests, because statics are never dropped: the next run clears it away.
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures");
        fs::create_dir_all(&base).unwrap();
        for entry in fs::read_dir(&base).unwrap().flatten() {
            let made = entry.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            if made.elapsed().is_ok_and(|age| age > KEPT) {
                // Another process may be removing the same folder.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        tempfile::Builder::new().prefix("run-").tempdir_in(&base).unwrap().keep()
    })
}

/// The fixture of this name, made by `make` when it is not there yet. A name may contain folders.
pub(crate) fn fixture(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let once = MADE.get_or_init(Mutex::default).lock().unwrap().entry(name.to_owned()).or_default().clone();
    let path = folder().join(name);
    once.get_or_init(|| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        make(&path);
    });
    path
}

/// A folder for what one test writes, removed with the returned value.
pub(crate) fn scratch() -> TempDir {
    TempDir::new().unwrap()
}
