//! The queue with workers that are shell scripts.

use std::io::Write;
use std::path::PathBuf;
use std::thread;

use super::*;

/// A worker that writes a line to the file `log` for each file, and then responds as `script` does.
fn command(log: &Path, script: &str) -> WorkerCommand {
    // Standard input is a socket, which also takes the responses. A file is announced by one byte.
    let script = format!(
        "printf R >&0; while [ \"$(head -c 1 | wc -c)\" = 1 ]; do echo x >> '{}'; {script}; done",
        log.display()
    );
    WorkerCommand { program: PathBuf::from("/bin/sh"), args: vec!["-c".to_owned(), script] }
}

fn movie(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, b"\0\0\0\x08ftypisom").unwrap();
    path
}

fn lines(log: &Path) -> usize {
    std::fs::read_to_string(log).unwrap_or_default().lines().count()
}

#[test]
fn a_file_is_checked_once_until_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (log, path) = (folder.path().join("log"), movie(folder.path(), "a.mov"));
    let checker = ClipChecker::start(&command(&log, "sleep 0.2; printf d >&0"));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| checker.check(&path).unwrap());
        }
    });
    checker.check(&path).unwrap();
    assert_eq!(lines(&log), 1);
    std::fs::File::options().append(true).open(&path).unwrap().write_all(b"more").unwrap();
    checker.check(&path).unwrap();
    assert_eq!(lines(&log), 2);
    assert_eq!(checker.counts(), CheckCounts { checked: 2, rejected: 0, unchecked: 0 });
}

#[test]
fn a_file_that_does_not_respond_is_rejected_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let checker = |script: &str| ClipChecker::start(&command(&log, script));
    let path = movie(folder.path(), "a.mov");
    assert!(matches!(checker("printf s >&0").check(&path), Err(DecodeError::Stalled { .. })));
    assert!(matches!(checker("printf t >&0").check(&path), Err(DecodeError::TimedOut { .. })));
    let crashing = checker("printf c >&0");
    assert!(matches!(crashing.check(&path), Err(DecodeError::Crashed(_))));
    assert!(matches!(crashing.check(&path), Err(DecodeError::Crashed(_))));
    assert_eq!(crashing.counts(), CheckCounts { checked: 1, rejected: 1, unchecked: 0 });
    // What is not a movie is not checked.
    let text = folder.path().join("text.mov");
    std::fs::write(&text, "text").unwrap();
    crashing.check(&text).unwrap();
    crashing.check(&folder.path().join("missing.mov")).unwrap();
}

#[test]
fn a_worker_that_ends_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    // Every second worker responds.
    let marker = folder.path().join("marker");
    let script = format!("if rm '{0}'; then printf d >&0; else : > '{0}'; exit 1; fi", marker.display());
    let checker = ClipChecker::start(&command(&log, &script));
    checker.check(&movie(folder.path(), "a.mov")).unwrap();
    assert_eq!(lines(&log), 2);
}

#[test]
fn without_workers_files_are_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let command = WorkerCommand { program: PathBuf::from("/nonexistent"), args: Vec::new() };
    let checker = ClipChecker::start(&command);
    let path = movie(folder.path(), "a.mov");
    assert!(matches!(checker.check(&path), Err(DecodeError::Unchecked(_))));
    assert_eq!(checker.counts().unchecked, 1);
}

#[test]
fn a_full_queue_rejects_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (log, release) = (folder.path().join("log"), folder.path().join("release"));
    let script = format!("while [ ! -e '{}' ]; do sleep 0.05; done; printf d >&0", release.display());
    let checker = ClipChecker::start(&command(&log, &script));
    let paths: Vec<PathBuf> = (0..64).map(|index| movie(folder.path(), &format!("{index}.mov"))).collect();
    thread::scope(|scope| {
        for path in &paths {
            scope.spawn(|| checker.check(path));
        }
        // More than wait and run: the others are rejected while nothing is answered.
        while checker.counts().unchecked == 0 {
            thread::yield_now();
        }
        std::fs::write(&release, "").unwrap();
    });
    let CheckCounts { checked, unchecked, .. } = checker.counts();
    assert!(checked > 0 && unchecked > 0 && checked + unchecked == 64, "{checked} {unchecked}");
}
