//! Viewers, latency, late frames, encoder and adapter as text.

use egui::{Align2, Color32, Rect, Ui, pos2};

use super::text::{text, text_with_tip};
use super::theme;
use crate::controller::{ModeView, PreviewView};
use repcast_model::session::SessionState;

/// Distance between two lines, in points.
const LINE_HEIGHT: f32 = 20.0;

/// Three lines of statistics. Without details: those that decide whether viewers see the session.
pub(crate) fn show(ui: &Ui, rect: Rect, view: &PreviewView, is_detailed: bool) {
    let at = |row: usize, indent: f32| pos2(rect.left() + indent, rect.top() + 2.0 + LINE_HEIGHT * row as f32);
    let line = |row: usize, content: &str, color: Color32, indent: f32| {
        text_with_tip(ui, at(row, indent), content, theme::regular(14.0), color, rect.width() - indent - 8.0);
    };
    match &view.mode {
        ModeView::Live { latency_secs, viewers, encoder, late_frames, failure, .. } => {
            let (dot, state) = match (failure, view.status.state) {
                (Some(_), _) => (theme::ALARM, "FAILED"),
                (None, SessionState::Ended) => (theme::FAINT, "ENDED"),
                (None, _) => (theme::ALARM, "LIVE"),
            };
            ui.painter().circle_filled(pos2(rect.left() + 5.0, rect.top() + 11.0), 5.0, dot);
            let latency = latency_secs.map_or("\u{2013}".to_owned(), |secs| format!("{secs:.1} s"));
            let viewers = if *viewers == 1 { "1 viewer".to_owned() } else { format!("{viewers} viewers") };
            let late_color = if *late_frames == 0 { theme::FAINT } else { theme::PAUSED };
            if !is_detailed {
                text(ui, at(0, 18.0), Align2::LEFT_TOP, state, theme::regular(14.0), theme::TEXT, rect.width());
                line(1, &viewers, theme::TEXT, 0.0);
                line(2, &format!("{late_frames} late"), late_color, 0.0);
                return;
            }
            line(0, &format!("{state}   {latency}   {viewers}"), theme::TEXT, 18.0);
            line(1, &format!("{encoder} on {}", view.adapter), theme::FAINT, 0.0);
            let late = if *late_frames == 1 { "1 late frame".to_owned() } else { format!("{late_frames} late frames") };
            line(2, &late, late_color, 0.0);
        }
        ModeView::Document { marks, canvas, .. } => {
            line(0, canvas, theme::TEXT, 0.0);
            line(1, &view.adapter, theme::FAINT, 0.0);
            let mark_text = |mark: &Option<f64>| mark.map_or("\u{2013}".to_owned(), |secs| format!("{secs:.2} s"));
            let [from, to] = marks;
            let is_open = from.is_none() && to.is_none();
            let content =
                if is_open { "no loop".to_owned() } else { format!("loop {} to {}", mark_text(from), mark_text(to)) };
            line(2, &content, if is_open { theme::FAINT } else { theme::PAUSED }, 0.0);
        }
    }
}
