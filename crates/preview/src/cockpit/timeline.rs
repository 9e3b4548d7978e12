//! The session's bar: its parts side by side, how far it is, and where a click leads.

use egui::{Align2, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, pos2};

use super::style;
use crate::desk::{More, View};
use crate::keys::Action;
use repcast_model::session::State;

const HEIGHT: f32 = 20.0;
const GAP: f32 = 2.0;
const ROUNDING: f32 = 3.0;

/// Shows it. A click, or a pull along it, seeks.
pub(crate) fn show(ui: &mut Ui, view: &View) -> Option<Action> {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, HEIGHT), Sense::click_and_drag());
    let duration = view.status.duration_secs.max(1e-6);
    let x_of = |secs: f64| rect.left() + (secs / duration).clamp(0.0, 1.0) as f32 * rect.width();
    let secs_at = |x: f32| f64::from(((x - rect.left()) / rect.width()).clamp(0.0, 1.0)) * duration;
    let painter = ui.painter_at(rect.expand(2.0));
    let position = x_of(view.status.position_secs);
    let color = if view.status.state == State::Paused { style::PAUSED } else { style::ACCENT };
    let bar = |from: f32, to: f32| {
        let block = Rect::from_min_max(pos2(from, rect.top() + 4.0), pos2(to, rect.bottom() - 4.0));
        painter.rect_filled(block, ROUNDING, style::TRACK);
        if position > block.left() {
            painter.rect_filled(block.with_max_x(position.min(block.right())), ROUNDING, color);
        }
    };
    // Parts too narrow to be told apart are one.
    let is_legible = !view.chapters.is_empty() && rect.width() / view.chapters.len() as f32 > 3.0 * GAP;
    if is_legible {
        let mut at = 0.0;
        for chapter in view.chapters.iter() {
            if chapter.start_secs > at {
                bar(x_of(at), x_of(chapter.start_secs) - GAP);
            }
            bar(x_of(chapter.start_secs), x_of(chapter.end_secs) - GAP);
            at = chapter.end_secs;
        }
        if duration - at > 0.01 {
            bar(x_of(at), rect.right());
        }
    } else {
        bar(rect.left(), rect.right());
    }
    if let More::Document { marks: [start, end], .. } = &view.more
        && (start.is_some() || end.is_some())
    {
        let from = start.map_or(rect.left(), &x_of);
        let to = end.map_or(rect.right(), &x_of);
        let loop_rect = Rect::from_min_max(pos2(from, rect.top()), pos2(to.max(from + 1.0), rect.bottom()));
        painter.rect_stroke(loop_rect, ROUNDING, Stroke::new(1.5, style::PAUSED), StrokeKind::Inside);
    }
    let knob = pos2(position, rect.center().y);
    painter.circle_filled(knob, 7.0, style::TEXT);
    let pointer: Option<Pos2> = response.hover_pos().or(response.interact_pointer_pos());
    if let Some(pointer) = pointer {
        let secs = secs_at(pointer.x);
        let name = view.chapters.iter().find(|chapter| (chapter.start_secs..chapter.end_secs).contains(&secs));
        let label = format!("{}  {}", clock(secs), name.map_or("", |chapter| chapter.name.as_str()));
        response.clone().on_hover_text_at_pointer(label.trim_end());
        painter.line_segment([pos2(pointer.x, rect.top()), pos2(pointer.x, rect.bottom())], (1.0, style::TEXT));
    }
    let target = response.interact_pointer_pos().map(|pointer| pointer.x);
    // A pointer that is held still leads nowhere else.
    let before: Option<f32> = ui.data(|data| data.get_temp::<Option<f32>>(response.id)).flatten();
    let is_pulled = response.dragged() && target != before;
    if response.dragged() {
        ui.data_mut(|data| data.insert_temp(response.id, target));
    } else {
        ui.data_mut(|data| data.remove_temp::<Option<f32>>(response.id));
    }
    let x = target.filter(|_| response.clicked() || is_pulled)?;
    // The very end is no place to be.
    Some(Action::Seek(secs_at(x).min(duration - 0.001)))
}

/// Minutes and seconds.
pub(crate) fn clock(secs: f64) -> String {
    let secs = secs.max(0.0) as u64;
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{secs:02}") } else { format!("{minutes:02}:{secs:02}") }
}

/// Text at a place, cut to a width.
pub(crate) fn text(
    ui: &Ui,
    at: Pos2,
    anchor: Align2,
    text: &str,
    font: egui::FontId,
    color: egui::Color32,
    width: f32,
) -> Rect {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(0.0));
    let galley = ui.painter().layout_job(job);
    let rect = anchor.anchor_size(at, galley.size());
    ui.painter().galley(rect.min, galley, color);
    rect
}
