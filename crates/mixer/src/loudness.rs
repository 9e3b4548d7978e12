//! Loudness and true peak (ITU-R BS.1770-4, EBU R 128), by `ebur128`.

use ebur128::{EbuR128, Mode};
use repcast_media::Stereo;

/// Why loudness cannot be measured.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
#[error("loudness cannot be measured at {0} samples per second")]
pub struct LoudnessError(pub u32);

/// Measures the loudness of stereo samples.
pub struct LoudnessMeter {
    meter: EbuR128,
}

/// What a meter has measured, from its beginning.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LoudnessReport {
    /// Integrated loudness in LUFS; nothing for silence.
    pub integrated: Option<f64>,
    /// Loudness range in LU; nothing where it was not measured.
    pub range: Option<f64>,
    /// True peak in dBTP of the louder channel; nothing for silence, or where it was not measured.
    pub true_peak: Option<f64>,
}

impl LoudnessMeter {
    /// A meter of all that [`LoudnessReport`] has.
    ///
    /// # Errors
    /// For sample rates that are not supported.
    pub fn new(rate: u32) -> Result<Self, LoudnessError> {
        Self::with(rate, Mode::I | Mode::LRA | Mode::TRUE_PEAK)
    }

    /// A meter of the integrated loudness alone, at half of the cost.
    ///
    /// # Errors
    /// For sample rates that are not supported.
    pub fn integrated(rate: u32) -> Result<Self, LoudnessError> {
        Self::with(rate, Mode::I)
    }

    fn with(rate: u32, mode: Mode) -> Result<Self, LoudnessError> {
        let meter = EbuR128::new(2, rate, mode).map_err(|_| LoudnessError(rate))?;
        Ok(Self { meter })
    }

    /// Measures samples that follow those before.
    pub fn add(&mut self, samples: &[Stereo]) {
        // Fails for a part of a frame only.
        let _ = self.meter.add_frames_f32(samples.as_flattened());
    }

    /// Loudness of the last 400 ms in LUFS; nothing for silence.
    fn momentary(&self) -> Option<f64> {
        finite(self.meter.loudness_momentary())
    }

    /// The true peak of the samples that were added last, of the louder channel, where 1 is full scale.
    pub(crate) fn last_true_peak(&self) -> f64 {
        [0, 1].map(|channel| self.meter.prev_true_peak(channel).unwrap_or(0.0)).into_iter().fold(0.0, f64::max)
    }

    /// What was measured so far.
    #[must_use]
    pub fn report(&self) -> LoudnessReport {
        let peak = |channel| self.meter.true_peak(channel).map(|peak| 20.0 * peak.log10());
        let peaks = [finite(peak(0)), finite(peak(1))].into_iter().flatten();
        LoudnessReport {
            integrated: finite(self.meter.loudness_global()),
            range: finite(self.meter.loudness_range()),
            true_peak: peaks.reduce(f64::max),
        }
    }
}

/// The loudest 400 ms of a short sound in LUFS; nothing for silence, and for sample rates that are not supported. What is
/// shorter is as loud as with silence around it.
#[must_use]
pub fn loudest_moment(samples: &[Stereo], rate: u32) -> Option<f64> {
    let mut meter = LoudnessMeter::with(rate, Mode::M).ok()?;
    // Steps of 10 ms, and silence that the last sound is heard out in.
    let step = (rate / 100).max(1) as usize;
    let silence = vec![[0.0; 2]; step];
    let steps = samples.chunks(step).chain(std::iter::repeat_n(&silence[..], 40));
    let moments = steps.filter_map(|samples| {
        meter.add(samples);
        meter.momentary()
    });
    moments.reduce(f64::max)
}

/// A measured value, if it was measured and is not that of silence.
fn finite(value: Result<f64, ebur128::Error>) -> Option<f64> {
    value.ok().filter(|value| value.is_finite())
}
