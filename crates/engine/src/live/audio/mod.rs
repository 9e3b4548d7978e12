//! The audio of a session: one mix, encoded once for all sizes of the video.
//!
//! ```text
//! thread "decode"                 thread "audio"
//! Playhead of each frame --queue--> LiveMix -> limiter -> AAC -> AudioSegmenter -> Window
//!                                                   `-> MixFeed, for the sound of a preview window
//! ```
//!
//! The queue holds seconds, and the video never waits for it: what does not fit is heard as silence.

#[cfg(test)]
mod command_tests;
mod limited_mix;
mod mix;
#[cfg(test)]
mod tests;
mod timeline_mix;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crossbeam_channel::Receiver;
use repcast_gstreamer::encode::{AacEncoder, AacSettings, EncodeError};
use repcast_media::{Grid, Sample};
use repcast_model::session::Playhead;
use repcast_model::time::{FrameRate, Rational};
use repcast_mux::MuxError;
use repcast_mux::cmaf::AudioSegmenter;

use super::document_change::WaitingChanges;
use super::frame_thread::{FrameThread, PlayedFrame};
use super::rendition_encoder::publish;
use super::session_context::SessionContext;
use super::window::{Window, WindowConfig};
use crate::audio::DocumentAudio;
use crate::monitor::FeedWriter;
use limited_mix::LimitedBlock;
pub(crate) use limited_mix::LimitedMix;
pub(crate) use mix::{LiveMix, MusicClock};

/// The folder of the audio in a stream's URLs.
pub const AUDIO_NAME: &str = "audio";

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

/// The audio of a session, for the thread that decodes its frames. When it is dropped, the rest is published.
pub(super) struct AudioRendition {
    window: Arc<Window>,
    thread: FrameThread<LiveMix>,
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
        let feed = session.monitor.begin_sound();
        let packager = Packager { encoder, segmenter, window: window.clone(), session: session.clone(), feed };
        let audio = audio.clone();
        let work = move |frames: &Receiver<PlayedFrame>, changes: &WaitingChanges<LiveMix>| {
            run(&audio, rate, packager, frames, changes);
        };
        let thread = FrameThread::start("audio", session, work).map_err(|_| EncodeError::Stopped)?;
        Ok(Self { window, thread })
    }

    /// The window that receives its parts.
    pub(super) fn window(&self) -> &Arc<Window> {
        &self.window
    }

    /// Takes the mix of a changed document from a frame on.
    pub(super) fn change(&self, number: u64, mix: LiveMix) {
        self.thread.change(number, mix);
    }

    /// Mixes the sound of a frame, later.
    pub(super) fn push(&self, number: u64, playhead: Playhead) {
        self.thread.push(number, playhead);
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

fn run(
    audio: &DocumentAudio,
    rate: FrameRate,
    mut packager: Packager,
    frames: &Receiver<PlayedFrame>,
    changes: &WaitingChanges<LiveMix>,
) {
    let session = packager.session.clone();
    let is_over = || session.stop.load(Ordering::Relaxed);
    // A session that ends while its files are measured has no sound.
    let Some(mut mix) = LimitedMix::open(audio, rate, MusicClock::Session, &is_over) else { return };
    let mut result = Ok(());
    for PlayedFrame { number, playhead } in frames {
        if let Some(changed) = changes.take(number) {
            mix.change_to(changed);
        }
        result = packager.push(&mix.frame(number, playhead));
        mix.take_failures().iter().for_each(|failure| session.report_silent(failure));
        if result.is_err() {
            break;
        }
    }
    let end = mix.frames();
    if result.is_ok() {
        result = packager.push(&mix.finish()).and_then(|()| packager.finish(end));
    }
    if let Err(error) = result {
        session.fail(format!("the audio failed: {error}"));
    }
}

/// Encodes the mix and puts it into the window.
struct Packager {
    /// `None` at the end.
    encoder: Option<AacEncoder>,
    segmenter: AudioSegmenter,
    window: Arc<Window>,
    session: Arc<SessionContext>,
    /// Takes the mix for a preview window.
    feed: FeedWriter,
}

impl Packager {
    fn push(&mut self, block: &LimitedBlock<'_>) -> Result<(), AudioError> {
        let LimitedBlock { start, samples, levels } = *block;
        self.feed.push(start, samples, levels);
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
