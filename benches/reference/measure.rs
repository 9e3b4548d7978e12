//! Runs a program and measures the whole process.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use crate::Result;

/// What helps when a program is not there.
const INSTALL: &str = "script/bootstrap installs what the bench runs";

/// What one run took.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of all threads, in the program and in the kernel for it.
    pub(crate) cpu: f64,
    /// The most memory that was resident, in units of 10^6 bytes.
    pub(crate) peak_mb: f64,
}

/// Runs a command to its end; returns its cost and its standard output. GNU time reads the kernel's account of the
/// child, which std does not offer.
pub(crate) fn run(command: &[String]) -> Result<(Cost, String)> {
    let account = std::env::temp_dir().join(format!("repcast-bench-{}", std::process::id()));
    let mut time = Command::new("/usr/bin/time");
    time.args(["--format", "%U %S %M", "--output"]).arg(&account).args(command);
    let start = Instant::now();
    let output = finish(time.stdin(Stdio::null()), command);
    let wall = start.elapsed().as_secs_f64();
    let text = fs::read_to_string(&account).unwrap_or_default();
    // It is there even when the program failed, unless GNU time itself is not.
    let _ = fs::remove_file(&account);
    let output = output?;
    let figures: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let &[user, system, peak_kib] = figures.as_slice() else {
        return Err(format!("/usr/bin/time wrote {text:?}; it must be GNU time").into());
    };
    let cost = Cost { wall, cpu: user + system, peak_mb: peak_kib * 1024.0 / 1e6 };
    Ok((cost, String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// Runs a command to its end and returns what it wrote to standard output and standard error.
pub(crate) fn run_unmeasured(command: &[String]) -> Result<String> {
    let [program, arguments @ ..] = command else { return Err("an empty command".into()) };
    let output = finish(Command::new(program).args(arguments).stdin(Stdio::null()), command)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

fn finish(process: &mut Command, command: &[String]) -> Result<Output> {
    // On machines without a Wayland display one of Mesa's layers complains otherwise.
    let output = process.env("NODEVICE_SELECT", "1").output();
    let output = output.map_err(|error| format!("{}: {error}; {INSTALL}", process.get_program().display()))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // So GNU time says that it cannot start the program.
    let hint = if output.status.code() == Some(127) { INSTALL } else { "" };
    Err(format!("{}: {}\n{said}{hint}", command.join(" "), output.status).into())
}

/// The middle value; of an even number of values the mean of the middle two.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let upper = values.len() / 2;
    let lower = values.len().saturating_sub(1) / 2;
    match (values.get(lower), values.get(upper)) {
        (Some(lower), Some(upper)) => (lower + upper) / 2.0,
        _ => f64::NAN,
    }
}
