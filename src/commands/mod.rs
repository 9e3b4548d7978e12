//! The commands: options in `args`, one module per command, exit codes here.

mod args;
mod capacity;
mod check_clips;
mod class;
mod configuration;
mod data_folder;
mod doctor;
mod doctor_camera;
mod error_reports;
mod exit;
mod format;
mod frame;
mod inputs;
mod lan_question;
mod language_model;
mod library;
mod link;
mod link_socket;
mod live;
mod live_line;
mod log;
mod manual;
mod open_files;
mod outcome;
mod outputs;
#[cfg(feature = "preview")]
mod preview;
mod progress;
mod question;
mod reload;
mod render;
mod serve;
mod session_outputs;
mod signals;
mod standard_output;
mod status_line;
mod user;
mod values;
mod voices;
#[cfg(feature = "preview")]
mod window;
#[cfg(not(feature = "preview"))]
#[path = "no_window.rs"]
mod window;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, SchemaKind};
use exit::ExitGuard;
pub(crate) use outcome::Failure;
use outcome::{print_json, print_line, print_result, print_text, standard_output_failure};

use repcast_model::document::schema;

/// Runs the command that the process was started with.
#[must_use]
pub(crate) fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    // Standard output has the object of a failure, unless it is that of the video.
    let options = || args.iter().take_while(|arg| *arg != "--");
    let is_separate = args.windows(2).any(|pair| (pair[0] == "-o" || pair[0] == "--output") && pair[1] == "-");
    let is_stream = is_separate || options().any(|arg| arg == "-o-" || arg == "-o=-" || arg == "--output=-");
    if options().any(|arg| arg == "--json") && !is_stream {
        outcome::expect_object();
    }
    let mut cli = match parse(&args) {
        Ok(cli) => cli,
        Err(failure) => return ExitCode::from(print_result(&Err(failure))),
    };
    if cli.is_json() {
        outcome::expect_object();
    }
    let mut exit_guard = ExitGuard::new();
    // Those who use the program for themselves see its errors. Dropped first: the guard may end the process.
    let is_server = matches!(cli.command, Command::Serve(_) | Command::Live(_));
    let _reports = is_server.then(error_reports::start).flatten();
    exit_guard.code = print_result(&run(&mut cli, &args));
    ExitCode::from(exit_guard.code)
}

/// Parses the command line, completed from environment and file, and starts logging. Exits after help and version.
fn parse(args: &[OsString]) -> Result<Cli, Failure> {
    let line = configuration::complete(args, |name| std::env::var_os(name))?;
    let mut cli = Cli::try_parse_from(&line.args).map_err(|error| outcome::usage_failure(&error))?;
    log::start(&cli.log);
    line.warnings.iter().for_each(|warning| tracing::warn!(target: log::ALWAYS, "{warning}"));
    if let Some(origins) = cli.origins_mut() {
        *origins = line.origins;
    }
    Ok(cli)
}

fn run(cli: &mut Cli, line: &[OsString]) -> Result<(), Failure> {
    match &mut cli.command {
        Command::Render(args) => render::run(args),
        Command::Frame(args) => frame::run(args),
        Command::Live(args) => live::run(args),
        #[cfg(feature = "preview")]
        Command::Preview(args) => preview::run(args),
        #[cfg(not(feature = "preview"))]
        Command::Preview(_) => Err(window::unavailable()),
        Command::Serve(args) => serve::run(args, line),
        Command::Doctor(args) => doctor::run(args),
        Command::User(args) => user::run(args),
        Command::Backup(args) => user::back_up(args),
        Command::Library(args) => library::run(args),
        Command::Format(args) => format::run(args),
        Command::Link(args) => link::run(args),
        Command::Schema { kind } => print_schema(*kind),
        Command::Completions { shell } => manual::print_completions(*shell),
        Command::Manual { folder } => manual::write_pages(folder),
        Command::CheckClips => check_clips::run(),
    }
}

fn print_schema(kind: SchemaKind) -> Result<(), Failure> {
    let schema = match kind {
        SchemaKind::Workout => schema::workout(),
        SchemaKind::Composition => schema::composition(),
    };
    print_json(&schema, true)
}
