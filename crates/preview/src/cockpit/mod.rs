//! The cockpit over the frame: a bar with timeline, status and statistics, and dialogs and notices. egui lays it out from a
//! [`PreviewView`]; clicks are returned as [`Action`]s.

mod bar;
mod buttons;
mod dialogs;
mod graphs;
mod icons;
mod join;
mod list;
mod message;
mod sound;
mod statistics;
mod text;
mod theme;
mod timeline;

use std::time::{Duration, Instant};

use egui::{Context, Frame, Margin, Panel, Ui};

use super::controller::{ModeView, PreviewView};
use super::keys::{Action, WindowMode};
use repcast_model::session::Command;

use buttons::ButtonFocus;
use message::{MessageDraft, MessageOutcome};

pub(crate) use list::ListCursor;
pub(crate) use theme::{apply_theme, clear_color};

/// Height of the bar, in egui points.
pub(crate) const BAR_HEIGHT: f32 = 152.0;

/// How long a notice is shown.
const NOTICE_DURATION: Duration = Duration::from_secs(4);

/// The dialog that is open over the frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Dialog {
    /// No dialog.
    None,
    /// The list of keys.
    Help,
    /// The fields for a message to the viewers.
    Message(MessageDraft),
    /// The question whether to end the session.
    Quit,
    /// The list of chapters.
    Chapters(ListCursor),
    /// The list of exercises of which one replaces the next.
    Replacement(ListCursor),
    /// The links of the session.
    Join,
}

impl Dialog {
    /// The cursor of the list that is open.
    pub(crate) fn cursor(&mut self) -> Option<&mut ListCursor> {
        match self {
            Self::Chapters(cursor) | Self::Replacement(cursor) => Some(cursor),
            _ => None,
        }
    }
}

/// What the cockpit keeps from one repaint to the next.
pub(crate) struct Cockpit {
    mode: WindowMode,
    pub(crate) has_bar: bool,
    pub(crate) dialog: Dialog,
    pub(crate) focus: ButtonFocus,
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
    /// The row of the open list that was clicked.
    pub(crate) chosen: Option<usize>,
    /// The message that was completed.
    pub(crate) message: Option<Command>,
    /// The text that is to be copied.
    pub(crate) copied: Option<String>,
}

impl Cockpit {
    pub(crate) fn new(mode: WindowMode) -> Self {
        Self { mode, has_bar: true, dialog: Dialog::None, focus: ButtonFocus::default(), notice: None }
    }

    /// Shows a notice for [`NOTICE_DURATION`].
    pub(crate) fn show_notice(&mut self, text: String) {
        self.notice = Some((text, Instant::now()));
    }

    /// Opens the fields for a message, or leaves them as they are.
    pub(crate) fn open_message_field(&mut self, context: &Context) {
        if !matches!(self.dialog, Dialog::Message(_)) {
            self.dialog = Dialog::Message(MessageDraft::new());
        }
        message::focus(context);
    }

    /// Lays out bar, lists, notices and the open dialog.
    pub(crate) fn show(&mut self, ui: &mut Ui, view: &PreviewView) -> CockpitResponse {
        let mut response = CockpitResponse::default();
        if self.has_bar {
            let frame = Frame::new().inner_margin(Margin::symmetric(16, 10));
            let panel = Panel::bottom("bar").exact_size(BAR_HEIGHT).resizable(false).show_separator_line(false);
            let (mode, focus) = (self.mode, &mut self.focus);
            panel.frame(frame).show(ui, |ui| response.action = bar::show(ui, mode, view, focus));
        }
        match (&mut self.dialog, &view.mode) {
            (Dialog::Chapters(cursor), _) => response.chosen = list::chapters(ui, view, cursor),
            (Dialog::Replacement(cursor), ModeView::Live { exercises, .. }) => {
                response.chosen = list::exercises(ui, exercises, cursor);
            }
            _ => {}
        }
        response.frame_area = Some(ui.available_rect_before_wrap());
        if self.notice.as_ref().is_some_and(|(_, since)| since.elapsed() > NOTICE_DURATION) {
            self.notice = None;
        }
        let context = ui.ctx().clone();
        dialogs::notices(&context, view, self.notice.as_ref().map(|(text, _)| text.as_str()));
        self.show_dialog(&context, ui.available_rect_before_wrap(), view, &mut response);
        response
    }

    fn show_dialog(&mut self, context: &Context, area: egui::Rect, view: &PreviewView, response: &mut CockpitResponse) {
        let is_left = matches!(self.dialog, Dialog::Help | Dialog::Join) && dialogs::backdrop(context, area);
        match (&mut self.dialog, &view.mode) {
            (Dialog::Help, _) => dialogs::help(context, self.mode, area),
            (Dialog::Quit, _) => dialogs::quit(context),
            (Dialog::Join, ModeView::Live { join, .. }) => response.copied = join::show(context, join, area.height()),
            (Dialog::Message(draft), _) => match message::show(context, draft) {
                MessageOutcome::Open => {}
                MessageOutcome::Cancelled => self.dialog = Dialog::None,
                MessageOutcome::Completed(command) => {
                    self.dialog = Dialog::None;
                    response.message = Some(command);
                }
            },
            _ => {}
        }
        if is_left {
            self.dialog = Dialog::None;
        }
    }
}
