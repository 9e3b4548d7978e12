//! Texts of the theme: heading, description and announcement.

use std::sync::Arc;

use super::layout::TextSlot;
use super::{FADE_SECS, Theme, palette};
use crate::color::Color;
use crate::document::Workout;
use crate::localization::isolated;
use crate::time::Rational;
use crate::timeline::{Item, ItemContent, Span, TextStyle, at_its_start};
use crate::workout::schedule::{Step, StepKind};

/// Seconds before the end of an exercise at which the next one is announced.
const ANNOUNCEMENT_SECS: i128 = 10;

/// The smallest size of a text that is too long, as a fraction of its size. A longer text is cut off.
const MIN_SCALE: f32 = 0.45;

/// The smallest size of text in layout units, below which it is not legible.
const MIN_SIZE: f32 = 22.0;

impl Theme<'_> {
    /// The position in the workout, the name of the exercise and its description.
    pub(super) fn heading(&self, step: &Step, next: Option<&Step>, items: &mut Vec<Item>) {
        let Workout { show_exercise_name, show_description, .. } = *self.workout;
        let entry = self.entries[step.exercise];
        let (accent, name) = match step.kind {
            StepKind::Exercise => (palette::EXERCISE, entry.name.clone()),
            StepKind::Rest if next.is_some() => (palette::REST, self.messages.format("rest", &[])),
            StepKind::Rest => (palette::REST, self.messages.format("done", &[])),
        };
        if show_exercise_name {
            let overline = self.style(self.layout.overline, 600, accent);
            // A rest shows the position of the next exercise.
            let position = self.position(next.filter(|_| step.kind == StepKind::Rest).unwrap_or(step));
            items.push(self.text(step.span, position, overline));
            items.push(self.text(step.span, name, self.style(self.layout.name, 800, palette::TEXT)));
        }
        if show_description && step.kind == StepKind::Exercise && !entry.description.is_empty() {
            let style = self.style(self.layout.description, 400, palette::SECONDARY_TEXT);
            items.push(self.text(step.span, entry.description.clone(), style));
        }
    }

    /// "Round 1 of 2 · 3 / 8 · Morning", without the round of a single one and without an empty title.
    fn position(&self, step: &Step) -> String {
        let mut parts = Vec::new();
        if self.workout.rounds > 1 {
            let (round, rounds) = (step.round.to_string(), self.workout.rounds.to_string());
            parts.push(self.messages.format("round", &[("round", &round), ("rounds", &rounds)]));
        }
        let (number, count) = ((step.exercise + 1).to_string(), self.entries.len().to_string());
        parts.push(self.messages.format("position", &[("number", &number), ("count", &count)]));
        // The title is last, because the end of a text that is too long is cut off.
        if !self.workout.title.is_empty() {
            parts.push(isolated(&self.workout.title).into_owned());
        }
        parts.join("  ·  ")
    }

    /// The name of the next exercise, during a whole rest and the last seconds of an exercise.
    pub(super) fn announcement(&self, step: &Step, next: Option<&Step>, items: &mut Vec<Item>) {
        if !self.workout.show_next_up {
            return;
        }
        let text = match (next, step.kind) {
            (Some(next), _) => self.messages.format("next", &[("name", &self.entries[next.exercise].name)]),
            (None, StepKind::Exercise) => self.messages.format("last", &[]),
            (None, StepKind::Rest) => return,
        };
        let frames = self.workout.fps.boundary_at(Rational::from_integer(ANNOUNCEMENT_SECS));
        let start = match step.kind {
            StepKind::Exercise => step.span.end.saturating_sub(frames).max(step.span.start),
            StepKind::Rest => step.span.start,
        };
        let span = Span { start, ..step.span };
        items.push(self.text(span, text, self.style(self.layout.next, 600, palette::SECONDARY_TEXT)));
    }

    /// The style of a text in a slot.
    pub(super) fn style(&self, slot: TextSlot, weight: u16, color: Color) -> TextStyle {
        let TextSlot { position, anchor, max_width, max_lines, size } = slot;
        let min_size = (size * MIN_SCALE).max(MIN_SIZE * self.layout.unit).min(size);
        TextStyle {
            size,
            min_size,
            weight,
            color,
            position,
            anchor,
            max_width,
            max_lines,
            backing: None,
            outline: None,
            tabular: false,
        }
    }

    /// A text that fades in.
    fn text(&self, span: Span, text: String, style: TextStyle) -> Item {
        let style = Arc::new(at_its_start(&text, style));
        let content = ItemContent::Text { text: text.into(), style };
        Item::new(span, content).fading(FADE_SECS, Rational::from_integer(0))
    }
}
