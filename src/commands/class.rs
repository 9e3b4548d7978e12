//! A class: a live session that waits for its start, and stays after its end.

use std::sync::Arc;

use clap::Args;
use repcast_engine::live::Stream;
use repcast_engine::open::{DocumentSource, OpenDocument, OpenError};
use repcast_model::catalogue::Catalogue;
use repcast_model::document::Document;
use repcast_model::session::Command;
use repcast_model::time::Rational;
use repcast_service::{DocumentOpener, SessionFlow};

use super::values::seconds;
use super::{log, question};

/// When a live session starts and ends.
#[derive(Debug, Args)]
pub(super) struct FlowArgs {
    /// Wait at a screen with title and address until the session is started: with Enter here, in the window, or on the
    /// coach's page. On a terminal this is the default.
    #[arg(long, help_heading = "Session", conflicts_with = "start_now")]
    pub(super) start_paused: bool,
    /// Start by itself after this time, as seconds or as `5:00`; it is counted down on the screen.
    #[arg(long, help_heading = "Session", value_name = "TIME", value_parser = start_delay, conflicts_with = "start_now")]
    pub(super) start_in: Option<Rational>,
    /// Start at once, also on a terminal.
    #[arg(long, help_heading = "Session")]
    pub(super) start_now: bool,
    /// Start again at the end, until the program is stopped.
    #[arg(long = "loop", help_heading = "Session")]
    pub(super) is_looping: bool,
}

/// Seconds until a session starts: up to a day.
fn start_delay(text: &str) -> Result<Rational, String> {
    let secs = seconds(text)?;
    let is_valid = (Rational::from_integer(0)..=Rational::from_integer(86_400)).contains(&secs);
    if is_valid { Ok(secs) } else { Err("must be from 0 to 24:00:00".to_owned()) }
}

impl FlowArgs {
    /// When the session starts and ends.
    pub(super) fn flow(&self) -> SessionFlow {
        let is_waiting =
            self.start_paused || self.start_in.is_some() || (question::is_interactive() && !self.start_now);
        SessionFlow { is_waiting, starts_in: self.start_in, is_looping: self.is_looping }
    }
}

/// Shows where viewers join until the session starts, and starts it when Enter is pressed on a terminal.
pub(super) fn await_start(stream: &Arc<Stream>, address: &str, is_interactive: bool) {
    stream.show_waiting_screen(Some(address));
    if !is_interactive {
        return;
    }
    log::message("waiting: press Enter to start the session");
    let waiting = Arc::downgrade(stream);
    // It ends with the process: a read of standard input cannot be interrupted.
    std::thread::spawn(move || {
        let mut line = String::new();
        let is_read = std::io::stdin().read_line(&mut line).is_ok_and(|bytes| bytes > 0);
        if let Some(stream) = waiting.upgrade().filter(|_| is_read) {
            // It may have been started elsewhere.
            let _ = stream.command(&Command::Start);
        }
    });
}

/// Opens the documents that take the place of that of a session.
pub(super) struct SourceOpener(pub(super) DocumentSource);

impl DocumentOpener for SourceOpener {
    fn catalogue(&self) -> Arc<Catalogue> {
        Arc::new(self.0.exercises())
    }

    fn open(&self, document: &Document, is_from_client: bool) -> Result<OpenDocument, OpenError> {
        self.0.open_other(document, is_from_client)
    }
}
