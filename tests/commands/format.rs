//! `repcast format`: canonical form, in place or on standard output, and nothing else changed.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::support::process::{Exit, ProcessOutput, repcast, run};

/// Far more than the formatting of a small file takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

const WORKOUT: &str = r##"{"exercises":[{"duration":"90/2","id":"squat","speed":1.0}], "intensity":"easy",
    "background": {"color": "#ABCDEF"}}"##;

const CANONICAL_WORKOUT: &str = r##"{
  "intensity": "facile",
  "exercises": [
    {"id": "squat", "duration": 45}
  ],
  "background": {"color": "#abcdef"}
}
"##;

const CATALOGUE: &str =
    "# ours\n[[exercise]]\nclip = 'squat.mov'\nid = 'squat' # short\nname = 'Squat'\ndefault_speed = 1.0\n";

const CANONICAL_CATALOGUE: &str =
    "# ours\n# short\n[[exercise]]\nid = \"squat\"\nname = \"Squat\"\nclip = \"squat.mov\"\n";

/// Runs `repcast format` with arguments that contain no spaces.
fn format(folder: &Path, args: &str) -> ProcessOutput {
    let mut command = repcast();
    command.current_dir(folder);
    command.arg("format").args(args.split_whitespace());
    run(command, LIMIT, |_| ())
}

/// Runs `repcast format` with a document on standard input.
fn format_stdin(folder: &Path, args: &str, document: &str) -> ProcessOutput {
    let (reader, mut writer) = std::io::pipe().unwrap();
    // Smaller than a pipe's buffer, so that writing does not wait for the reader.
    writer.write_all(document.as_bytes()).unwrap();
    drop(writer);
    let mut command = repcast();
    command.current_dir(folder);
    command.arg("format").args(args.split_whitespace()).stdin(Stdio::from(reader));
    run(command, LIMIT, |_| ())
}

fn assert_silent(outcome: &ProcessOutput) {
    assert_eq!((outcome.exit, outcome.stderr.as_str()), (Exit::Code(0), ""));
    assert!(outcome.stdout.is_empty());
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn files_are_rewritten_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let files = [("workout.json", WORKOUT, CANONICAL_WORKOUT), ("Catalogue.TOML", CATALOGUE, CANONICAL_CATALOGUE)];
    for (name, written, canonical) in files {
        let path = folder.join(name);
        fs::write(&path, written).unwrap();
        assert_silent(&format(folder, name));
        assert_eq!(fs::read_to_string(&path).unwrap(), canonical);
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        assert_silent(&format(folder, name));
        assert_silent(&format(folder, &format!("{name} --check")));
        assert_eq!(fs::read_to_string(&path).unwrap(), canonical);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), modified, "a canonical file is not touched");
    }
    assert_eq!(names(folder), ["Catalogue.TOML", "workout.json"]);
}

#[test]
fn a_check_names_the_file_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, written) in [("workout.json", WORKOUT), ("catalogue.toml", CATALOGUE)] {
        fs::write(folder.join(name), written).unwrap();
        let outcome = format(folder, &format!("--check {name}"));
        assert_eq!(outcome.exit, Exit::Code(1));
        assert!(outcome.stderr.contains(name) && outcome.stdout.is_empty(), "{}", outcome.stderr);
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), written);
    }
}

#[test]
fn standard_input_is_formatted_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    for document in [WORKOUT, CANONICAL_WORKOUT, &format!("\u{feff}{WORKOUT}")] {
        let outcome = format_stdin(folder.path(), "-", document);
        assert_eq!((outcome.exit, outcome.stderr.as_str()), (Exit::Code(0), ""));
        assert_eq!(String::from_utf8(outcome.stdout).unwrap(), CANONICAL_WORKOUT);
    }
    assert_silent(&format_stdin(folder.path(), "- --check", CANONICAL_WORKOUT));
    let outcome = format_stdin(folder.path(), "- --check", WORKOUT);
    assert_eq!((outcome.exit, outcome.stdout.len()), (Exit::Code(1), 0));
    assert!(outcome.stderr.contains("standard input"), "{}", outcome.stderr);
}

#[test]
fn faulty_files_are_reported_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let cases = [
        ("speed.json", WORKOUT.replace("1.0", "0"), "speed.json: exercises[0].speed: must be at least 0.1"),
        ("field.json", WORKOUT.replace("intensity", "intensty"), "field.json: intensty: unknown field"),
        ("json.json", "{".to_owned(), "json.json: is not valid JSON"),
        ("id.toml", CATALOGUE.replace("id =", "ids ="), "id.toml: exercise[0].id: is missing"),
        ("toml.toml", "[[exercise".to_owned(), "toml.toml: is not valid TOML"),
    ];
    for (name, written, message) in cases {
        fs::write(folder.join(name), &written).unwrap();
        for args in [name.to_owned(), format!("{name} --check")] {
            let outcome = format(folder, &args);
            assert_eq!(outcome.exit, Exit::Code(2), "{args}");
            assert!(outcome.stderr.contains(message), "{args}: {}", outcome.stderr);
        }
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), written);
    }
    let outcome = format_stdin(folder, "-", "{}");
    assert_eq!((outcome.exit, outcome.stdout.len()), (Exit::Code(2), 0));
    for (args, message) in [("missing.json", "missing.json"), (".", "folder"), ("", "DOC")] {
        let outcome = format(folder, args);
        assert_eq!(outcome.exit, Exit::Code(2), "{args}");
        assert!(outcome.stderr.contains(message), "{args}: {}", outcome.stderr);
    }
    assert_eq!(names(folder).len(), 5, "no temporary file is left");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn permissions_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("workout.json");
        for bits in [0o600, 0o664, 0o755] {
            fs::write(&path, WORKOUT).unwrap();
            set_mode(&path, bits);
            assert_silent(&format(folder.path(), "workout.json"));
            assert_eq!(mode(&path), bits);
        }
    }

    #[test]
    fn a_read_only_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("workout.json");
        fs::write(&path, WORKOUT).unwrap();
        set_mode(&path, 0o444);
        let outcome = format(folder.path(), "workout.json");
        assert_eq!(outcome.exit, Exit::Code(1));
        assert!(outcome.stderr.contains("workout.json: is read-only"), "{}", outcome.stderr);
        assert_eq!(fs::read_to_string(&path).unwrap(), WORKOUT);
        // A canonical one needs no writing.
        set_mode(&path, 0o644);
        fs::write(&path, CANONICAL_WORKOUT).unwrap();
        set_mode(&path, 0o444);
        assert_silent(&format(folder.path(), "workout.json"));
    }

    #[test]
    fn a_file_in_a_read_only_folder_is_not_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("workout.json");
        fs::write(&path, WORKOUT).unwrap();
        set_mode(folder.path(), 0o555);
        // Permissions do not restrict the superuser.
        let is_superuser = fs::write(folder.path().join("probe"), "").is_ok();
        let outcome = format(folder.path(), "workout.json");
        set_mode(folder.path(), 0o755);
        let text = fs::read_to_string(&path).unwrap();
        if is_superuser {
            assert_eq!((outcome.exit, text.as_str()), (Exit::Code(0), CANONICAL_WORKOUT));
        } else {
            assert_eq!((outcome.exit, text.as_str()), (Exit::Code(1), WORKOUT));
            assert!(outcome.stderr.contains("workout.json"), "{}", outcome.stderr);
        }
    }

    #[test]
    fn a_link_keeps_its_target() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("real/workout.json"), folder.path().join("link.json"));
        fs::create_dir(folder.path().join("real")).unwrap();
        fs::write(&target, WORKOUT).unwrap();
        symlink("real/workout.json", &link).unwrap();
        assert_silent(&format(folder.path(), "link.json"));
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("real/workout.json"));
        assert_eq!(fs::read_to_string(&target).unwrap(), CANONICAL_WORKOUT);
        assert_eq!(
            (names(folder.path()), names(&folder.path().join("real"))),
            (vec!["link.json".to_owned(), "real".to_owned()], vec!["workout.json".to_owned()])
        );
    }

    #[test]
    fn other_files_than_regular_ones_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let outcome = format_stdin(folder.path(), "/dev/stdin", WORKOUT);
        assert_eq!(outcome.exit, Exit::Code(1), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("/dev/stdin"), "{}", outcome.stderr);
    }
}
