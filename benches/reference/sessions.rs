//! The number of live sessions without late frames.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::Result;
use crate::inputs::{FPS, Inputs, Job};
use crate::options::Options;

/// Seconds after the start of the last session before late frames count: decoders start, and kernels are compiled.
const SETTLE_SECS: u64 = 5;

/// Runs a number of sessions, and fewer while frames are late; returns a table.
pub(crate) fn measure(inputs: &Inputs, options: &Options) -> Result<String> {
    let secs = if options.quick { 5 } else { 60 };
    let mut table =
        format!("\n| live sessions, `ultrafast`, {secs} s | sessions | late frames | cores busy | cores stolen |\n");
    table += "| --- | --: | --: | --: | --: |\n";
    for (name, width, height, most) in [("720p30", 1280, 720, 10), ("1080p30", 1920, 1080, 5)] {
        // Longer than the measurement, because sessions start one after the other.
        let frames_per_clip = (secs + 2 * SETTLE_SECS + 20) as u32 * FPS / 3;
        let job = Job { width, height, ..Job::reference(frames_per_clip) };
        let document = fs::read_to_string(inputs.document(&job, "session")?)?;
        for sessions in (1..=most).rev() {
            eprintln!("bench: {sessions} live sessions of {name}, {secs} s");
            let (late, cores, stolen) = run_sessions(inputs, options, &document, sessions, secs)?;
            table += &format!("| {name} | {sessions} | {late} | {cores:.2} | {stolen:.2} |\n");
            if late == 0 || options.quick {
                break;
            }
        }
    }
    Ok(table)
}

/// Runs a number of sessions; returns the number of late frames, the cores that the server used, and the cores that the host
/// withheld (steal).
fn run_sessions(
    inputs: &Inputs,
    options: &Options,
    document: &str,
    sessions: u32,
    secs: u64,
) -> Result<(u64, f64, f64)> {
    let server = Server::start(inputs, options)?;
    let created: Result<Vec<_>> = (0..sessions).map(|_| server.start_session(document)).collect();
    let ids = created?;
    std::thread::sleep(Duration::from_secs(SETTLE_SECS));
    let late = || ids.iter().map(|id| server.late_frames(id)).sum::<Result<u64>>();
    let (late_before, cpu_before, stolen_before) = (late()?, server.cpu_secs()?, stolen_secs()?);
    std::thread::sleep(Duration::from_secs(secs));
    let share = |now: f64, before: f64| (now - before) / secs as f64;
    let (cores, stolen) = (share(server.cpu_secs()?, cpu_before), share(stolen_secs()?, stolen_before));
    Ok((late()? - late_before, cores, stolen))
}

/// Unit of times in `/proc` (`USER_HZ`).
const TICKS_PER_SEC: f64 = 100.0;

/// Steal time so far: CPU time that the host withheld from this machine.
fn stolen_secs() -> Result<f64> {
    let stat = fs::read_to_string("/proc/stat")?;
    let ticks: f64 = stat.split_whitespace().nth(8).ok_or("/proc/stat has no steal time")?.parse()?;
    Ok(ticks / TICKS_PER_SEC)
}

/// A server process, killed when this value is dropped.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(inputs: &Inputs, options: &Options) -> Result<Self> {
        let mut command = Command::new(&options.repcast);
        // Without limits, so that overload causes late frames instead of rejections.
        command.args(["serve", "--listen", "127.0.0.1:0", "--capacity", "1000000", "--rate-limit", "100000"]);
        command.args(["--encoder", "x264enc", "--preset", "ultrafast", "--media", &inputs.folder()]);
        if let Some(adapter) = &options.adapter {
            command.args(["--adapter", adapter]);
        }
        let mut process = command.env("NODEVICE_SELECT", "1").stderr(Stdio::piped()).stdin(Stdio::null()).spawn()?;
        let stderr = process.stderr.take().ok_or("a server without standard error")?;
        let mut server = Self { process, url: String::new() };
        let mut lines = BufReader::new(stderr).lines();
        for line in lines.by_ref() {
            if let Some((_, url)) = line?.split_once("listening on ") {
                server.url = url.trim().to_owned();
                break;
            }
        }
        if server.url.is_empty() {
            return Err("the server does not listen".into());
        }
        // Drains the pipe, which would block the server when it is full.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    fn start_session(&self, document: &str) -> Result<String> {
        let request = ureq::post(format!("{}/api/live", self.url)).header("content-type", "application/json");
        let session: Value = request.send(document)?.body_mut().read_json()?;
        Ok(session["id"].as_str().ok_or("a session without an id")?.to_owned())
    }

    fn late_frames(&self, id: &str) -> Result<u64> {
        let state: Value = ureq::get(format!("{}/api/live/{id}", self.url)).call()?.body_mut().read_json()?;
        if state["state"] != "playing" {
            return Err(format!("a session is {} instead of playing", state["state"]).into());
        }
        Ok(state["late_frames"].as_u64().ok_or("the status has no late_frames")?)
    }

    /// CPU time of all its threads so far.
    fn cpu_secs(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let fields = stat.rsplit_once(')').ok_or("/proc has no such process")?.1.split_whitespace();
        let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
        Ok(ticks.iter().sum::<f64>() / TICKS_PER_SEC)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
