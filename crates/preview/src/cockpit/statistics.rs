//! Viewers, latency, encoder, adapter and late frames as text, and the durations of the stages as graphs.

use egui::{Align2, Color32, Rect, Stroke, Ui, pos2};

use super::text::text;
use super::theme;
use crate::controller::{ModeView, PreviewView};
use crate::stage_times::{StageTrace, TRACE_LEN};
use repcast_model::session::SessionState;

/// Distance between two lines, in points.
const LINE_HEIGHT: f32 = 20.0;

/// Three lines of statistics.
pub(crate) fn show(ui: &Ui, rect: Rect, view: &PreviewView) {
    let line = |row: usize, content: &str, color: Color32, indent: f32| {
        let at = pos2(rect.left() + indent, rect.top() + 2.0 + LINE_HEIGHT * row as f32);
        text(ui, at, Align2::LEFT_TOP, content, theme::regular(14.0), color, rect.width() - indent - 8.0);
    };
    match &view.mode {
        ModeView::Live { latency_secs, viewers, encoder, late_frames, failure } => {
            let (dot, state) = match (failure, view.status.state) {
                (Some(_), _) => (theme::ALARM, "FAILED"),
                (None, SessionState::Ended) => (theme::FAINT, "ENDED"),
                (None, _) => (theme::ALARM, "LIVE"),
            };
            ui.painter().circle_filled(pos2(rect.left() + 5.0, rect.top() + 11.0), 5.0, dot);
            let latency = latency_secs.map_or("\u{2013}".to_owned(), |secs| format!("{secs:.1} s"));
            let viewers = if *viewers == 1 { "1 viewer".to_owned() } else { format!("{viewers} viewers") };
            line(0, &format!("{state}   {latency}   {viewers}"), theme::TEXT, 18.0);
            line(1, &format!("{encoder} on {}", view.adapter), theme::FAINT, 0.0);
            let late = if *late_frames == 1 { "1 late frame".to_owned() } else { format!("{late_frames} late frames") };
            line(2, &late, if *late_frames == 0 { theme::FAINT } else { theme::PAUSED }, 0.0);
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

/// One graph per stage, all on the same scale, the newest value on the right.
pub(crate) fn graphs(ui: &Ui, rect: Rect, traces: &[StageTrace]) {
    const GAP: f32 = 12.0;
    const MAX_WIDTH: f32 = 84.0;
    if traces.is_empty() {
        return;
    }
    let width = ((rect.width() + GAP) / traces.len() as f32 - GAP).min(MAX_WIDTH);
    let first = rect.right() - (width + GAP) * traces.len() as f32 + GAP;
    // Top of the scale: the duration of a frame at 60 fps, so that slow stages stand out.
    const TOP_MILLIS: f32 = 16.7;
    for (index, trace) in traces.iter().enumerate() {
        let left = first + index as f32 * (width + GAP);
        let graph = Rect::from_min_max(pos2(left, rect.top() + 4.0), pos2(left + width, rect.top() + 38.0));
        let painter = ui.painter();
        painter.line_segment([graph.left_bottom(), graph.right_bottom()], Stroke::new(1.0, theme::TRACK));
        let step = graph.width() / (TRACE_LEN - 1) as f32;
        let first = graph.right() - step * trace.recent_millis.len().saturating_sub(1) as f32;
        let points = trace.recent_millis.iter().enumerate().map(|(at, value)| {
            pos2(first + step * at as f32, graph.bottom() - (value / TOP_MILLIS).min(1.0) * graph.height())
        });
        painter.line(points.collect(), Stroke::new(1.5, theme::ACCENT));
        let name = trace.name.replace('_', " ");
        let at = pos2(graph.left(), graph.bottom() + 4.0);
        text(ui, at, Align2::LEFT_TOP, &name, theme::regular(11.0), theme::FAINT, width * 0.72);
        let last = trace.recent_millis.back().map_or(String::new(), |value| format!("{value:.1}"));
        let at = pos2(graph.right(), graph.bottom() + 4.0);
        text(ui, at, Align2::RIGHT_TOP, &last, theme::regular(11.0), theme::TEXT, width * 0.4);
    }
    let at = pos2(rect.right(), rect.top() - 2.0);
    text(ui, at, Align2::RIGHT_TOP, "ms", theme::regular(10.0), theme::FAINT, 20.0);
}
