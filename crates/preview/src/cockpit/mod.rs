//! The cockpit over the picture: a bar with the session, and whatever is asked or told. egui draws it; what it tells is a
//! [`View`](super::desk::View), and what is clicked comes back as an [`Action`].

mod bar;
mod dialogs;
mod facts;
mod style;
mod timeline;

use std::time::{Duration, Instant};

use egui::{Context, Frame, Margin, Panel, Ui};

use super::desk::View;
use super::keys::{Action, Kind};

pub(crate) use style::{dress, ground};

/// The bar's height, in points.
pub(crate) const BAR_HEIGHT: f32 = 116.0;

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(4);

/// What is open over the picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Dialog {
    /// Nothing.
    None,
    /// The keys.
    Help,
    /// A message being written.
    Message(String),
    /// Whether the session is to end.
    Quit,
}

/// What the cockpit remembers between two pictures.
pub(crate) struct Cockpit {
    kind: Kind,
    pub(crate) has_bar: bool,
    pub(crate) dialog: Dialog,
    notice: Option<(String, Instant)>,
}

/// What came of a pass over the cockpit.
#[derive(Default)]
pub(crate) struct Response {
    /// Where the picture belongs, in points.
    pub(crate) picture_area: Option<egui::Rect>,
    /// What was clicked.
    pub(crate) action: Option<Action>,
    /// A message that was written to its end.
    pub(crate) message: Option<String>,
}

impl Cockpit {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, has_bar: true, dialog: Dialog::None, notice: None }
    }

    /// Tells something for a while.
    pub(crate) fn tell(&mut self, text: String) {
        self.notice = Some((text, Instant::now()));
    }

    /// Opens the field for a message.
    pub(crate) fn begin_message(&mut self, context: &Context) {
        self.dialog = Dialog::Message(String::new());
        dialogs::begin_message(context);
    }

    /// Lays everything out.
    pub(crate) fn show(&mut self, ui: &mut Ui, view: &View) -> Response {
        let mut response = Response::default();
        if self.has_bar {
            let frame = Frame::new().inner_margin(Margin::symmetric(16, 10));
            let panel = Panel::bottom("bar").exact_size(BAR_HEIGHT).resizable(false).show_separator_line(false);
            panel.frame(frame).show(ui, |ui| response.action = bar::show(ui, view));
        }
        response.picture_area = Some(ui.available_rect_before_wrap());
        if self.notice.as_ref().is_some_and(|(_, since)| since.elapsed() > NOTICE) {
            self.notice = None;
        }
        let context = ui.ctx().clone();
        dialogs::tell(&context, view, self.notice.as_ref().map(|(text, _)| text.as_str()));
        match &mut self.dialog {
            Dialog::None => {}
            Dialog::Help => dialogs::help(&context, self.kind),
            Dialog::Quit => dialogs::quit(&context),
            Dialog::Message(text) => response.message = dialogs::message(&context, text),
        }
        response
    }
}
