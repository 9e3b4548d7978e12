//! The machine and the time of the measurements, and the record of results.

use std::fs;
use std::io::Write;

use crate::Result;
use crate::inputs::{Inputs, Job, words};
use crate::measure::run_unmeasured;
use crate::options::Options;

const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/README.md");

/// A heading and the machine in a few lines of Markdown.
pub(crate) fn describe(inputs: &Inputs, adapter: &str, options: &Options, job: &Job) -> Result<String> {
    let output_of = |command: &[&str]| run_unmeasured(&words(command)).ok().map(|stdout| stdout.trim().to_owned());
    let unknown = || "unknown".to_owned();
    let date = output_of(&["date", "--utc", "+%F"]).unwrap_or_else(unknown);
    let commit =
        output_of(&["git", "-C", env!("CARGO_MANIFEST_DIR"), "describe", "--always", "--dirty", "--exclude=*"]);
    let rustc = output_of(&["rustc", "--version"]).unwrap_or_else(unknown);
    let ffmpeg = output_of(&["ffmpeg", "-version"]).unwrap_or_else(unknown);
    let ffmpeg = ffmpeg.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cpu = cpu.map_or("unknown processor", |(_, name)| name);
    let cores = std::thread::available_parallelism()?;
    let runs = if options.runs == 1 { "one run".to_owned() } else { format!("medians of {} runs", options.runs) };
    Ok(format!(
        "\n### {date}, {commit}: {cpu}, {cores} cores, {adapter}\n\n\
        {frames} frames, {runs}; {ffmpeg}, {x264}, {rustc}.\n\n",
        commit = commit.unwrap_or_else(unknown),
        frames = job.frames(),
        x264 = x264_version(&fs::read(inputs.output("repcast-first"))?),
    ))
}

/// The load at the end of the run; the measured programs themselves cause a load of about the number of cores.
pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("\nLoad at the end: {}.\n", load.split_whitespace().next().unwrap_or("unknown"))
}

/// x264 writes its version into the video.
fn x264_version(video: &[u8]) -> String {
    let mark = b"x264 - core ";
    let Some(at) = video.windows(mark.len()).position(|bytes| bytes == mark) else {
        return "x264 of unknown version".to_owned();
    };
    let text = String::from_utf8_lossy(&video[at..video.len().min(at + 64)]).into_owned();
    format!("x264 {}", text.split_whitespace().skip(3).take(2).collect::<Vec<_>>().join(" "))
}

/// Appends the results to the record; docs/benchmarks.md describes it.
pub(crate) fn append(report: &str) -> Result<()> {
    let mut file = fs::OpenOptions::new().append(true).open(RECORD).map_err(|error| format!("{RECORD}: {error}"))?;
    file.write_all(report.as_bytes())?;
    eprintln!("bench: added to {RECORD}");
    Ok(())
}
