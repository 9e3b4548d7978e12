//! The `repcast` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    repcast::cli::main()
}
