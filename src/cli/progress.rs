//! A progress bar for a terminal; nothing for a pipe.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts frames.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(frames: u64, what: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(frames);
        let template = "{wide_bar} {pos}/{len} frames  {per_sec}  {eta} left  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        Self(bar)
    }

    pub(super) fn at(&self, frames: u64) {
        self.0.set_position(frames);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
