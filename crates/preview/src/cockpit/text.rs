//! Text helpers of the cockpit.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, FontId, Pos2, Rect, Ui};

/// Positions are rounded to microseconds, and a countdown that is over by less than this has not begun its next second.
const ROUNDING_SECS: f64 = 1e-5;

/// Formats a time as the video shows it: `0:47`, `12:40`, `1:02:03`.
pub(crate) fn clock(secs: f64) -> String {
    let secs = secs.max(0.0) as u64;
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{secs:02}") } else { format!("{minutes}:{secs:02}") }
}

/// A countdown: the seconds that are left, rounded up as in the video.
pub(crate) fn countdown(secs: f64) -> String {
    clock((secs - ROUNDING_SECS).ceil())
}

/// The widest clock of a session of this length.
pub(crate) fn widest_clock(duration_secs: f64) -> &'static str {
    if duration_secs < 3600.0 { "88:88" } else { "88:88:88" }
}

/// Draws one line of text at a position, truncated to `width` points; returns the area that it covers.
pub(crate) fn text(ui: &Ui, at: Pos2, anchor: Align2, text: &str, font: FontId, color: Color32, width: f32) -> Rect {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    draw(ui, at, anchor, job, color).0
}

/// Like [`text`]; a pointer over a line that was truncated shows all of it.
pub(crate) fn text_with_tip(ui: &Ui, at: Pos2, content: &str, font: FontId, color: Color32, width: f32) {
    let mut job = LayoutJob::simple_singleline(content.to_owned(), font, color);
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    let (rect, is_truncated) = draw(ui, at, Align2::LEFT_TOP, job, color);
    if is_truncated {
        ui.interact(rect, ui.scope_id().with(("tip", at.y as i32)), egui::Sense::hover()).on_hover_text(content);
    }
}

/// Like [`text`], with tabular digits: what follows a clock in the line does not move.
pub(crate) fn figures(ui: &Ui, at: Pos2, content: &str, font: &FontId, color: Color32, width: f32) -> Rect {
    let job =
        LayoutJob { wrap: TextWrapping::truncate_at_width(width.max(0.0)), ..tabular_digits(ui, content, font, color) };
    draw(ui, at, Align2::LEFT_TOP, job, color).0
}

/// The width of a line that [`figures`] draws, in points.
pub(crate) fn figures_width(ui: &Ui, content: &str, font: &FontId) -> f32 {
    ui.painter().layout_job(tabular_digits(ui, content, font, Color32::WHITE)).size().x
}

fn tabular_digits(ui: &Ui, content: &str, font: &FontId, color: Color32) -> LayoutJob {
    let format = TextFormat::simple(font.clone(), color);
    let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
    ui.fonts_mut(|fonts| {
        let mut width = |character: char| fonts.glyph_width(font, character);
        let widest = ('0'..='9').map(&mut width).fold(0.0, f32::max);
        let mut space = 0.0;
        for run in content.split_inclusive(|character: char| character.is_ascii_digit()) {
            let digit = run.chars().next_back().filter(char::is_ascii_digit);
            let others = run.trim_end_matches(|character: char| character.is_ascii_digit());
            if !others.is_empty() {
                job.append(others, std::mem::take(&mut space), format.clone());
            }
            if let Some(digit) = digit {
                let margin = (widest - width(digit)) / 2.0;
                job.append(digit.encode_utf8(&mut [0; 4]), space + margin, format.clone());
                space = margin;
            }
        }
    });
    job
}

/// Draws a line; returns the area that it covers, and whether it was truncated.
fn draw(ui: &Ui, at: Pos2, anchor: Align2, job: LayoutJob, color: Color32) -> (Rect, bool) {
    let galley = ui.painter().layout_job(job);
    let (rect, is_truncated) = (anchor.anchor_size(at, galley.size()), galley.elided);
    ui.painter().galley(rect.min, galley, color);
    (rect, is_truncated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_those_of_the_video() {
        let clocks = [0.0, 47.9, 760.0, 3723.0, -1.0].map(clock);
        assert_eq!(clocks, ["0:00", "0:47", "12:40", "1:02:03", "0:00"]);
    }

    #[test]
    fn a_countdown_rounds_up_and_forgives_rounded_positions() {
        assert_eq!([30.0, 30.000_001, 29.966, 0.033, 0.0].map(countdown), ["0:30", "0:30", "0:30", "0:01", "0:00"]);
    }

    #[test]
    fn digits_of_a_clock_do_not_move_what_follows() {
        let context = egui::Context::default();
        super::super::apply_theme(&context);
        let mut widths = Vec::new();
        // Fonts are there from the second run on.
        for _ in 0..2 {
            widths.clear();
            let _ = context.run_ui(egui::RawInput::default(), |ui| {
                let font = super::super::theme::bold(32.0);
                widths.extend(["1:11 x", "0:47 x", "8:88 x"].map(|clock| figures_width(ui, clock, &font)));
            });
        }
        assert!(widths[0] > 20.0 && widths.iter().all(|width| (width - widths[0]).abs() < 1.0), "{widths:?}");
    }
}
