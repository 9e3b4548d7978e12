//! The audio track of an output: the limited mix, encoded in order.

use repcast_gstreamer::encode::{AacEncoder, AacSettings, EncodeError};
use repcast_media::{Sample, Stereo};
use repcast_mixer::{Master, SoundFailure};

/// Samples that are mixed and encoded at a time: some access units, 85 ms.
const BATCH: usize = 4096;

/// Encodes a mix from its beginning to its end.
pub(crate) struct AudioTrack {
    master: Master,
    /// `None` after the end.
    encoder: Option<AacEncoder>,
    position: u64,
    batch: Vec<Stereo>,
}

impl AudioTrack {
    /// The track of a mix.
    ///
    /// # Errors
    /// When the encoder does not start.
    pub(crate) fn start(master: Master, settings: AacSettings) -> Result<Self, EncodeError> {
        let encoder = Some(AacEncoder::start(settings)?);
        Ok(Self { master, encoder, position: 0, batch: vec![[0.0; 2]; BATCH] })
    }

    /// The next access units, which may be none; `None` after the last.
    ///
    /// # Errors
    /// When the encoder fails.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<Sample>>, EncodeError> {
        let Some(encoder) = &mut self.encoder else { return Ok(None) };
        let rest = self.master.mixer().samples() - self.position;
        let batch = &mut self.batch[..rest.min(BATCH as u64) as usize];
        self.master.read(self.position, batch);
        self.position += batch.len() as u64;
        let mut units = encoder.push(batch)?;
        if self.position == self.master.mixer().samples()
            && let Some(encoder) = self.encoder.take()
        {
            units.extend(encoder.finish()?);
        }
        Ok(Some(units))
    }

    /// The sounds that became silent since the last call.
    pub(crate) fn take_failures(&mut self) -> Vec<SoundFailure> {
        self.master.mixer().failures()
    }
}
