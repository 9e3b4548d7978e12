//! Whether memory grows with a video's length.

use crate::Result;
use crate::inputs::{Inputs, Job};
use crate::measure::run;
use crate::options::Options;

/// Renders 1 and 10 minutes of the same kind of document and compares the peaks. Each clip still lasts 10 s, so the
/// longer video has ten times the layers: whatever repcast keeps of a layer that is over would show.
pub(crate) fn measure(inputs: &Inputs, options: &Options) -> Result<String> {
    let mut peaks = [0.0, 0.0];
    for (peak, minutes) in peaks.iter_mut().zip([1, 10]) {
        eprintln!("bench: memory of {minutes} min");
        let job = Job { clips: 6 * minutes, ..Job::reference(300) };
        let name = format!("memory-{minutes}min");
        let document = inputs.document(&job, &name)?;
        let (cost, said) = run(&inputs.repcast(&document, &inputs.output(&name), "ultrafast", options))?;
        crate::repcast_adapter(&said, &job)?;
        *peak = cost.peak_mb;
    }
    let [short, long] = peaks;
    let growth = (long / short - 1.0) * 100.0;
    Ok(format!(
        "\nPeak memory at 1920x1080, ultrafast: 1 min {short:.0} MB, 10 min {long:.0} MB, growth {growth:+.1} %.\n"
    ))
}
