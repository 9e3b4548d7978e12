//! Questions to a person at the terminal.

use std::io::{self, BufRead, IsTerminal, Read, Write};

/// Most bytes that are read of an answer.
const MAX_ANSWER: u64 = 64;

/// Whether a person is at a terminal; scripts are not asked.
pub(super) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for yes or no; no if the answer is neither. `None` at the end of the input, or when it cannot be read.
pub(super) fn ask(question: &str) -> Option<bool> {
    eprint!("{question} [y/N] ");
    let _ = io::stderr().flush();
    let mut line = Vec::new();
    let is_read = matches!(io::stdin().lock().take(MAX_ANSWER).read_until(b'\n', &mut line), Ok(1..));
    is_read.then(|| parse(&String::from_utf8_lossy(&line)).unwrap_or(false))
}

/// What a text says, in English or French.
pub(super) fn parse(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "y" | "yes" | "o" | "oui" => Some(true),
        "" | "n" | "no" | "non" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_one() {
        assert!(["y", "Y\n", "yes", " Yes \r\n", "oui"].iter().all(|text| parse(text) == Some(true)));
        assert!(["", "\n", "n", "No", "non"].iter().all(|text| parse(text) == Some(false)));
        assert!(["maybe", "1", "yy"].iter().all(|text| parse(text).is_none()));
    }
}
