//! What shells and `man` read, from the definitions of the arguments.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;
use super::{Failure, print_text};

/// Prints the completion script of a shell.
pub(super) fn print_completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "repcast", &mut script);
    print_text(&String::from_utf8_lossy(&script))
}

/// Writes the manual pages: `repcast.1`, and one for each command.
pub(super) fn write_pages(folder: &Path) -> Result<(), Failure> {
    clap_mangen::generate_to(Cli::command(), folder)
        .map_err(|error| Failure::failed(format!("{}: {error}", folder.display())))
}
