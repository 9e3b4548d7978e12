//! The built-in look: what each step of a workout shows.

use std::path::Path;
use std::sync::Arc;

use super::layout::{Layout, Slot};
use super::schedule::{Step, StepKind};
use super::shared;
use crate::catalogue::Exercise;
use crate::color::Color;
use crate::document::{Background, Fault, Format, TimerFormat, TimerMode, Workout};
use crate::geometry::{Anchor, Fit, Rect, Size};
use crate::clip::{AlphaMode, ClipInfo};
use crate::time::Rational;
use crate::timeline::{Chapter, ClipInfos, ClipItem, Content, Item, SourceClock, Span, TextStyle, TimerItem, place};
use crate::localization::{Wording, isolated};

/// Seconds counted down before an exercise ends.
const COUNT_SECS: u64 = 3;

/// Seconds before the end of an exercise at which the next one is announced.
const ANNOUNCE_SECS: i128 = 10;

/// Seconds in which words appear and disappear.
const FADE: Rational = Rational::new_raw(1, 4);

/// Type never shrinks below this part of its size before it is cut off.
const SMALLEST: f32 = 0.45;

mod palette {
    use crate::color::Color;

    pub(super) const WORK: Color = Color::rgb(0x22, 0xc5, 0x5e);
    pub(super) const REST: Color = Color::rgb(0x38, 0xbd, 0xf8);
    pub(super) const COUNT: Color = Color::rgb(0xea, 0x58, 0x0c);
    pub(super) const WORDS: Color = Color::WHITE;
    pub(super) const QUIET: Color = Color::rgb(0xd0, 0xd5, 0xdd);
    pub(super) const TRACK_ON_DARK: Color = Color::WHITE.with_alpha(0x33);
    /// Over a dark plain background a panel is a shade lighter; over anything else it is dark enough for white type.
    pub(super) const PANEL_ON_DARK: Color = Color::WHITE.with_alpha(0x12);
    pub(super) const PANEL: Color = Color::rgb(0x0b, 0x12, 0x20).with_alpha(0xd8);
}

/// Everything that stays the same from step to step.
pub(super) struct Look<'a> {
    workout: &'a Workout,
    entries: &'a [&'a Exercise],
    wording: Wording,
    layout: Layout,
    canvas: Size,
    clips: Vec<ClipInfo>,
    background: Option<(Arc<Path>, ClipInfo)>,
}

impl<'a> Look<'a> {
    pub(super) fn new(
        workout: &'a Workout,
        entries: &'a [&'a Exercise],
        base: &Path,
        infos: &ClipInfos,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        // A file without its info was refused by whoever looked, who also reports it.
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
            let message = format!("{src} is a film; name it as `video`");
            faults.push(Fault { place: "background.image".to_owned(), message });
        }
        if !faults.is_empty() || clips.len() < entries.len() {
            return Err(faults);
        }
        let short = workout.resolution.short_side();
        let canvas = match workout.format {
            // The longer side of 16:9 is even for every resolution on offer.
            Format::Landscape => Size { width: short * 16 / 9, height: short },
            Format::Portrait => Size { width: short, height: short * 16 / 9 },
            Format::Square => Size { width: short, height: short },
        };
        let mut layout = Layout::new(workout.format, canvas);
        if !has_names(workout) && !has_times(workout) {
            layout.center_figure(canvas);
        }
        let wording = Wording::new(workout.language);
        Ok(Self { workout, entries, wording, layout, canvas, clips, background })
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

    /// What is seen from the first to the last frame: the background, and the panels over it.
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
                        Content::Clip(ClipItem { path, alpha: AlphaMode::Straight, placement, clock })
                    }
                    _ => Content::Image { path, placement },
                },
            ));
        }
        let (names, times) = (has_names(self.workout), has_times(self.workout));
        let last = self.layout.panels.len() - 1;
        for (index, rect) in self.layout.panels.iter().enumerate() {
            if (index == 0 && names) || (index == last && times) {
                let (rect, radius, color) = (*rect, self.layout.panel_radius, self.panel_color());
                items.push(Item::new(span, Content::Shape { rect, radius, color }));
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

    /// Whether the background is known to be dark. What is in a picture or a film is not known.
    fn is_dark(&self) -> bool {
        match self.workout.background {
            Background::Color(Color { red, green, blue, .. }) => {
                u32::from(red) * 2 + u32::from(green) * 7 + u32::from(blue) < 600
            }
            _ => false,
        }
    }

    /// The step at `index` as people call it.
    pub(super) fn chapter(&self, steps: &[Step], index: usize) -> Chapter {
        let step = &steps[index];
        let is_last = !steps[index..].iter().any(|step| step.kind == StepKind::Exercise);
        let name = match step.kind {
            StepKind::Exercise => self.entries[step.exercise].name.clone(),
            StepKind::Rest => self.wording.say(if is_last { "done" } else { "rest" }, &[]),
        };
        Chapter { span: step.span, name }
    }

    /// Everything that the step at `index` shows.
    pub(super) fn step(&self, steps: &[Step], index: usize, items: &mut Vec<Item>) {
        let step = &steps[index];
        let upcoming = steps[index + 1..].iter().find(|step| step.kind == StepKind::Exercise);
        match step.kind {
            StepKind::Exercise => self.figure(step, step.span, Rational::from_integer(1), items),
            // What comes is shown faintly while the athlete rests.
            StepKind::Rest => {
                if let Some(next) = upcoming.filter(|_| self.workout.show_next_up) {
                    self.figure(next, step.span, Rational::new(2, 5), items);
                }
            }
        }
        self.name(step, upcoming, items);
        // When all is done there is nothing to count down to.
        if step.kind == StepKind::Exercise || upcoming.is_some() {
            self.time(step, items);
        }
        self.announcement(step, upcoming, items);
        if step.kind == StepKind::Exercise && self.workout.show_timer {
            self.count(step, items);
        }
    }

    fn figure(&self, step: &Step, span: Span, opacity: Rational, items: &mut Vec<Item>) {
        let (entry, info) = (self.entries[step.exercise], &self.clips[step.exercise]);
        let clip = ClipItem {
            path: shared(&entry.clip),
            alpha: entry.alpha,
            placement: place(info.clone(), self.layout.figure, Fit::Contain),
            clock: looped(info, step.speed),
        };
        items.push(Item { opacity, ..Item::new(span, Content::Clip(clip)) });
    }

    /// Where in the workout we are, what is done, and how.
    fn name(&self, step: &Step, upcoming: Option<&Step>, items: &mut Vec<Item>) {
        let Workout { show_exercise_name, show_description, .. } = *self.workout;
        let entry = self.entries[step.exercise];
        let (accent, name) = match step.kind {
            StepKind::Exercise => (palette::WORK, entry.name.clone()),
            StepKind::Rest if upcoming.is_some() => (palette::REST, self.wording.say("rest", &[])),
            StepKind::Rest => (palette::REST, self.wording.say("done", &[])),
        };
        if show_exercise_name {
            let overline = self.style(self.layout.overline, 600, accent);
            // In a rest, what counts is where we go.
            let position = self.position(upcoming.filter(|_| step.kind == StepKind::Rest).unwrap_or(step));
            items.push(self.text(step.span, position, overline));
            items.push(self.text(step.span, name, self.style(self.layout.name, 800, palette::WORDS)));
        }
        if show_description && step.kind == StepKind::Exercise && !entry.description.is_empty() {
            let style = self.style(self.layout.description, 400, palette::QUIET);
            items.push(self.text(step.span, entry.description.clone(), style));
        }
    }

    /// "Round 1 of 2 · 3 / 8 · Morning", of which only what says something is written.
    fn position(&self, step: &Step) -> String {
        let mut parts = Vec::new();
        if self.workout.rounds > 1 {
            let (round, rounds) = (step.round.to_string(), self.workout.rounds.to_string());
            parts.push(self.wording.say("round", &[("round", &round), ("rounds", &rounds)]));
        }
        let (number, count) = ((step.exercise + 1).to_string(), self.entries.len().to_string());
        parts.push(self.wording.say("position", &[("number", &number), ("count", &count)]));
        // The title comes last, because it is what may be cut off.
        if !self.workout.title.is_empty() {
            parts.push(isolated(&self.workout.title).into_owned());
        }
        parts.join("  ·  ")
    }

    fn time(&self, step: &Step, items: &mut Vec<Item>) {
        let span = step.span;
        if self.workout.show_timer {
            let style = TextStyle { tabular: true, ..self.style(self.layout.timer, 800, palette::WORDS) };
            let (mode, format) = (TimerMode::Countdown, TimerFormat::MinutesSeconds);
            let timer = TimerItem { mode, format, counted: span, style: Arc::new(style) };
            items.push(Item::new(span, Content::Timer(timer)));
        }
        if self.workout.show_progress_bar {
            let rect = self.layout.progress;
            let radius = rect.height / 2.0;
            let color = if step.kind == StepKind::Exercise { palette::WORK } else { palette::REST };
            items.push(Item::new(span, Content::Shape { rect, radius, color: self.track_color() }));
            items.push(Item::new(span, Content::Progress { rect, radius, color }));
        }
    }

    /// What comes next: through a whole rest, and towards the end of an exercise.
    fn announcement(&self, step: &Step, upcoming: Option<&Step>, items: &mut Vec<Item>) {
        if !self.workout.show_next_up {
            return;
        }
        let text = match (upcoming, step.kind) {
            (Some(next), _) => self.wording.say("next", &[("name", &self.entries[next.exercise].name)]),
            (None, StepKind::Exercise) => self.wording.say("last", &[]),
            (None, StepKind::Rest) => return,
        };
        let last = self.workout.fps.border_at(Rational::from_integer(ANNOUNCE_SECS));
        let start = match step.kind {
            StepKind::Exercise => step.span.end.saturating_sub(last).max(step.span.start),
            StepKind::Rest => step.span.start,
        };
        let span = Span { start, ..step.span };
        items.push(self.text(span, text, self.style(self.layout.next, 600, palette::QUIET)));
    }

    /// 3, 2, 1 in a badge; nothing for seconds that the exercise does not have.
    fn count(&self, step: &Step, items: &mut Vec<Item>) {
        let fps = self.workout.fps;
        let back = |secs: u64| step.span.end.saturating_sub(fps.border_at(Rational::from_integer(i128::from(secs))));
        let first = (1..=COUNT_SECS).rev().find(|secs| back(*secs) > step.span.start);
        let Some(first) = first else { return };
        let rect = self.layout.badge;
        let badge = Content::Shape { rect, radius: rect.width / 2.0, color: palette::COUNT };
        let span = Span { start: back(first), end: step.span.end };
        items.push(Item::new(span, badge).fading(FADE, Rational::from_integer(0)));
        for secs in 1..=first {
            let slot = Slot {
                position: (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0),
                anchor: Anchor::Center,
                max_width: rect.width,
                max_lines: 1,
                size: rect.height * 0.64,
            };
            let span = Span { start: back(secs), end: back(secs - 1) };
            let style = Arc::new(self.style(slot, 800, palette::WORDS));
            // Without a fade: the badge would stand empty at the beginning of each second.
            items.push(Item::new(span, Content::Text { text: secs.to_string().into(), style }));
        }
    }

    fn style(&self, slot: Slot, weight: u16, color: Color) -> TextStyle {
        let Slot { position, anchor, max_width, max_lines, size } = slot;
        // On a small canvas type shrinks less: below this height it could not be read.
        let min_size = (size * SMALLEST).max(22.0 * self.layout.unit).min(size);
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

    fn text(&self, span: Span, text: String, style: TextStyle) -> Item {
        let content = Content::Text { text: text.into(), style: Arc::new(style) };
        Item::new(span, content).fading(FADE, Rational::from_integer(0))
    }
}

fn has_names(workout: &Workout) -> bool {
    workout.show_exercise_name || workout.show_description
}

fn has_times(workout: &Workout) -> bool {
    workout.show_timer || workout.show_next_up
}

/// A clip that runs from its start to its end, again and again.
fn looped(info: &ClipInfo, speed: Rational) -> SourceClock {
    SourceClock { trim_in: Rational::from_integer(0), trim_out: info.duration, speed, looping: true }
}

#[cfg(test)]
mod tests {
    use super::super::{Catalogue, schedule};
    use super::*;
    use crate::document::{self, Document};
    use crate::geometry::Orientation;

    /// The texts of every step of a workout of one exercise, in two rounds, with a rest between them.
    fn texts(title: &str, name: &str, language: &str) -> Vec<String> {
        let json = format!(
            r#"{{"title": "{title}", "language": "{language}", "rounds": 2, "rest_between_rounds": 5,
                "exercises": [{{"id": "squat", "duration": 20}}]}}"#
        );
        let Ok(Document::Workout(workout)) = document::parse(json.as_bytes()) else { panic!("a workout: {json}") };
        let catalogue = format!("[[exercise]]\nid = \"squat\"\nname = \"{name}\"\nclip = \"squat.mov\"\n");
        let catalogue = Catalogue::parse(&catalogue, Path::new("")).unwrap();
        let entries = [catalogue.get("squat").unwrap()];
        let info = ClipInfo {
            size: Size { width: 64, height: 64 },
            pixel_aspect: Rational::from_integer(1),
            orientation: Orientation::default(),
            duration: Rational::from_integer(2),
            rate: None,
            is_still: false,
            is_picture: false,
        };
        let infos = ClipInfos::from([(entries[0].clip.clone(), info)]);
        let steps = schedule(&workout, &entries).unwrap();
        let look = Look::new(&workout, &entries, Path::new(""), &infos).unwrap();
        let mut items = Vec::new();
        (0..steps.len()).for_each(|index| look.step(&steps, index, &mut items));
        let texts = items.into_iter().filter_map(|item| match item.content {
            Content::Text { text, .. } => Some(text.to_string()),
            _ => None,
        });
        texts.collect()
    }

    #[test]
    fn titles_and_names_do_not_turn_the_lines_around_them() {
        let english = texts("تمارين", "קרפיץ", "en");
        for line in ["Round 1 of 2  ·  1 / 1  ·  \u{2068}تمارين\u{2069}", "Next: \u{2068}קרפיץ\u{2069}", "קרפיץ"]
        {
            assert!(english.iter().any(|text| text == line), "{line:?} in {english:?}");
        }
        let french = texts("Matin", "Élan 深蹲", "fr");
        assert!(french.iter().any(|text| text.ends_with("1 / 1  ·  Matin")), "{french:?}");
        assert!(french.iter().all(|text| !text.contains(['\u{2068}', '\u{2069}'])), "{french:?}");
    }
}
