//! The overlay with the links of a session and their QR code. A click on a link copies it.

use egui::{Align2, Context, Pos2, Rect, RichText, Sense, Ui, pos2, vec2};

use super::dialogs::{card, label_text};
use super::text::text;
use super::theme;
use crate::join_links::JoinLinks;
use repcast_model::qr::QrCode;

/// Side of the code in points, in windows that have room for it.
const CODE_SIDE: f32 = 260.0;

/// Shows the overlay within an area of this height; returns the link that was clicked.
pub(crate) fn show(context: &Context, links: &JoinLinks, height: f32) -> Option<String> {
    let mut clicked = None;
    card(context, "join", Align2::CENTER_CENTER, vec2(0.0, -super::BAR_HEIGHT / 2.0), |ui| {
        let width = (ui.ctx().content_rect().width() - 80.0).min(420.0);
        ui.set_width(width);
        ui.label(RichText::new("Join the session").font(theme::bold(20.0)).color(theme::TEXT));
        ui.add_space(8.0);
        let side = CODE_SIDE.min(width).min(height - 220.0);
        if let Some(code) = links.code().filter(|_| side > 100.0) {
            let (area, _) = ui.allocate_exact_size(vec2(width, side), Sense::hover());
            draw_code(ui, Rect::from_center_size(area.center(), vec2(side, side)), code);
            ui.add_space(10.0);
        }
        for (label, link) in [("For athletes", links.viewers()), ("For the coach (keep private)", links.coach())] {
            if link_row(ui, width, label, link) {
                clicked = Some(link.to_owned());
            }
        }
        ui.label(label_text("A click copies a link.   Esc: close.", 13.0).color(theme::FAINT));
    });
    clicked
}

fn link_row(ui: &mut Ui, width: f32, label: &str, link: &str) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 46.0), Sense::click());
    let response = response.on_hover_text("Copy");
    let fill = if response.hovered() { theme::TRACK } else { theme::PANEL };
    ui.painter().rect_filled(rect, 6.0, fill);
    let at = |y: f32| rect.left_top() + vec2(12.0, y);
    text(ui, at(6.0), Align2::LEFT_TOP, label, theme::regular(12.0), theme::FAINT, width - 24.0);
    text(ui, at(23.0), Align2::LEFT_TOP, link, theme::regular(14.0), theme::TEXT, width - 24.0);
    response.clicked()
}

/// Draws a code, dark on light as scanners expect it, with modules of whole pixels.
fn draw_code(ui: &Ui, area: Rect, code: &QrCode) {
    let pixels_per_point = ui.ctx().pixels_per_point();
    let full = code.full_size();
    let module =
        ((area.width() * pixels_per_point / full as f32).floor() / pixels_per_point).max(1.0 / pixels_per_point);
    let snap = |points: f32| (points * pixels_per_point).round() / pixels_per_point;
    let side = module * full as f32;
    let origin = pos2(snap(area.center().x - side / 2.0), snap(area.center().y - side / 2.0));
    let block = |from: Pos2, width: usize, height: usize| {
        Rect::from_min_size(from, vec2(width as f32 * module, height as f32 * module))
    };
    ui.painter().rect_filled(block(origin, full, full), 0.0, egui::Color32::WHITE);
    for (x, y, run) in code.runs() {
        let from = origin + vec2(x as f32 * module, y as f32 * module);
        ui.painter().rect_filled(block(from, run, 1), 0.0, egui::Color32::BLACK);
    }
}
