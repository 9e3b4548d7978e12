//! Finds the gain that brings a whole mix to its target of loudness.

use std::ops::ControlFlow;

use repcast_media::Stereo;
use repcast_model::audio::{Loudness, SAMPLE_RATE};
use repcast_model::time::to_f64;

use crate::loudness::{LoudnessError, LoudnessMeter, LoudnessReport};
use crate::master::Master;
use crate::mixer::Mixer;
use crate::sounds::factor;

/// Samples that are measured at a time.
const BLOCK: usize = 1024;

/// Decibels between the ceiling of the limiter and the highest true peak that a document allows, for the peaks that AAC
/// adds.
const CODEC_HEADROOM_DB: f64 = 0.5;

/// How far the integrated loudness may be from the target when it was measured, in LU: what meters differ by.
const TOLERANCE: f64 = 0.1;

/// The loss of loudness in the limiter that is not measured, in LU. The estimate is an upper bound, so that the error is
/// less, and together with that of meters less than 0.5 LU.
const UNMEASURED_LOSS: f64 = 0.3;

/// Passes over a mix at most: one without the limiter, and three with it for mixes that are limited almost everywhere.
const MAX_PASSES: u32 = 4;

/// The least change of the loudness per change of the gain that is reckoned with, lest a step go far too far.
const LEAST_SLOPE: f64 = 0.3;

/// The highest gain of a mix in decibels: what is quieter is noise.
const MAX_GAIN_DB: f64 = 20.0;

/// Blocks before and after a peak in which the limiter lowers the gain: its attack is shorter than one, its hold than
/// three.
const BLOCKS_BEFORE: usize = 1;
const BLOCKS_AFTER: usize = 4;

/// The gain that brings a mix to its target.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LoudnessFit {
    /// The gain in decibels.
    pub gain_db: f64,
    /// What the limited mix measures with this gain; estimated to 0.3 LU where only one pass was made.
    pub report: LoudnessReport,
    /// How often the mix was computed.
    pub passes: u32,
}

/// The ceiling in dBTP of the limiter for a target of loudness.
#[must_use]
pub fn ceiling_for(loudness: &Loudness) -> f64 {
    to_f64(loudness.true_peak) - CODEC_HEADROOM_DB
}

/// Finds the gain at which a limited mix has its target of loudness, within 0.5 LU: in one pass over the mix where little
/// is limited, rarely in more than two otherwise. A silent mix keeps a gain of 0.
///
/// `on_progress` is called with the samples that were mixed, over all passes, and can end the search, which then returns
/// nothing.
///
/// # Errors
/// None at the rate of mixes.
pub fn fit_loudness(
    mixer: &mut Mixer,
    loudness: &Loudness,
    on_progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Option<LoudnessFit>, LoudnessError> {
    let (target, ceiling) = (to_f64(loudness.target), ceiling_for(loudness));
    let total = mixer.samples();
    let mut blocks = BlockPeaks::default();
    let free = measure(
        total,
        0,
        on_progress,
        |start, samples| mixer.mix(start, samples),
        |meter, samples| {
            blocks.add(meter.last_true_peak(), samples);
        },
    )?;
    let Some(free) = free else { return Ok(None) };
    let Some(integrated) = free.integrated else {
        return Ok(Some(LoudnessFit { gain_db: 0.0, report: free, passes: 1 }));
    };
    let gain_db = (target - integrated).min(MAX_GAIN_DB);
    let loss = blocks.loss_db(gain_db, ceiling);
    // The middle of what the loss may be.
    let mut gain_db = (gain_db + loss / 2.0).min(MAX_GAIN_DB);
    if loss <= UNMEASURED_LOSS {
        let true_peak = free.true_peak.map(|peak| (peak + gain_db).min(ceiling));
        let report = LoudnessReport { integrated: Some(integrated + gain_db - loss / 2.0), true_peak, ..free };
        return Ok(Some(LoudnessFit { gain_db, report, passes: 1 }));
    }
    let mut best: Option<(f64, LoudnessFit)> = None;
    let mut made = 1;
    for passes in 2..=MAX_PASSES {
        made = passes;
        let mut master = Master::new(&mut *mixer, gain_db, ceiling);
        let mixed = u64::from(passes - 1) * total;
        let report = measure(total, mixed, on_progress, |start, samples| master.read(start, samples), |_, _| {})?;
        let Some(report) = report else { return Ok(None) };
        let error = target - report.integrated.unwrap_or(target);
        if best.is_none_or(|(least, _)| error.abs() < least) {
            best = Some((error.abs(), LoudnessFit { gain_db, report, passes }));
        }
        if error.abs() <= TOLERANCE || gain_db >= MAX_GAIN_DB {
            break;
        }
        // Of a decibel of gain, the limiter takes a part back.
        let taken = blocks.loss_db(gain_db + 1.0, ceiling) - blocks.loss_db(gain_db, ceiling);
        gain_db = (gain_db + error / (1.0 - taken).clamp(LEAST_SLOPE, 1.0)).min(MAX_GAIN_DB);
    }
    Ok(best.map(|(_, fit)| LoudnessFit { passes: made, ..fit }))
}

/// Measures `total` samples that `read` writes; nothing if the caller ends it. `mixed` samples were mixed before.
fn measure(
    total: u64,
    mixed: u64,
    on_progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    mut read: impl FnMut(u64, &mut [Stereo]),
    mut on_block: impl FnMut(&LoudnessMeter, &[Stereo]),
) -> Result<Option<LoudnessReport>, LoudnessError> {
    let mut meter = LoudnessMeter::new(SAMPLE_RATE)?;
    let mut block = [[0.0; 2]; BLOCK];
    let mut position = 0;
    while position < total {
        let count = (total - position).min(BLOCK as u64);
        let samples = &mut block[..count as usize];
        read(position, samples);
        meter.add(samples);
        on_block(&meter, samples);
        position += count;
        if on_progress(mixed + position).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(meter.report()))
}

/// The true peak and the energy of each block of a mix, 1.4 MB an hour.
#[derive(Default)]
struct BlockPeaks(Vec<(f32, f32)>);

impl BlockPeaks {
    fn add(&mut self, peak: f64, samples: &[Stereo]) {
        let energy: f32 = samples.as_flattened().iter().map(|value| value * value).sum();
        self.0.push((peak as f32, energy));
    }

    /// How much quieter the limiter makes the mix at a gain, in decibels, at most: as if the gain of each block were that
    /// of the highest peak around it.
    fn loss_db(&self, gain_db: f64, ceiling_dbtp: f64) -> f64 {
        let highest = factor(ceiling_dbtp - gain_db);
        let (mut all, mut kept) = (0.0, 0.0);
        for (index, (_, energy)) in self.0.iter().enumerate() {
            let around = index.saturating_sub(BLOCKS_AFTER)..(index + BLOCKS_BEFORE + 1).min(self.0.len());
            let peak = self.0[around].iter().map(|(peak, _)| *peak).fold(0.0, f32::max);
            let gain = (highest / f64::from(peak)).min(1.0);
            all += f64::from(*energy);
            kept += f64::from(*energy) * gain * gain;
        }
        if kept > 0.0 { 10.0 * (all / kept).log10() } else { 0.0 }
    }
}
