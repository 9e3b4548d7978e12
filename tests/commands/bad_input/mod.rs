//! What the program does with input that is wrong: it says what and where, ends with code 2 before a frame is drawn,
//! and leaves nothing behind.
//!
//! ```text
//! ROOT/media/         clips, and each case's document as NAME.json
//! ROOT/catalogues/    each case's catalogue, in a folder NAME
//! ROOT/out/           a folder NAME for each case, where it is run
//! ```


mod case;
mod clips;
mod documents;
mod halfway;
mod media;
mod options;

use crate::support::invocation as program;
use crate::support::tools;
use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use case::{COMPOSITION, Case, DOC, WORKOUT};
use program::{End, Outcome, repcast, run};

/// No refusal may take longer on a busy machine, whatever the input is.
const LIMIT: Duration = Duration::from_secs(180);

/// Cases that run at a time. More would only make each slower on the small machines that this is tested on.
const THREADS: usize = 2;

/// Characters shown of what a failing case said.
const MAX_SHOWN: usize = 1000;

#[test]
fn wrong_input_is_refused_with_its_place() {
    let root = root();
    let cases: Vec<Case> = [documents::cases(), clips::cases(), options::cases()].into_iter().flatten().collect();
    let names: HashSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "cases with the same name would share their files");

    let next = AtomicUsize::new(0);
    let work = || -> Vec<String> {
        let ours = std::iter::from_fn(|| cases.get(next.fetch_add(1, Ordering::Relaxed)));
        ours.filter_map(|case| refused(root.path(), case).err()).collect()
    };
    let failures: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker came to its end")).collect()
    });
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// Without this, a fault that all cases share could hide that none of them tests what it means to.
#[test]
fn what_the_cases_are_made_from_is_right() {
    let root = root();
    for (name, document) in [("composition", COMPOSITION), ("workout", WORKOUT)] {
        let (outcome, before, after) = call(root.path(), &Case::document(name, document, &[]));
        assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
        let added: Vec<&PathBuf> = after.difference(&before).collect();
        assert_eq!(added, [Path::new("out.mp4")]);
    }
}

/// A folder with all that the cases share.
fn root() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for folder in ["media", "catalogues", "out"] {
        fs::create_dir(root.path().join(folder)).unwrap();
    }
    media::make(&root.path().join("media"));
    root
}

/// Runs a case and tells all that is not as it should be.
fn refused(root: &Path, case: &Case) -> Result<(), String> {
    let (outcome, before, after) = call(root, case);
    let mut faults = Vec::new();
    if outcome.end != End::Exit(2) {
        faults.push(format!("ended with {:?}", outcome.end));
    }
    let unsaid = case.says.iter().filter(|says| !outcome.stderr.contains(*says));
    faults.extend(unsaid.map(|says| format!("did not say `{says}`")));
    if outcome.stderr.contains("panicked") {
        faults.push("panicked".to_owned());
    }
    if outcome.stderr.contains('\x1b') {
        faults.push("colored its words, which go to no terminal".to_owned());
    }
    if !outcome.stdout.is_empty() {
        faults.push(format!("wrote {} bytes to standard output", outcome.stdout.len()));
    }
    if before != after {
        let changes: Vec<_> = before.symmetric_difference(&after).collect();
        faults.push(format!("changed its folder: {changes:?}"));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let said: String = outcome.stderr.chars().take(MAX_SHOWN).collect();
    Err(format!("\n{} ({}): {}\n{said}", case.name, case.line, faults.join(", ")))
}

/// Runs a case in a folder of its own. Gives what that folder held before and after, too.
fn call(root: &Path, case: &Case) -> (Outcome, BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
    let Case { name, line, document, is_streamed, catalogue, .. } = case;
    let out = root.join("out").join(name);
    fs::create_dir_all(out.join("busy")).unwrap();
    fs::create_dir(out.join("taken.mp4")).unwrap();
    fs::write(out.join("busy/notes.txt"), "not ours").unwrap();

    let catalogues = root.join("catalogues").join(name);
    fs::create_dir(&catalogues).unwrap();
    fs::write(catalogues.join("catalogue.toml"), catalogue).unwrap();
    fs::hard_link(root.join("media").join(media::GOOD), catalogues.join("squat.mov")).unwrap();

    let mut command = repcast(&out);
    command.args(line.split_whitespace().map(|word| match word {
        DOC => format!("../../media/{name}.json"),
        "CATALOGUE" => format!("../../catalogues/{name}"),
        _ => word.to_owned(),
    }));
    let before = listing(&out);
    let outcome = thread::scope(|scope| {
        if *is_streamed {
            let (reader, writer) = std::io::pipe().unwrap();
            command.stdin(Stdio::from(reader));
            // The program may stop reading when it has seen enough.
            scope.spawn(|| write_document(document, writer).ok());
        } else {
            write_document(document, File::create(root.join(format!("media/{name}.json"))).unwrap()).unwrap();
        }
        run(command, LIMIT, |_| ())
    });
    let after = listing(&out);
    (outcome, before, after)
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
