//! The audio of a session: one mix, encoded once for all sizes of the video.
//!
//! ```text
//! thread "decode"                 thread "audio"
//! Playhead of each frame --queue--> LiveMix -> limiter -> AAC -> AudioSegmenter -> Window
//! ```
//!
//! The queue holds seconds, and the video never waits for it: what does not fit is heard as silence.

mod mix;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use repcast_gstreamer::encode::{AacEncoder, AacSettings, EncodeError};
use repcast_media::{Grid, Sample, Stereo};
use repcast_mixer::{DEFAULT_CEILING, LIMITER_LATENCY, Limiter, ceiling_for};
use repcast_model::audio::{SAMPLE_RATE, sample_at};
use repcast_model::session::Playhead;
use repcast_model::time::{FrameRate, Rational};
use repcast_mux::MuxError;
use repcast_mux::cmaf::AudioSegmenter;

use super::rendition_encoder::publish;
use super::session_context::SessionContext;
use super::window::{Window, WindowConfig};
use crate::audio::DocumentAudio;
use mix::LiveMix;

/// The folder of the audio in a stream's URLs.
pub const AUDIO_NAME: &str = "audio";

/// Frames whose sound waits to be mixed: at the start a source may have to be opened, measured and decoded.
const QUEUED_FRAMES: usize = 600;

/// Seconds that no part of the audio exceeds, which accompanies the video of a grid.
///
/// # Errors
/// When the audio cannot be written.
pub(super) fn part_target(grid: Grid, rate: FrameRate) -> Result<Rational, EncodeError> {
    Ok(segmenter(grid, rate)?.part_target())
}

fn segmenter(grid: Grid, rate: FrameRate) -> Result<AudioSegmenter, EncodeError> {
    AudioSegmenter::new(AacEncoder::track(), grid, rate).map_err(|_| EncodeError::Stopped)
}

/// A frame of the stream, and where the session plays in it.
struct AudioFrame {
    number: u64,
    playhead: Playhead,
}

/// The audio of a session, for the thread that decodes its frames. When it is dropped, the rest is published.
pub(super) struct AudioRendition {
    frames: Option<Sender<AudioFrame>>,
    window: Arc<Window>,
    thread: Option<JoinHandle<()>>,
}

impl AudioRendition {
    /// Starts the thread "audio".
    ///
    /// # Errors
    /// When the encoder does not start.
    pub(super) fn start(
        audio: &DocumentAudio,
        rate: FrameRate,
        grid: Grid,
        terms: WindowConfig,
        session: &Arc<SessionContext>,
    ) -> Result<Self, EncodeError> {
        let segmenter = segmenter(grid, rate)?;
        let window = Arc::new(Window::new(WindowConfig { part_target: segmenter.part_target(), ..terms }));
        let encoder = Some(AacEncoder::start(AacSettings::default())?);
        let (send, frames) = bounded(QUEUED_FRAMES);
        let packager = Packager { encoder, segmenter, window: window.clone(), session: session.clone() };
        let audio = audio.clone();
        let session = session.clone();
        let work = move || {
            let mix = || run(&audio, rate, packager, &frames);
            if catch_unwind(AssertUnwindSafe(mix)).is_err() {
                session.fail("the audio stage panicked".to_owned());
            }
        };
        let thread = thread::Builder::new().name("audio".to_owned()).spawn(work).map_err(|_| EncodeError::Stopped)?;
        Ok(Self { frames: Some(send), window, thread: Some(thread) })
    }

    /// The window that receives its parts.
    pub(super) fn window(&self) -> &Arc<Window> {
        &self.window
    }

    /// Mixes the sound of a frame, later.
    pub(super) fn push(&self, number: u64, playhead: Playhead) {
        let Some(frames) = &self.frames else { return };
        match frames.try_send(AudioFrame { number, playhead }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                tracing::debug!(number, "the audio of a frame is left out: the mixer is behind")
            }
            // The thread has failed, which has ended the session.
            Err(TrySendError::Disconnected(_)) => {}
        }
    }
}

impl Drop for AudioRendition {
    fn drop(&mut self) {
        self.frames = None;
        // A panic has ended the session.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Why the audio of a session ends.
#[derive(Debug, thiserror::Error)]
enum AudioError {
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Mux(#[from] MuxError),
}

fn run(audio: &DocumentAudio, rate: FrameRate, mut packager: Packager, frames: &Receiver<AudioFrame>) {
    let ceiling = audio.soundtrack.loudness.as_ref().map_or(DEFAULT_CEILING, ceiling_for);
    let mut mix = LiveMix::open(audio, rate);
    let mut limiter = Limiter::new(ceiling);
    // The first samples that come out of the limiter are before the beginning.
    let mut skipped = LIMITER_LATENCY;
    let (mut next, mut samples) = (0, Vec::new());
    let mut result = Ok(());
    for AudioFrame { number, playhead } in frames {
        let [start, end] = [number, number + 1].map(|frame| sample_at(frame, rate));
        samples.clear();
        // Frames that were left out are silent.
        samples.resize((end - next) as usize, [0.0; 2]);
        mix.frame(number, playhead, &mut samples[(start - next) as usize..]);
        next = end;
        limiter.process(&mut samples);
        let latent = skipped.min(samples.len());
        skipped -= latent;
        result = packager.push(&samples[latent..]);
        mix.take_failures().iter().for_each(|failure| packager.session.report_silent(failure));
        if result.is_err() {
            break;
        }
    }
    let end = rate.boundary_at(Rational::new(next.into(), SAMPLE_RATE.into()));
    if result.is_ok() {
        samples.clear();
        samples.resize(LIMITER_LATENCY, [0.0; 2]);
        limiter.process(&mut samples);
        result = packager.push(&samples[skipped..]).and_then(|()| packager.finish(end));
    }
    if let Err(error) = result {
        packager.session.fail(format!("the audio failed: {error}"));
    }
}

/// Encodes the mix and puts it into the window.
struct Packager {
    /// `None` at the end.
    encoder: Option<AacEncoder>,
    segmenter: AudioSegmenter,
    window: Arc<Window>,
    session: Arc<SessionContext>,
}

impl Packager {
    fn push(&mut self, samples: &[Stereo]) -> Result<(), AudioError> {
        let Some(encoder) = &mut self.encoder else { return Ok(()) };
        let units = encoder.push(samples)?;
        self.package(units)
    }

    /// The rest of a stream of `end` frames.
    fn finish(&mut self, end: u64) -> Result<(), AudioError> {
        let units = self.encoder.take().map(AacEncoder::finish).transpose()?.unwrap_or_default();
        self.package(units)?;
        let last = self.segmenter.finish(end)?;
        last.into_iter().for_each(|chunk| publish(&self.session, &self.window, chunk));
        Ok(())
    }

    fn package(&mut self, units: Vec<Sample>) -> Result<(), AudioError> {
        let (window, session) = (&self.window, &self.session);
        for unit in units {
            self.segmenter.push(unit, |chunk| publish(session, window, chunk))?;
        }
        Ok(())
    }
}

impl Drop for Packager {
    fn drop(&mut self) {
        // After a failure too, viewers must not wait for more parts.
        self.window.end();
    }
}
