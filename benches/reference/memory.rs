//! Whether memory grows with a video's length.

use crate::Result;
use crate::inputs::{Inputs, Job};
use crate::measure::run;
use crate::options::Options;

/// Renders 1 and 10 minutes of the same kind of document, or 10 s and 20 s, and compares the peaks. Each clip lasts 10 s, so
/// that the longer video has more layers: memory that is kept for ended layers would show.
pub(crate) fn measure(inputs: &Inputs, options: &Options) -> Result<String> {
    let mut peaks = [0.0, 0.0];
    let lengths = if options.quick { [10, 20] } else { [60, 600] };
    for (peak, secs) in peaks.iter_mut().zip(lengths) {
        eprintln!("bench: memory of {secs} s");
        let job = Job { clips: secs / 10, ..Job::reference(300) };
        let name = format!("memory-{secs}");
        let document = inputs.document(&job, &name)?;
        let (cost, stdout) = run(&inputs.repcast(&document, &inputs.output(&name), "ultrafast", options))?;
        crate::repcast_adapter(&stdout, &job)?;
        *peak = cost.peak_mb;
    }
    let [short, long] = peaks;
    let growth = (long / short - 1.0) * 100.0;
    Ok(format!(
        "\nPeak memory at 1920x1080, ultrafast: {} s {short:.0} MB, {} s {long:.0} MB, growth {growth:+.1} %.\n",
        lengths[0], lengths[1]
    ))
}
