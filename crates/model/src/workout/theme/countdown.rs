//! Running times of the theme: timer, progress bar and the countdown of the last seconds.

use std::sync::Arc;

use super::layout::TextSlot;
use super::{FADE_SECS, Theme, palette};
use crate::document::{TimerFormat, TimerMode};
use crate::geometry::Anchor;
use crate::time::Rational;
use crate::timeline::{Item, ItemContent, Span, TextStyle, TimerItem};
use crate::workout::schedule::{Step, StepKind};

/// Seconds that are counted down before an exercise ends.
const COUNTDOWN_SECS: u64 = 3;

/// Size of the countdown's digit, as a fraction of its badge's height.
const DIGIT_SCALE: f32 = 0.64;

impl Theme<'_> {
    /// The timer and the progress bar of a step.
    pub(super) fn remaining_time(&self, step: &Step, items: &mut Vec<Item>) {
        let span = step.span;
        if self.workout.show_timer {
            let style = TextStyle { tabular: true, ..self.style(self.layout.timer, 800, palette::TEXT) };
            let (mode, format) = (TimerMode::Countdown, TimerFormat::MinutesSeconds);
            let timer = TimerItem { mode, format, counted: span, style: Arc::new(style) };
            items.push(Item::new(span, ItemContent::Timer(timer)));
        }
        if self.workout.show_progress_bar {
            let rect = self.layout.progress;
            let radius = rect.height / 2.0;
            let color = if step.kind == StepKind::Exercise { palette::EXERCISE } else { palette::REST };
            items.push(Item::new(span, ItemContent::Shape { rect, radius, color: self.track_color() }));
            items.push(Item::new(span, ItemContent::Progress { rect, radius, color }));
        }
    }

    /// The digits 3, 2, 1 in a badge, as many as the exercise has full seconds.
    pub(super) fn countdown(&self, step: &Step, items: &mut Vec<Item>) {
        let fps = self.workout.fps;
        let before_end =
            |secs: u64| step.span.end.saturating_sub(fps.boundary_at(Rational::from_integer(i128::from(secs))));
        let first = (1..=COUNTDOWN_SECS).rev().find(|secs| before_end(*secs) > step.span.start);
        let Some(first) = first else { return };
        let rect = self.layout.badge;
        let badge = ItemContent::Shape { rect, radius: rect.width / 2.0, color: palette::COUNTDOWN };
        let span = Span { start: before_end(first), end: step.span.end };
        items.push(Item::new(span, badge).fading(FADE_SECS, Rational::from_integer(0)));
        for secs in 1..=first {
            let slot = TextSlot {
                position: (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0),
                anchor: Anchor::Center,
                max_width: rect.width,
                max_lines: 1,
                size: rect.height * DIGIT_SCALE,
            };
            let span = Span { start: before_end(secs), end: before_end(secs - 1) };
            let style = Arc::new(self.style(slot, 800, palette::TEXT));
            // Without a fade, which would leave the badge empty at the start of each second.
            items.push(Item::new(span, ItemContent::Text { text: secs.to_string().into(), style }));
        }
    }
}
