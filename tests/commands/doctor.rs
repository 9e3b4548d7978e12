//! `doctor` names missing packages, and the schemas accept the documents of the README.
//!
//! Missing packages are simulated: GStreamer is given a folder with links to all plugins but one, and the Vulkan loader the
//! path of a driver that does not exist.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use repcast_model::document::{self, Document};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::process::repcast;

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// The exit code, and standard output and standard error as text.
fn parts(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Asserts that a run ended with code 1 and named this package as the only missing one.
fn assert_missing(output: &Output, package: &str) {
    let (code, stdout, stderr) = parts(output);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    let named: Vec<_> = stderr.lines().filter(|line| line.contains("missing: ")).collect();
    assert_eq!(named.len(), 1, "{stderr}");
    assert!(named[0].contains(&format!("apt install {package}")), "{stderr}");
}

fn plugin_folder() -> PathBuf {
    let mut command = Command::new("pkg-config");
    let (code, stdout, stderr) = parts(&run(command.args(["--variable=pluginsdir", "gstreamer-1.0"])));
    assert_eq!(code, Some(0), "{stderr}");
    PathBuf::from(stdout.trim())
}

/// `repcast doctor` on a machine whose GStreamer lacks one plugin.
fn doctor_without(plugin: &str) -> Output {
    let scratch = TempDir::new().unwrap();
    let plugins = scratch.path().join("plugins");
    fs::create_dir(&plugins).unwrap();
    let mut omitted = 0;
    for entry in fs::read_dir(plugin_folder()).unwrap().map(Result::unwrap) {
        if entry.file_name() == OsStr::new(plugin) {
            omitted += 1;
        } else if entry.path().is_file() {
            symlink(entry.path(), plugins.join(entry.file_name())).unwrap();
        }
    }
    assert_eq!(omitted, 1, "{plugin} is not installed");
    let mut command = repcast();
    command.arg("doctor").env_remove("GST_PLUGIN_PATH").env_remove("GST_PLUGIN_PATH_1_0");
    command.env("GST_PLUGIN_SYSTEM_PATH_1_0", &plugins);
    run(command.env("GST_REGISTRY_1_0", scratch.path().join("registry.bin")))
}

#[test]
fn a_complete_machine() {
    let (code, stdout, stderr) = parts(&run(repcast().arg("doctor")));
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    let adapter = stdout.lines().find(|line| line.contains("will composite")).unwrap_or_default();
    assert!(adapter.trim().len() > "->  will composite".len(), "{stdout}");
    let x264 = stdout.lines().find(|line| line.contains("x264enc")).unwrap_or_default();
    assert!(x264.contains("works"), "{stdout}");
    assert!(!stdout.contains("MISSING"), "{stdout}");
}

#[test]
fn a_complete_machine_as_json() {
    let (code, stdout, stderr) = parts(&run(repcast().args(["doctor", "--json"])));
    assert_eq!(code, Some(0), "{stderr}");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let adapter = report["adapter"].as_str().unwrap();
    let adapters = report["adapters"].as_array().unwrap();
    assert!(adapters.iter().any(|listed| listed["name"] == adapter), "{stdout}");
    let encoder = |name: &str| report["encoders"].as_array().unwrap().iter().find(|encoder| encoder["name"] == name);
    assert_eq!(encoder("x264enc").unwrap()["works"], true);
    assert_eq!(encoder(report["encoder"].as_str().unwrap()).unwrap()["works"], true);
    assert!(report["decoders"].as_array().unwrap().iter().all(|decoder| decoder["present"] == true));
    assert!(report["fonts"].as_u64().unwrap() >= 1);
    let latin = report["scripts"].as_array().unwrap().iter().find(|script| script["name"] == "Latin").unwrap();
    assert_eq!(latin["covered"], true);
    assert_eq!(report["missing_packages"], serde_json::json!([]));
}

/// A private character of the last plane has no glyph in any font.
#[test]
fn characters_without_a_font_are_named() {
    let folder = TempDir::new().unwrap();
    let text = r#"{"canvas": {"width": 64, "height": 64}, "duration": 1,
        "layers": [{"type": "text", "text": "Squat 􏿽", "size": 12}]}"#;
    fs::write(folder.path().join("text.json"), text).unwrap();
    let mut command = repcast();
    command.current_dir(folder.path()).args(["frame", "text.json", "--number", "0", "-o", "out.png"]);
    let (code, _, stderr) = parts(&run(&mut command));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("no font has") && stderr.contains("U+10FFFD"), "{stderr}");
}

#[test]
fn no_graphics_adapter() {
    let mut command = repcast();
    command.arg("doctor").env("VK_DRIVER_FILES", "/nonexistent").env("VK_ICD_FILENAMES", "/nonexistent");
    assert_missing(&run(&mut command), "mesa-vulkan-drivers");
    let (code, stdout, _) = parts(&run(command.arg("--json")));
    assert_eq!(code, Some(1));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["adapter"], Value::Null);
    assert_eq!(report["missing_packages"], serde_json::json!(["mesa-vulkan-drivers"]));
}

#[test]
fn no_x264() {
    assert_missing(&doctor_without("libgstx264.so"), "gstreamer1.0-plugins-ugly");
}

#[test]
fn no_libav() {
    assert_missing(&doctor_without("libgstlibav.so"), "gstreamer1.0-libav");
}

fn schema(kind: &str) -> Value {
    let (code, stdout, stderr) = parts(&run(repcast().args(["schema", kind])));
    assert_eq!(code, Some(0), "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

/// The JSON blocks of the README, each with the number of its first line.
fn examples() -> Vec<(usize, String)> {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut is_inside = false;
    for (index, line) in readme.lines().enumerate() {
        match line.trim_end() {
            "```json" => {
                is_inside = true;
                found.push((index + 2, String::new()));
            }
            "```" => is_inside = false,
            line if is_inside => found.last_mut().unwrap().1.extend([line, "\n"]),
            _ => {}
        }
    }
    found
}

#[test]
fn the_documents_of_the_readme_match_their_schemas() {
    let (workout, composition) = (schema("workout"), schema("composition"));
    let validators = [&workout, &composition].map(|schema| jsonschema::validator_for(schema).unwrap());
    let mut seen = [0; 2];
    for (line, text) in examples() {
        let document = document::parse(text.as_bytes());
        let document = document.unwrap_or_else(|faults| panic!("README.md:{line}: {faults:?}"));
        let kind = usize::from(matches!(document, Document::Composition(_)));
        let instance: Value = serde_json::from_str(&text).unwrap();
        let faults: Vec<_> = validators[kind].iter_errors(&instance).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "README.md:{line}: {faults:?}");
        assert!(!validators[1 - kind].is_valid(&instance), "README.md:{line}: matches the other schema too");
        seen[kind] += 1;
    }
    assert!(seen.iter().all(|count| *count > 0), "workouts and compositions: {seen:?}");
}

/// The documents name files relative to a folder of the repository such as `out`.
#[test]
fn the_documents_of_the_readme_can_be_drawn() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = TempDir::new().unwrap();
    for (line, text) in examples() {
        let out = scratch.path().join(format!("{line}.png"));
        let mut command = repcast();
        command.args(["frame", "-", "--number", "30", "--catalogue"]).arg(root.join("assets/catalogue"));
        command.arg("-o").arg(&out).current_dir(root.join("assets"));
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let (code, _, stderr) = parts(&child.wait_with_output().unwrap());
        assert_eq!(code, Some(0), "README.md:{line}: {stderr}");
        assert!(fs::read(&out).unwrap().starts_with(b"\x89PNG"), "README.md:{line}");
    }
}
