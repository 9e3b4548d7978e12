//! The timeline at the top of the bar: chapters, position, loop marks, and seeking by click or drag.

use egui::{Pos2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, pos2};

use super::text::clock;
use super::theme;
use crate::controller::{ModeView, PreviewView};
use crate::keys::Action;
use repcast_model::session::SessionState;

const HEIGHT: f32 = 20.0;
const GAP: f32 = 2.0;
const ROUNDING: f32 = 3.0;

/// Shows the timeline. A click or a drag returns [`Action::Seek`].
pub(crate) fn show(ui: &mut Ui, view: &PreviewView) -> Option<Action> {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, HEIGHT), Sense::click_and_drag());
    let duration = view.status.duration_secs.max(1e-6);
    let x_of = |secs: f64| rect.left() + (secs / duration).clamp(0.0, 1.0) as f32 * rect.width();
    let secs_at = |x: f32| f64::from(((x - rect.left()) / rect.width()).clamp(0.0, 1.0)) * duration;
    let painter = ui.painter_at(rect.expand(2.0));
    let position = x_of(view.status.position_secs);
    let color = if view.status.state == SessionState::Paused { theme::PAUSED } else { theme::ACCENT };
    let bar = |from: f32, to: f32| {
        let block = Rect::from_min_max(pos2(from, rect.top() + 4.0), pos2(to, rect.bottom() - 4.0));
        painter.rect_filled(block, ROUNDING, theme::TRACK);
        if position > block.left() {
            painter.rect_filled(block.with_max_x(position.min(block.right())), ROUNDING, color);
        }
    };
    // Chapters that would be too narrow to distinguish are drawn as one block.
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
    if let ModeView::Document { marks: [start, end], .. } = &view.mode
        && (start.is_some() || end.is_some())
    {
        let from = start.map_or(rect.left(), &x_of);
        let to = end.map_or(rect.right(), &x_of);
        let loop_rect = Rect::from_min_max(pos2(from, rect.top()), pos2(to.max(from + 1.0), rect.bottom()));
        painter.rect_stroke(loop_rect, ROUNDING, Stroke::new(1.5, theme::PAUSED), StrokeKind::Inside);
    }
    let knob = pos2(position, rect.center().y);
    painter.circle_filled(knob, 7.0, theme::TEXT);
    let pointer: Option<Pos2> = response.hover_pos().or(response.interact_pointer_pos());
    if let Some(pointer) = pointer {
        let secs = secs_at(pointer.x);
        let name = view.chapters.iter().find(|chapter| (chapter.start_secs..chapter.end_secs).contains(&secs));
        let label = format!("{}  {}", clock(secs), name.map_or("", |chapter| chapter.name.as_str()));
        response.clone().on_hover_text_at_pointer(label.trim_end());
        painter.line_segment([pos2(pointer.x, rect.top()), pos2(pointer.x, rect.bottom())], (1.0, theme::TEXT));
    }
    let target = response.interact_pointer_pos().map(|pointer| pointer.x);
    // A drag without movement does not seek again, or playback would stop at the pointer.
    let before: Option<f32> = ui.data(|data| data.get_temp::<Option<f32>>(response.id)).flatten();
    let is_dragged = response.dragged() && target != before;
    if response.dragged() {
        ui.data_mut(|data| data.insert_temp(response.id, target));
    } else {
        ui.data_mut(|data| data.remove_temp::<Option<f32>>(response.id));
    }
    let x = target.filter(|_| response.clicked() || is_dragged)?;
    // Seeking to the exact end would end the session.
    Some(Action::Seek(secs_at(x).min(duration - 0.001)))
}
