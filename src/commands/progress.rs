//! What a terminal shows while a video is rendered; nothing on a pipe.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::status_line;
use repcast_model::time::{FrameRate, to_f64};

/// Columns from which there is room for a bar next to the text.
const BAR_COLUMNS: u16 = 76;

/// Time after the first frame in which lanes and encoders get up to speed, and time for which frames are observed after that
/// before the remaining time is estimated.
const SETTLE: Duration = Duration::from_millis(700);

/// How often the text changes, and how often it is drawn at most: more flickers on slow terminals.
const INTERVAL: Duration = Duration::from_millis(100);
const DRAWS_PER_SEC: u8 = 10;

/// The progress of a render.
pub(super) struct Progress {
    bar: ProgressBar,
    total: u64,
    rate: FrameRate,
    started: Instant,
    seen: Mutex<Seen>,
}

/// What was observed.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// When the first frame arrived.
    first: Option<Instant>,
    /// When all was up to speed, and the frames until then.
    base: Option<(Instant, u64)>,
    /// When the text last changed.
    shown: Option<Instant>,
}

impl Progress {
    /// The progress of a video of `total` frames.
    pub(super) fn new(total: u64, rate: FrameRate) -> Self {
        let is_shown = std::io::stderr().is_terminal();
        let bar = if is_shown {
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(DRAWS_PER_SEC))
        } else {
            ProgressBar::hidden()
        };
        let columns = console::Term::stderr().size().1;
        let template = if columns < BAR_COLUMNS { "{wide_msg}" } else { "{msg} {wide_bar}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━━─"));
        }
        if is_shown {
            status_line::show(&bar);
        }
        Self { bar, total, rate, started: Instant::now(), seen: Mutex::default() }
    }

    /// Shows that this many frames are encoded.
    pub(super) fn at(&self, frames: u64) {
        let now = Instant::now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.first.is_none() && frames > 0 {
            seen.first = Some(now);
        }
        if seen.base.is_none() && seen.first.is_some_and(|first| now.duration_since(first) >= SETTLE) {
            seen.base = Some((now, frames));
        }
        if seen.shown.is_none_or(|shown| now.duration_since(shown) >= INTERVAL) {
            seen.shown = Some(now);
            self.bar.set_position(frames);
            self.bar.set_message(self.text(frames, now, seen.base));
        }
    }

    fn text(&self, frames: u64, now: Instant, base: Option<(Instant, u64)>) -> String {
        let elapsed = now.duration_since(self.started);
        let speed = to_f64(self.rate.secs_at(frames)) / elapsed.as_secs_f64().max(0.001);
        let percent = frames * 100 / self.total.max(1);
        let left = base.and_then(|base| remaining(base, (now, frames), self.total));
        let left = left.map_or_else(String::new, |left| format!("  {} left", clock(left.as_secs_f64().round())));
        format!("{percent:3}%  {frames}/{} frames  {}  {speed:.1}x{left}", self.total, clock(elapsed.as_secs_f64()))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        status_line::remove();
    }
}

/// The time until all frames are encoded, as fast as those since `base`: what comes before, such as opening clips and
/// compiling shaders, happens once.
fn remaining(base: (Instant, u64), last: (Instant, u64), total: u64) -> Option<Duration> {
    let (since, frames) = (last.0.duration_since(base.0), last.1.saturating_sub(base.1));
    (since >= SETTLE && frames > 0).then(|| since.mul_f64(total.saturating_sub(last.1) as f64 / frames as f64))
}

/// A time as `0:07`, `12:30` or `1:02:03`.
pub(super) fn clock(secs: f64) -> String {
    let secs = secs.max(0.0) as u64;
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{secs:02}") } else { format!("{minutes}:{secs:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_a_clock() {
        for (secs, text) in [(0.0, "0:00"), (7.9, "0:07"), (750.0, "12:30"), (3723.0, "1:02:03"), (-1.0, "0:00")] {
            assert_eq!(clock(secs), text);
        }
    }

    #[test]
    fn the_remaining_time_ignores_what_comes_before_full_speed() {
        let start = Instant::now();
        let after = |secs| start + Duration::from_secs(secs);
        assert_eq!(remaining((after(5), 1), (after(5), 9), 101), None);
        assert_eq!(remaining((after(5), 1), (after(7), 21), 101), Some(Duration::from_secs(8)));
        assert_eq!(remaining((after(5), 1), (after(7), 1), 101), None);
        assert_eq!(remaining((after(5), 1), (after(15), 101), 101), Some(Duration::ZERO));
    }

    #[test]
    fn the_text_fits_into_sixty_columns() {
        let progress = Progress::new(1_296_000, FrameRate::new(30, 1).unwrap());
        let base = (progress.started, 0);
        let text = progress.text(648_000, progress.started + Duration::from_secs(7200), Some(base));
        assert_eq!(text, " 50%  648000/1296000 frames  2:00:00  3.0x  2:00:00 left");
        assert!(text.len() < 60);
    }
}
