//! Standard output that is closed, or a terminal.

use std::process::{Command, Stdio};

use crate::support::process::{Exit, LIMIT, run};

#[test]
fn a_closed_standard_output_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let document = r#"{"canvas": {"width": 64, "height": 64}, "duration": 1, "layers": [{"type": "timer"}]}"#;
    std::fs::write(folder.path().join("a.json"), document).unwrap();
    for (line, redirection, code) in [
        ("render a.json -o -", ">&-", 1),
        ("schema workout", ">&-", 1),
        ("schema workout", "> /dev/null", 0),
        ("schema workout", "<> /dev/null >&0", 0),
        // Nothing is written to it.
        ("render a.json -o out.mp4", ">&-", 0),
    ] {
        let mut command = Command::new("sh");
        command.current_dir(folder.path()).stdin(Stdio::null());
        command.args(["-c", &format!("\"$0\" {line} {redirection}"), env!("CARGO_BIN_EXE_repcast")]);
        let output = run(command, LIMIT, |_| ());
        assert_eq!(output.exit, Exit::Code(code), "{line} {redirection}: {}", output.stderr);
        assert_eq!(output.stderr.contains("standard output: it is closed"), code == 1, "{line}: {}", output.stderr);
    }
}

#[test]
fn a_terminal_gets_no_video() {
    let folder = tempfile::tempdir().unwrap();
    let document = r#"{"canvas": {"width": 64, "height": 64}, "duration": 1, "layers": [{"type": "timer"}]}"#;
    std::fs::write(folder.path().join("a.json"), document).unwrap();
    let mut command = Command::new("script");
    command.current_dir(folder.path()).stdin(Stdio::null());
    command.args(["-qec", &format!("{} render a.json -o -", env!("CARGO_BIN_EXE_repcast")), "/dev/null"]);
    let output = run(command, LIMIT, |_| ());
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.exit, Exit::Code(2), "{shown}");
    assert!(shown.contains("standard output is a terminal") && shown.len() < 1000, "{shown}");
}
