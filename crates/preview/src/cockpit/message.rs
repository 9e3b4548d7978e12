//! The dialog for a message to the viewers: its text, and how long it is shown.

use egui::{Align2, Context, Id, Key, RichText, TextEdit, Vec2};

use super::dialogs::{card, label_text};
use super::theme;
use repcast_model::session::Command;

/// Characters that fit into the message field. The session checks its own limit as well.
const MAX_MESSAGE_CHARS: usize = 200;

/// Characters that fit into the field for the seconds: those of the longest time to a thousandth.
const MAX_SECONDS_CHARS: usize = 8;

/// A message that is being written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct MessageDraft {
    text: String,
    /// How long it is shown, in seconds, as it was typed.
    seconds: String,
    /// Why it was not sent.
    faults: String,
}

/// How the dialog was left.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum MessageOutcome {
    Open,
    Cancelled,
    Completed(Command),
}

impl MessageDraft {
    pub(crate) fn new() -> Self {
        Self { text: String::new(), seconds: "5".to_owned(), faults: String::new() }
    }

    /// The command of a completed message, by the rules of messages that arrive over HTTP; `None` for an empty one.
    ///
    /// # Errors
    /// The faults, as one text.
    fn command(&self) -> Result<Option<Command>, String> {
        let text = self.text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let seconds = self.seconds.trim();
        // What is no number is passed on as text, and rejected with the rule that it breaks.
        let seconds: serde_json::Value =
            serde_json::from_str(seconds).ok().filter(serde_json::Value::is_number).unwrap_or_else(|| seconds.into());
        let json = serde_json::json!({ "command": "message", "text": text, "seconds": seconds }).to_string();
        let faults = |faults: Vec<_>| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Command::parse(json.as_bytes()).map(Some).map_err(faults)
    }
}

fn text_id() -> Id {
    Id::unique("message text")
}

fn seconds_id() -> Id {
    Id::unique("message seconds")
}

/// Focuses the text before it is drawn for the first time, so that no key press is lost.
pub(crate) fn focus(context: &Context) {
    context.memory_mut(|memory| memory.request_focus(text_id()));
}

/// Shows the dialog until it is completed with Enter or a click.
pub(crate) fn show(context: &Context, draft: &mut MessageDraft) -> MessageOutcome {
    let (mut is_sent, mut is_cancelled) = (false, false);
    card(context, "message", Align2::CENTER_BOTTOM, Vec2::new(0.0, -super::BAR_HEIGHT - 24.0), |ui| {
        ui.label(RichText::new("Message on the screen").font(theme::bold(15.0)).color(theme::TEXT));
        let width = (ui.ctx().content_rect().width() * 0.6).min(640.0);
        ui.horizontal(|ui| {
            let edit = TextEdit::singleline(&mut draft.text).font(theme::regular(20.0)).char_limit(MAX_MESSAGE_CHARS);
            let text = ui.add(edit.id(text_id()).desired_width(width - 90.0).hint_text("Breathe"));
            let edit =
                TextEdit::singleline(&mut draft.seconds).font(theme::regular(20.0)).char_limit(MAX_SECONDS_CHARS);
            let seconds = ui.add(edit.id(seconds_id()).desired_width(56.0)).on_hover_text("Seconds on the screen");
            ui.label(label_text("s", 15.0));
            if !text.has_focus() && !seconds.has_focus() {
                text.request_focus();
            }
        });
        if !draft.faults.is_empty() {
            ui.label(label_text(&draft.faults, 13.0).color(theme::ALARM));
        }
        ui.horizontal(|ui| {
            is_sent = ui.button(label_text("Send", 13.0)).clicked();
            is_cancelled = ui.button(label_text("Cancel", 13.0)).clicked();
            ui.label(label_text("Enter: send.   Tab: seconds.   Esc: cancel.", 13.0).color(theme::FAINT));
        });
    });
    if is_cancelled {
        return MessageOutcome::Cancelled;
    }
    if !is_sent && !context.input(|input| input.key_pressed(Key::Enter)) {
        return MessageOutcome::Open;
    }
    match draft.command() {
        Ok(None) => MessageOutcome::Cancelled,
        Ok(Some(command)) => MessageOutcome::Completed(command),
        Err(faults) => {
            draft.faults = faults;
            MessageOutcome::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use repcast_model::time::Rational;

    fn draft(text: &str, seconds: &str) -> MessageDraft {
        MessageDraft { text: text.to_owned(), seconds: seconds.to_owned(), ..MessageDraft::new() }
    }

    #[test]
    fn seconds_are_read_by_the_rules_of_the_api() {
        let message = |seconds| Ok(Some(Command::Message { text: "Breathe".into(), seconds }));
        assert_eq!(draft(" Breathe ", "5").command(), message(Rational::from_integer(5)));
        assert_eq!(draft("Breathe", " 2.5 ").command(), message(Rational::new(5, 2)));
        assert_eq!(draft(" ", "5").command(), Ok(None));
        for (seconds, fault) in [
            ("0", "must be above 0"),
            ("3601", "must be at most 3600"),
            ("soon", "number"),
            ("", "number"),
            ("[1]", "number"),
        ] {
            let found = draft("Breathe", seconds).command().unwrap_err();
            assert!(found.starts_with("seconds: ") && found.contains(fault), "{seconds}: {found}");
        }
    }
}
