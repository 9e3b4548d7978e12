//! What a terminal shows while a video is rendered; nothing on a pipe.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::status_line;
use repcast_model::time::{FrameRate, to_f64};

/// Columns from which there is room for a bar next to the text.
const BAR_COLUMNS: u16 = 76;

/// Time after the first frame before the remaining time is estimated: until then lanes and encoders get up to speed.
const SETTLE: Duration = Duration::from_secs(2);

/// Frame counts that are kept. When there are more, every second one is dropped.
const MAX_COUNTS: usize = 256;

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
#[derive(Default)]
struct Seen {
    /// When frames were counted, from the first frame on, and how many there were.
    counts: Vec<(Instant, u64)>,
    /// When the text last changed.
    shown: Option<Instant>,
}

impl Seen {
    fn count(&mut self, now: Instant, frames: u64) {
        if self.counts.len() == MAX_COUNTS {
            let mut index = 0;
            self.counts.retain(|_| {
                index += 1;
                index % 2 == 1
            });
        }
        if frames > 0 {
            self.counts.push((now, frames));
        }
    }

    /// The time until all frames are encoded, as fast as those of the last half of the time: what comes before, such as
    /// compiling shaders, happens once, and what is rendered changes.
    fn remaining(&self, total: u64) -> Option<Duration> {
        let (&(first, _), &(now, frames)) = (self.counts.first()?, self.counts.last()?);
        let elapsed = now.duration_since(first);
        let half = first + elapsed / 2;
        let (base, before) = *self.counts.iter().find(|(at, _)| *at >= half)?;
        let (since, encoded) = (now.duration_since(base), frames.saturating_sub(before));
        let is_known = elapsed >= SETTLE && encoded > 0;
        is_known.then(|| since.mul_f64(total.saturating_sub(frames) as f64 / encoded as f64))
    }
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
        if seen.shown.is_none_or(|shown| now.duration_since(shown) >= INTERVAL) {
            seen.shown = Some(now);
            seen.count(now, frames);
            self.bar.set_position(frames);
            self.bar.set_message(self.text(frames, now, seen.remaining(self.total)));
        }
    }

    fn text(&self, frames: u64, now: Instant, left: Option<Duration>) -> String {
        let elapsed = now.duration_since(self.started);
        let speed = to_f64(self.rate.secs_at(frames)) / elapsed.as_secs_f64().max(0.001);
        let percent = frames * 100 / self.total.max(1);
        let left = left.map_or_else(String::new, |left| format!("  {} left", clock(left.as_secs_f64().round())));
        format!("{percent:3}%  {frames}/{} frames  {}  {speed:.1}x{left}", self.total, clock(elapsed.as_secs_f64()))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        status_line::remove();
    }
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
    fn the_remaining_time_is_that_of_the_last_half() {
        let start = Instant::now();
        let mut seen = Seen::default();
        let mut left_after = |secs: u64, frames| {
            seen.count(start + Duration::from_secs(secs), frames);
            seen.remaining(100)
        };
        // Nothing is known at first; a slow start is forgotten.
        assert_eq!([(0, 0), (5, 1), (6, 2)].map(|(secs, frames)| left_after(secs, frames)), [None; 3]);
        assert_eq!(left_after(7, 3), Some(Duration::from_secs(97)));
        assert_eq!(
            [(8, 13), (9, 23)].map(|(secs, frames)| left_after(secs, frames)).last().unwrap().unwrap().as_secs(),
            7
        );
        assert_eq!(left_after(10, 100), Some(Duration::ZERO));
        let mut stuck = Seen::default();
        (0..9).for_each(|secs| stuck.count(start + Duration::from_secs(secs), 1));
        assert_eq!(stuck.remaining(100), None);
    }

    #[test]
    fn few_counts_are_kept_however_long_it_takes() {
        let start = Instant::now();
        let mut seen = Seen::default();
        (1..=100_000).for_each(|tenths| seen.count(start + Duration::from_millis(tenths * 100), tenths));
        assert!(seen.counts.len() <= MAX_COUNTS);
        let left = seen.remaining(200_000).unwrap().as_secs();
        assert!((9_990..=10_010).contains(&left), "{left}");
    }

    #[test]
    fn the_text_fits_into_sixty_columns() {
        let progress = Progress::new(1_296_000, FrameRate::new(30, 1).unwrap());
        let hours = Duration::from_secs(7200);
        let text = progress.text(648_000, progress.started + hours, Some(hours));
        assert_eq!(text, " 50%  648000/1296000 frames  2:00:00  3.0x  2:00:00 left");
        assert!(text.len() < 60);
    }
}
