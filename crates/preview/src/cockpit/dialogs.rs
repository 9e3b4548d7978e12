//! The dialogs over the frame: list of keys, message field, question before the session ends, notices.

use egui::{Align2, Area, Context, CornerRadius, Frame, Id, Key, Margin, Order, RichText, TextEdit, Ui, Vec2};

use super::theme;
use crate::controller::{ModeView, PreviewView};
use crate::keys::{self, WindowMode};

/// Characters that fit into the message field. The session checks its own limit as well.
const MAX_MESSAGE_CHARS: usize = 200;

/// Faults that are listed at a time; the rest is counted.
const MAX_FAULTS: usize = 6;

fn card(context: &Context, name: &str, anchor: Align2, offset: Vec2, add: impl FnOnce(&mut Ui)) {
    Area::new(Id::unique(name)).order(Order::Foreground).anchor(anchor, offset).show(context, |ui| {
        Frame::new()
            .fill(theme::CARD)
            .corner_radius(CornerRadius::same(10))
            .inner_margin(Margin::symmetric(20, 14))
            .show(ui, add);
    });
}

fn label_text(text: &str, size: f32) -> RichText {
    RichText::new(text).font(theme::regular(size)).color(theme::TEXT)
}

/// Lists the keys of a mode.
pub(crate) fn help(context: &Context, mode: WindowMode) {
    card(context, "help", Align2::CENTER_CENTER, Vec2::new(0.0, -40.0), |ui| {
        ui.label(RichText::new("Keys").font(theme::bold(20.0)).color(theme::TEXT));
        ui.add_space(8.0);
        egui::Grid::new("keys").num_columns(2).spacing([24.0, 7.0]).show(ui, |ui| {
            for (keys, meaning) in keys::help(mode) {
                ui.label(RichText::new(keys).font(theme::bold(15.0)).color(theme::ACCENT));
                ui.label(label_text(meaning, 15.0));
                ui.end_row();
            }
        });
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

fn message_id() -> Id {
    Id::unique("message text")
}

/// Focuses the message field before it is drawn for the first time, so that no key press is lost.
pub(crate) fn focus_message_field(context: &Context) {
    context.memory_mut(|memory| memory.request_focus(message_id()));
}

/// Shows the message field; returns the text when it is completed with Enter.
pub(crate) fn message(context: &Context, text: &mut String) -> Option<String> {
    card(context, "message", Align2::CENTER_BOTTOM, Vec2::new(0.0, -super::BAR_HEIGHT - 24.0), |ui| {
        ui.label(RichText::new("Message on the screen").font(theme::bold(15.0)).color(theme::TEXT));
        let width = (ui.ctx().content_rect().width() * 0.6).min(640.0);
        let edit = TextEdit::singleline(text).font(theme::regular(20.0)).char_limit(MAX_MESSAGE_CHARS);
        let response = ui.add(edit.id(message_id()).desired_width(width).hint_text("Breathe"));
        if !response.has_focus() {
            response.request_focus();
        }
        ui.label(label_text("Enter: send.   Esc: cancel.", 13.0));
    });
    let is_done = context.input(|input| input.key_pressed(Key::Enter));
    is_done.then(|| text.trim().to_owned())
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
