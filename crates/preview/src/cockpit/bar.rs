//! The bar below the frame: timeline, current and next chapter, statistics, graphs, buttons.

use egui::{Align2, Rect, Ui, pos2};

use super::buttons::{self, ButtonFocus};
use super::text::{clock, countdown, figures, figures_width, text, widest_clock};
use super::{graphs, sound, statistics, theme, timeline};
use crate::controller::{ModeView, PreviewView};
use crate::keys::{Action, WindowMode};
use repcast_model::session::{ChapterStatus, SessionState, SessionStatus};
use repcast_model::timeline::ChapterKind;

/// Widths of the columns, in points.
const GRAPHS_WIDTH: f32 = 470.0;
const STATISTICS_WIDTH: f32 = 250.0;
const BRIEF_STATISTICS_WIDTH: f32 = 104.0;
const SOUND_WIDTH: f32 = 172.0;
/// The least that the chapter gets, with all that can be hidden and with the brief statistics alone.
const MIN_CHAPTER_WIDTH: f32 = 300.0;
const MIN_BRIEF_CHAPTER_WIDTH: f32 = 180.0;

/// Height of the chapter's lines, in points.
const CHAPTER_HEIGHT: f32 = 68.0;

/// The columns next to the chapter that fit. In a narrow window the graphs are hidden first, then the details of the
/// statistics, then the sound; what a coach must see is hidden last.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Columns {
    has_graphs: bool,
    has_sound: bool,
    is_detailed: bool,
    statistics_width: f32,
}

impl Columns {
    fn fit(width: f32, has_sound: bool) -> Self {
        let sound_width = if has_sound { SOUND_WIDTH } else { 0.0 };
        let fits = |others: f32| width >= MIN_CHAPTER_WIDTH + others;
        let is_detailed = fits(sound_width + STATISTICS_WIDTH);
        let is_brief = width >= MIN_BRIEF_CHAPTER_WIDTH + BRIEF_STATISTICS_WIDTH;
        Self {
            has_graphs: fits(sound_width + STATISTICS_WIDTH + GRAPHS_WIDTH),
            has_sound: has_sound && fits(sound_width + BRIEF_STATISTICS_WIDTH),
            is_detailed,
            statistics_width: match (is_detailed, is_brief) {
                (true, _) => STATISTICS_WIDTH,
                (false, true) => BRIEF_STATISTICS_WIDTH,
                (false, false) => 0.0,
            },
        }
    }
}

/// Shows the bar; returns the action that was clicked.
pub(crate) fn show(ui: &mut Ui, mode: WindowMode, view: &PreviewView, focus: &mut ButtonFocus) -> Option<Action> {
    let mut action = timeline::show(ui, view);
    let area = ui.available_rect_before_wrap();
    let mut rest = Rect::from_min_max(pos2(area.left(), area.top() + 4.0), area.max);
    rest.set_bottom(rest.top() + CHAPTER_HEIGHT);
    let buttons_area = Rect::from_min_max(pos2(area.left(), area.bottom() - buttons::HEIGHT), area.max);
    let columns = Columns::fit(rest.width(), view.sound.is_some());
    if columns.has_graphs {
        let (left, right) = rest.split_left_right_at_x(rest.right() - GRAPHS_WIDTH);
        graphs::show(ui, right.with_min_x(right.left() + 16.0), &view.traces);
        rest = left;
    }
    if columns.statistics_width > 0.0 {
        let (left, right) = rest.split_left_right_at_x(rest.right() - columns.statistics_width);
        statistics::show(ui, right, view, columns.is_detailed);
        rest = left;
    }
    if let Some(sound) = view.sound.as_ref().filter(|_| columns.has_sound) {
        let (left, right) = rest.split_left_right_at_x(rest.right() - SOUND_WIDTH);
        action = sound::show(ui, right, sound).or(action);
        rest = left;
    }
    chapter(ui, rest, view);
    buttons::show(ui, buttons_area, mode, view, focus).or(action)
}

/// The current chapter with its remaining time, the next exercise, and position and state of the session.
fn chapter(ui: &Ui, rect: Rect, view: &PreviewView) {
    let status = &view.status;
    let is_paused = status.state == SessionState::Paused;
    let color = if is_paused { theme::PAUSED } else { theme::ACCENT };
    let (name, remaining) = match &status.current {
        Some(chapter) => (chapter.name.as_str(), chapter.end_secs - status.position_secs),
        None => ("", status.duration_secs - status.position_secs),
    };
    let font = theme::bold(32.0);
    // The time of the picture, whatever the speed.
    figures(ui, rect.left_top(), &countdown(remaining), &font, color, rect.width());
    let name_left = rect.left() + figures_width(ui, widest_clock(status.duration_secs), &font) + 14.0;
    let room = rect.right() - name_left - 12.0;
    let name = if name.is_empty() { "\u{2013}" } else { name };
    text(ui, pos2(name_left, rect.top() + 2.0), Align2::LEFT_TOP, name, theme::bold(18.0), theme::TEXT, room);
    let next = match next_exercise(status, &view.chapters) {
        Some(next) => format!("Next: {}", next.name),
        None => "Nothing after this".to_owned(),
    };
    text(ui, pos2(name_left, rect.top() + 24.0), Align2::LEFT_TOP, &next, theme::regular(14.0), theme::FAINT, room);
    let state = match status.state {
        SessionState::Waiting => "    waiting for the start",
        SessionState::Paused => "    paused",
        SessionState::Ended => "    ended",
        SessionState::Playing => "",
    };
    let mut line = format!("{} / {}{state}", clock(status.position_secs), clock(status.duration_secs));
    if let ModeView::Document { frame, .. } = &view.mode {
        line.push_str(&format!("    frame {frame}"));
    }
    if let Some(message) = &status.message {
        line.push_str(&format!("    \u{201c}{message}\u{201d}"));
    }
    let at = pos2(rect.left(), rect.top() + 46.0);
    figures(ui, at, &line, &theme::regular(14.0), theme::TEXT, rect.width() - 12.0);
}

/// What the picture announces: the first exercise, or clip of a composition, after the current chapter.
fn next_exercise<'a>(status: &SessionStatus, chapters: &'a [ChapterStatus]) -> Option<&'a ChapterStatus> {
    let is_later = |chapter: &&ChapterStatus| match &status.current {
        Some(current) => chapter.index > current.index,
        None => chapter.start_secs >= status.position_secs,
    };
    let is_exercise = |chapter: &&ChapterStatus| matches!(chapter.kind, ChapterKind::Exercise | ChapterKind::Clip);
    chapters.iter().filter(is_later).find(is_exercise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_bar_keeps_what_a_coach_must_see() {
        // Windows of 1280, 1000, 640, 520 and 160 points, without their margins.
        let columns = |width: f32, has_sound: bool| {
            let Columns { has_graphs, has_sound, is_detailed, statistics_width } =
                Columns::fit(width - 32.0, has_sound);
            (has_graphs, is_detailed, has_sound, statistics_width > 0.0)
        };
        assert_eq!(columns(1280.0, true), (true, true, true, true));
        assert_eq!(columns(1000.0, true), (false, true, true, true));
        assert_eq!(columns(640.0, true), (false, false, true, true));
        assert_eq!(columns(640.0, false), (false, true, false, true));
        assert_eq!(columns(520.0, true), (false, false, false, true));
        assert_eq!(columns(160.0, true), (false, false, false, false));
    }

    #[test]
    fn the_next_exercise_is_that_of_the_picture() {
        let kinds =
            [ChapterKind::Intro, ChapterKind::Exercise, ChapterKind::Rest, ChapterKind::Exercise, ChapterKind::Outro];
        let chapters: Vec<ChapterStatus> = (0..)
            .zip(kinds)
            .map(|(index, kind)| ChapterStatus {
                index,
                id: None,
                kind,
                round: 1,
                group: None,
                set: None,
                name: index.to_string(),
                start_secs: index as f64,
                end_secs: index as f64 + 1.0,
            })
            .collect();
        let next = |current: Option<usize>, position_secs: f64| {
            let status = SessionStatus {
                state: SessionState::Playing,
                position_secs,
                duration_secs: 5.0,
                remaining_secs: 5.0,
                starts_in_secs: None,
                speed: 1.0,
                current: current.map(|index| chapters[index].clone()),
                next: None,
                message: None,
            };
            next_exercise(&status, &chapters).map(|chapter| chapter.index)
        };
        assert_eq!([0, 1, 2, 3, 4].map(|index| next(Some(index), 0.0)), [Some(1), Some(3), Some(3), None, None]);
        assert_eq!([0.0, 1.5].map(|position| next(None, position)), [Some(1), Some(3)]);
    }
}
