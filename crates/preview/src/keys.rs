//! What each key means. Pure.

use winit::keyboard::{Key, ModifiersState, NamedKey};

use repcast_model::document::Format;

/// What somebody at the window wants.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Action {
    /// Pause, or go on.
    TogglePause,
    /// To the next part.
    Skip,
    /// To this part's beginning, or the one before.
    Back,
    /// A tenth faster.
    Faster,
    /// A tenth slower.
    Slower,
    /// So many seconds on, or back.
    Nudge(i32),
    /// To this second.
    Seek(f64),
    /// So many frames on, or back, and stand still.
    Step(i64),
    /// The loop begins here.
    MarkIn,
    /// The loop ends here.
    MarkOut,
    /// No loop.
    ClearMarks,
    /// Another shape of the picture.
    Format(Format),
    /// Write a message.
    Message,
    /// Save the picture.
    Still,
    /// End it.
    Quit,
    /// Yes.
    Confirm,
    /// No; out of whatever is open.
    Cancel,
    /// The keys.
    Help,
    /// Show or hide the bar.
    ToggleBar,
    /// The whole screen, or not.
    FullScreen,
    /// One pixel of the picture on one of the screen.
    ActualSize,
    /// Close the window and nothing else.
    CloseWindow,
}

/// Which of the two windows it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A live session.
    Live,
    /// A document.
    Desk,
}

/// A line of the key help: keys, and what they do.
pub(crate) type HelpLine = (&'static str, &'static str);

/// The keys, for whoever asks.
pub(crate) fn help(kind: Kind) -> Vec<HelpLine> {
    let mut lines = vec![
        ("Space", "pause, resume"),
        ("\u{2192}  \u{2190}", "next part, back"),
        ("Shift + \u{2192}  \u{2190}", "five seconds on, back"),
        ("\u{2191}  \u{2193}", "faster, slower"),
        ("Click on the bar", "go there"),
    ];
    lines.extend(match kind {
        Kind::Live => vec![("m", "write a message on the screen")],
        Kind::Desk => vec![
            (".  ,", "one frame on, back"),
            ("i  o", "loop from here, to here"),
            ("x", "no loop"),
            ("1  2  3", "16:9, 9:16, 1:1"),
        ],
    });
    lines.extend([
        ("s", "save the picture"),
        ("Tab", "show or hide the bar"),
        ("f  F11", "full screen"),
        ("z", "actual size"),
    ]);
    lines.extend(match kind {
        Kind::Live => vec![("w", "close the window; the session goes on"), ("q", "end the session")],
        Kind::Desk => vec![("q", "quit")],
    });
    lines.push(("?", "these keys"));
    lines
}

/// What a key that was pressed asks for.
pub(crate) fn action(kind: Kind, key: &Key, modifiers: ModifiersState) -> Option<Action> {
    // Those belong to the desktop.
    if modifiers.control_key() || modifiers.alt_key() || modifiers.super_key() {
        return None;
    }
    let is_shifted = modifiers.shift_key();
    let action = match key {
        Key::Named(named) => match named {
            NamedKey::Space => Action::TogglePause,
            NamedKey::ArrowRight if is_shifted => Action::Nudge(5),
            NamedKey::ArrowLeft if is_shifted => Action::Nudge(-5),
            NamedKey::ArrowRight => Action::Skip,
            NamedKey::ArrowLeft => Action::Back,
            NamedKey::ArrowUp => Action::Faster,
            NamedKey::ArrowDown => Action::Slower,
            NamedKey::Tab => Action::ToggleBar,
            NamedKey::F11 => Action::FullScreen,
            NamedKey::Enter => Action::Confirm,
            NamedKey::Escape => Action::Cancel,
            _ => return None,
        },
        Key::Character(text) => match (text.to_lowercase().as_str(), kind) {
            ("f", _) => Action::FullScreen,
            ("z", _) => Action::ActualSize,
            ("s", _) => Action::Still,
            ("q", _) => Action::Quit,
            ("?", _) => Action::Help,
            ("m", Kind::Live) => Action::Message,
            ("w", Kind::Live) => Action::CloseWindow,
            (",", Kind::Desk) => Action::Step(-1),
            (".", Kind::Desk) => Action::Step(1),
            ("i", Kind::Desk) => Action::MarkIn,
            ("o", Kind::Desk) => Action::MarkOut,
            ("x", Kind::Desk) => Action::ClearMarks,
            ("1", Kind::Desk) => Action::Format(Format::Landscape),
            ("2", Kind::Desk) => Action::Format(Format::Portrait),
            ("3", Kind::Desk) => Action::Format(Format::Square),
            _ => return None,
        },
        _ => return None,
    };
    Some(action)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(kind: Kind, key: &str) -> Option<Action> {
        action(kind, &Key::Character(key.into()), ModifiersState::empty())
    }

    #[test]
    fn letters_mean_what_the_help_says() {
        assert_eq!(pressed(Kind::Live, "m"), Some(Action::Message));
        assert_eq!(pressed(Kind::Live, "M"), Some(Action::Message));
        assert_eq!(pressed(Kind::Desk, "m"), None);
        assert_eq!(pressed(Kind::Desk, ","), Some(Action::Step(-1)));
        assert_eq!(pressed(Kind::Live, ","), None);
        let held = ModifiersState::CONTROL;
        assert_eq!(action(Kind::Live, &Key::Character("q".into()), held), None);
        let arrow = Key::Named(NamedKey::ArrowRight);
        assert_eq!(action(Kind::Live, &arrow, ModifiersState::empty()), Some(Action::Skip));
        assert_eq!(action(Kind::Live, &arrow, ModifiersState::SHIFT), Some(Action::Nudge(5)));
    }

    #[test]
    fn the_help_names_every_letter() {
        for kind in [Kind::Live, Kind::Desk] {
            let named: String = help(kind).iter().map(|(keys, _)| *keys).collect::<Vec<_>>().join(" ");
            for letter in ('a'..='z').chain("0123456789,.?".chars()) {
                let is_known = pressed(kind, &letter.to_string()).is_some();
                let is_told = named.split_whitespace().any(|word| word == letter.to_string());
                assert_eq!(is_known, is_told, "{letter} in {named}");
            }
        }
    }
}
