//! What lies over the picture for a while: the keys, a message being written, a question, a notice.

use egui::{Align2, Area, Context, CornerRadius, Frame, Id, Key, Margin, Order, RichText, TextEdit, Ui, Vec2};

use super::style;
use crate::desk::{More, View};
use crate::keys::{self, Kind};

/// Characters that a message may have; the session's own limit is behind it.
const MAX_MESSAGE_CHARS: usize = 200;

/// Faults that are told at a time.
const MAX_FAULTS: usize = 6;

fn card(context: &Context, name: &str, anchor: Align2, offset: Vec2, add: impl FnOnce(&mut Ui)) {
    Area::new(Id::unique(name)).order(Order::Foreground).anchor(anchor, offset).show(context, |ui| {
        Frame::new()
            .fill(style::CARD)
            .corner_radius(CornerRadius::same(10))
            .inner_margin(Margin::symmetric(20, 14))
            .show(ui, add);
    });
}

fn words(text: &str, size: f32) -> RichText {
    RichText::new(text).font(style::regular(size)).color(style::TEXT)
}

/// The keys.
pub(crate) fn help(context: &Context, kind: Kind) {
    card(context, "help", Align2::CENTER_CENTER, Vec2::new(0.0, -40.0), |ui| {
        ui.label(RichText::new("Keys").font(style::bold(20.0)).color(style::TEXT));
        ui.add_space(8.0);
        egui::Grid::new("keys").num_columns(2).spacing([24.0, 7.0]).show(ui, |ui| {
            for (keys, meaning) in keys::help(kind) {
                ui.label(RichText::new(keys).font(style::bold(15.0)).color(style::ACCENT));
                ui.label(words(meaning, 15.0));
                ui.end_row();
            }
        });
    });
}

/// Whether the session is to end.
pub(crate) fn quit(context: &Context) {
    card(context, "quit", Align2::CENTER_CENTER, Vec2::new(0.0, -40.0), |ui| {
        ui.label(RichText::new("End the session for everybody?").font(style::bold(20.0)).color(style::TEXT));
        ui.add_space(6.0);
        ui.label(words("q or Enter: end it.   Esc: go on.", 15.0));
    });
}

/// The field that a message is written in.
fn message_id() -> Id {
    Id::unique("message text")
}

/// Sees that what is typed from now on is the message, before it is drawn for the first time.
pub(crate) fn begin_message(context: &Context) {
    context.memory_mut(|memory| memory.request_focus(message_id()));
}

/// A message being written; gives it back when it is to be shown.
pub(crate) fn message(context: &Context, text: &mut String) -> Option<String> {
    card(context, "message", Align2::CENTER_BOTTOM, Vec2::new(0.0, -super::BAR_HEIGHT - 24.0), |ui| {
        ui.label(RichText::new("Message on the screen").font(style::bold(15.0)).color(style::TEXT));
        let width = (ui.ctx().content_rect().width() * 0.6).min(640.0);
        let edit = TextEdit::singleline(text).font(style::regular(20.0)).char_limit(MAX_MESSAGE_CHARS);
        let response = ui.add(edit.id(message_id()).desired_width(width).hint_text("Breathe"));
        if !response.has_focus() {
            response.request_focus();
        }
        ui.label(words("Enter: show it.   Esc: do not.", 13.0));
    });
    let is_done = context.input(|input| input.key_pressed(Key::Enter));
    is_done.then(|| text.trim().to_owned())
}

/// What there is to tell, above the picture.
pub(crate) fn tell(context: &Context, view: &View, notice: Option<&str>) {
    let faults: &[String] = match &view.more {
        More::Document { faults, .. } => faults,
        More::Live { failure, .. } => failure.as_slice(),
    };
    if faults.is_empty() && notice.is_none() {
        return;
    }
    card(context, "notice", Align2::CENTER_TOP, Vec2::new(0.0, 20.0), |ui| {
        ui.set_max_width(ui.ctx().content_rect().width() * 0.8);
        for fault in faults.iter().take(MAX_FAULTS) {
            ui.label(words(fault, 15.0).color(style::ALARM));
        }
        if faults.len() > MAX_FAULTS {
            ui.label(words(&format!("and {} more", faults.len() - MAX_FAULTS), 15.0).color(style::ALARM));
        }
        notice.iter().for_each(|notice| {
            ui.label(words(notice, 16.0));
        });
    });
}
