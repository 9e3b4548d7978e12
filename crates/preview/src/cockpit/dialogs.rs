//! The dialogs over the frame: list of keys, question before the session ends, notices.

use egui::{
    Align2, Area, Color32, Context, CornerRadius, Frame, Id, Margin, Order, Rect, RichText, ScrollArea, Sense, Stroke,
    Ui, Vec2,
};

use super::theme;
use crate::controller::{ModeView, PreviewView};
use crate::keys::{self, HelpLine, WindowMode};

/// Faults that are listed at a time; the rest is counted.
const MAX_FAULTS: usize = 6;

/// Opacity of the backdrop of dialogs, of 255.
const BACKDROP: u8 = 150;

/// Width from which on the keys leave the figure free: it stands right of the texts, or in the middle.
const MIN_SIDE_WIDTH: f32 = 900.0;
/// Width of two columns of keys, and height of a line and of what is around the lines, in points.
const TWO_COLUMNS_WIDTH: f32 = 820.0;
const LINE_HEIGHT: f32 = 23.0;
const FRAME_HEIGHT: f32 = 90.0;

pub(crate) fn card(context: &Context, name: &str, anchor: Align2, offset: Vec2, add: impl FnOnce(&mut Ui)) {
    Area::new(Id::unique(name)).order(Order::Foreground).fade_in(false).anchor(anchor, offset).show(context, |ui| {
        Frame::new()
            .fill(theme::CARD)
            .stroke(Stroke::new(1.0, theme::EDGE))
            .corner_radius(CornerRadius::same(10))
            .inner_margin(Margin::symmetric(20, 14))
            .show(ui, add);
    });
}

pub(crate) fn label_text(text: &str, size: f32) -> RichText {
    RichText::new(text).font(theme::regular(size)).color(theme::TEXT)
}

/// Darkens the frame under a dialog; returns whether it was clicked.
pub(crate) fn backdrop(context: &Context, area: Rect) -> bool {
    let shade =
        Area::new(Id::unique("backdrop")).order(Order::Middle).fade_in(false).fixed_pos(area.min).constrain(false);
    let shown = shade.show(context, |ui| {
        let (rect, response) = ui.allocate_exact_size(area.size(), Sense::click());
        ui.painter().rect_filled(rect, 0.0, Color32::from_black_alpha(BACKDROP));
        response.clicked()
    });
    shown.inner
}

/// Lists the keys of a mode over an area.
pub(crate) fn help(context: &Context, mode: WindowMode, area: Rect) {
    let lines = keys::help(mode);
    let fits_one = lines.len() as f32 * LINE_HEIGHT + FRAME_HEIGHT <= area.height();
    let columns = if fits_one || area.width() < TWO_COLUMNS_WIDTH { 1 } else { 2 };
    let up = -super::BAR_HEIGHT / 2.0;
    let (anchor, offset) = match columns {
        1 if area.width() >= MIN_SIDE_WIDTH => (Align2::LEFT_CENTER, Vec2::new(24.0, up)),
        _ => (Align2::CENTER_CENTER, Vec2::new(0.0, up)),
    };
    card(context, "help", anchor, offset, |ui| {
        ui.label(RichText::new("Keys").font(theme::bold(20.0)).color(theme::TEXT));
        ui.add_space(8.0);
        let rows = lines.len().div_ceil(columns);
        let room = (area.height() - FRAME_HEIGHT).max(60.0);
        ScrollArea::vertical().max_height(room).min_scrolled_height(room).show(ui, |ui| {
            ui.horizontal_top(|ui| {
                for (index, column) in lines.chunks(rows).enumerate() {
                    help_column(ui, index, column);
                    ui.add_space(if index + 1 < columns { 24.0 } else { 0.0 });
                }
            });
        });
    });
}

fn help_column(ui: &mut Ui, index: usize, lines: &[HelpLine]) {
    egui::Grid::new(("keys", index)).num_columns(2).spacing([20.0, 3.0]).show(ui, |ui| {
        for (keys, meaning) in lines {
            ui.label(RichText::new(*keys).font(theme::bold(14.0)).color(theme::ACCENT));
            ui.label(label_text(meaning, 14.0));
            ui.end_row();
        }
    });
}

/// Asks whether to end the session.
pub(crate) fn quit(context: &Context) {
    card(context, "quit", Align2::CENTER_CENTER, Vec2::new(0.0, -40.0), |ui| {
        ui.label(RichText::new("End the session for all viewers?").font(theme::bold(20.0)).color(theme::TEXT));
        ui.add_space(6.0);
        ui.label(label_text("q or Enter: end it.   Esc: continue.", 15.0));
    });
}

/// Shows faults and the current notice at the top.
pub(crate) fn notices(context: &Context, view: &PreviewView, notice: Option<&str>) {
    let faults: &[String] = match &view.mode {
        ModeView::Document { faults, .. } => faults,
        ModeView::Live { failure, .. } => failure.as_slice(),
    };
    if faults.is_empty() && notice.is_none() {
        return;
    }
    card(context, "notice", Align2::CENTER_TOP, Vec2::new(0.0, 20.0), |ui| {
        ui.set_max_width(ui.ctx().content_rect().width() * 0.8);
        for fault in faults.iter().take(MAX_FAULTS) {
            ui.label(label_text(fault, 15.0).color(theme::ALARM));
        }
        if faults.len() > MAX_FAULTS {
            ui.label(label_text(&format!("and {} more", faults.len() - MAX_FAULTS), 15.0).color(theme::ALARM));
        }
        notice.iter().for_each(|notice| {
            ui.label(label_text(notice, 16.0));
        });
    });
}
