//! How long the stages of a frame take, one graph each.

use egui::{Align2, Rect, Stroke, Ui, pos2};

use super::text::text;
use super::theme;
use crate::stage_times::{StageTrace, TRACE_LEN};

/// Share of the values of a graph that lie within the scale. The first frames, for which drivers compile shaders, would
/// make all others look like zero.
const SCALED_SHARE: f32 = 0.98;

/// The smallest top of the scale, in milliseconds: below, differences between stages mean nothing.
const MIN_TOP_MILLIS: f32 = 4.0;

/// One graph per stage, all on the same scale, the newest value on the right.
pub(crate) fn show(ui: &Ui, rect: Rect, traces: &[StageTrace]) {
    const GAP: f32 = 12.0;
    const MAX_WIDTH: f32 = 84.0;
    if traces.is_empty() {
        return;
    }
    let width = ((rect.width() + GAP) / traces.len() as f32 - GAP).min(MAX_WIDTH);
    let first = rect.right() - (width + GAP) * traces.len() as f32 + GAP;
    let top_millis = top_millis(traces);
    for (index, trace) in traces.iter().enumerate() {
        let left = first + index as f32 * (width + GAP);
        let graph = Rect::from_min_max(pos2(left, rect.top() + 12.0), pos2(left + width, rect.top() + 42.0));
        let painter = ui.painter();
        painter.line_segment([graph.left_bottom(), graph.right_bottom()], Stroke::new(1.0, theme::TRACK));
        let step = graph.width() / (TRACE_LEN - 1) as f32;
        let first = graph.right() - step * trace.recent_millis.len().saturating_sub(1) as f32;
        let points = trace.recent_millis.iter().enumerate().map(|(at, value)| {
            pos2(first + step * at as f32, graph.bottom() - (value / top_millis).min(1.0) * graph.height())
        });
        painter.line(points.collect(), Stroke::new(1.5, theme::ACCENT));
        let name = trace.name.replace('_', " ");
        let at = pos2(graph.left(), graph.bottom() + 4.0);
        text(ui, at, Align2::LEFT_TOP, &name, theme::regular(11.0), theme::FAINT, width * 0.72);
        let last = trace.recent_millis.back().map_or(String::new(), |value| format!("{value:.1}"));
        let at = pos2(graph.right(), graph.bottom() + 4.0);
        text(ui, at, Align2::RIGHT_TOP, &last, theme::regular(11.0), theme::TEXT, width * 0.4);
    }
    let at = pos2(rect.right(), rect.top() - 3.0);
    let scale = format!("0 \u{2013} {top_millis:.0} ms");
    text(ui, at, Align2::RIGHT_TOP, &scale, theme::regular(10.0), theme::FAINT, 100.0);
}

/// The top of the scale: [`SCALED_SHARE`] of the values of the slowest stage are below it.
fn top_millis(traces: &[StageTrace]) -> f32 {
    let percentile = |trace: &StageTrace| {
        let mut values: Vec<f32> = trace.recent_millis.iter().copied().collect();
        values.sort_unstable_by(f32::total_cmp);
        let index = (values.len().saturating_sub(1) as f32 * SCALED_SHARE) as usize;
        values.get(index).copied().unwrap_or(0.0)
    };
    traces.iter().map(percentile).fold(MIN_TOP_MILLIS, f32::max).ceil()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(values: &[f32]) -> StageTrace {
        let mut trace = StageTrace::new("encode");
        values.iter().for_each(|value| trace.push(*value));
        trace
    }

    #[test]
    fn a_first_spike_does_not_flatten_the_graphs() {
        assert_eq!(top_millis(&[trace(&[900.0, 7.5, 8.5, 7.0]), trace(&[300.0, 1.0])]), 9.0);
        assert_eq!(top_millis(&[trace(&[0.1; 90])]), MIN_TOP_MILLIS);
        assert_eq!(top_millis(&[trace(&[])]), MIN_TOP_MILLIS);
        // A stage that has become slow sets the scale.
        let slow: Vec<f32> = (0..90).map(|index| if index < 60 { 5.0 } else { 30.0 }).collect();
        assert_eq!(top_millis(&[trace(&slow)]), 30.0);
    }
}
