//! The keyboard shortcuts of the window, as tables. Pure.

use winit::keyboard::{Key, ModifiersState, NamedKey};

use repcast_model::document::Format;

/// What a key press or a click requests.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Action {
    /// Pauses or resumes; starts a session that waits.
    TogglePause,
    /// Goes to the next chapter.
    Skip,
    /// Goes to the start of this chapter, or of the one before when pressed at its start.
    Back,
    /// Raises the speed by a tenth.
    Faster,
    /// Lowers the speed by a tenth.
    Slower,
    /// Seeks by this many seconds, backwards when negative.
    Nudge(i32),
    /// Seeks to this time, in seconds.
    Seek(f64),
    /// Pauses and moves by this many frames, backwards when negative.
    Step(i64),
    /// Sets the loop's start to the current frame.
    MarkIn,
    /// Sets the loop's end to the current frame.
    MarkOut,
    /// Removes the loop.
    ClearMarks,
    /// Renders the workout in another format.
    Format(Format),
    /// Lengthens the current chapter.
    Extend,
    /// Repeats the current exercise after it.
    Repeat,
    /// Shows or hides the list of exercises that can replace the next one.
    ReplaceNext,
    /// Shows or hides the list of chapters.
    Chapters,
    /// Shows or hides the links of the session.
    Join,
    /// Opens the field for a message to the viewers.
    Message,
    /// Switches the sound on or off.
    ToggleSound,
    /// Saves the current frame as a PNG.
    Screenshot,
    /// Ends the session after a confirmation; closes a document.
    Quit,
    /// Accepts the open dialog, presses the chosen button, or starts a session that waits.
    Confirm,
    /// Closes the open dialog, leaves the buttons, or leaves full screen.
    Cancel,
    /// Chooses the next button of the bar.
    NextButton,
    /// Chooses the button before.
    PreviousButton,
    /// Shows or hides the list of keys.
    Help,
    /// Shows or hides the bar.
    ToggleBar,
    /// Enters or leaves full screen.
    FullScreen,
    /// Resizes the window so that a pixel of the frame is a pixel of the screen.
    ActualSize,
    /// Closes the window; a live session continues.
    CloseWindow,
}

impl Action {
    /// Whether a key that is held down repeats the action.
    pub(crate) fn is_repeatable(self) -> bool {
        let is_focus = matches!(self, Self::NextButton | Self::PreviousButton);
        is_focus || matches!(self, Self::Step(_) | Self::Nudge(_) | Self::Faster | Self::Slower)
    }

    /// Whether the action is available while the window asks whether to end the session.
    pub(crate) fn is_allowed_during_quit_question(self) -> bool {
        matches!(self, Self::Quit | Self::Confirm | Self::Cancel | Self::ToggleBar | Self::FullScreen)
    }
}

/// What the window shows, which decides its shortcuts and what closing it means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WindowMode {
    /// A live session, which continues without the window.
    Live,
    /// A document; the program ends with the window.
    Document,
}

/// Named keys without and with shift; `None` where shift makes no difference.
const NAMED_KEYS: [(NamedKey, Action, Option<Action>); 10] = [
    (NamedKey::Space, Action::TogglePause, None),
    (NamedKey::ArrowRight, Action::Skip, Some(Action::Nudge(5))),
    (NamedKey::ArrowLeft, Action::Back, Some(Action::Nudge(-5))),
    (NamedKey::ArrowUp, Action::Faster, None),
    (NamedKey::ArrowDown, Action::Slower, None),
    (NamedKey::Tab, Action::ToggleBar, None),
    (NamedKey::F11, Action::FullScreen, None),
    (NamedKey::F6, Action::NextButton, Some(Action::PreviousButton)),
    (NamedKey::Enter, Action::Confirm, None),
    (NamedKey::Escape, Action::Cancel, None),
];

/// Characters that work in both modes.
const LETTERS: [(&str, Action); 7] = [
    ("a", Action::ToggleSound),
    ("l", Action::Chapters),
    ("f", Action::FullScreen),
    ("z", Action::ActualSize),
    ("s", Action::Screenshot),
    ("q", Action::Quit),
    ("?", Action::Help),
];

const LIVE_LETTERS: [(&str, Action); 7] = [
    ("m", Action::Message),
    ("e", Action::Extend),
    ("+", Action::Extend),
    ("r", Action::Repeat),
    ("x", Action::ReplaceNext),
    ("j", Action::Join),
    ("w", Action::CloseWindow),
];

const DOCUMENT_LETTERS: [(&str, Action); 8] = [
    (",", Action::Step(-1)),
    (".", Action::Step(1)),
    ("i", Action::MarkIn),
    ("o", Action::MarkOut),
    ("x", Action::ClearMarks),
    ("1", Action::Format(Format::Landscape)),
    ("2", Action::Format(Format::Portrait)),
    ("3", Action::Format(Format::Square)),
];

/// The action of a pressed key.
pub(crate) fn action(mode: WindowMode, key: &Key, modifiers: ModifiersState) -> Option<Action> {
    // Shortcuts with these modifiers belong to the desktop.
    if modifiers.control_key() || modifiers.alt_key() || modifiers.super_key() {
        return None;
    }
    match key {
        Key::Named(named) => {
            let (_, plain, shifted) = NAMED_KEYS.iter().find(|(known, ..)| known == named)?;
            Some(shifted.filter(|_| modifiers.shift_key()).unwrap_or(*plain))
        }
        Key::Character(text) => {
            let text = text.to_lowercase();
            let of_mode = letters_of(mode).iter();
            LETTERS.iter().chain(of_mode).find(|(letter, _)| *letter == text).map(|(_, action)| *action)
        }
        _ => None,
    }
}

fn letters_of(mode: WindowMode) -> &'static [(&'static str, Action)] {
    match mode {
        WindowMode::Live => &LIVE_LETTERS,
        WindowMode::Document => &DOCUMENT_LETTERS,
    }
}

/// A line of the help dialog: keys, and what they do.
pub(crate) type HelpLine = (&'static str, &'static str);

const PLAYBACK_HELP: [HelpLine; 7] = [
    ("Space", "start, pause, resume"),
    ("\u{2192}  \u{2190}", "next chapter, back"),
    ("Shift + \u{2192}  \u{2190}", "five seconds on, back"),
    ("\u{2191}  \u{2193}", "faster, slower"),
    ("Click on the bar", "go there"),
    ("l", "list of chapters"),
    ("F6", "choose a button; Enter presses it"),
];

const LIVE_HELP: [HelpLine; 5] = [
    ("e  +", "15 seconds more of this chapter"),
    ("r", "repeat this exercise after it"),
    ("x", "another exercise as the next one"),
    ("m", "write a message on the screen"),
    ("j", "links and QR code to join"),
];

const DOCUMENT_HELP: [HelpLine; 4] = [
    (".  ,", "one frame on, back"),
    ("i  o", "set the loop's start, end"),
    ("x", "remove the loop"),
    ("1  2  3", "16:9, 9:16, 1:1"),
];

const WINDOW_HELP: [HelpLine; 5] = [
    ("a", "sound on, off"),
    ("s", "save the frame as a PNG"),
    ("Tab", "show or hide the bar"),
    ("f  F11", "full screen"),
    ("z", "actual size"),
];

const LIVE_CLOSE_HELP: [HelpLine; 2] = [("w", "close the window; the session continues"), ("q", "end the session")];

const DOCUMENT_CLOSE_HELP: [HelpLine; 1] = [("q", "quit")];

/// All shortcuts of a mode, in the order of the help dialog.
pub(crate) fn help(mode: WindowMode) -> Vec<HelpLine> {
    let (controls, close): (&[HelpLine], &[HelpLine]) = match mode {
        WindowMode::Live => (&LIVE_HELP, &LIVE_CLOSE_HELP),
        WindowMode::Document => (&DOCUMENT_HELP, &DOCUMENT_CLOSE_HELP),
    };
    [&PLAYBACK_HELP, controls, &WINDOW_HELP, close, &[("?", "show these keys")]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(mode: WindowMode, key: &str) -> Option<Action> {
        action(mode, &Key::Character(key.into()), ModifiersState::empty())
    }

    #[test]
    fn letters_have_the_actions_of_their_mode() {
        assert_eq!(pressed(WindowMode::Live, "m"), Some(Action::Message));
        assert_eq!(pressed(WindowMode::Live, "M"), Some(Action::Message));
        assert_eq!(pressed(WindowMode::Document, "m"), None);
        assert_eq!(pressed(WindowMode::Document, ","), Some(Action::Step(-1)));
        assert_eq!(pressed(WindowMode::Live, ","), None);
        assert_eq!(["x", "e"].map(|key| pressed(WindowMode::Document, key)), [Some(Action::ClearMarks), None]);
        assert_eq!(
            ["x", "+"].map(|key| pressed(WindowMode::Live, key)),
            [Some(Action::ReplaceNext), Some(Action::Extend)]
        );
        let control = ModifiersState::CONTROL;
        assert_eq!(action(WindowMode::Live, &Key::Character("q".into()), control), None);
        let arrow = Key::Named(NamedKey::ArrowRight);
        assert_eq!(action(WindowMode::Live, &arrow, ModifiersState::empty()), Some(Action::Skip));
        assert_eq!(action(WindowMode::Live, &arrow, ModifiersState::SHIFT), Some(Action::Nudge(5)));
    }

    #[test]
    fn the_help_lists_every_letter() {
        for mode in [WindowMode::Live, WindowMode::Document] {
            let listed: String = help(mode).iter().map(|(keys, _)| *keys).collect::<Vec<_>>().join(" ");
            for letter in ('a'..='z').chain("0123456789,.?+".chars()) {
                let has_action = pressed(mode, &letter.to_string()).is_some();
                let is_listed = listed.replace("Shift +", "").split_whitespace().any(|word| word == letter.to_string());
                assert_eq!(has_action, is_listed, "{letter} in {listed}");
            }
        }
    }
}
