//! The screens before and after the exercises: the title, and what was done.

use super::Theme;
use super::texts::SEPARATOR;
use crate::document::StepKind;
use crate::document::TimerFormat;
use crate::geometry::Fit;
use crate::localization::isolated;
use crate::timeline::{Item, ItemContent, format_time, place};
use crate::workout::schedule::Step;

/// Most names in the list of exercises: more are not read.
const MAX_NAMES: usize = 12;

impl Theme<'_> {
    /// The title of the workout, or the word for one.
    pub(super) fn title(&self) -> String {
        match self.workout.title.as_str() {
            "" => self.messages.format("workout", &[]),
            title => title.to_owned(),
        }
    }

    /// Logo, title, what the workout has, and a figure.
    pub(super) fn card(&self, step: &Step, items: &mut Vec<Item>) {
        let (card, colors, span) = (&self.layout.card, &self.colors, step.span);
        let is_before = step.kind == StepKind::Intro;
        let exercises = || self.steps.iter().filter(|step| step.kind == StepKind::Exercise);
        let shown = if is_before { exercises().next() } else { exercises().next_back() };
        if let Some(shown) = shown {
            self.figure(shown, span, card.figure, std::slice::from_ref(&card.panel), items);
        }
        if let Some((path, info)) = &self.logo {
            let placement = place(info.clone(), card.logo, Fit::Contain);
            items.push(Item::new(span, ItemContent::Image { path: path.clone(), placement }));
        }
        let (rect, radius, color) = (card.bar, card.bar.height / 2.0, colors.exercise);
        items.push(Item::new(span, ItemContent::Shape { rect, radius, color }));
        let title = if is_before { self.title() } else { self.messages.format("well-done", &[]) };
        let [facts, list_slot] = [card.facts, card.list].map(|slot| self.below(&title, card.title, slot));
        items.push(self.entering_text(span, title, self.style(card.title, 800, colors.text)));
        items.push(self.text(span, self.facts(), self.style(facts, 600, colors.exercise)));
        let list = if is_before { self.names() } else { self.workout.title.clone() };
        if !list.is_empty() {
            items.push(self.text(span, list, self.style(list_slot, 400, colors.secondary_text)));
        }
    }

    /// "6 exercises · 2 rounds · 12:30"
    fn facts(&self) -> String {
        let mut parts = vec![self.messages.count("exercises", self.exercises_in_round)];
        if self.workout.rounds > 1 {
            parts.push(self.messages.count("rounds", self.workout.rounds as usize));
        }
        let mut exercises = self.steps.iter().filter(|step| step.kind == StepKind::Exercise);
        if let Some(first) = exercises.next() {
            let end = exercises.next_back().map_or(first.span.end, |last| last.span.end);
            let secs = self.workout.fps.secs_at(end - first.span.start);
            parts.push(format_time(secs, TimerFormat::Shortest));
        }
        parts.join(SEPARATOR)
    }

    /// The names of the exercises, each once.
    fn names(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for step in self.steps.iter().filter(|step| step.kind == StepKind::Exercise) {
            let name = self.entries[step.exercise].name.as_str();
            if names.len() < MAX_NAMES && !names.contains(&name) {
                names.push(name);
            }
        }
        let names: Vec<_> = names.into_iter().map(isolated).collect();
        names.join(SEPARATOR)
    }
}
