//! The line that a terminal shows while a session runs; nothing on a pipe.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::progress::clock;
use super::status_line;
use repcast_engine::live::Stream;
use repcast_engine::metrics::Counter;
use repcast_model::session::SessionStatus;

/// How often the line changes: each second of the position is shown.
const INTERVAL: Duration = Duration::from_millis(250);

/// Shows state, position, item, viewers and late frames of a session until it is dropped.
pub(super) struct LiveLine {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl LiveLine {
    /// Shows the line, if standard error is a terminal.
    pub(super) fn start(stream: &Arc<Stream>, viewers: impl Fn() -> u64 + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if !std::io::stderr().is_terminal() {
            return Self { stop, thread: None };
        }
        let line = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            line.set_style(style);
        }
        status_line::show(&line);
        let (stream, stopped) = (stream.clone(), stop.clone());
        let show = move || {
            while !stopped.load(Ordering::Relaxed) {
                let late = stream.metrics().get(Counter::LateFrames);
                line.set_message(text(&stream.report().status, viewers(), late));
                line.tick();
                std::thread::park_timeout(INTERVAL);
            }
        };
        // Without it the session runs all the same.
        let thread = std::thread::Builder::new().name("status-line".to_owned()).spawn(show).ok();
        Self { stop, thread }
    }
}

impl Drop for LiveLine {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It panics only if the terminal's library does.
            let _ = thread.join();
            status_line::remove();
        }
    }
}

fn text(status: &SessionStatus, viewers: u64, late: u64) -> String {
    let state = serde_json::to_value(status.state).ok().and_then(|state| state.as_str().map(str::to_owned));
    let item = status.current.as_ref().map_or_else(String::new, |chapter| format!("  {}", chapter.name));
    let count = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    format!(
        "{}  {} / {}  {}  {}{item}",
        state.unwrap_or_default(),
        clock(status.position_secs),
        clock(status.duration_secs),
        count(viewers, "viewer", "viewers"),
        count(late, "late frame", "late frames"),
    )
}

#[cfg(test)]
mod tests {
    use repcast_model::session::{ChapterStatus, SessionState};
    use repcast_model::timeline::ChapterKind;

    use super::*;

    #[test]
    fn the_line_has_state_position_viewers_late_frames_and_item() {
        let current = ChapterStatus {
            index: 0,
            id: Some("air_squat".to_owned()),
            kind: ChapterKind::Exercise,
            round: 1,
            group: None,
            set: None,
            name: "Air squat".to_owned(),
            start_secs: 0.0,
            end_secs: 30.0,
        };
        let status = SessionStatus {
            state: SessionState::Paused,
            position_secs: 12.5,
            duration_secs: 3700.0,
            remaining_secs: 3687.5,
            starts_in_secs: None,
            speed: 1.0,
            current: Some(current),
            next: None,
            message: None,
        };
        assert_eq!(text(&status, 1, 0), "paused  0:12 / 1:01:40  1 viewer  0 late frames  Air squat");
        assert_eq!(
            text(&SessionStatus { current: None, ..status }, 0, 1),
            "paused  0:12 / 1:01:40  0 viewers  1 late frame"
        );
    }
}
