//! The bar below the picture: where the session is, what comes, how it goes.

use egui::{Align2, Rect, Ui, pos2};

use super::timeline::{clock, text};
use super::{facts, style, timeline};
use crate::desk::{More, View};
use crate::keys::Action;
use repcast_model::session::State;

/// Room for the graphs, and the least for the rest beside them.
const GRAPHS_WIDTH: f32 = 470.0;
const FACTS_WIDTH: f32 = 250.0;
const LEAST_WIDTH: f32 = 420.0;

/// Shows it; says what was clicked.
pub(crate) fn show(ui: &mut Ui, view: &View) -> Option<Action> {
    let action = timeline::show(ui, view);
    let mut rest = ui.available_rect_before_wrap();
    rest.set_top(rest.top() + 4.0);
    // What matters least goes first where there is little room.
    if rest.width() > LEAST_WIDTH + FACTS_WIDTH + GRAPHS_WIDTH {
        let (left, graphs) = rest.split_left_right_at_x(rest.right() - GRAPHS_WIDTH);
        facts::graphs(ui, graphs.with_min_x(graphs.left() + 16.0), &view.traces);
        rest = left;
    }
    if rest.width() > LEAST_WIDTH + FACTS_WIDTH {
        let (left, right) = rest.split_left_right_at_x(rest.right() - FACTS_WIDTH);
        facts::show(ui, right, view);
        rest = left;
    }
    session(ui, rest, view);
    action
}

/// The current part with its remaining time, the next, the session's clock and speed.
fn session(ui: &Ui, rect: Rect, view: &View) {
    let status = &view.status;
    let is_paused = status.state == State::Paused;
    let color = if is_paused { style::PAUSED } else { style::ACCENT };
    let (name, remaining) = match &status.current {
        Some(chapter) => (chapter.name.as_str(), chapter.end_secs - status.position_secs),
        None => ("", status.duration_secs - status.position_secs),
    };
    // Seconds that have begun count, as they do on a countdown.
    let shown = clock((remaining / status.speed.max(0.01)).ceil());
    let time = text(ui, rect.left_top(), Align2::LEFT_TOP, &shown, style::bold(32.0), color, rect.width());
    let beside = time.right() + 14.0;
    let room = rect.right() - beside - 12.0;
    let name = if name.is_empty() { "\u{2013}" } else { name };
    text(ui, pos2(beside, rect.top() + 2.0), Align2::LEFT_TOP, name, style::bold(18.0), style::TEXT, room);
    let next = match &status.next {
        Some(next) => format!("Next: {}", next.name),
        None => "Nothing after this".to_owned(),
    };
    text(ui, pos2(beside, rect.top() + 24.0), Align2::LEFT_TOP, &next, style::regular(14.0), style::FAINT, room);
    let state = match (status.state, &view.more) {
        (State::Paused, _) => "  paused",
        (State::Ended, _) => "  ended",
        (State::Playing, More::Live { .. } | More::Document { .. }) => "",
    };
    let mut line =
        format!("{} / {}    {:.2} x{state}", clock(status.position_secs), clock(status.duration_secs), status.speed);
    if let More::Document { frame, .. } = &view.more {
        line.push_str(&format!("    frame {frame}"));
    }
    if let Some(message) = &status.message {
        line.push_str(&format!("    \u{201c}{message}\u{201d}"));
    }
    let at = pos2(rect.left(), rect.top() + 46.0);
    text(ui, at, Align2::LEFT_TOP, &line, style::regular(14.0), style::TEXT, rect.width() - 12.0);
}
