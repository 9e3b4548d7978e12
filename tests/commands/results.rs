//! Outputs that exist, folders that do not, results and failures for programs.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::process::{Exit, LIMIT, ProcessOutput, repcast, run};

const DOCUMENT: &str = r#"{"canvas": {"width": 64, "height": 64}, "duration": 2, "layers": [{"type": "timer"}]}"#;

/// Runs the program in a folder with the document `a.json`; the arguments contain no spaces.
fn call(folder: &Path, line: &str) -> ProcessOutput {
    fs::write(folder.join("a.json"), DOCUMENT).unwrap();
    let mut command = repcast();
    command.current_dir(folder).args(line.split_whitespace());
    run(command, LIMIT, |_| ())
}

#[test]
fn existing_outputs_are_kept_with_n_and_replaced_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("frame.png"), "earlier").unwrap();
    let kept = call(folder, "frame a.json --at 0:01 -n");
    assert_eq!(kept.exit, Exit::Code(2));
    assert!(kept.stderr.contains("frame.png: exists already"), "{}", kept.stderr);
    assert_eq!(fs::read(folder.join("frame.png")).unwrap(), b"earlier");
    for option in ["", "-y"] {
        fs::write(folder.join("frame.png"), "earlier").unwrap();
        let replaced = call(folder, &format!("frame a.json --at 0:01 {option}"));
        assert_eq!(replaced.exit, Exit::Code(0), "{}", replaced.stderr);
        assert_eq!(image::image_dimensions(folder.join("frame.png")).unwrap(), (64, 64));
    }
}

#[test]
fn folders_of_outputs_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(call(folder, "render a.json -o new/below/out.mp4").exit, Exit::Code(0));
    assert!(folder.join("new/below/out.mp4").is_file());
    assert_eq!(call(folder, "render a.json -o frames/%05d.png").exit, Exit::Code(0));
    assert!(folder.join("frames/00001.png").is_file());
    assert_eq!(call(folder, "render missing.json -o other/out.mp4").exit, Exit::Code(2));
    assert!(!folder.join("other").exists());
}

#[test]
fn a_failure_is_one_object_with_json() {
    let folder = tempfile::tempdir().unwrap();
    for (line, code, message) in [
        ("render missing.json --json", 2, "missing.json: no such file or folder"),
        ("render a.json --json --fast", 2, "unexpected argument '--fast' found"),
        ("frame a.json --json --at 1:00", 2, "--at: frame 1800 does not exist"),
        ("render a.json --json -o /dev/full/out.mp4", 2, "/dev/full is not a folder"),
        ("render a.json --json --log-format json -o /dev/null.mp4", 1, "could not"),
    ] {
        let output = call(folder.path(), line);
        // The superuser can write to /dev.
        if line.contains("null.mp4") && output.exit == Exit::Code(0) {
            fs::remove_file("/dev/null.mp4").unwrap();
            continue;
        }
        assert_eq!(output.exit, Exit::Code(code), "{line}: {}", output.stderr);
        let object: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{line}: {error}"));
        let error = &object["error"];
        assert_eq!(error["exit_code"], code, "{line}: {object}");
        assert!(error["messages"][0].as_str().unwrap().contains(message), "{line}: {object}");
    }
}

#[test]
fn results_and_failures_are_log_lines_where_logs_are_json() {
    let folder = tempfile::tempdir().unwrap();
    for (line, code, level) in
        [("render a.json --log-format json -v", 0, "INFO"), ("render missing.json --log-format json", 2, "ERROR")]
    {
        let output = call(folder.path(), line);
        assert_eq!(output.exit, Exit::Code(code), "{line}: {}", output.stderr);
        let lines: Vec<Value> = output.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.iter().any(|line| line["level"] == level && line["target"] == "repcast::log"), "{lines:?}");
    }
}

#[test]
fn logs_of_a_render_name_what_it_uses_and_not_the_internals_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let [some, more] = ["-v", "-vv"].map(|option| call(folder.path(), &format!("render a.json {option}")).stderr);
    for part in
        [" INFO  compositor: the graphics device is open", " INFO  gstreamer: encoder x264enc works", "lanes=", "stage"]
    {
        assert!(some.contains(part), "{part}: {some}");
    }
    for foreign in ["wgpu", "naga", "hyper", "cosmic"] {
        assert!(!more.contains(&format!(" {foreign}")), "{foreign}: {more}");
    }
}

#[cfg(feature = "preview")]
#[test]
fn a_window_without_a_display_names_the_variables_and_no_source_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.json"), DOCUMENT).unwrap();
    for (display, reason) in
        [(None, "DISPLAY and WAYLAND_DISPLAY are not set"), (Some(":47115"), "DISPLAY is :47115, ")]
    {
        let mut command = repcast();
        command.current_dir(folder.path()).args(["preview", "a.json"]);
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").envs(display.map(|display| ("DISPLAY", display)));
        let output = run(command, LIMIT, |_| ());
        assert_eq!(output.exit, Exit::Code(1), "{}", output.stderr);
        let message = format!("repcast: there is no display to open a window on: {reason}");
        assert!(output.stderr.starts_with(&message), "{}", output.stderr);
        assert!(output.stderr.lines().count() == 1 && !output.stderr.contains(".rs"), "{}", output.stderr);
    }
}

#[test]
fn an_unknown_exercise_is_named_with_the_one_that_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("w.json"), r#"{"exercises": [{"id": "push_ups", "duration": 5}]}"#).unwrap();
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalogue");
    let output = call(folder, &format!("render w.json --catalogue {}", catalogue.display()));
    assert_eq!(output.exit, Exit::Code(2));
    let message = "exercises[0].id: no exercise `push_ups` in the catalogue; did you mean `pushups`?";
    assert!(output.stderr.contains(message), "{}", output.stderr);
}
