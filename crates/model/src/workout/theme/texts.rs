//! Texts of the theme: heading, description and announcement.

use std::sync::Arc;

use super::Theme;
use super::layout::TextSlot;
use crate::color::Color;
use crate::document::{Group, StepKind, Workout};
use crate::localization::isolated;
use crate::time::Rational;
use crate::timeline::{Item, ItemContent, Span, TextStyle, at_its_start};
use crate::workout::schedule::Step;

/// Seconds before the end of an exercise at which the next one is announced.
const ANNOUNCEMENT_SECS: i128 = 10;

/// The smallest size of a text that is too long, as a fraction of its size. A longer text is cut off.
const MIN_SCALE: f32 = 0.45;

/// The smallest size of text in layout units, below which it is not legible.
const MIN_SIZE: f32 = 22.0;

/// Distance from which names move into their places, in layout units.
const ENTRANCE: f32 = -28.0;

/// Distance of lines, as a fraction of the font size.
const LINE_HEIGHT: f32 = 1.2;

/// What stands between the parts of a line.
pub(super) const SEPARATOR: &str = "  ·  ";

impl Theme<'_> {
    /// The position in the workout, the name of the exercise and its description: before an exercise, those of what comes.
    pub(super) fn heading(&self, step: &Step, next: Option<&Step>, items: &mut Vec<Item>) {
        let Workout { show_exercise_name, show_description, show_next_up, .. } = *self.workout;
        let is_exercise = step.kind == StepKind::Exercise;
        let shown = if is_exercise { Some(step) } else { next.filter(|_| show_next_up) };
        let entry = shown.map(|shown| self.entries[shown.exercise]);
        let name = entry.map_or_else(|| self.state(step), |entry| entry.name.clone());
        if show_exercise_name {
            let overline = self.style(self.layout.overline, 600, self.accent(step));
            items.push(self.text(step.span, self.overline(step, next), overline));
            let name = name.clone();
            items.push(self.entering_text(step.span, name, self.style(self.layout.name, 800, self.colors.text)));
        }
        let is_described = if is_exercise { show_description } else { show_exercise_name };
        if let Some(entry) = entry.filter(|entry| is_described && !entry.description.is_empty()) {
            let slot = if show_exercise_name {
                self.below(&name, self.layout.name, self.layout.description)
            } else {
                self.layout.description
            };
            let style = self.style(slot, 400, self.colors.secondary_text);
            items.push(self.text(step.span, entry.description.clone(), style));
        }
    }

    /// "Rest" or "Get ready".
    fn state(&self, step: &Step) -> String {
        self.messages.format(if step.kind == StepKind::GetReady { "get-ready" } else { "rest" }, &[])
    }

    /// "Round 1 of 2 · 3 / 8 · Legs · Set 2 of 3 · Morning", without the round of a single one and without an empty title.
    /// Before an exercise the state comes first, and the position is that of the next one.
    fn overline(&self, step: &Step, next: Option<&Step>) -> String {
        let is_exercise = step.kind == StepKind::Exercise;
        let mut parts = Vec::new();
        if !is_exercise {
            parts.push(self.state(step));
        }
        let position = if is_exercise { step } else { next.unwrap_or(step) };
        if self.workout.rounds > 1 {
            let (round, rounds) = (position.round.to_string(), self.workout.rounds.to_string());
            parts.push(self.messages.format("round", &[("round", &round), ("rounds", &rounds)]));
        }
        let (number, count) = ((position.slot + 1).to_string(), self.exercises_in_round.to_string());
        let message = if is_exercise || !self.workout.show_next_up { "position" } else { "next-position" };
        parts.push(self.messages.format(message, &[("number", &number), ("count", &count)]));
        if let Some(group) = self.workout.group_of(position.exercise) {
            parts.extend(self.group(group, position.set));
        }
        // The title is last, because the end of a text that is too long is cut off.
        if is_exercise && !self.workout.title.is_empty() {
            parts.push(isolated(&self.workout.title).into_owned());
        }
        parts.join(SEPARATOR)
    }

    /// The name of a group, and which of its rounds it is.
    fn group(&self, group: &Group, set: u32) -> Vec<String> {
        let mut parts = Vec::new();
        if !group.title.is_empty() {
            parts.push(isolated(&group.title).into_owned());
        }
        let set = set.to_string();
        if group.duration.is_some() {
            parts.push(self.messages.format("set", &[("set", &set)]));
        } else if group.rounds > 1 {
            parts.push(self.messages.format("set-of", &[("set", &set), ("sets", &group.rounds.to_string())]));
        }
        parts
    }

    /// The name of the next exercise during the last seconds of one, and during a rest without a heading.
    pub(super) fn announcement(&self, step: &Step, next: Option<&Step>, items: &mut Vec<Item>) {
        let is_exercise = step.kind == StepKind::Exercise;
        if !self.workout.show_next_up || !is_exercise && self.workout.show_exercise_name {
            return;
        }
        let text = match next {
            Some(next) => self.messages.format("next", &[("name", &self.entries[next.exercise].name)]),
            None => self.messages.format("last", &[]),
        };
        let frames = self.workout.fps.boundary_at(Rational::from_integer(ANNOUNCEMENT_SECS));
        let earliest = if is_exercise { step.span.end.saturating_sub(frames) } else { step.span.start };
        let span = Span { start: earliest.max(step.span.start), ..step.span };
        items.push(self.text(span, text, self.style(self.layout.next, 600, self.colors.secondary_text)));
    }

    /// The slot of a text that follows another one, moved up if that has fewer lines than there is room for.
    pub(super) fn below(&self, text: &str, slot: TextSlot, follows: TextSlot) -> TextSlot {
        let lines = most_lines(text, slot.max_width / slot.size).min(usize::from(slot.max_lines));
        let missing = usize::from(slot.max_lines) - lines;
        let (x, y) = follows.position;
        TextSlot { position: (x, y - missing as f32 * slot.size * LINE_HEIGHT), ..follows }
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
            font: None,
        }
    }

    /// A text, complete from its first frame on.
    pub(super) fn text(&self, span: Span, text: String, style: TextStyle) -> Item {
        let style = Arc::new(at_its_start(&text, style));
        Item::new(span, ItemContent::Text { text: text.into(), style })
    }

    /// A text that moves into its place from the left.
    pub(super) fn entering_text(&self, span: Span, text: String, style: TextStyle) -> Item {
        self.text(span, text, style).entering(ENTRANCE * self.layout.unit, 0.0)
    }
}

/// The lines of a text whose lines are `width` font sizes wide: at most, because only the fonts know the advance of letters.
fn most_lines(text: &str, width: f32) -> usize {
    const SPACE: f32 = 0.3;
    let (mut lines, mut used) = (1, 0.0);
    for word in text.split_whitespace() {
        let advance: f32 = word.chars().map(widest_advance).sum();
        if used > 0.0 && used + SPACE + advance > width {
            (lines, used) = (lines + 1, 0.0);
        }
        if used > 0.0 {
            used += SPACE;
        }
        used += advance;
        // A word that is too long is broken.
        while used > width {
            (lines, used) = (lines + 1, used - width);
        }
    }
    lines
}

/// The advance of a letter in the heaviest weight of Inter, rounded up, in font sizes; ideographs and emoji are square.
fn widest_advance(letter: char) -> f32 {
    match letter {
        'M' | 'W' => 1.07,
        'm' | 'w' => 0.93,
        'a'..='z' => 0.65,
        'A'..='Z' => 0.8,
        '0'..='9' => 0.72,
        letter if letter.is_ascii() => 0.6,
        _ => 1.0,
    }
}
