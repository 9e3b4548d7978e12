//! Text helpers of the cockpit.

use egui::{Align2, Pos2, Rect, Ui};

/// Formats a time as `mm:ss` or `h:mm:ss`.
pub(crate) fn clock(secs: f64) -> String {
    let secs = secs.max(0.0) as u64;
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{secs:02}") } else { format!("{minutes:02}:{secs:02}") }
}

/// Draws one line of text at a position, truncated to `width` points; returns the area that it covers.
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
