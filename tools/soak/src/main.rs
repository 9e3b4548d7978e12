//! Generates load on a running repcast server over HTTP and checks that the server withstands it.
//!
//! `script/soak` starts a server and runs this program; `cargo run --release --package soak -- --help` lists the options. It
//! connects to loopback addresses only, and all loops are bounded in count and time. Each report contains the CPU time and
//! memory of this program, because it shares the processors with the server.

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use report::LoadReport;

mod attack;
mod bad_connection;
mod catalogue;
mod churn;
mod endpoint;
mod fragment_walker;
mod generate;
mod health_poll;
mod http;
mod kernel_sockets;
mod latency_samples;
mod playlist;
mod process_usage;
mod random;
mod report;
mod session_api;
mod session_churn;
mod slow;
mod viewer;
mod viewer_stats;
mod viewers;

/// Errors are only printed, but they cross tasks.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Generates load on a repcast server on this machine and checks that it withstands it
#[derive(Parser)]
// The last value of an option wins, so that options of the user override those of the script.
#[command(name = "soak", max_term_width = 100, args_override_self = true)]
struct Options {
    #[command(subcommand)]
    command: LoadCommand,
    /// Print one JSON object instead of a table
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum LoadCommand {
    /// Many viewers of one live stream, who behave like players
    Viewers(viewers::Options),
    /// Connections that misbehave, and one well-behaved client
    Slow(slow::Options),
    /// Sessions that start and end, with commands, viewers and readers that disconnect
    Churn(churn::Options),
    /// Attacks, one after the other, and what other clients notice
    Attack(attack::Options),
    /// The catalogue's list at a fixed rate, during a live session
    Catalogue(catalogue::Options),
    /// One generated video: time to the first byte, speed, and resources after it is abandoned
    Generate(generate::Options),
}

fn main() -> ExitCode {
    let options = Options::parse();
    // One thread, so that the second core of a small machine is left to the server.
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(options.command)));
    match outcome {
        Ok(report) => {
            print!("{}", if options.json { report.to_json() } else { report.to_table() });
            if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: LoadCommand) -> Result<LoadReport> {
    let mut report = match command {
        LoadCommand::Viewers(options) => viewers::run(options).await,
        LoadCommand::Slow(options) => slow::run(options).await,
        LoadCommand::Churn(options) => churn::run(options).await,
        LoadCommand::Attack(options) => attack::run(options).await,
        LoadCommand::Catalogue(options) => catalogue::run(options).await,
        LoadCommand::Generate(options) => generate::run(options).await,
    }?;
    report.add_generator();
    Ok(report)
}
