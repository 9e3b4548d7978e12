//! How a command ends: results on standard output, failures on standard error, and exit codes.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::{log, standard_output};

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The document or the options are wrong: exit code 2. One line per fault.
    Wrong(Vec<String>),
    /// It failed while working: exit code 1. One line per fault.
    Failed(Vec<String>),
}

impl Failure {
    pub(super) fn wrong(message: impl ToString) -> Self {
        Self::Wrong(vec![message.to_string()])
    }

    pub(super) fn failed(error: impl ToString) -> Self {
        Self::Failed(vec![error.to_string()])
    }

    fn code(&self) -> u8 {
        match self {
            Self::Wrong(_) => 2,
            Self::Failed(_) => 1,
        }
    }

    /// One line per fault.
    pub(super) fn lines(&self) -> Vec<&str> {
        let (Self::Wrong(lines) | Self::Failed(lines)) = self;
        lines.iter().map(String::as_str).collect()
    }
}

/// Whether an object on standard output is expected, and not there yet.
static IS_OBJECT_EXPECTED: AtomicBool = AtomicBool::new(false);

/// States that programs expect one JSON object on standard output, also when the command fails.
pub(super) fn expect_object() {
    IS_OBJECT_EXPECTED.store(true, Ordering::Relaxed);
}

/// Why a command line is wrong. Where programs do not read the reason, and for help and version, clap's own text is printed,
/// and the process exits.
pub(super) fn usage_failure(error: &clap::Error) -> Failure {
    if !error.use_stderr() || !IS_OBJECT_EXPECTED.load(Ordering::Relaxed) {
        error.exit();
    }
    let text = error.render().to_string();
    let message = text.split("\n\nUsage:").next().unwrap_or(&text);
    let words: Vec<&str> = message.strip_prefix("error: ").unwrap_or(message).split_whitespace().collect();
    Failure::wrong(words.join(" "))
}

/// Prints why a command failed, and returns the exit code.
pub(super) fn print_result(result: &Result<(), Failure>) -> u8 {
    let Err(failure) = result else { return 0 };
    failure.lines().into_iter().for_each(log::fault);
    if IS_OBJECT_EXPECTED.load(Ordering::Relaxed) {
        let kind = match failure {
            Failure::Wrong(_) => "invalid",
            Failure::Failed(_) => "failed",
        };
        let error = json!({ "kind": kind, "exit_code": failure.code(), "messages": failure.lines() });
        // The failure is on standard error, too.
        let _ = print_json(&json!({ "error": error }), false);
    }
    failure.code()
}

/// Writes one JSON value to standard output.
pub(super) fn print_json(value: &Value, pretty: bool) -> Result<(), Failure> {
    IS_OBJECT_EXPECTED.store(false, Ordering::Relaxed);
    print_line(&if pretty { format!("{value:#}") } else { value.to_string() })
}

/// Writes a line to standard output. A closed or full output is an error like any other.
pub(super) fn print_line(text: &str) -> Result<(), Failure> {
    print_text(&format!("{text}\n"))
}

/// Writes text to standard output as it is.
pub(super) fn print_text(text: &str) -> Result<(), Failure> {
    standard_output::write(text).map_err(standard_output_failure)
}

pub(super) fn standard_output_failure(error: std::io::Error) -> Failure {
    Failure::failed(format!("standard output: {}", repcast_media::io_reason(&error)))
}
