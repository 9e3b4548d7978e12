//! Asks once whether other devices in the network may watch, and remembers the answer.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// The file of the answer, in the folder of the user's settings.
const FILE: &str = "repcast/lan";

/// Most bytes that are read of an answer.
const MAX_ANSWER: usize = 64;

/// Whether other devices may watch: as remembered, or as a person at the terminal answers; scripts are not asked.
pub(super) fn answer() -> bool {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return false;
    }
    let file = settings_folder(std::env::var_os("XDG_CONFIG_HOME"), std::env::var_os("HOME"));
    let file = file.map(|folder| folder.join(FILE));
    let remembered = file.as_deref().and_then(|file| fs::read_to_string(file).ok());
    if let Some(answer) = remembered.and_then(|text| parse(&text)) {
        return answer;
    }
    eprint!("Let other devices in this network watch? [y/N] ");
    let _ = std::io::stderr().flush();
    let mut line = Vec::new();
    // At the end of the input, or when it cannot be read, nothing is remembered.
    let mut input = std::io::Read::take(std::io::stdin().lock(), MAX_ANSWER as u64);
    if !matches!(input.read_until(b'\n', &mut line), Ok(1..)) {
        return false;
    }
    let answer = parse(&String::from_utf8_lossy(&line)).unwrap_or(false);
    if let Some(file) = file {
        remember(&file, answer);
    }
    answer
}

fn remember(file: &Path, answer: bool) {
    let folder = file.parent().unwrap_or(Path::new("."));
    let text = if answer { "yes\n" } else { "no\n" };
    match fs::create_dir_all(folder).and_then(|()| fs::write(file, text)) {
        Ok(()) => eprintln!("This is remembered in {}; --lan or --listen overrides it.", file.display()),
        Err(error) => tracing::warn!("the answer is not remembered: {}: {error}", file.display()),
    }
}

/// The folder of the user's settings, by the XDG Base Directory Specification: relative paths in it are invalid.
fn settings_folder(config: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    config.and_then(absolute).or_else(|| home.and_then(absolute).map(|home| home.join(".config")))
}

fn parse(text: &str) -> Option<bool> {
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

    #[test]
    fn settings_lie_where_the_specification_says() {
        let folder = |config: Option<&str>, home: Option<&str>| {
            settings_folder(config.map(OsString::from), home.map(OsString::from))
        };
        assert_eq!(folder(Some("/c"), Some("/h")), Some("/c".into()));
        assert_eq!(folder(Some("c"), Some("/h")), Some("/h/.config".into()));
        assert_eq!(folder(Some(""), Some("/h")), Some("/h/.config".into()));
        assert_eq!(folder(None, None), None);
    }
}
