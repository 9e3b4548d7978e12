//! Files that lie, break off, or are not audio: what is heard of each, where, and whether the program says so.
//!
//! All inputs are layers of one composition, each in two seconds of its own, so that one that is heard too late, or
//! for too long, is found. Those that are rejected are all named by one run, and the others are rendered by another,
//! which takes no more memory for any of them.

mod bytes;
mod inputs;

use std::path::Path;

use crate::support;
use bytes::Workshop;
use inputs::{CONTAINERS, Content, Expected, FOREIGN, HEADERS, PATHS, STREAMS, TRUNCATED, reference};
use serde_json::{Value, json};
use support::fixture::scratch;
use support::pcm::{RATE, decode_stereo};
use support::process::{Exit, LIMIT, repcast, run};

/// Seconds of the composition in which an input may be heard.
const SLOT: usize = 2;

/// Samples that are compared at a time.
const WINDOW: usize = 2400;

/// Samples around the expected place in which the sweep is searched.
const REACH: i64 = 24;

/// How alike the sweep and what is heard are at least, 1 for equal signals: less than any codec leaves of it.
const ALIKE: f64 = 0.9;

/// The largest amplitude of silence: a tenth of a thousandth of full scale.
const SILENCE: f32 = 1e-4;

/// Memory that a render of all inputs may take, in MiB: three times what it does.
const MAX_MIB: u64 = 450;

/// Processor time that both runs may take, in seconds: many times the second that they need, and far less than a file costs
/// that is read for as long as it states.
const MAX_CPU_SECS: u64 = 30;

/// Writes all inputs to a folder. Returns their names with what is expected of them.
fn make(folder: &Path) -> Vec<(&'static str, Expected)> {
    let shop = folder.join("workshop");
    std::fs::create_dir(&shop).unwrap();
    let shop = Workshop(&shop);
    let mut made = Vec::new();
    for (name, expected, bytes) in TRUNCATED.iter().chain(&HEADERS).chain(&STREAMS).chain(&CONTAINERS).chain(&FOREIGN) {
        std::fs::write(folder.join(name), bytes(&shop)).unwrap();
        made.push((*name, *expected));
    }
    for (name, expected, content) in PATHS {
        let path = folder.join(name);
        match content {
            Content::Folder => std::fs::create_dir(&path).unwrap(),
            Content::Pipe => assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success()),
            Content::Loop => std::os::unix::fs::symlink(name, &path).unwrap(),
        }
        made.push((name, expected));
    }
    made
}

/// A composition in which these files are heard one after the other.
fn composition(folder: &Path, names: &[&str]) -> Value {
    let layers = names.iter().enumerate().map(
        |(index, name)| json!({"type": "audio", "src": folder.join(name), "start": index * SLOT, "duration": SLOT}),
    );
    json!({"canvas": {"width": 64, "height": 64}, "duration": names.len() * SLOT, "layers": layers.collect::<Vec<_>>()})
}

/// How a run ended, what it said, and what it took.
struct Run {
    exit: Exit,
    stderr: String,
    peak_mib: u64,
    cpu_secs: u64,
}

/// Renders a composition to a WAVE file, within the bounds.
fn render(folder: &Path, document: &Value, out: &Path) -> Run {
    let path = folder.join("document.json");
    std::fs::write(&path, document.to_string()).unwrap();
    let mut command = repcast();
    command.args([Path::new("render"), &path, Path::new("-o"), out]);
    let (mut peak_kib, mut ticks) = (0, 0);
    let output = run(command, LIMIT, |pid| {
        peak_kib = peak_kib.max(peak_of(pid).unwrap_or(0));
        ticks = ticks.max(ticks_of(pid).unwrap_or(0));
    });
    // A hundred ticks are a second, on every system that Linux runs programs on.
    Run { exit: output.exit, stderr: output.stderr, peak_mib: peak_kib >> 10, cpu_secs: ticks / 100 }
}

/// The largest resident memory of a process so far, in KiB.
fn peak_of(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok())
}

/// The processor time of a process so far.
fn ticks_of(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // After the name in parentheses; user and system time are the fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

/// Where a window of the sweep is heard, in samples after its place in the file, and how alike both are there.
fn lateness(sweep: &[f32], heard: &[f32], at: usize, late: usize) -> (i64, f64) {
    let window = &sweep[at..at + WINDOW];
    let energy = |samples: &[f32]| samples.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>();
    let alike = |late: i64| {
        let Some(other) = usize::try_from(at as i64 + late).ok().and_then(|from| heard.get(from..from + WINDOW)) else {
            return 0.0;
        };
        let product: f64 = window.iter().zip(other).map(|(one, other)| f64::from(*one) * f64::from(*other)).sum();
        product / (energy(window) * energy(other)).sqrt().max(1e-9)
    };
    let candidates = late as i64 - REACH..=late as i64 + REACH;
    candidates.map(|late| (late, alike(late))).max_by(|one, other| one.1.total_cmp(&other.1)).unwrap()
}

/// What is wrong with what is heard of an input, if anything is.
fn fault(expected: Expected, sweep: &[f32], heard: &[f32], is_warned: bool) -> Option<String> {
    let (millis, late, warns) = match expected {
        Expected::Heard(late) => (1000, late, false),
        Expected::Part(millis, late) => (millis, late, false),
        Expected::Breaks(millis, late) => (millis, late, true),
        Expected::Other | Expected::Fault(_) => (0, 0, is_warned),
    };
    if is_warned != warns {
        return Some(format!("a warning: {is_warned}"));
    }
    let loudest = heard.iter().fold(0_f32, |loudest, value| loudest.max(value.abs()));
    if !heard.iter().all(|value| value.is_finite()) || loudest > 1.0 {
        return Some(format!("an amplitude of {loudest}"));
    }
    let len = millis * RATE / 1000;
    for at in (0..len.saturating_sub(WINDOW)).step_by(WINDOW) {
        let (found, alike) = lateness(sweep, heard, at, late);
        if found.abs_diff(late as i64) > 1 || alike < ALIKE {
            return Some(format!("sample {at} is heard {found} samples late, alike to {alike:.3}"));
        }
    }
    let is_silent = |samples: &[f32]| samples.iter().all(|value| value.abs() < SILENCE);
    let silent_from = match expected {
        Expected::Breaks(0, _) => 0,
        // The rest of the block in which the damage is may be heard.
        Expected::Breaks(..) | Expected::Heard(_) => RATE + late + RATE / 10,
        _ => heard.len(),
    };
    (!is_silent(&heard[silent_from..])).then(|| "something is heard after the end".to_owned())
}

#[test]
fn hostile_audio_is_heard_in_place_or_silent_and_named() {
    let folder = scratch();
    let inputs = make(folder.path());
    let out = folder.path().join("out.wav");
    let is_rejected = |input: &&(&str, Expected)| matches!(input.1, Expected::Fault(_));
    let rejected: Vec<_> = inputs.iter().filter(is_rejected).collect();
    let heard: Vec<_> = inputs.iter().filter(|input| !is_rejected(input)).collect();
    let mut faults = Vec::new();

    let names: Vec<&str> = rejected.iter().map(|(name, _)| *name).collect();
    let run = render(folder.path(), &composition(folder.path(), &names), &out);
    assert!(run.exit == Exit::Code(2) && !out.exists(), "{:?}\n{}", run.exit, run.stderr);
    for (index, (name, expected)) in rejected.iter().enumerate() {
        let place = format!("layers[{index}].src: ");
        let lines: Vec<&str> = run.stderr.lines().filter(|line| line.contains(&place)).collect();
        let Expected::Fault(message) = expected else { continue };
        if lines.len() != 1 || !lines[0].contains(message) {
            faults.push(format!("{name}: {lines:?}"));
        }
    }
    let (mut peak_mib, mut cpu_secs) = (run.peak_mib, run.cpu_secs);

    let names: Vec<&str> = heard.iter().map(|(name, _)| *name).collect();
    let run = render(folder.path(), &composition(folder.path(), &names), &out);
    assert_eq!(run.exit, Exit::Code(0), "{}", run.stderr);
    let mix = decode_stereo(&out);
    assert_eq!(mix.len(), heard.len() * SLOT * RATE);
    let sweep = reference();
    for (slot, (name, expected)) in mix.chunks(SLOT * RATE).zip(&heard) {
        let left: Vec<f32> = slot.iter().map(|sample| sample[0]).collect();
        let is_warned = run.stderr.lines().any(|line| line.contains(&format!("/{name}: ")));
        faults.extend(fault(*expected, &sweep, &left, is_warned).map(|fault| format!("{name}: {fault}")));
    }
    peak_mib = peak_mib.max(run.peak_mib);
    cpu_secs += run.cpu_secs;
    assert!(faults.is_empty(), "{} of {}:\n{}\n{}", faults.len(), inputs.len(), faults.join("\n"), run.stderr);
    assert!(peak_mib < MAX_MIB && cpu_secs < MAX_CPU_SECS, "{peak_mib} MiB, {cpu_secs} s");
}
