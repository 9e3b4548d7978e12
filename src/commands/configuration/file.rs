//! The configuration file: TOML, whose keys are the names of options with `_` for `-`.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use clap::Command;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::option::ConfigOption;
use crate::commands::Failure;
use repcast_media::io_reason;
use repcast_model::document::nearest;

/// Most bytes of a file; a long one has a few kilobytes.
const MAX_BYTES: u64 = 1 << 20;

/// Options whose values other users of the machine should not read: a token, and addresses with keys.
const SECRETS: [&str; 2] = ["token", "push"];

/// What a file says of an option.
pub(super) struct Entry {
    /// File, line and key.
    pub(super) place: String,
    /// Its value, or its values.
    pub(super) values: Vec<OsString>,
}

/// What was read from a file.
pub(super) struct ConfigFile<'a> {
    /// The options of this command.
    pub(super) entries: Vec<(ConfigOption<'a>, Entry)>,
    /// One line for each fault.
    pub(super) faults: Vec<String>,
    /// What works, but should be changed.
    pub(super) warning: Option<String>,
}

/// Reads a file. Keys of the other commands in `known` are accepted, and ignored.
///
/// # Errors
/// When it cannot be read, or is not TOML.
pub(super) fn read<'a>(
    path: &Path,
    options: &[ConfigOption<'a>],
    known: &[&Command],
) -> Result<ConfigFile<'a>, Failure> {
    let text = text_of(path)?;
    let table = DeTable::parse(&text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        Failure::wrong(format!("{}:{}: is not valid TOML: {message}", path.display(), line(&text, start)))
    })?;
    let known: Vec<ConfigOption<'_>> = known
        .iter()
        .flat_map(|command| command.get_arguments().filter_map(|arg| ConfigOption::new(command, arg)))
        .collect();
    let mut read = ConfigFile { entries: Vec::new(), faults: Vec::new(), warning: None };
    let mut lines: Vec<_> = table.get_ref().iter().collect();
    lines.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in lines {
        let place = format!("{}:{}: {}", path.display(), line(&text, key.span().start), key.get_ref());
        let option = options.iter().find(|option| option.key() == **key.get_ref());
        let any = option.or_else(|| known.iter().find(|option| option.key() == **key.get_ref()));
        match any.map(|option| values(option, value, path)) {
            None => read.faults.push(format!("{place}: is not an option{}", suggestion(key.get_ref(), &known))),
            Some(Err(reason)) => read.faults.push(format!("{place}: {reason}")),
            Some(Ok(values)) => {
                read.entries.extend(option.map(|option| (*option, Entry { place, values })));
            }
        }
    }
    let secret = read.entries.iter().find(|(option, _)| SECRETS.contains(&&*option.key()) && is_readable_by_all(path));
    read.warning = secret.map(|(_, entry)| {
        format!("{}: every user of this machine can read the file: use token_file, or `chmod o-r`", entry.place)
    });
    Ok(read)
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let wrong = |reason: String| Failure::wrong(format!("{}: {reason}", path.display()));
    let mut text = String::new();
    let is_file = std::fs::metadata(path).map_err(|error| wrong(io_reason(&error)))?.is_file();
    if !is_file {
        return Err(wrong("is not a regular file".to_owned()));
    }
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text));
    read.map_err(|error| wrong(io_reason(&error)))?;
    if text.len() as u64 > MAX_BYTES { Err(wrong(format!("is larger than {MAX_BYTES} bytes"))) } else { Ok(text) }
}

/// The number of the line with this byte, from 1.
fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The values of an option. Paths are relative to the folder of the file.
fn values(option: &ConfigOption<'_>, value: &Spanned<DeValue<'_>>, path: &Path) -> Result<Vec<OsString>, String> {
    let one = |value: &DeValue<'_>| match value {
        DeValue::String(text) if option.is_path() => {
            Ok(path.parent().unwrap_or(Path::new("")).join(&**text).into_os_string())
        }
        DeValue::String(text) => Ok(OsString::from(&**text)),
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().into()),
        DeValue::Float(number) => Ok(number.as_str().into()),
        DeValue::Boolean(value) => Ok(value.to_string().into()),
        other => Err(format!("must be a text, a number, true or false, not {}", article(other))),
    };
    match value.get_ref() {
        DeValue::Array(list) if option.is_list() => list.iter().map(|value| one(value.get_ref())).collect(),
        DeValue::Array(_) => Err("must be one value, not a list".to_owned()),
        value => Ok(vec![one(value)?]),
    }
}

/// What a value is, for messages.
fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::Table(_) => "a table",
        DeValue::Array(_) => "a list",
        DeValue::Datetime(_) => "a date",
        _ => "a number in another base than 10",
    }
}

/// The option that an unknown key probably means.
fn suggestion(key: &str, known: &[ConfigOption<'_>]) -> String {
    let keys: Vec<String> = known.iter().map(ConfigOption::key).collect();
    let near = nearest(&key.replace('-', "_"), keys.iter().map(String::as_str));
    near.map_or(String::new(), |option| format!("; did you mean {option}?"))
}

fn is_readable_by_all(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o004 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use clap::CommandFactory;

    use super::*;
    use crate::commands::args::Cli;

    /// Keys of options and their values.
    type Entries = Vec<(String, Vec<OsString>)>;

    /// Reads a text as the configuration of `live`: its options with values, the faults and the file's folder.
    fn read_text(text: &str) -> (Entries, Vec<String>, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("repcast.toml");
        fs::write(&path, text).unwrap();
        let mut cli = Cli::command();
        cli.build();
        let [live, serve] = ["live", "serve"].map(|name| cli.find_subcommand(name).unwrap());
        let options: Vec<_> = live.get_arguments().filter_map(|arg| ConfigOption::new(live, arg)).collect();
        let prefix = format!("{}/", folder.path().display());
        match read(&path, &options, &[live, serve]) {
            Ok(read) => {
                let entries = read.entries.into_iter().map(|(option, entry)| (option.key(), entry.values));
                let faults = read.faults.into_iter().map(|fault| fault.replace(&prefix, ""));
                (entries.collect(), faults.collect(), folder.path().to_owned())
            }
            Err(Failure::Wrong(lines)) => {
                (Vec::new(), lines.iter().map(|line| line.replace(&prefix, "")).collect(), folder.path().to_owned())
            }
            Err(failure) => panic!("{failure:?}"),
        }
    }

    #[test]
    fn values_have_any_simple_type_and_paths_are_relative_to_the_file() {
        let text = "# Ours\nlisten = 8080\npart = 0.5\npreview = true\ncatalogue = \"gym\"\ntls_cert = \"/etc/cert.pem\"\n\
                    trusted_proxy = [\"10.0.0.0/8\", \"::1\"]\nallowed_host = \"gym.lan\"\nmedia = \"of serve\"\n";
        let (mut entries, faults, folder) = read_text(text);
        entries.sort();
        let gym = folder.join("gym").into_os_string();
        let expected: [(&str, Vec<OsString>); 7] = [
            ("allowed_host", vec!["gym.lan".into()]),
            ("catalogue", vec![gym]),
            ("listen", vec!["8080".into()]),
            ("part", vec!["0.5".into()]),
            ("preview", vec!["true".into()]),
            ("tls_cert", vec!["/etc/cert.pem".into()]),
            ("trusted_proxy", vec!["10.0.0.0/8".into(), "::1".into()]),
        ];
        assert_eq!(entries, expected.map(|(key, values)| (key.to_owned(), values)));
        assert_eq!(faults, [""; 0]);
    }

    #[test]
    fn faults_have_their_line_and_a_suggestion() {
        for (text, fault) in [
            ("\nlisten = 1\nlistne = 2\n", "repcast.toml:3: listne: is not an option; did you mean listen?"),
            ("token-file = \"t\"", "repcast.toml:1: token-file: is not an option; did you mean token_file?"),
            ("banana = 1", "repcast.toml:1: banana: is not an option"),
            ("config = \"x\"", "repcast.toml:1: config: is not an option"),
            ("\n\nlisten = [1, 2]", "repcast.toml:3: listen: must be one value, not a list"),
            ("[listen]\na = 1", "repcast.toml:1: listen: must be a text, a number, true or false, not a table"),
            (
                "trusted_proxy = [[1]]",
                "repcast.toml:1: trusted_proxy: must be a text, a number, true or false, not a list",
            ),
        ] {
            assert_eq!(read_text(text).1, [fault], "{text}");
        }
        for (text, fault) in [
            ("a = 1\nlisten = ", "repcast.toml:2: is not valid TOML: "),
            ("listen = 1\nlisten = 2", "repcast.toml:2: is not valid TOML: duplicate key"),
        ] {
            let faults = read_text(text).1;
            assert!(faults.len() == 1 && faults[0].starts_with(fault), "{faults:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_token_that_everyone_can_read_is_reported() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("repcast.toml");
        let mut cli = Cli::command();
        cli.build();
        let serve = cli.find_subcommand("serve").unwrap();
        let options: Vec<_> = serve.get_arguments().filter_map(|arg| ConfigOption::new(serve, arg)).collect();
        for (text, mode, is_reported) in [
            ("token = \"0123456789abcdef\"", 0o644, true),
            ("token = \"0123456789abcdef\"", 0o640, false),
            ("token_file = \"token\"", 0o644, false),
        ] {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let warning = read(&path, &options, &[serve]).unwrap().warning;
            assert_eq!(warning.is_some_and(|warning| warning.contains(":1: token: ")), is_reported, "{text} {mode:o}");
        }
    }
}
