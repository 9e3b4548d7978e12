//! The built-in theme: the timeline items of a workout.
//!
//! ```text
//! Workout, Layout, Colors -> background, light, panels    (all frames)
//! Step -> card                                            (title, and what was done)
//!      -> figure; texts; timer, ring, bar; countdown      (get ready, exercise, rest)
//! ```
//!
//! Every text is complete in the first frame of its step: that frame stays when a session is paused there, and is the
//! poster of a video. Names, times and bars only move into their places.

mod card;
mod colors;
mod countdown;
mod figure;
mod layout;
mod texts;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use self::colors::{Colors, text_on};
pub(crate) use self::layout::caption_placement;
use self::layout::{Layout, Parts};
use super::clips::clip_clock;
use super::schedule::{Step, exercises_in_round};
use super::shared;
use crate::catalogue::Exercise;
use crate::clip::{AlphaMode, ClipInfo};
use crate::color::{Color, over};
use crate::document::StepKind;
use crate::document::{Background, Format, TimerLook, ValidationFault, Workout};
use crate::geometry::{Fit, Rect, Size};
use crate::localization::Messages;
use crate::time::Rational;
use crate::timeline::{
    Chapter, ChapterGroup, ChapterKind, ClipInfos, ClipItem, Item, ItemContent, OverlayColors, OverlayPlaces,
    SourceClock, Span, place,
};

/// Size of the light behind a figure, as a multiple of the figure's.
const LIGHT_SCALE: f32 = 1.25;

/// What all steps of a workout share.
pub(super) struct Theme<'a> {
    workout: &'a Workout,
    /// The catalogue's entry of each exercise of the workout.
    entries: &'a [&'a Exercise],
    messages: Messages,
    layout: Layout,
    colors: Colors,
    canvas: Size,
    /// The clip of each exercise of the workout.
    clips: Vec<ClipInfo>,
    background: Option<(Arc<Path>, ClipInfo)>,
    logo: Option<(Arc<Path>, ClipInfo)>,
    steps: &'a [Step],
    exercises_in_round: usize,
}

impl<'a> Theme<'a> {
    /// The theme of a workout whose files have been probed.
    ///
    /// The list of faults is empty if a file is missing from `infos`: the caller has reported it already.
    pub(super) fn new(
        workout: &'a Workout,
        entries: &'a [&'a Exercise],
        steps: &'a [Step],
        base: &Path,
        infos: &ClipInfos,
    ) -> Result<Self, Vec<ValidationFault>> {
        let mut faults = Vec::new();
        let clips: Vec<ClipInfo> = entries.iter().filter_map(|entry| infos.get(&entry.clip).cloned()).collect();
        let mut paths = Vec::new();
        for (field, src) in workout.paths() {
            let path = base.join(src);
            let Some(info) = infos.get(&path).cloned() else { continue };
            if field != "background.video" && !info.is_picture {
                let advice = if field == "background.image" { "; name it as `video`" } else { ", not an image" };
                faults.push(ValidationFault { place: field.to_owned(), message: format!("{src} is a video{advice}") });
            }
            paths.push((field, (shared(&path), info)));
        }
        if !faults.is_empty() || clips.len() < entries.len() || paths.len() < workout.paths().count() {
            return Err(faults);
        }
        let (logo, background): (Vec<_>, Vec<_>) = paths.into_iter().partition(|(field, _)| *field == "theme.logo");
        let [background, logo] = [background, logo].map(|files| files.into_iter().next().map(|(_, file)| file));
        let short = workout.resolution.short_side();
        let canvas = match workout.format {
            // The longer side of 16:9 is even for every supported resolution.
            Format::Landscape => Size { width: short * 16 / 9, height: short },
            Format::Portrait => Size { width: short, height: short * 16 / 9 },
            Format::Square => Size { width: short, height: short },
        };
        let colors = Colors::of(&workout.theme);
        let parts = parts(workout, entries, steps, colors.timer);
        let layout = Layout::new(workout.format, canvas, parts);
        let messages = Messages::new(workout.language);
        let exercises_in_round = exercises_in_round(steps);
        Ok(Self {
            workout,
            entries,
            messages,
            layout,
            colors,
            canvas,
            clips,
            background,
            logo,
            steps,
            exercises_in_round,
        })
    }

    pub(super) fn canvas(&self) -> Size {
        self.canvas
    }

    pub(super) fn background_color(&self) -> Color {
        match self.workout.background {
            Some(Background::Color(color)) => color,
            Some(_) => Color::BLACK,
            None => self.colors.ground,
        }
    }

    /// Where a live session draws, and in which colors.
    pub(super) fn overlay(&self) -> OverlayPlaces {
        // As a panel on the theme's ground, but opaque: the figure is below it.
        let ground = over(self.colors.panel, self.colors.ground);
        let (mark, message) = (self.layout.mark, self.layout.message);
        let colors = OverlayColors { ground, text: text_on(ground) };
        OverlayPlaces { mark, message, colors, language: self.workout.language, font: None }
    }

    /// The items that are visible in all frames: the background. The light is only on a ground that suits the theme.
    pub(super) fn background(&self, frames: u64) -> Vec<Item> {
        let span = Span { start: 0, end: frames };
        let Some((path, info)) = &self.background else { return Vec::new() };
        let whole = Rect::new(0.0, 0.0, self.canvas.width as f32, self.canvas.height as f32);
        let placement = place(info.clone(), whole, Fit::Cover);
        let path = path.clone();
        let content = match self.workout.background {
            Some(Background::Video(_)) => {
                let clock = looped(info, Rational::from_integer(1));
                let clip = ClipItem { path, alpha: AlphaMode::Straight, key: None, placement, clock };
                ItemContent::Clip(Box::new(clip))
            }
            _ => ItemContent::Image { path, placement },
        };
        vec![Item::new(span, content)]
    }

    /// The light and the panels of adjacent steps with the same layout, so that they are drawn once.
    pub(super) fn grounds(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for steps in self.steps.chunk_by(|one, other| self.is_card(one) == self.is_card(other)) {
            let (Some(first), Some(last)) = (steps.first(), steps.last()) else { continue };
            let span = Span { start: first.span.start, end: last.span.end };
            self.ground(self.is_card(first), span, &mut items);
        }
        items
    }

    fn ground(&self, is_card: bool, span: Span, items: &mut Vec<Item>) {
        let figure = if is_card { self.layout.card.figure } else { self.layout.figure };
        if self.is_plain() && self.colors.light.alpha > 0 {
            let margin = |side: f32| side * (LIGHT_SCALE - 1.0) / 2.0;
            let (x, y) = (margin(figure.width), margin(figure.height));
            let rect = Rect::new(figure.x - x, figure.y - y, figure.width + 2.0 * x, figure.height + 2.0 * y);
            items.push(Item::new(span, ItemContent::Glow { rect, color: self.colors.light }));
        }
        let panels = if is_card { std::slice::from_ref(&self.layout.card.panel) } else { &self.layout.panels };
        let corner = self.corner_radius();
        for rect in panels {
            let (radius, color) = (corner.min(rect.width.min(rect.height) / 2.0), self.panel_color());
            items.push(Item::new(span, ItemContent::Shape { rect: *rect, radius, color }));
        }
    }

    fn corner_radius(&self) -> f32 {
        self.colors.corner_radius.map_or(self.layout.panel_radius, |radius| radius * self.layout.unit)
    }

    fn panel_color(&self) -> Color {
        if self.is_plain() { self.colors.panel } else { self.colors.strong_panel }
    }

    /// Whether the ground is a color that suits the theme.
    fn is_plain(&self) -> bool {
        self.background.is_none() && self.colors.suit(self.background_color())
    }

    /// Whether a step is a screen before or after the workout. A rest after the last exercise is one, too.
    fn is_card(&self, step: &Step) -> bool {
        match step.kind {
            StepKind::Intro | StepKind::Outro => true,
            StepKind::Rest => self.next(step).is_none(),
            StepKind::GetReady | StepKind::Exercise => false,
        }
    }

    /// The next exercise after a step.
    fn next(&self, step: &Step) -> Option<&'a Step> {
        next_exercise(self.steps, step)
    }

    /// The color of a step.
    fn accent(&self, step: &Step) -> Color {
        match step.kind {
            StepKind::Exercise | StepKind::Intro | StepKind::Outro => self.colors.exercise,
            StepKind::Rest | StepKind::GetReady => self.colors.rest,
        }
    }

    /// The chapter of a step, named after the exercise or the screen.
    pub(super) fn chapter(&self, step: &Step) -> Chapter {
        let message = |name: &str| self.messages.format(name, &[]);
        let id = |step: &Step| self.workout.exercises[step.exercise].id.clone();
        let (kind, name) = match step.kind {
            StepKind::Intro => (ChapterKind::Intro, self.title()),
            StepKind::GetReady => (ChapterKind::GetReady, message("get-ready")),
            StepKind::Exercise => (ChapterKind::Exercise, self.entries[step.exercise].name.clone()),
            StepKind::Rest if self.is_card(step) => (ChapterKind::Rest, message("done")),
            StepKind::Rest => (ChapterKind::Rest, message("rest")),
            StepKind::Outro => (ChapterKind::Outro, message("done")),
        };
        let exercise = match step.kind {
            StepKind::Exercise => Some(id(step)),
            StepKind::GetReady | StepKind::Rest => self.next(step).map(id),
            StepKind::Intro | StepKind::Outro => None,
        };
        let place = match step.kind {
            StepKind::Rest => self.next(step).unwrap_or(step),
            _ => step,
        };
        let is_card = self.is_card(step);
        let group = self.workout.group_of(place.exercise).filter(|_| !is_card);
        let group = group.map(|group| ChapterGroup { title: group.title.clone(), set: place.set });
        Chapter { span: step.span, name, kind, exercise, round: place.round, group }
    }

    /// Appends the items of a step.
    pub(super) fn step(&self, step: &Step, items: &mut Vec<Item>) {
        if self.is_card(step) {
            return self.card(step, items);
        }
        // Before an exercise, it is shown what comes.
        let next = self.next(step);
        let shown = match step.kind {
            StepKind::Exercise => Some(step),
            _ => next.filter(|_| self.workout.show_next_up),
        };
        if let Some(shown) = shown {
            self.figure(shown, step.span, self.layout.figure, &self.layout.panels, items);
        }
        self.heading(step, next, items);
        self.remaining_time(step, items);
        self.announcement(step, next, items);
        if self.workout.show_timer {
            self.countdown(step, items);
        }
    }

    /// The clip of an exercise; `panels` are those of the screen.
    fn figure(&self, step: &Step, span: Span, rect: Rect, panels: &[Rect], items: &mut Vec<Item>) {
        let (entry, info) = (self.entries[step.exercise], &self.clips[step.exercise]);
        let clip = ClipItem {
            path: shared(&entry.clip),
            alpha: entry.alpha,
            key: entry.look.chroma_key,
            placement: self.figure_placement(&entry.look, info, rect),
            clock: clip_clock(entry, info, step.speed),
        };
        items.push(Item::new(span, ItemContent::Clip(Box::new(clip))));
        items.extend(self.scrims(&entry.look, span, panels));
    }
}

/// The next exercise after a step.
fn next_exercise<'a>(steps: &'a [Step], step: &Step) -> Option<&'a Step> {
    let later = steps.partition_point(|other| other.span.start < step.span.end);
    steps[later..].iter().find(|step| step.kind == StepKind::Exercise)
}

/// The parts of a workout's screens.
fn parts(workout: &Workout, entries: &[&Exercise], steps: &[Step], look: TimerLook) -> Parts {
    // The exercise whose description a step shows: before an exercise, that of what comes.
    let described = |step: &Step| match step.kind {
        StepKind::Exercise => workout.show_description.then_some(step.exercise),
        StepKind::GetReady | StepKind::Rest if workout.show_next_up && workout.show_exercise_name => {
            next_exercise(steps, step).map(|next| next.exercise)
        }
        _ => None,
    };
    let mut described = steps.iter().filter_map(described);
    Parts {
        name: workout.show_exercise_name,
        description: described.any(|exercise| !entries[exercise].description.is_empty()),
        timer: workout.show_timer,
        next: workout.show_next_up,
        ring: workout.show_timer && look == TimerLook::Ring,
    }
}

/// The clock of a whole clip that loops.
fn looped(info: &ClipInfo, speed: Rational) -> SourceClock {
    SourceClock { trim_in: Rational::from_integer(0), trim_out: info.duration, speed, looping: true }
}
