//! Invalid input: the program reports the fault and its field, exits with code 2 before a frame is drawn, and writes no files.
//!
//! ```text
//! ROOT/media/         clips, and each case's document as NAME.json
//! ROOT/catalogues/    each case's catalogue, in a folder NAME
//! ROOT/out/           a folder NAME for each case, its working directory
//! ```

mod case;
mod clips;
mod documents;
mod halfway;
mod media;
mod options;

use crate::support::process;
use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use case::{COMPOSITION, Case, DOC, WORKOUT};
use process::{Exit, LIMIT, ProcessOutput, repcast, run};

/// Cases that run concurrently: as many as small test machines have cores.
const THREADS: usize = 2;

/// Characters of standard error that are shown for a failing case.
const MAX_SHOWN: usize = 1000;

#[test]
fn invalid_input_is_rejected_with_its_field() {
    let root = root();
    let cases: Vec<Case> = [documents::cases(), clips::cases(), options::cases()].into_iter().flatten().collect();
    let names: HashSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "cases with the same name would share their files");

    let next = AtomicUsize::new(0);
    let work = || -> Vec<String> {
        let ours = std::iter::from_fn(|| cases.get(next.fetch_add(1, Ordering::Relaxed)));
        ours.filter_map(|case| check_rejected(root.path(), case).err()).collect()
    };
    let failures: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker panicked")).collect()
    });
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// The documents that the cases are derived from are valid, so that each case has exactly one fault.
#[test]
fn the_base_documents_are_valid() {
    let root = root();
    for (name, document) in [("composition", COMPOSITION), ("workout", WORKOUT)] {
        let (output, before, after) = call(root.path(), &Case::document(name, document, &[]));
        assert_eq!(output.exit, Exit::Code(0), "{}", output.stderr);
        let added: Vec<&PathBuf> = after.difference(&before).collect();
        assert_eq!(added, [Path::new("out.mp4")]);
    }
}

/// A folder with the files that all cases share.
fn root() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for folder in ["media", "catalogues", "out"] {
        fs::create_dir(root.path().join(folder)).unwrap();
    }
    media::make(&root.path().join("media"));
    root
}

/// Runs a case; the error lists all deviations.
fn check_rejected(root: &Path, case: &Case) -> Result<(), String> {
    let (output, before, after) = call(root, case);
    let mut faults = Vec::new();
    if output.exit != Exit::Code(2) {
        faults.push(format!("ended with {:?}", output.exit));
    }
    let unsaid = case.says.iter().filter(|says| !output.stderr.contains(*says));
    faults.extend(unsaid.map(|says| format!("did not say `{says}`")));
    if output.stderr.contains("panicked") {
        faults.push("panicked".to_owned());
    }
    if output.stderr.contains('\x1b') {
        faults.push("used colors without a terminal".to_owned());
    }
    if !output.stdout.is_empty() {
        faults.push(format!("wrote {} bytes to standard output", output.stdout.len()));
    }
    if before != after {
        let changes: Vec<_> = before.symmetric_difference(&after).collect();
        faults.push(format!("changed its folder: {changes:?}"));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let stderr: String = output.stderr.chars().take(MAX_SHOWN).collect();
    Err(format!("\n{} ({}): {}\n{stderr}", case.name, case.line, faults.join(", ")))
}

/// Runs a case in a new folder; also returns the files in the folder before and after.
fn call(root: &Path, case: &Case) -> (ProcessOutput, BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
    let Case { name, line, document, is_streamed, catalogue, .. } = case;
    let out = root.join("out").join(name);
    fs::create_dir_all(out.join("busy")).unwrap();
    fs::create_dir(out.join("taken.mp4")).unwrap();
    fs::write(out.join("busy/notes.txt"), "not ours").unwrap();

    let catalogues = root.join("catalogues").join(name);
    fs::create_dir(&catalogues).unwrap();
    fs::write(catalogues.join("catalogue.toml"), catalogue).unwrap();
    fs::hard_link(root.join("media").join(media::GOOD), catalogues.join("squat.mov")).unwrap();

    let mut command = repcast();
    command.current_dir(&out).args(line.split_whitespace().map(|word| match word {
        DOC => format!("../../media/{name}.json"),
        "CATALOGUE" => format!("../../catalogues/{name}"),
        _ => word.to_owned(),
    }));
    let before = listing(&out);
    let output = thread::scope(|scope| {
        if *is_streamed {
            let (reader, writer) = std::io::pipe().unwrap();
            command.stdin(Stdio::from(reader));
            // The program may stop reading early.
            scope.spawn(|| write_document(document, writer).ok());
        } else {
            write_document(document, File::create(root.join(format!("media/{name}.json"))).unwrap()).unwrap();
        }
        run(command, LIMIT, |_| ())
    });
    let after = listing(&out);
    (output, before, after)
}

fn write_document((piece, times): &(Vec<u8>, usize), mut to: impl Write) -> std::io::Result<()> {
    (0..*times).try_for_each(|_| to.write_all(piece))
}

/// Every file and folder below `folder`, hidden ones too.
fn listing(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in fs::read_dir(inside).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path.clone());
            }
            found.insert(path.strip_prefix(folder).unwrap().to_owned());
        }
    }
    found
}
