//! Silence in AAC, for receivers that want sound with every video.

use repcast_media::{AAC_FRAME_SAMPLES, PushError, Sample, TrackId};
use repcast_model::audio::SAMPLE_RATE;

use crate::encode::{AacEncoder, AacSettings, EncodeError};

/// Access units that are encoded; the last of them has no trace of the beginning.
const ENCODED_UNITS: usize = 6;

/// Access units of silence, one after the other.
pub(super) struct Silence {
    unit: Vec<u8>,
    /// The next one.
    number: u64,
}

impl Silence {
    /// Silence from time 0 on.
    ///
    /// # Errors
    /// When the encoder is not installed, or fails.
    pub(super) fn start() -> Result<Self, PushError> {
        let missing = PushError::Missing { element: "avenc_aac", package: "gstreamer1.0-libav" };
        let mut encoder = AacEncoder::start(AacSettings::default()).map_err(|error| match error {
            EncodeError::Missing(_) => missing,
            _ => PushError::Failed,
        })?;
        let samples = vec![[0.0; 2]; ENCODED_UNITS * AAC_FRAME_SAMPLES as usize];
        let units = encoder.push(&samples).map_err(|_| PushError::Failed)?;
        let unit = units.into_iter().next_back().ok_or(PushError::Failed)?.data;
        Ok(Self { unit, number: 0 })
    }

    /// The access units that begin before a time in nanoseconds, and have not been returned.
    pub(super) fn until(&mut self, nanos: u64) -> Vec<Sample> {
        let mut units = Vec::new();
        loop {
            let dts = self.number * u64::from(AAC_FRAME_SAMPLES);
            let begins = u128::from(dts) * 1_000_000_000 / u128::from(SAMPLE_RATE);
            let Some(pts) = i64::try_from(dts).ok().filter(|_| begins < u128::from(nanos)) else { return units };
            let (track, duration, data) = (TrackId::AUDIO, AAC_FRAME_SAMPLES, self.unit.clone());
            units.push(Sample { track, dts, pts, duration, is_sync: true, data });
            self.number += 1;
        }
    }
}
