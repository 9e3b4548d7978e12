//! Measures repcast against the ffmpeg command line that makes the same video, and against x264 alone.
//!
//! `script/bench` runs it. What each job is, and why it is built as it is, says `benches/README.md`.

use std::error::Error;
use std::process::ExitCode;

use ffmpeg::Loops;
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

/// What goes wrong is only ever shown.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Measures something, and returns a table.
type Part = fn(&Inputs, &Options) -> Result<String>;

/// x264's speeds that are measured: the fastest, where everything but the encoder shows most, and repcast's own.
const PRESETS: [&str; 2] = ["ultrafast", "veryfast"];

/// Constant quality of all encodes, repcast's own.
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
    // Of the quick job each clip lasts a sixth as long, so that all three are still seen.
    let job = Job::reference(if options.quick { 50 } else { 300 });
    // Every table names the machine, and the adapter is known to whoever has drawn on it.
    let document = inputs.document(&job, "reference")?;
    let (_, said) = run(&inputs.repcast(&document, &inputs.output("repcast-first"), PRESETS[0], options))?;
    let mut report = machine::describe(&inputs, &repcast_adapter(&said, &job)?, options, &job)?;
    print!("{report}");
    let parts: [(&str, Part); 5] = [
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

/// The reference job, made by each program in turn; returns a table.
fn reference(inputs: &Inputs, options: &Options) -> Result<String> {
    let job = Job::reference(if options.quick { 50 } else { 300 });
    let document = inputs.document(&job, "reference")?;
    inputs.make_ready_frames(options)?;
    let mut rows = Vec::new();
    for preset in PRESETS {
        let programs = programs(inputs, &job, &document, preset, options)?;
        let mut costs = vec![Vec::new(); programs.len()];
        // In turn, so that a machine that slows down or is busy for a while does so to all of them.
        for round in 1..=options.runs {
            for ((name, command), costs) in programs.iter().zip(&mut costs) {
                let (cost, said) = run(command)?;
                eprintln!("bench: {preset}, run {round} of {}: {name}: {:.2} s", options.runs, cost.wall);
                if *name == "repcast" {
                    repcast_adapter(&said, &job)?;
                }
                costs.push(cost);
            }
        }
        let costs = costs.iter().map(|costs| medians(costs));
        rows.extend(programs.iter().zip(costs).map(|((program, _), cost)| Row { preset, program, cost }));
    }
    let likeness = ffmpeg::likeness(inputs, &job, PRESETS[0])?;
    let table = table::markdown(&rows, job.frames());
    Ok(format!("{table}\nrepcast's picture against ffmpeg's, {}: {likeness}.\n", PRESETS[0]))
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
        ("ffmpeg", ffmpeg::command(inputs, job, Loops::Decoding, preset, &output("ffmpeg"))),
        ("ffmpeg, clips held", ffmpeg::command(inputs, job, Loops::Holding, preset, &output("ffmpeg-held"))),
        ("x264 alone", ffmpeg::encoder_alone(inputs, job, preset, &output("x264"))),
    ])
}

/// The adapter's name out of `render --json`, which also says whether all frames are there.
fn repcast_adapter(said: &str, job: &Job) -> Result<String> {
    let report: serde_json::Value = serde_json::from_str(said)?;
    if report["frames"].as_u64() != Some(u64::from(job.frames())) {
        return Err(format!("repcast wrote {} frames instead of {}", report["frames"], job.frames()).into());
    }
    Ok(report["adapter"].as_str().unwrap_or("unknown").to_owned())
}

/// Each figure's own median: the run of middling length need not be the one of middling memory.
fn medians(costs: &[Cost]) -> Cost {
    let of = |figure: fn(&Cost) -> f64| median(costs.iter().map(figure).collect());
    Cost { wall: of(|cost| cost.wall), cpu: of(|cost| cost.cpu), peak_mb: of(|cost| cost.peak_mb) }
}
