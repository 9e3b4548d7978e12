//! Measures repcast against the ffmpeg command line that makes the same video, and against x264 alone.
//!
//! `script/bench` runs it. docs/benchmarks.md describes the jobs and the method.

use std::error::Error;
use std::process::ExitCode;

use ffmpeg::LoopMethod;
use inputs::{Inputs, Job};
use measure::{Cost, median, run};
use options::Options;
use table::Row;

mod again;
mod ffmpeg;
mod inputs;
mod machine;
mod measure;
mod memory;
mod options;
mod sessions;
mod table;
mod variants;

/// Errors are only printed.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A measurement that returns a table.
type Measurement = fn(&Inputs, &Options) -> Result<String>;

/// The x264 presets that are measured: the fastest, where the encoder matters least, and repcast's default.
const PRESETS: [&str; 2] = ["ultrafast", "veryfast"];

/// CRF of all encodes: repcast's default.
const CRF: &str = "23";

fn main() -> ExitCode {
    let outcome = Options::parse(std::env::args().skip(1)).and_then(|options| match options {
        None => {
            println!("{}", options::USAGE);
            Ok(())
        }
        Some(options) => bench(&options),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bench(options: &Options) -> Result<()> {
    let inputs = Inputs::make()?;
    // In the quick job each clip has a sixth of its length, so that all three are included.
    let job = Job::reference(if options.quick { 50 } else { 300 });
    // Each table names the adapter, which the first render reports.
    let document = inputs.document(&job, "reference")?;
    let (_, stdout) = run(&inputs.repcast(&document, &inputs.output("repcast-first"), PRESETS[0], options))?;
    let mut report = machine::describe(&inputs, &repcast_adapter(&stdout, &job)?, options, &job)?;
    print!("{report}");
    let parts: [(&str, Measurement); 5] = [
        ("reference", reference),
        ("variants", variants::measure),
        ("again", again::measure),
        ("memory", memory::measure),
        ("sessions", sessions::measure),
    ];
    for (_, measure) in parts.iter().filter(|(part, _)| options.has(part)) {
        let table = measure(&inputs, options)?;
        print!("{table}");
        report += &table;
    }
    report += &machine::load();
    if options.append { machine::append(&report) } else { Ok(()) }
}

/// The reference job with each program in alternation; returns a table.
fn reference(inputs: &Inputs, options: &Options) -> Result<String> {
    let job = Job::reference(if options.quick { 50 } else { 300 });
    let document = inputs.document(&job, "reference")?;
    inputs.make_ready_frames(options)?;
    let mut rows = Vec::new();
    for preset in PRESETS {
        let programs = programs(inputs, &job, &document, preset, options)?;
        let mut costs = vec![Vec::new(); programs.len()];
        // In alternation, so that a slower or busier machine affects all programs.
        for round in 1..=options.runs {
            for ((name, command), costs) in programs.iter().zip(&mut costs) {
                let (cost, stdout) = run(command)?;
                eprintln!("bench: {preset}, run {round} of {}: {name}: {:.2} s", options.runs, cost.wall);
                if *name == "repcast" {
                    repcast_adapter(&stdout, &job)?;
                }
                costs.push(cost);
            }
        }
        let costs = costs.iter().map(|costs| medians(costs));
        rows.extend(programs.iter().zip(costs).map(|((program, _), cost)| Row { preset, program, cost }));
    }
    let similarity = ffmpeg::similarity(inputs, &job, PRESETS[0])?;
    let table = table::markdown(&rows, job.frames());
    Ok(format!("{table}\nrepcast's video compared with ffmpeg's, {}: {similarity}.\n", PRESETS[0]))
}

/// The programs to compare, by name, and the command lines that start them. All write their video to the same folder.
fn programs(
    inputs: &Inputs,
    job: &Job,
    document: &str,
    preset: &str,
    options: &Options,
) -> Result<Vec<(&'static str, Vec<String>)>> {
    let output = |name: &str| inputs.output(&format!("{name}-{preset}"));
    Ok(vec![
        ("repcast", inputs.repcast(document, &output("repcast"), preset, options)),
        ("ffmpeg", ffmpeg::command(inputs, job, LoopMethod::Decode, preset, &output("ffmpeg"))),
        ("ffmpeg, clips held", ffmpeg::command(inputs, job, LoopMethod::Cache, preset, &output("ffmpeg-held"))),
        ("x264 alone", ffmpeg::encoder_alone(inputs, job, preset, &output("x264"))),
    ])
}

/// The adapter's name in the result of `render --json`; fails when frames are missing.
fn repcast_adapter(stdout: &str, job: &Job) -> Result<String> {
    let report: serde_json::Value = serde_json::from_str(stdout)?;
    if report["frames"].as_u64() != Some(u64::from(job.frames())) {
        return Err(format!("repcast wrote {} frames instead of {}", report["frames"], job.frames()).into());
    }
    Ok(report["adapter"].as_str().unwrap_or("unknown").to_owned())
}

/// The median of each value on its own.
fn medians(costs: &[Cost]) -> Cost {
    let of = |value: fn(&Cost) -> f64| median(costs.iter().map(value).collect());
    Cost { wall: of(|cost| cost.wall), cpu: of(|cost| cost.cpu), peak_mb: of(|cost| cost.peak_mb) }
}
