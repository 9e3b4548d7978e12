//! Asks once whether other devices in the network may watch, and remembers the answer.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::question;

/// The file of the answer, in the folder of the user's settings.
const FILE: &str = "repcast/lan";

/// Whether other devices may watch: as remembered, or as a person at the terminal answers; scripts are not asked.
pub(super) fn answer() -> bool {
    if !question::is_interactive() {
        return false;
    }
    let file = settings_folder(std::env::var_os("XDG_CONFIG_HOME"), std::env::var_os("HOME"));
    let file = file.map(|folder| folder.join(FILE));
    let remembered = file.as_deref().and_then(|file| fs::read_to_string(file).ok());
    if let Some(answer) = remembered.and_then(|text| question::parse(&text)) {
        return answer;
    }
    let answer = question::ask("Let other devices in this network watch?");
    file.iter().zip(answer).for_each(|(file, answer)| remember(file, answer));
    answer.unwrap_or(false)
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

#[cfg(test)]
mod tests {
    use super::*;

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
