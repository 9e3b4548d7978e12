//! The cockpit over the frame: a bar with timeline, status and statistics, and dialogs and notices. egui lays it out from a
//! [`PreviewView`]; clicks are returned as [`Action`]s.

mod bar;
mod dialogs;
mod sound;
mod statistics;
mod text;
mod theme;
mod timeline;

use std::time::{Duration, Instant};

use egui::{Context, Frame, Margin, Panel, Ui};

use super::controller::PreviewView;
use super::keys::{Action, WindowMode};

pub(crate) use theme::{apply_theme, clear_color};

/// Height of the bar, in egui points.
pub(crate) const BAR_HEIGHT: f32 = 116.0;

/// How long a notice is shown.
const NOTICE_DURATION: Duration = Duration::from_secs(4);

/// The dialog that is open over the frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Dialog {
    /// No dialog.
    None,
    /// The list of keys.
    Help,
    /// The field for a message to the viewers, with its text.
    Message(String),
    /// The question whether to end the session.
    Quit,
}

/// What the cockpit keeps from one repaint to the next.
pub(crate) struct Cockpit {
    mode: WindowMode,
    pub(crate) has_bar: bool,
    pub(crate) dialog: Dialog,
    /// The notice that is shown, and since when.
    notice: Option<(String, Instant)>,
}

/// The result of laying out the cockpit once.
#[derive(Default)]
pub(crate) struct CockpitResponse {
    /// The area for the frame, in egui points.
    pub(crate) frame_area: Option<egui::Rect>,
    /// The action that was clicked.
    pub(crate) action: Option<Action>,
    /// The message that was completed with Enter.
    pub(crate) message: Option<String>,
}

impl Cockpit {
    pub(crate) fn new(mode: WindowMode) -> Self {
        Self { mode, has_bar: true, dialog: Dialog::None, notice: None }
    }

    /// Shows a notice for [`NOTICE_DURATION`].
    pub(crate) fn show_notice(&mut self, text: String) {
        self.notice = Some((text, Instant::now()));
    }

    /// Opens the field for a message.
    pub(crate) fn open_message_field(&mut self, context: &Context) {
        self.dialog = Dialog::Message(String::new());
        dialogs::focus_message_field(context);
    }

    /// Lays out bar, notices and the open dialog.
    pub(crate) fn show(&mut self, ui: &mut Ui, view: &PreviewView) -> CockpitResponse {
        let mut response = CockpitResponse::default();
        if self.has_bar {
            let frame = Frame::new().inner_margin(Margin::symmetric(16, 10));
            let panel = Panel::bottom("bar").exact_size(BAR_HEIGHT).resizable(false).show_separator_line(false);
            panel.frame(frame).show(ui, |ui| response.action = bar::show(ui, view));
        }
        response.frame_area = Some(ui.available_rect_before_wrap());
        if self.notice.as_ref().is_some_and(|(_, since)| since.elapsed() > NOTICE_DURATION) {
            self.notice = None;
        }
        let context = ui.ctx().clone();
        dialogs::notices(&context, view, self.notice.as_ref().map(|(text, _)| text.as_str()));
        match &mut self.dialog {
            Dialog::None => {}
            Dialog::Help => dialogs::help(&context, self.mode),
            Dialog::Quit => dialogs::quit(&context),
            Dialog::Message(text) => response.message = dialogs::message(&context, text),
        }
        response
    }
}
