//! The signals of a workout on the frame grid: when each sounds, and which gives way to which.
//!
//! In order of precedence:
//!
//! 1. `End`, when the last exercise ends: with the rest after it, or so early that it is over with the last frame.
//! 2. `Start` on the first frame of an exercise and `Rest` on the first frame of a rest.
//! 3. `Countdown` and `RestCountdown`, only before one of these, from its last second backwards, as far as they fit into
//!    the step. `End` takes the place of the last of them where it starts early.
//! 4. `Halfway`, then `Reminder`, far enough from all others to be understood.
//!
//! Signals are at least [`GAP`] apart; of two that are not, the later in this list is left out.

use std::collections::BTreeMap;

use crate::audio::Cue;
use crate::document::StepKind;
use crate::document::{CueSettings, CueStyle};
use crate::time::{FrameRate, Rational};
use crate::workout::schedule::Step;

/// Least seconds between the starts of two signals, which would be heard as one.
pub(super) const GAP: Rational = Rational::new_raw(1, 2);

/// Least seconds between halfway or a reminder and any other signal: a spoken word and a pause.
pub(super) const WIDE_GAP: Rational = Rational::new_raw(2, 1);

/// Seconds that `End` is heard for at least.
pub(super) const END_SECS: Rational = Rational::new_raw(1, 1);

/// A signal of a workout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Signal {
    /// The frame that it starts with.
    pub(super) frame: u64,
    /// What it signals.
    pub(super) cue: Cue,
    /// Seconds to the end of the step, for those of a countdown, else 0.
    pub(super) counted: u32,
    /// The step that it belongs to; for `End`, the last exercise.
    pub(super) step: usize,
}

/// The signals of a workout, in order.
pub(super) fn signals(settings: &CueSettings, steps: &[Step], rate: FrameRate) -> Vec<Signal> {
    let last = steps.iter().rposition(|step| step.kind == StepKind::Exercise);
    let (Some(last), false) = (last, settings.style == CueStyle::Off) else { return Vec::new() };
    let mut placed = Placement { settings, rate, last, steps: &steps[..=last], signals: BTreeMap::new() };
    placed.boundaries(steps.last().map_or(0, |step| step.span.end));
    placed.countdowns();
    placed.halves();
    placed.reminders();
    placed.signals.into_values().collect()
}

struct Placement<'a> {
    settings: &'a CueSettings,
    rate: FrameRate,
    /// The last exercise.
    last: usize,
    /// The steps up to that.
    steps: &'a [Step],
    /// The signals by their frames.
    signals: BTreeMap<u64, Signal>,
}

impl Placement<'_> {
    /// Places a signal unless another one is nearer than `gap` seconds. Returns whether it is placed.
    fn place(&mut self, signal: Signal, gap: Rational) -> bool {
        let gap = self.frames(gap);
        let near = signal.frame.saturating_sub(gap - 1)..signal.frame + gap;
        let is_free = self.signals.range(near).next().is_none();
        if is_free {
            self.signals.insert(signal.frame, signal);
        }
        is_free
    }

    /// Seconds in frames, at least one.
    fn frames(&self, secs: Rational) -> u64 {
        self.rate.boundary_at(secs).max(1)
    }

    /// The signals at the boundaries of steps in a workout of `length` frames.
    fn boundaries(&mut self, length: u64) {
        let CueSettings { start, end, .. } = *self.settings;
        let (last, steps) = (self.last, self.steps);
        if end {
            let latest = length.saturating_sub(self.frames(END_SECS));
            let frame = steps[last].span.end.min(latest).max(steps[last].span.start);
            self.place(Signal { frame, cue: Cue::End, counted: 0, step: last }, GAP);
        }
        for (index, step) in steps.iter().enumerate() {
            let follows_exercise = index.checked_sub(1).is_some_and(|before| steps[before].kind == StepKind::Exercise);
            let cue = match step.kind {
                // Between two exercises it is the end of the first, too.
                StepKind::Exercise if start || (end && follows_exercise) => Cue::Start,
                StepKind::Rest if end => Cue::Rest,
                _ => continue,
            };
            self.place(Signal { frame: step.span.start, cue, counted: 0, step: index }, GAP);
        }
    }

    /// The countdown of each step whose end has a signal.
    fn countdowns(&mut self) {
        for (index, step) in self.steps.iter().enumerate() {
            let of_end = self.signals.values().next_back().filter(|signal| signal.cue == Cue::End);
            let at_end = match index == self.last {
                true => of_end.map(|signal| signal.frame),
                false => self.signals.contains_key(&step.span.end).then_some(step.span.end),
            };
            let Some(at_end) = at_end.filter(|_| step.kind != StepKind::Intro) else { continue };
            let cue = if step.kind == StepKind::Exercise { Cue::Countdown } else { Cue::RestCountdown };
            for counted in 1..=self.settings.countdown {
                let secs = self.frames(Rational::from_integer(i128::from(counted)));
                let frame = step.span.end.saturating_sub(secs);
                if frame + self.frames(GAP) > at_end {
                    continue;
                }
                if frame <= step.span.start || !self.place(Signal { frame, cue, counted, step: index }, GAP) {
                    break;
                }
            }
        }
    }

    fn halves(&mut self) {
        let exercises = self.steps.iter().enumerate().filter(|(_, step)| step.kind == StepKind::Exercise);
        let shortest = self.frames(WIDE_GAP) * 2;
        for (index, step) in exercises.filter(|(_, step)| self.settings.halfway && step.span.len() >= shortest) {
            let frame = step.span.start + step.span.len().div_ceil(2);
            self.place(Signal { frame, cue: Cue::Halfway, counted: 0, step: index }, WIDE_GAP);
        }
    }

    fn reminders(&mut self) {
        let Some(every) = self.settings.remind_every else { return };
        let exercises = self.steps.iter().enumerate().filter(|(_, step)| step.kind == StepKind::Exercise);
        for (index, step) in exercises {
            // By multiples, not by sums, so that none drifts.
            let frames = (1_i128..).map(|count| step.span.start + self.rate.boundary_at(every * count));
            for frame in frames.take_while(|frame| *frame < step.span.end).collect::<Vec<u64>>() {
                self.place(Signal { frame, cue: Cue::Reminder, counted: 0, step: index }, WIDE_GAP);
            }
        }
    }
}
