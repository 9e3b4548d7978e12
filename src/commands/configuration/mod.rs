//! The options of `serve` and `live` from three places: the command line, the environment, and a file. The command line
//! takes precedence over the environment, and the environment over the file.
//!
//! Options of environment and file are appended to the command line, so that there is one definition of each, and one
//! parser. Their values are checked before, to name the place of a fault.

mod file;
mod option;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::CommandFactory;

use super::Failure;
use super::args::Cli;
use file::Entry;
use option::ConfigOption;

/// The commands that are configured so.
const COMMANDS: [&str; 2] = ["serve", "live"];

/// How the names of environment variables start.
const PREFIX: &str = "REPCAST_";

/// The variable that names the file.
const FILE_VARIABLE: &str = "REPCAST_CONFIG";

/// A command line with the options of environment and file.
#[derive(Clone, Debug, Default)]
pub(super) struct CommandLine {
    /// The program's name and its arguments.
    pub(super) args: Vec<OsString>,
    /// What was found in environment and file.
    pub(super) origins: Origins,
    /// What works, but should be changed.
    pub(super) warnings: Vec<String>,
}

/// Where options of environment and file come from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Origins {
    /// By the name of the option: its place, and its values.
    options: BTreeMap<String, (String, Vec<OsString>)>,
    /// The file.
    file: Option<PathBuf>,
}

impl Origins {
    /// What messages call an option, such as `--media`, `REPCAST_MEDIA` or `repcast.toml:4: media`.
    pub(super) fn place(&self, option: &str) -> String {
        self.options.get(option).map_or_else(|| format!("--{option}"), |(place, _)| place.clone())
    }

    /// The options that differ from those of other origins.
    pub(super) fn changed<'a>(&'a self, other: &'a Self) -> Vec<&'a str> {
        let values = |origins: &Self, name: &str| origins.options.get(name).map(|(_, values)| values.clone());
        let names: BTreeSet<&str> = self.options.keys().chain(other.options.keys()).map(String::as_str).collect();
        names.into_iter().filter(|name| values(self, name) != values(other, name)).collect()
    }

    /// The configuration file.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

/// Completes a command line from the environment and the file that it names.
///
/// # Errors
/// When the file cannot be read, or a value of environment or file is not one of its option.
pub(super) fn complete(args: &[OsString], variable: impl Fn(&str) -> Option<OsString>) -> Result<CommandLine, Failure> {
    let unchanged = || CommandLine { args: args.to_vec(), ..CommandLine::default() };
    let Some((position, name)) = command(args) else { return Ok(unchanged()) };
    let mut cli = Cli::command();
    cli.build();
    let Some(command) = cli.find_subcommand(name) else { return Ok(unchanged()) };
    let options: Vec<ConfigOption<'_>> =
        command.get_arguments().filter_map(|arg| ConfigOption::new(command, arg)).collect();
    let (before, after) = args.split_at(position + 1);
    let mut seen: Vec<&ConfigOption<'_>> = options.iter().filter(|option| option.is_given(before, after)).collect();
    let mut found = CommandLine::default();
    let mut faults = Vec::new();

    for option in &options {
        let variable_name = format!("{PREFIX}{}", option.key().to_uppercase());
        let Some(value) = variable(&variable_name).filter(|value| !value.is_empty()) else { continue };
        if seen.iter().any(|given| given.excludes(option)) {
            continue;
        }
        let entry = Entry { place: variable_name.clone(), values: option.split(&value) };
        add(option, &entry, &mut found, &mut faults);
    }
    let in_environment = |option: &&ConfigOption<'_>| found.origins.options.contains_key(option.name());
    seen.extend(options.iter().filter(in_environment));

    let from_line = option::value_of("--config", after).map(PathBuf::from);
    let named = variable(FILE_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = from_line.or(named) {
        let known: Vec<_> = COMMANDS.iter().filter_map(|name| cli.find_subcommand(name)).collect();
        let read = file::read(&path, &options, &known)?;
        found.warnings.extend(read.warning);
        faults.extend(read.faults);
        for (option, entry) in &read.entries {
            if !seen.iter().any(|given| given.excludes(option)) {
                add(option, entry, &mut found, &mut faults);
            }
        }
        found.origins.file = Some(path);
    }
    if !faults.is_empty() {
        return Err(Failure::Wrong(faults));
    }
    found.args = [before, &found.args, after].concat();
    Ok(found)
}

/// Adds an option with its values, unless one of them is wrong.
fn add(option: &ConfigOption<'_>, entry: &Entry, found: &mut CommandLine, faults: &mut Vec<String>) {
    match option.arguments(&entry.values) {
        Ok(args) => found.args.extend(args),
        Err(reason) => faults.push(format!("{}: {reason}", entry.place)),
    }
    found.origins.options.insert(option.name().to_owned(), (entry.place.clone(), entry.values.clone()));
}

/// The position and name of the command, if it is one of [`COMMANDS`].
fn command(args: &[OsString]) -> Option<(usize, &'static str)> {
    let mut words = args.iter().enumerate().skip(1);
    while let Some((position, word)) = words.next() {
        if word == "--log-format" {
            words.next();
        } else if !word.as_encoded_bytes().starts_with(b"-") {
            return COMMANDS.into_iter().find(|name| OsStr::new(name) == word).map(|name| (position, name));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn complete_with(line: &str, environment: &[(&str, &str)]) -> Result<Vec<String>, Vec<String>> {
        let args: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let value = |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        match complete(&args, value) {
            Ok(line) => Ok(line.args.into_iter().map(|arg| arg.into_string().unwrap()).collect()),
            Err(Failure::Wrong(lines)) => Err(lines),
            Err(failure) => panic!("{failure:?}"),
        }
    }

    #[test]
    fn the_command_line_precedes_the_environment_and_the_environment_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("repcast.toml");
        fs::write(&path, "listen = \"1.1.1.1:1\"\nrate_limit = 7\ncapacity = 5\nverbose = 2\nopen = true\n").unwrap();
        let line = format!("repcast serve --config {} --rate-limit 9", path.display());
        let environment = [("REPCAST_LISTEN", ":80"), ("REPCAST_RATE_LIMIT", "8"), ("REPCAST_MEDIA", "")];
        let mut added = complete_with(&line, &environment).unwrap();
        let rest = added.split_off(added.len() - 4);
        assert_eq!(added[..2], ["repcast", "serve"]);
        let mut added = added.split_off(2);
        added.sort();
        assert_eq!(added, ["--capacity=5", "--listen=:80", "--open", "--verbose", "--verbose"]);
        assert_eq!(rest, line.split(' ').skip(2).collect::<Vec<_>>());
        // A variable can name the file.
        let variable = [("REPCAST_CONFIG", path.to_str().unwrap())];
        assert!(complete_with("repcast serve", &variable).unwrap().contains(&"--rate-limit=7".to_owned()));
    }

    #[test]
    fn what_is_given_excludes_what_it_conflicts_with() {
        let environment = [("REPCAST_TOKEN", "0123456789abcdef"), ("REPCAST_CRF", "20")];
        for line in ["--token-file=t --bitrate 500", "--open --crf=9"] {
            let line = format!("repcast -v --log-format json serve {line}");
            assert_eq!(complete_with(&line, &environment).unwrap().join(" "), line);
        }
        let line = "repcast serve";
        let expected = ["repcast", "serve", "--crf=20", "--token=0123456789abcdef"];
        let mut completed = complete_with(line, &environment).unwrap();
        completed[2..].sort();
        assert_eq!(completed, expected);
    }

    #[test]
    fn other_commands_are_left_as_they_are() {
        let environment = [("REPCAST_LISTEN", "nonsense"), ("REPCAST_CRF", "20")];
        for line in ["repcast render serve", "repcast --log-format serve frame a.json", "repcast", "repcast --help"] {
            assert_eq!(complete_with(line, &environment).unwrap().join(" "), line);
        }
    }

    #[test]
    fn switches_lists_and_wrong_values_of_the_environment() {
        let completed = |environment: &[(&str, &str)]| complete_with("repcast serve", environment);
        let added = |environment: &[(&str, &str)]| completed(environment).unwrap().split_off(2);
        assert_eq!(added(&[("REPCAST_OPEN", "1")]), ["--open"]);
        assert!(added(&[("REPCAST_OPEN", "false")]).is_empty());
        let ranges = [("REPCAST_TRUSTED_PROXY", "10.0.0.0/8, ::1")];
        assert_eq!(added(&ranges), ["--trusted-proxy=10.0.0.0/8", "--trusted-proxy=::1"]);
        for (name, value, message) in [
            ("REPCAST_RATE_LIMIT", "many", "REPCAST_RATE_LIMIT: invalid digit found in string"),
            ("REPCAST_LISTEN", "x", "REPCAST_LISTEN: write a port such as 8080"),
            ("REPCAST_OPEN", "maybe", "REPCAST_OPEN: must be true or false"),
            ("REPCAST_PLAYLIST", "all", "REPCAST_PLAYLIST: must be one of sliding, event"),
        ] {
            let faults = completed(&[(name, value)]).unwrap_err();
            assert!(faults.len() == 1 && faults[0].starts_with(message), "{faults:?}");
        }
    }
}
