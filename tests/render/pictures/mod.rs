//! Golden frames: rendered frames compared with references that a person has reviewed and accepted.
//!
//! ```text
//! tests/pictures/CASE/case.json       which frames are drawn, and the tolerance
//!                     document.json   the workout or composition; files that it names are in the same folder
//!                     catalogue.toml  the catalogue, if it is not the demo catalogue
//!                     expected_N.png  frame N as it was accepted
//! target/pictures/CASE/               frames that differ: actual_N.png, expected_N.png, difference_N.png
//! ```
//!
//! `REPCAST_ACCEPT=1 cargo test --release --test render pictures` writes missing and different references;
//! review each of them before you commit it.

mod case;
mod check;
mod compare;

use crate::support;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use case::Case;
use check::check;
pub(crate) use compare::{compare, load, opaque, save};

/// Names the environment variable that turns the comparison into acceptance.
const ACCEPT: &str = "REPCAST_ACCEPT";

/// Cases that run concurrently: as many as small test machines have cores.
const THREADS: usize = 2;

/// The case for the tests of this test: it is drawn fast.
const SIMPLE: &str = "anchors";

#[test]
fn frames_equal_their_references() {
    let accept = std::env::var_os(ACCEPT).is_some_and(|value| value == "1");
    let folders = folders();
    let next = AtomicUsize::new(0);
    let work = || -> Vec<String> {
        let ours = std::iter::from_fn(|| folders.get(next.fetch_add(1, Ordering::Relaxed)));
        ours.flat_map(|folder| {
            let name = folder.file_name().unwrap().to_str().unwrap();
            let faults = check(&Case::read(folder), &reports().join(name), accept);
            faults.into_iter().map(move |fault| format!("{name}: {fault}"))
        })
        .collect()
    };
    let mut faults: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    faults.sort();
    assert!(faults.is_empty(), "{} faults in {} cases:\n{}", faults.len(), folders.len(), faults.join("\n"));
}

/// A changed color is found, and the three images that show it are written.
#[test]
fn a_changed_frame_is_found() {
    let folder = copy_of(SIMPLE);
    let document = folder.path().join("document.json");
    let changed = fs::read_to_string(&document).unwrap().replacen("#22c55e", "#22a05e", 1);
    fs::write(&document, changed).unwrap();

    let reports = support::fixture::scratch();
    let faults = check(&Case::read(folder.path()), reports.path(), false);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("difference_0.png"), "{}", faults[0]);
    for name in ["actual_0.png", "expected_0.png", "difference_0.png"] {
        assert!(load(&reports.path().join(name)).is_ok(), "{name} is missing");
    }
}

/// A missing reference fails with instructions; once accepted, the case passes.
#[test]
fn a_missing_reference_fails_until_it_is_accepted() {
    let folder = copy_of(SIMPLE);
    fs::remove_file(folder.path().join("expected_0.png")).unwrap();
    let (case, reports) = (Case::read(folder.path()), support::fixture::scratch());

    let faults = check(&case, reports.path(), false);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("REPCAST_ACCEPT=1 cargo test --release --test render pictures"), "{}", faults[0]);
    assert_eq!(check(&case, reports.path(), true), Vec::<String>::new());
    assert_eq!(check(&case, reports.path(), false), Vec::<String>::new());
}

/// A reference of no frame would never be compared.
#[test]
fn a_reference_without_its_frame_is_found() {
    let folder = copy_of(SIMPLE);
    fs::copy(folder.path().join("expected_0.png"), folder.path().join("expected_7.png")).unwrap();
    let reports = support::fixture::scratch();
    let faults = check(&Case::read(folder.path()), reports.path(), false);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("expected_7.png"), "{}", faults[0]);
}

/// The folders of all cases, by name.
fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures")).unwrap();
    let folders: BTreeSet<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    assert!(!folders.is_empty(), "there are no cases");
    folders.into_iter().collect()
}

/// The folder for the images of failing cases.
fn reports() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("pictures")
}

/// A copy of a case that can be changed.
fn copy_of(name: &str) -> tempfile::TempDir {
    let folder = support::fixture::scratch();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}
