//! The reference job in other codecs, shapes and sizes, the second job, and a single frame.

use crate::ffmpeg::{self, LoopMethod};
use crate::inputs::{Codec, Inputs, Job, words};
use crate::measure::{Cost, median, run};
use crate::options::Options;
use crate::{PRESETS, Result, medians, repcast_adapter};

/// Runs of a single frame, which is short.
const FRAME_RUNS: u32 = 5;

/// Measures each of them in alternation with ffmpeg; returns a table.
pub(crate) fn measure(inputs: &Inputs, options: &Options) -> Result<String> {
    let reference = Job::reference(if options.quick { 30 } else { 300 });
    let ultrafast = PRESETS[0];
    let mut table =
        "\n| job | preset | repcast s | ffmpeg s | x ffmpeg | repcast CPU s | ffmpeg CPU s | repcast MB |\n".to_owned();
    table += "| --- | --- | --: | --: | --: | --: | --: | --: |\n";
    let jobs = [
        ("VP9 with alpha", Job { codec: Codec::Vp9, ..reference }),
        ("ProRes 4444", Job { codec: Codec::ProRes, ..reference }),
        ("9:16", Job { width: 1080, height: 1920, ..reference }),
        ("twelve layers", Job { clips: 4, at_once: true, ..reference }),
        (
            "720p60",
            Job { width: 1280, height: 720, fps: 60, frames_per_clip: 2 * reference.frames_per_clip, ..reference },
        ),
        ("2160p30", Job { width: 3840, height: 2160, ..reference }),
    ];
    for (name, job) in jobs {
        inputs.make_clips(job.codec)?;
        let document = inputs.document(&job, "variant")?;
        let ours = inputs.repcast(&document, &inputs.output("variant"), ultrafast, options);
        let theirs = ffmpeg::command(inputs, &job, LoopMethod::Decode, ultrafast, &inputs.output("variant-ffmpeg"));
        table += &row(name, ultrafast, &ours, &theirs, &job, options)?;
    }
    let (document, clip) = (inputs.moving_document(&reference)?, inputs.moving()?);
    for preset in PRESETS {
        let ours = inputs.repcast(&document, &inputs.output("moving"), preset, options);
        let theirs = ffmpeg::moving(&clip, &reference, preset, &inputs.output("moving-ffmpeg"));
        table += &row("opaque, moving", preset, &ours, &theirs, &reference, options)?;
    }
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/workout.json");
    let image = inputs.output("frame").replace(".mp4", ".png");
    let frame = words(&[&options.repcast, "frame", demo, "--at", "5", "--output", &image]);
    let times: Result<Vec<f64>> = (0..FRAME_RUNS).map(|_| Ok(run(&frame)?.0.wall)).collect();
    Ok(table + &format!("\n`repcast frame` of the demo workout: {:.2} s, median of {FRAME_RUNS}.\n", median(times?)))
}

fn row(name: &str, preset: &str, ours: &[String], theirs: &[String], job: &Job, options: &Options) -> Result<String> {
    let (mut our_costs, mut their_costs): (Vec<Cost>, Vec<Cost>) = (Vec::new(), Vec::new());
    for round in 1..=options.runs {
        let (cost, stdout) = run(ours)?;
        repcast_adapter(&stdout, job)?;
        our_costs.push(cost);
        their_costs.push(run(theirs)?.0);
        eprintln!("bench: {name}, {preset}, run {round} of {}", options.runs);
    }
    let (ours, theirs) = (medians(&our_costs), medians(&their_costs));
    Ok(format!(
        "| {name} | {preset} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.0} |\n",
        ours.wall,
        theirs.wall,
        theirs.wall / ours.wall,
        ours.cpu,
        theirs.cpu,
        ours.peak_mb
    ))
}
