//! A progress bar on a terminal; nothing on a pipe.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts frames, and the name of the adapter.
pub(super) struct Progress(ProgressBar, String);

impl Progress {
    pub(super) fn new(frames: u64, adapter: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden(), adapter.to_owned());
        }
        let bar = ProgressBar::new(frames);
        let template = "{wide_bar} {pos}/{len} frames  {per_sec}  {eta} left  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar, adapter.to_owned())
    }

    pub(super) fn at(&self, frames: u64, encoder: Option<&str>) {
        if frames == 1 {
            self.0.set_message(format!("{} on {}", encoder.unwrap_or("pictures"), self.1));
        }
        self.0.set_position(frames);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
