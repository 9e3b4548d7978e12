//! Running times of the theme: timer, ring, progress bar and the countdown of the last seconds.

use std::sync::Arc;

use super::layout::TextSlot;
use super::{Theme, text_on};
use crate::color::Color;
use crate::document::StepKind;
use crate::document::{TimerFormat, TimerLook, TimerMode};
use crate::geometry::Anchor;
use crate::time::Rational;
use crate::timeline::{Item, ItemContent, Span, TextStyle, TimerItem};
use crate::workout::schedule::Step;

/// Seconds that are counted down before a step ends, in another color.
const COUNTDOWN_SECS: u64 = 3;

/// Size of the countdown's digit, as a fraction of its badge's height.
const DIGIT_SCALE: f32 = 0.64;

/// Width of the ring's line, as a fraction of the ring's side.
const RING_SCALE: f32 = 0.075;

/// Distance from which clock and bar move into their places, in layout units.
const ENTRANCE: f32 = 18.0;

impl Theme<'_> {
    /// The timer and the progress bar of a step, in another color during its last seconds.
    pub(super) fn remaining_time(&self, step: &Step, items: &mut Vec<Item>) {
        let colors = &self.colors;
        let counted = step.span;
        let last = self.before_end(step, COUNTDOWN_SECS).max(counted.start);
        // An exercise that is shorter is counted down as a whole, without another color.
        let last = if last > counted.start { last } else { counted.end };
        let before = (Span { end: last, ..counted }, self.accent(step), colors.text);
        let after = (Span { start: last, ..counted }, self.last_color(step), self.last_color(step));
        let is_ring = colors.timer == TimerLook::Ring;
        if self.workout.show_progress_bar {
            let rect = self.layout.progress;
            let radius = rect.height / 2.0;
            items.push(self.entering(counted, ItemContent::Shape { rect, radius, color: colors.track }));
            let bar = |color| ItemContent::Progress { rect, radius, color, counted };
            items.extend([self.entering(before.0, bar(before.1)), Item::new(after.0, bar(after.1))]);
        }
        if self.workout.show_timer {
            if is_ring {
                let (rect, thickness) = (self.layout.ring, (self.layout.ring.width * RING_SCALE).round());
                let track = ItemContent::Ring { rect, thickness, color: colors.track, counted: None };
                items.push(Item::new(counted, track));
                for (span, color, _) in [before, after] {
                    let ring = ItemContent::Ring { rect, thickness, color, counted: Some(counted) };
                    items.push(Item::new(span, ring));
                }
            }
            let timer = |color| self.timer(self.layout.timer, color, 800, counted, Default::default());
            items.extend([self.entering(before.0, timer(before.2)), Item::new(after.0, timer(after.2))]);
            self.total(step, items);
        }
    }

    /// The time that is left of the whole workout, up to the end of its last exercise.
    fn total(&self, step: &Step, items: &mut Vec<Item>) {
        let last = self.steps.iter().rfind(|step| step.kind == StepKind::Exercise);
        let Some(last) = last.filter(|last| last.span.end > step.span.end) else { return };
        let counted = Span { start: 0, end: last.span.end };
        let affixes = self.messages.around("left", "time").map(Arc::from);
        let timer = self.timer(self.layout.total, self.colors.secondary_text, 600, counted, affixes);
        items.push(Item::new(step.span, timer));
    }

    fn timer(&self, slot: TextSlot, color: Color, weight: u16, counted: Span, affixes: [Arc<str>; 2]) -> ItemContent {
        let style = Arc::new(TextStyle { tabular: true, ..self.style(slot, weight, color) });
        let (mode, format) = (TimerMode::Countdown, TimerFormat::Shortest);
        ItemContent::Timer(TimerItem { mode, format, affixes, counted, style })
    }

    /// An item that moves into its place from below.
    fn entering(&self, span: Span, content: ItemContent) -> Item {
        Item::new(span, content).entering(0.0, ENTRANCE * self.layout.unit)
    }

    /// The color of the last seconds: a warning at the end of an exercise, and the exercise's own before it starts.
    fn last_color(&self, step: &Step) -> Color {
        if step.kind == StepKind::Exercise { self.colors.warning } else { self.colors.exercise }
    }

    /// The frame some seconds before the end of a step.
    fn before_end(&self, step: &Step, secs: u64) -> u64 {
        step.span.end.saturating_sub(self.workout.fps.boundary_at(Rational::from_integer(i128::from(secs))))
    }

    /// The digits 3, 2, 1 in a badge, as many as the step has full seconds.
    pub(super) fn countdown(&self, step: &Step, items: &mut Vec<Item>) {
        let first = (1..=COUNTDOWN_SECS).rev().find(|secs| self.before_end(step, *secs) > step.span.start);
        let Some(first) = first else { return };
        let (rect, color) = (self.layout.badge, self.last_color(step));
        let badge = ItemContent::Shape { rect, radius: rect.width / 2.0, color };
        items.push(Item::new(Span { start: self.before_end(step, first), end: step.span.end }, badge));
        for secs in 1..=first {
            let slot = TextSlot {
                position: (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0),
                anchor: Anchor::Center,
                max_width: rect.width,
                max_lines: 1,
                size: rect.height * DIGIT_SCALE,
            };
            let span = Span { start: self.before_end(step, secs), end: self.before_end(step, secs - 1) };
            let style = Arc::new(TextStyle { tabular: true, ..self.style(slot, 800, text_on(color)) });
            items.push(Item::new(span, ItemContent::Text { text: secs.to_string().into(), style }));
        }
    }
}
