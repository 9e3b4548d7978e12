//! Puts load on a running repcast server, over HTTP alone, and checks that it stands it.
//!
//! `script/soak` starts a server and runs it; `cargo run --release --example soak -- --help` tells the rest. It talks
//! to addresses of this machine only, and every run ends by itself: all loops are bounded in count and in time. What
//! it costs itself is part of every report, because it shares the processors with the server that it measures.

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use report::Report;

mod api;
mod boxes;
mod churn;
mod deeds;
mod generate;
mod healthy;
mod http;
mod idlers;
mod place;
mod playlist;
mod proc;
mod random;
mod report;
mod samples;
mod slow;
mod sockets;
mod tally;
mod viewer;
mod viewers;

/// What goes wrong is only ever shown, but it crosses tasks.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Puts load on a repcast server on this machine, and checks that it stands it.
#[derive(Parser)]
// What is given last counts, so that the script has its defaults and its caller the last word.
#[command(name = "soak", max_term_width = 100, args_override_self = true)]
struct Options {
    #[command(subcommand)]
    kind: Kind,
    /// Print one JSON object instead of a table
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Kind {
    /// Many viewers of one live stream, as players behave
    Viewers(viewers::Options),
    /// Connections that misbehave, and one healthy client among them
    Slow(slow::Options),
    /// Sessions that come and go, with commands, viewers and readers that drop away
    Churn(churn::Options),
    /// One generated video: how soon it starts, how fast it comes, what is left when it is abandoned
    Generate(generate::Options),
}

fn main() -> ExitCode {
    let options = Options::parse();
    // One thread: the second core of a small machine stays the server's, and what the generator takes is plain to see.
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(options.kind)));
    match outcome {
        Ok(report) => {
            print!("{}", if options.json { report.json() } else { report.table() });
            if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(kind: Kind) -> Result<Report> {
    let mut report = match kind {
        Kind::Viewers(options) => viewers::run(options).await,
        Kind::Slow(options) => slow::run(options).await,
        Kind::Churn(options) => churn::run(options).await,
        Kind::Generate(options) => generate::run(options).await,
    }?;
    report.add_generator();
    Ok(report)
}
