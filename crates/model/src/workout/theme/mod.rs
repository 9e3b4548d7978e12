//! The built-in theme: the timeline items of a workout.
//!
//! ```text
//! Workout, Layout -> background, panels                   (all frames)
//! Step            -> figure; texts; timer, progress bar; countdown   (the frames of the step)
//! ```

mod countdown;
mod figure;
mod layout;
mod palette;
mod texts;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use self::layout::Layout;
pub(crate) use self::layout::caption_placement;
use super::schedule::{Step, StepKind};
use super::{clips::clip_clock, shared};
use crate::catalogue::Exercise;
use crate::clip::{AlphaMode, ClipInfo};
use crate::color::Color;
use crate::document::{Background, Format, ValidationFault, Workout};
use crate::geometry::{Fit, Rect, Size};
use crate::localization::Messages;
use crate::time::Rational;
use crate::timeline::{Chapter, ClipInfos, ClipItem, Item, ItemContent, SourceClock, Span, place};

/// Seconds in which texts fade in.
const FADE_SECS: Rational = Rational::new_raw(1, 4);

/// Opacity of the figure of the next exercise during a rest.
const NEXT_FIGURE_OPACITY: Rational = Rational::new_raw(2, 5);

/// What all steps of a workout share.
pub(super) struct Theme<'a> {
    workout: &'a Workout,
    /// The catalogue's entry of each exercise of the workout.
    entries: &'a [&'a Exercise],
    messages: Messages,
    layout: Layout,
    canvas: Size,
    /// The clip of each exercise of the workout.
    clips: Vec<ClipInfo>,
    background: Option<(Arc<Path>, ClipInfo)>,
}

impl<'a> Theme<'a> {
    /// The theme of a workout whose files have been probed.
    ///
    /// The list of faults is empty if a file is missing from `infos`: the caller has reported it already.
    pub(super) fn new(
        workout: &'a Workout,
        entries: &'a [&'a Exercise],
        base: &Path,
        infos: &ClipInfos,
    ) -> Result<Self, Vec<ValidationFault>> {
        let mut faults = Vec::new();
        let clips: Vec<ClipInfo> = entries.iter().filter_map(|entry| infos.get(&entry.clip).cloned()).collect();
        let background = match &workout.background {
            Background::Color(_) => None,
            Background::Image(src) | Background::Video(src) => {
                let path = base.join(src);
                infos.get(&path).map(|info| (shared(&path), info.clone()))
            }
        };
        if let (Background::Image(src), Some((_, ClipInfo { is_picture: false, .. }))) =
            (&workout.background, &background)
        {
            let message = format!("{src} is a video; name it as `video`");
            faults.push(ValidationFault { place: "background.image".to_owned(), message });
        }
        if !faults.is_empty() || clips.len() < entries.len() {
            return Err(faults);
        }
        let short = workout.resolution.short_side();
        let canvas = match workout.format {
            // The longer side of 16:9 is even for every supported resolution.
            Format::Landscape => Size { width: short * 16 / 9, height: short },
            Format::Portrait => Size { width: short, height: short * 16 / 9 },
            Format::Square => Size { width: short, height: short },
        };
        let mut layout = Layout::new(workout.format, canvas);
        if !has_names(workout) && !has_times(workout) {
            layout.center_figure(canvas);
        }
        let messages = Messages::new(workout.language);
        Ok(Self { workout, entries, messages, layout, canvas, clips, background })
    }

    pub(super) fn canvas(&self) -> Size {
        self.canvas
    }

    pub(super) fn background_color(&self) -> Color {
        match self.workout.background {
            Background::Color(color) => color,
            _ => Color::BLACK,
        }
    }

    /// The items that are visible in all frames: the background and the panels on it.
    pub(super) fn background(&self, frames: u64) -> Vec<Item> {
        let span = Span { start: 0, end: frames };
        let mut items = Vec::new();
        if let Some((path, info)) = &self.background {
            let whole = Rect::new(0.0, 0.0, self.canvas.width as f32, self.canvas.height as f32);
            let placement = place(info.clone(), whole, Fit::Cover);
            let path = path.clone();
            items.push(Item::new(
                span,
                match self.workout.background {
                    Background::Video(_) => {
                        let clock = looped(info, Rational::from_integer(1));
                        ItemContent::Clip(ClipItem { path, alpha: AlphaMode::Straight, key: None, placement, clock })
                    }
                    _ => ItemContent::Image { path, placement },
                },
            ));
        }
        let (names, times) = (has_names(self.workout), has_times(self.workout));
        let last = self.layout.panels.len() - 1;
        for (index, rect) in self.layout.panels.iter().enumerate() {
            if (index == 0 && names) || (index == last && times) {
                let (rect, radius, color) = (*rect, self.layout.panel_radius, self.panel_color());
                items.push(Item::new(span, ItemContent::Shape { rect, radius, color }));
            }
        }
        items
    }

    fn panel_color(&self) -> Color {
        if self.is_dark() { palette::PANEL_ON_DARK } else { palette::PANEL }
    }

    fn track_color(&self) -> Color {
        if self.is_dark() { palette::TRACK_ON_DARK } else { palette::PANEL }
    }

    /// Whether the background is a dark color. Images and videos count as bright.
    fn is_dark(&self) -> bool {
        match self.workout.background {
            Background::Color(Color { red, green, blue, .. }) => {
                u32::from(red) * 2 + u32::from(green) * 7 + u32::from(blue) < 600
            }
            _ => false,
        }
    }

    /// The chapter of the step at `index`, named after the exercise or the rest.
    pub(super) fn chapter(&self, steps: &[Step], index: usize) -> Chapter {
        let step = &steps[index];
        let is_last = !steps[index..].iter().any(|step| step.kind == StepKind::Exercise);
        let name = match step.kind {
            StepKind::Exercise => self.entries[step.exercise].name.clone(),
            StepKind::Rest => self.messages.format(if is_last { "done" } else { "rest" }, &[]),
        };
        Chapter { span: step.span, name }
    }

    /// Appends the items of the step at `index`.
    pub(super) fn step(&self, steps: &[Step], index: usize, items: &mut Vec<Item>) {
        let step = &steps[index];
        let next = steps[index + 1..].iter().find(|step| step.kind == StepKind::Exercise);
        match step.kind {
            StepKind::Exercise => self.figure(step, step.span, Rational::from_integer(1), items),
            // During a rest the next exercise is shown faintly.
            StepKind::Rest => {
                if let Some(next) = next.filter(|_| self.workout.show_next_up) {
                    self.figure(next, step.span, NEXT_FIGURE_OPACITY, items);
                }
            }
        }
        self.heading(step, next, items);
        // The rest after the last exercise has no end to count down to.
        if step.kind == StepKind::Exercise || next.is_some() {
            self.remaining_time(step, items);
        }
        self.announcement(step, next, items);
        if step.kind == StepKind::Exercise && self.workout.show_timer {
            self.countdown(step, items);
        }
    }

    /// The clip of an exercise.
    fn figure(&self, step: &Step, span: Span, opacity: Rational, items: &mut Vec<Item>) {
        let (entry, info) = (self.entries[step.exercise], &self.clips[step.exercise]);
        let clip = ClipItem {
            path: shared(&entry.clip),
            alpha: entry.alpha,
            key: entry.look.chroma_key,
            placement: self.figure_placement(&entry.look, info),
            clock: clip_clock(entry, info, step.speed),
        };
        items.push(Item { opacity, ..Item::new(span, ItemContent::Clip(clip)) });
        items.extend(self.scrims(&entry.look, span));
    }
}

fn has_names(workout: &Workout) -> bool {
    workout.show_exercise_name || workout.show_description
}

fn has_times(workout: &Workout) -> bool {
    workout.show_timer || workout.show_next_up
}

/// The clock of a whole clip that loops.
fn looped(info: &ClipInfo, speed: Rational) -> SourceClock {
    SourceClock { trim_in: Rational::from_integer(0), trim_out: info.duration, speed, looping: true }
}
