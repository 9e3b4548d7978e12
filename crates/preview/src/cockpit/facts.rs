//! How it goes: viewers, latency, encoder, adapter, late frames, and the stages' times as small graphs.

use egui::{Align2, Color32, Rect, Stroke, Ui, pos2};

use super::style;
use super::timeline::text;
use crate::desk::{More, Trace, View};
use repcast_model::session::State;

const LINE: f32 = 20.0;

/// Facts in three lines.
pub(crate) fn show(ui: &Ui, rect: Rect, view: &View) {
    let line = |row: usize, words: &str, color: Color32, indent: f32| {
        let at = pos2(rect.left() + indent, rect.top() + 2.0 + LINE * row as f32);
        text(ui, at, Align2::LEFT_TOP, words, style::regular(14.0), color, rect.width() - indent - 8.0);
    };
    match &view.more {
        More::Live { latency_secs, viewers, encoder, late_frames, failure } => {
            let (dot, state) = match (failure, view.status.state) {
                (Some(_), _) => (style::ALARM, "FAILED"),
                (None, State::Ended) => (style::FAINT, "ENDED"),
                (None, _) => (style::ALARM, "LIVE"),
            };
            ui.painter().circle_filled(pos2(rect.left() + 5.0, rect.top() + 11.0), 5.0, dot);
            let latency = latency_secs.map_or("\u{2013}".to_owned(), |secs| format!("{secs:.1} s"));
            let watching = if *viewers == 1 { "1 viewer".to_owned() } else { format!("{viewers} viewers") };
            line(0, &format!("{state}   {latency}   {watching}"), style::TEXT, 18.0);
            line(1, &format!("{encoder} on {}", view.adapter), style::FAINT, 0.0);
            let late = if *late_frames == 1 { "1 late frame".to_owned() } else { format!("{late_frames} late frames") };
            line(2, &late, if *late_frames == 0 { style::FAINT } else { style::PAUSED }, 0.0);
        }
        More::Document { marks, canvas, .. } => {
            line(0, canvas, style::TEXT, 0.0);
            line(1, &view.adapter, style::FAINT, 0.0);
            let edge = |mark: &Option<f64>| mark.map_or("\u{2013}".to_owned(), |secs| format!("{secs:.2} s"));
            let [from, to] = marks;
            let is_open = from.is_none() && to.is_none();
            let words = if is_open { "no loop".to_owned() } else { format!("loop {} to {}", edge(from), edge(to)) };
            line(2, &words, if is_open { style::FAINT } else { style::PAUSED }, 0.0);
        }
    }
}

/// A small graph for each stage, all of the same scale, the newest on the right.
pub(crate) fn graphs(ui: &Ui, rect: Rect, traces: &[Trace]) {
    const GAP: f32 = 12.0;
    const MAX_WIDTH: f32 = 84.0;
    if traces.is_empty() {
        return;
    }
    let width = ((rect.width() + GAP) / traces.len() as f32 - GAP).min(MAX_WIDTH);
    let first = rect.right() - (width + GAP) * traces.len() as f32 + GAP;
    // A frame's time at 60 a second is the top, so that small times look small and what takes longer stands out.
    const TOP_MILLIS: f32 = 16.7;
    for (index, trace) in traces.iter().enumerate() {
        let left = first + index as f32 * (width + GAP);
        let graph = Rect::from_min_max(pos2(left, rect.top() + 4.0), pos2(left + width, rect.top() + 38.0));
        let painter = ui.painter();
        painter.line_segment([graph.left_bottom(), graph.right_bottom()], Stroke::new(1.0, style::TRACK));
        let step = graph.width() / (super::super::desk::TRACE_LEN - 1) as f32;
        let first = graph.right() - step * trace.recent.len().saturating_sub(1) as f32;
        let points = trace.recent.iter().enumerate().map(|(at, value)| {
            pos2(first + step * at as f32, graph.bottom() - (value / TOP_MILLIS).min(1.0) * graph.height())
        });
        painter.line(points.collect(), Stroke::new(1.5, style::ACCENT));
        let name = trace.name.replace('_', " ");
        let at = pos2(graph.left(), graph.bottom() + 4.0);
        text(ui, at, Align2::LEFT_TOP, &name, style::regular(11.0), style::FAINT, width * 0.72);
        let last = trace.recent.back().map_or(String::new(), |value| format!("{value:.1}"));
        let at = pos2(graph.right(), graph.bottom() + 4.0);
        text(ui, at, Align2::RIGHT_TOP, &last, style::regular(11.0), style::TEXT, width * 0.4);
    }
    let at = pos2(rect.right(), rect.top() - 2.0);
    text(ui, at, Align2::RIGHT_TOP, "ms", style::regular(10.0), style::FAINT, 20.0);
}
