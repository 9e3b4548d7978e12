//! What a terminal gets: progress, the line of a live session, a question. `script` and `stty` make the terminal.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::process::{Exit, LIMIT, run};

/// Runs a line of the shell, in which `repcast` is the program, on a terminal with this many columns; returns exit code and
/// what was shown, without escape sequences, one line for each that was drawn.
fn on_terminal(folder: &Path, columns: u32, line: &str) -> (Exit, Vec<String>) {
    let programs = Path::new(env!("CARGO_BIN_EXE_repcast")).parent().unwrap().display();
    let script = format!("stty rows 24 cols {columns}; PATH='{programs}':\"$PATH\"; {line}");
    let mut command = Command::new("script");
    command.current_dir(folder).env("SHELL", "/bin/sh").stdin(std::process::Stdio::null());
    command.args(["-qec", &script, "/dev/null"]);
    let output = run(command, LIMIT, |_| ());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\x1b' => _ = letters.by_ref().skip(1).find(|letter| letter.is_ascii_alphabetic()),
            '\r' | '\n' => lines.push(String::new()),
            letter => lines.last_mut().unwrap().push(letter),
        }
    }
    lines.retain(|line| !line.trim().is_empty());
    (output.exit, lines)
}

fn write_document(folder: &Path, secs: u32) {
    let document = format!(
        r#"{{"canvas": {{"width": 640, "height": 360}}, "duration": {secs}, "layers": [{{"type": "timer", "format": "mm:ss.t"}}]}}"#
    );
    fs::write(folder.join("a.json"), document).unwrap();
}

#[test]
fn progress_fits_into_sixty_columns_and_is_not_in_pipes() {
    let folder = tempfile::tempdir().unwrap();
    write_document(folder.path(), 60);
    let (exit, lines) = on_terminal(folder.path(), 60, "repcast render a.json");
    assert_eq!(exit, Exit::Code(0), "{lines:?}");
    let (result, progress) = lines.split_last().unwrap();
    assert!(result.contains("out.mp4: 60.00 s of video"), "{result}");
    assert!(progress.len() > 1 && progress.iter().all(|line| line.chars().count() <= 60), "{progress:#?}");
    let shown = progress.iter().find(|line| line.contains("/1800 frames  0:0")).expect("frames and time are shown");
    assert!(shown.contains('%') && shown.contains('x'), "{shown}");
    let (exit, lines) = on_terminal(folder.path(), 60, "repcast render a.json 2>&1 | cat");
    assert_eq!((exit, lines.len()), (Exit::Code(0), 1), "{lines:?}");
}

#[test]
fn a_terminal_is_asked_before_an_output_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    write_document(folder.path(), 1);
    fs::write(folder.path().join("frame.png"), "earlier").unwrap();
    let ask = |answer: &str| on_terminal(folder.path(), 80, &format!("repcast frame a.json --at 0 {answer}"));
    // The end of the terminal's input is no answer.
    let (exit, lines) = ask("");
    assert_eq!(exit, Exit::Code(2), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("frame.png exists already. Replace it? [y/N]")), "{lines:?}");
    assert_eq!(fs::read(folder.path().join("frame.png")).unwrap(), b"earlier");
    assert_eq!(ask("-y").0, Exit::Code(0));
    assert!(fs::read(folder.path().join("frame.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn the_state_of_a_live_session_is_below_its_addresses() {
    let folder = tempfile::tempdir().unwrap();
    write_document(folder.path(), 3);
    // The page of a class that has ended says so until a person ends the program.
    let interrupted = "timeout --foreground --preserve-status --signal INT 20";
    let line = "repcast live a.json --start-now --listen 127.0.0.1:0 --preset ultrafast";
    let (exit, lines) = on_terminal(folder.path(), 80, &format!("{interrupted} {line}"));
    assert_eq!(exit, Exit::Code(0), "{lines:#?}");
    let at = |text: &str| lines.iter().position(|line| line.contains(text));
    assert!(at("For other players").unwrap() < at("playing  0:0").unwrap(), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("/ 0:03  0 viewers  0 late")), "{lines:#?}");
    assert!(at("the session has ended").unwrap() > at("playing  0:0").unwrap(), "{lines:#?}");
}
