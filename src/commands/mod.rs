//! The commands: options in `args`, one module per command, exit codes here.

mod args;
mod capacity;
mod check_clips;
mod doctor;
mod exit;
mod format;
mod frame;
mod inputs;
mod live;
mod manual;
mod open_files;
mod outputs;
#[cfg(feature = "preview")]
mod preview;
mod progress;
mod render;
mod serve;
mod standard_output;
mod values;
mod voices;
#[cfg(feature = "preview")]
mod window;
#[cfg(not(feature = "preview"))]
#[path = "no_window.rs"]
mod window;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, LogArgs, LogFormat, SchemaKind};
use exit::ExitGuard;

use repcast_model::document::schema;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The document or the options are wrong: exit code 2. One line per fault.
    Wrong(Vec<String>),
    /// It failed while working: exit code 1.
    Failed(String),
}

impl Failure {
    fn wrong(message: impl ToString) -> Self {
        Self::Wrong(vec![message.to_string()])
    }

    fn failed(error: impl ToString) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Runs the command that the process was started with.
#[must_use]
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(&cli.log);
    let mut exit_guard = ExitGuard::new();
    let result = match &cli.command {
        Command::Render(args) => render::run(args),
        Command::Frame(args) => frame::run(args),
        Command::Live(args) => live::run(args),
        #[cfg(feature = "preview")]
        Command::Preview(args) => preview::run(args),
        #[cfg(not(feature = "preview"))]
        Command::Preview(_) => Err(window::unavailable()),
        Command::Serve(args) => serve::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Format(args) => format::run(args),
        Command::Schema { kind } => print_schema(*kind),
        Command::Completions { shell } => manual::print_completions(*shell),
        Command::Manual { folder } => manual::write_pages(folder),
        Command::CheckClips => check_clips::run(),
    };
    exit_guard.code = print_result(&result);
    ExitCode::from(exit_guard.code)
}

/// Prints why a command failed, and returns the exit code.
fn print_result(result: &Result<(), Failure>) -> u8 {
    match result {
        Ok(()) => 0,
        Err(Failure::Wrong(lines)) => {
            lines.iter().for_each(|line| eprintln!("repcast: {line}"));
            2
        }
        Err(Failure::Failed(message)) => {
            eprintln!("repcast: {message}");
            1
        }
    }
}

fn print_schema(kind: SchemaKind) -> Result<(), Failure> {
    let schema = match kind {
        SchemaKind::Workout => schema::workout(),
        SchemaKind::Composition => schema::composition(),
    };
    print_json(&schema, true)
}

/// Writes one JSON value to standard output.
fn print_json(value: &serde_json::Value, pretty: bool) -> Result<(), Failure> {
    print_line(&if pretty { format!("{value:#}") } else { value.to_string() })
}

/// Writes a line to standard output. A closed or full output is an error like any other.
fn print_line(text: &str) -> Result<(), Failure> {
    print_text(&format!("{text}\n"))
}

/// Writes text to standard output as it is.
fn print_text(text: &str) -> Result<(), Failure> {
    standard_output::write(text).map_err(standard_output_failure)
}

fn standard_output_failure(error: std::io::Error) -> Failure {
    Failure::Failed(format!("standard output: {error}"))
}

fn start_log(args: &LogArgs) {
    use tracing_subscriber::EnvFilter;
    let level = match args.verbose {
        0 => "warn,wgpu_hal=off,wgpu_core=error,winit=error,cosmic_text=error",
        1 => "info,wgpu_hal=off,wgpu_core=error,cosmic_text=error",
        _ => "debug",
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match args.log_format {
        LogFormat::Text => builder.with_target(false).without_time().init(),
        LogFormat::Json => builder.json().init(),
    }
}
