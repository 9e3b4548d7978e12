//! The bar below the frame: timeline, current and next chapter, statistics, graphs.

use egui::{Align2, Rect, Ui, pos2};

use super::text::{clock, text};
use super::{sound, statistics, theme, timeline};
use crate::controller::{ModeView, PreviewView};
use crate::keys::Action;
use repcast_model::session::SessionState;

/// Widths in points. Graphs, statistics and sound are hidden where the chapter would get less than its minimum.
const GRAPHS_WIDTH: f32 = 470.0;
const STATISTICS_WIDTH: f32 = 250.0;
const SOUND_WIDTH: f32 = 172.0;
const MIN_CHAPTER_WIDTH: f32 = 420.0;

/// Shows the bar; returns the action that was clicked.
pub(crate) fn show(ui: &mut Ui, view: &PreviewView) -> Option<Action> {
    let mut action = timeline::show(ui, view);
    let mut rest = ui.available_rect_before_wrap();
    rest.set_top(rest.top() + 4.0);
    let sound_width = if view.sound.is_some() { SOUND_WIDTH } else { 0.0 };
    // In a narrow window the graphs are hidden first, then the statistics, then the sound.
    if rest.width() > MIN_CHAPTER_WIDTH + sound_width + STATISTICS_WIDTH + GRAPHS_WIDTH {
        let (left, graphs) = rest.split_left_right_at_x(rest.right() - GRAPHS_WIDTH);
        statistics::graphs(ui, graphs.with_min_x(graphs.left() + 16.0), &view.traces);
        rest = left;
    }
    if rest.width() > MIN_CHAPTER_WIDTH + sound_width + STATISTICS_WIDTH {
        let (left, right) = rest.split_left_right_at_x(rest.right() - STATISTICS_WIDTH);
        statistics::show(ui, right, view);
        rest = left;
    }
    if let Some(sound) = &view.sound
        && rest.width() > MIN_CHAPTER_WIDTH + SOUND_WIDTH
    {
        let (left, right) = rest.split_left_right_at_x(rest.right() - SOUND_WIDTH);
        action = sound::show(ui, right, sound).or(action);
        rest = left;
    }
    chapter(ui, rest, view);
    action
}

/// The current chapter with its remaining time, the next one, and position, speed and state of the session.
fn chapter(ui: &Ui, rect: Rect, view: &PreviewView) {
    let status = &view.status;
    let is_paused = status.state == SessionState::Paused;
    let color = if is_paused { theme::PAUSED } else { theme::ACCENT };
    let (name, remaining) = match &status.current {
        Some(chapter) => (chapter.name.as_str(), chapter.end_secs - status.position_secs),
        None => ("", status.duration_secs - status.position_secs),
    };
    // Rounded up, as on a countdown.
    let shown = clock((remaining / status.speed.max(0.01)).ceil());
    let time = text(ui, rect.left_top(), Align2::LEFT_TOP, &shown, theme::bold(32.0), color, rect.width());
    let name_left = time.right() + 14.0;
    let room = rect.right() - name_left - 12.0;
    let name = if name.is_empty() { "\u{2013}" } else { name };
    text(ui, pos2(name_left, rect.top() + 2.0), Align2::LEFT_TOP, name, theme::bold(18.0), theme::TEXT, room);
    let next = match &status.next {
        Some(next) => format!("Next: {}", next.name),
        None => "Nothing after this".to_owned(),
    };
    text(ui, pos2(name_left, rect.top() + 24.0), Align2::LEFT_TOP, &next, theme::regular(14.0), theme::FAINT, room);
    let state = match (status.state, &view.mode) {
        (SessionState::Waiting, _) => "  waiting",
        (SessionState::Paused, _) => "  paused",
        (SessionState::Ended, _) => "  ended",
        (SessionState::Playing, ModeView::Live { .. } | ModeView::Document { .. }) => "",
    };
    let mut line =
        format!("{} / {}    {:.2} x{state}", clock(status.position_secs), clock(status.duration_secs), status.speed);
    if let ModeView::Document { frame, .. } = &view.mode {
        line.push_str(&format!("    frame {frame}"));
    }
    if let Some(message) = &status.message {
        line.push_str(&format!("    \u{201c}{message}\u{201d}"));
    }
    let at = pos2(rect.left(), rect.top() + 46.0);
    text(ui, at, Align2::LEFT_TOP, &line, theme::regular(14.0), theme::TEXT, rect.width() - 12.0);
}
