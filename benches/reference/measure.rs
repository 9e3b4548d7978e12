//! Runs a program and measures time and memory of the whole process.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use crate::Result;

/// The hint when a program is missing.
const INSTALL: &str = "script/bootstrap installs the programs that the benchmark runs";

/// Time and memory of one run.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// User and system time of all threads, in seconds.
    pub(crate) cpu: f64,
    /// Peak resident memory, in units of 10^6 bytes.
    pub(crate) peak_mb: f64,
}

/// Runs a command; returns its cost and standard output. GNU time reports the resource usage of the child, which std does not.
pub(crate) fn run(command: &[String]) -> Result<(Cost, String)> {
    let account = std::env::temp_dir().join(format!("repcast-bench-{}", std::process::id()));
    let mut time = Command::new("/usr/bin/time");
    time.args(["--format", "%U %S %M", "--output"]).arg(&account).args(command);
    let start = Instant::now();
    let output = finish(time.stdin(Stdio::null()), command);
    let wall = start.elapsed().as_secs_f64();
    let text = fs::read_to_string(&account).unwrap_or_default();
    // The file exists even when the program failed, unless GNU time is missing.
    let _ = fs::remove_file(&account);
    let output = output?;
    let values: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let &[user, system, peak_kib] = values.as_slice() else {
        return Err(format!("/usr/bin/time wrote {text:?}; it must be GNU time").into());
    };
    let cost = Cost { wall, cpu: user + system, peak_mb: peak_kib * 1024.0 / 1e6 };
    Ok((cost, String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// Runs a command; returns its standard output and standard error.
pub(crate) fn run_unmeasured(command: &[String]) -> Result<String> {
    let [program, arguments @ ..] = command else { return Err("an empty command".into()) };
    let output = finish(Command::new(program).args(arguments).stdin(Stdio::null()), command)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

fn finish(process: &mut Command, command: &[String]) -> Result<Output> {
    // Without a Wayland display, one of Mesa's layers prints warnings otherwise.
    let output = process.env("NODEVICE_SELECT", "1").output();
    let output = output.map_err(|error| format!("{}: {error}; {INSTALL}", process.get_program().display()))?;
    if output.status.success() {
        return Ok(output);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    // Exit code of GNU time when it cannot start the program.
    let hint = if output.status.code() == Some(127) { INSTALL } else { "" };
    Err(format!("{}: {}\n{stderr}{hint}", command.join(" "), output.status).into())
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
