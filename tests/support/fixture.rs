//! The folder of fixtures: each file is made once per test process, when it is first used.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// Age at which fixtures of earlier processes are removed; younger ones may still be in use.
const MAX_AGE: Duration = Duration::from_secs(3600);

static MADE: OnceLock<Mutex<HashMap<String, Arc<OnceLock<()>>>>> = OnceLock::new();

/// The folder in which this process keeps its fixtures and documents.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // Statics are never dropped, so that the folder remains; a later run removes it.
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures");
        fs::create_dir_all(&base).unwrap();
        for entry in fs::read_dir(&base).unwrap().flatten() {
            let made = entry.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            if made.elapsed().is_ok_and(|age| age > MAX_AGE) {
                // Another process may be removing the same folder.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        tempfile::Builder::new().prefix("run-").tempdir_in(&base).unwrap().keep()
    })
}

/// The fixture with this name, which may contain folders; `make` writes it if it does not exist yet.
pub(crate) fn fixture(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let once = MADE.get_or_init(Mutex::default).lock().unwrap().entry(name.to_owned()).or_default().clone();
    let path = folder().join(name);
    once.get_or_init(|| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        make(&path);
    });
    path
}

/// A folder for the files of one test, removed when the returned value is dropped.
pub(crate) fn scratch() -> TempDir {
    TempDir::new().unwrap()
}
