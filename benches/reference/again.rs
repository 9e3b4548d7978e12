//! The reference job rendered again with a segment store.

use std::fs;

use crate::inputs::{Inputs, Job, words};
use crate::measure::{median, run};
use crate::options::Options;
use crate::{PRESETS, Result, repcast_adapter};

/// Renders the job with an empty store, again, and with another name for its second exercise; returns a sentence.
pub(crate) fn measure(inputs: &Inputs, options: &Options) -> Result<String> {
    let job = Job::reference(if options.quick { 50 } else { 300 });
    let store = inputs.output("store");
    let timed = |document: &str| -> Result<f64> {
        let mut command = inputs.repcast(document, &inputs.output("again"), PRESETS[0], options);
        command.extend(words(&["--store", &store]));
        let (cost, stdout) = run(&command)?;
        repcast_adapter(&stdout, &job)?;
        Ok(cost.wall)
    };
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for round in 1..=options.runs {
        eprintln!("bench: with a store, run {round} of {}", options.runs);
        // Fails before the first round, when it does not exist.
        let _ = fs::remove_dir_all(&store);
        let document = inputs.document(&job, "again")?;
        times[0].push(timed(&document)?);
        times[1].push(timed(&document)?);
        let changed = fs::read_to_string(&document)?.replace("Air squat", "Deep squat");
        fs::write(&document, changed)?;
        times[2].push(timed(&document)?);
    }
    fs::remove_dir_all(&store)?;
    let [first, again, changed] = times.map(median);
    Ok(format!(
        "\nWith `--store`, ultrafast: {first:.2} s the first time, {again:.2} s again, {changed:.2} s with another name \
         in the middle third.\n"
    ))
}
