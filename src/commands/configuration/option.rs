//! An option that can come from the environment or from a file.

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::{Arg, Command};
use clap::error::ContextKind;
use clap::{ArgAction, Error};

/// Options that make no sense outside of the command line.
const EXCLUDED: [&str; 4] = ["config", "check-config", "help", "version"];

/// Most repetitions of an option that is counted.
const MAX_COUNT: usize = 3;

/// An option of a command.
#[derive(Clone, Copy)]
pub(super) struct ConfigOption<'a> {
    command: &'a Command,
    arg: &'a Arg,
    name: &'a str,
}

impl<'a> ConfigOption<'a> {
    /// The option of an argument; `None` for positional ones, and for those that only the command line can have.
    pub(super) fn new(command: &'a Command, arg: &'a Arg) -> Option<Self> {
        let name = arg.get_long().filter(|name| !EXCLUDED.contains(name))?;
        Some(Self { command, arg, name })
    }

    /// Its name on the command line, without dashes.
    pub(super) fn name(&self) -> &'a str {
        self.name
    }

    /// Its name in a file.
    pub(super) fn key(&self) -> String {
        self.name.replace('-', "_")
    }

    /// Whether its value is a path.
    pub(super) fn is_path(&self) -> bool {
        self.arg.get_value_parser().type_id() == TypeId::of::<PathBuf>()
    }

    /// Whether it may have several values.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.arg.get_action(), ArgAction::Append)
    }

    /// Whether it stands on a command line, in front of the command's name or after it.
    pub(super) fn is_given(&self, before: &[OsString], after: &[OsString]) -> bool {
        let names = [self.name].into_iter().chain(self.arg.get_all_aliases().into_iter().flatten());
        let names: Vec<String> = names.map(|name| format!("--{name}")).collect();
        let is_name = |word: &OsString| {
            let word = word.as_encoded_bytes();
            let is_long = names
                .iter()
                .any(|name| word.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.is_empty() || rest[0] == b'='));
            let is_short =
                |short: char| word.starts_with(b"-") && !word.starts_with(b"--") && word.contains(&(short as u8));
            is_long || self.arg.get_short().is_some_and(is_short)
        };
        before.iter().chain(after.iter().take_while(|word| *word != "--")).any(is_name)
    }

    /// Whether another option is the same, or cannot be given together with this one.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let conflicts = |one: &Self, two: &Self| {
            // Options of all commands conflict with none.
            !one.arg.is_global_set()
                && one.command.get_arg_conflicts_with(one.arg).iter().any(|arg| arg.get_id() == two.arg.get_id())
        };
        self.name == other.name || conflicts(self, other) || conflicts(other, self)
    }

    /// The values of a text, in which those of a list are separated as on the command line, or by commas.
    pub(super) fn split(&self, text: &OsStr) -> Vec<OsString> {
        match text.to_str() {
            Some(text) if self.is_list() => {
                let values = text.split(self.arg.get_value_delimiter().unwrap_or(',')).map(str::trim);
                values.filter(|value| !value.is_empty()).map(Into::into).collect()
            }
            _ => vec![text.to_owned()],
        }
    }

    /// The arguments of a command line that give the option these values.
    ///
    /// # Errors
    /// Why a value is not one of this option.
    pub(super) fn arguments(&self, values: &[OsString]) -> Result<Vec<OsString>, String> {
        let flag = OsString::from(format!("--{}", self.name));
        match self.arg.get_action() {
            ArgAction::SetTrue => Ok(vec![flag; usize::from(switch(values)?)]),
            ArgAction::Count => Ok(vec![flag; count(values)?]),
            _ => values.iter().map(|value| self.check(value).map(|()| joined(&flag, value))).collect(),
        }
    }

    /// Parses a value as the command would.
    fn check(&self, value: &OsStr) -> Result<(), String> {
        let alone = Arg::new("value").long("value").value_parser(self.arg.get_value_parser().clone());
        let line = [OsString::from("repcast"), joined(OsStr::new("--value"), value)];
        let parsed = Command::new("repcast").arg(alone).try_get_matches_from(line);
        parsed.map(drop).map_err(|error| reason(&error))
    }
}

/// `FLAG=VALUE`.
fn joined(flag: &OsStr, value: &OsStr) -> OsString {
    [flag, OsStr::new("="), value].into_iter().collect()
}

/// The value of an option in the words of a command line: `--name VALUE` or `--name=VALUE`.
pub(super) fn value_of<'a>(name: &str, args: &'a [OsString]) -> Option<&'a OsStr> {
    let args = || args.iter().take_while(|word| *word != "--");
    let following = args().zip(args().skip(1)).find(|(word, _)| *word == name).map(|(_, value)| value.as_os_str());
    let joined = || args().filter_map(|word| word.to_str()).find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    following.or_else(|| joined().map(OsStr::new))
}

fn switch(values: &[OsString]) -> Result<bool, String> {
    match values.first().and_then(|value| value.to_str()) {
        Some("true" | "yes" | "on" | "1") => Ok(true),
        Some("false" | "no" | "off" | "0") => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

fn count(values: &[OsString]) -> Result<usize, String> {
    let number = values.first().and_then(|value| value.to_str()).and_then(|value| value.parse().ok());
    number.filter(|number| *number <= MAX_COUNT).ok_or_else(|| format!("must be a number from 0 to {MAX_COUNT}"))
}

/// Why a value was rejected, without the name of the option.
fn reason(error: &Error) -> String {
    if let Some(source) = std::error::Error::source(error) {
        return source.to_string();
    }
    match error.get(ContextKind::ValidValue) {
        Some(clap::error::ContextValue::Strings(values)) if !values.is_empty() => {
            format!("must be one of {}", values.join(", "))
        }
        _ => "is not a value of this option".to_owned(),
    }
}
