//! The limited mix in order, from its beginning to its end, and the audio track that it is encoded to.

use repcast_gstreamer::encode::{AacEncoder, AacSettings, EncodeError};
use repcast_media::{Sample, Stereo};
use repcast_mixer::{Master, SoundFailure};

/// Samples that are mixed at a time: some access units, 85 ms.
const BATCH: usize = 4096;

/// Reads a mix from its beginning to its end.
pub(crate) struct MixReader {
    master: Master,
    position: u64,
    batch: Vec<Stereo>,
}

impl MixReader {
    /// A reader at the beginning.
    pub(crate) fn new(master: Master) -> Self {
        Self { master, position: 0, batch: vec![[0.0; 2]; BATCH] }
    }

    /// Samples read so far.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The next samples; `None` at the end.
    pub(crate) fn read(&mut self) -> Option<&[Stereo]> {
        let rest = self.master.mixer().samples() - self.position;
        let batch = &mut self.batch[..rest.min(BATCH as u64) as usize];
        self.master.read(self.position, batch);
        self.position += batch.len() as u64;
        (!batch.is_empty()).then_some(batch)
    }

    /// The sounds that became silent since the last call.
    pub(crate) fn take_failures(&mut self) -> Vec<SoundFailure> {
        self.master.mixer().failures()
    }
}

/// Encodes a mix from its beginning to its end.
pub(crate) struct AudioTrack {
    mix: MixReader,
    /// `None` after the end.
    encoder: Option<AacEncoder>,
}

impl AudioTrack {
    /// The track of a mix.
    ///
    /// # Errors
    /// When the encoder does not start.
    pub(crate) fn start(mix: MixReader, settings: AacSettings) -> Result<Self, EncodeError> {
        Ok(Self { mix, encoder: Some(AacEncoder::start(settings)?) })
    }

    /// The next access units, which may be none; `None` after the last.
    ///
    /// # Errors
    /// When the encoder fails.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<Sample>>, EncodeError> {
        match (self.mix.read(), &mut self.encoder) {
            (Some(samples), Some(encoder)) => encoder.push(samples).map(Some),
            _ => self.encoder.take().map(AacEncoder::finish).transpose(),
        }
    }

    /// The sounds that became silent since the last call.
    pub(crate) fn take_failures(&mut self) -> Vec<SoundFailure> {
        self.mix.take_failures()
    }
}
