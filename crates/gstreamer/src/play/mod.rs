//! Plays PCM on a sound device.
//!
//! ```text
//! play(samples, heard_in) -- queue, the oldest dropped --> appsrc ! audioconvert ! audioresample ! SINK
//! ```
//!
//! The sink synchronizes to the system's clock and knows the latency of its device: a buffer with running time R is heard at
//! R plus the latency of the pipeline. The time stamps here are earlier by that latency, so that samples are heard when the
//! caller wants. No call waits for the device: its pipeline stops on a thread of its own.

mod device;
mod probe;

use repcast_media::{AudioOutput, AudioOutputError, AudioOutputs};

use device::Device;

/// The sound devices of this machine, or a sink that is named.
#[derive(Clone, Debug, Default)]
pub struct SoundDevices {
    /// The name of an element; `None` for the best device.
    element: Option<String>,
}

impl SoundDevices {
    /// The best device: of the installed sinks, by rank, the first that opens.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// The sink that this element is, for tests and for systems whose best sink is not the wanted one.
    #[must_use]
    pub fn element(name: &str) -> Self {
        Self { element: Some(name.to_owned()) }
    }
}

impl AudioOutputs for SoundDevices {
    fn open(&self) -> Result<Box<dyn AudioOutput>, AudioOutputError> {
        gstreamer::init().map_err(|error| AudioOutputError::Failed(error.to_string()))?;
        let sink = match &self.element {
            Some(name) => probe::open(name).ok_or(AudioOutputError::Missing)?,
            None => probe::best()?,
        };
        Ok(Box::new(Device::start(sink)?))
    }
}
