//! The captions of a session: at each frame of the stream, the text at the position of the timeline that is shown then.
//!
//! ```text
//! thread "decode"                 thread "captions"
//! Playhead of each frame --queue--> CaptionRuns -> CaptionSegmenter -> Window, one for each language
//! ```
//!
//! A pause holds the text with the frame, and after a seek the text is that of the new position. The queue holds seconds, and
//! the video never waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use repcast_media::Grid;
use repcast_model::audio::samples;
use repcast_model::captions::{CaptionRuns, CaptionTrack, language_name};
use repcast_model::session::Playhead;
use repcast_model::time::FrameRate;
use repcast_mux::cmaf::Chunk;
use repcast_mux::subtitles::CaptionSegmenter;

use super::session_context::SessionContext;
use super::stream::LiveError;
use super::window::{SegmentFormat, Window, WindowConfig};
use crate::metrics::Counter;

/// Frames whose texts wait to be published: a busy disk may delay a stream that keeps all segments.
const QUEUED_FRAMES: usize = 600;

/// The captions of a stream in one language.
#[derive(Clone)]
pub struct CaptionRendition {
    /// Its name, which is also its folder in the stream's URLs.
    pub name: String,
    /// The language as BCP 47 writes it, in lower case.
    pub language: String,
    /// The language's own name.
    pub label: String,
    /// Its newest segments.
    pub window: Arc<Window>,
}

/// A frame of the stream, and where the session plays in it.
struct CaptionFrame {
    number: u64,
    playhead: Playhead,
}

/// The captions of a session, for the thread that decodes its frames. When it is dropped, the rest is published.
pub(super) struct Captioner {
    frames: Option<Sender<CaptionFrame>>,
    renditions: Vec<CaptionRendition>,
    thread: Option<JoinHandle<()>>,
}

impl Captioner {
    /// Starts the thread "captions".
    ///
    /// # Errors
    /// When the thread does not start.
    pub(super) fn start(
        tracks: &[CaptionTrack],
        rate: FrameRate,
        grid: Grid,
        terms: WindowConfig,
        session: &Arc<SessionContext>,
    ) -> Result<Self, LiveError> {
        let rendition = |track: &CaptionTrack| CaptionRendition {
            name: format!("captions-{}", track.language),
            language: track.language.clone(),
            label: language_name(&track.language),
            window: Arc::new(Window::new(WindowConfig { format: SegmentFormat::WebVtt, ..terms })),
        };
        let renditions: Vec<CaptionRendition> = tracks.iter().map(rendition).collect();
        let track = |(track, rendition): (&CaptionTrack, &CaptionRendition)| Track {
            runs: CaptionRuns::new(&track.cues),
            segmenter: CaptionSegmenter::new(grid, rate, track.placement),
            window: rendition.window.clone(),
        };
        let mut packager = Packager {
            tracks: std::iter::zip(tracks, &renditions).map(track).collect(),
            rate,
            session: session.clone(),
        };
        let (send, frames) = bounded(QUEUED_FRAMES);
        let session = session.clone();
        let work = move || {
            if catch_unwind(AssertUnwindSafe(|| packager.run(&frames))).is_err() {
                session.fail("the caption stage panicked".to_owned());
            }
        };
        let thread = thread::Builder::new().name("captions".to_owned()).spawn(work);
        let thread = Some(thread.map_err(|_| LiveError::Lost("captions"))?);
        Ok(Self { frames: Some(send), renditions, thread })
    }

    /// The renditions, one for each language.
    pub(super) fn renditions(&self) -> &[CaptionRendition] {
        &self.renditions
    }

    /// Captions a frame, later.
    pub(super) fn push(&self, number: u64, playhead: Playhead) {
        let Some(frames) = &self.frames else { return };
        match frames.try_send(CaptionFrame { number, playhead }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                tracing::debug!(number, "the captions of a frame are left out: they are behind")
            }
            // The thread has failed, which has ended the session.
            Err(TrySendError::Disconnected(_)) => {}
        }
    }
}

impl Drop for Captioner {
    fn drop(&mut self) {
        self.frames = None;
        // A panic has ended the session.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Publishes a chunk. It may be ahead of the video, whose frames alone are counted as published.
fn publish(session: &SessionContext, window: &Window, chunk: Chunk) {
    session.metrics.add(Counter::Bytes, chunk.data.len() as u64);
    if let Err(error) = window.publish(chunk) {
        session.report_unspooled(&error);
    }
}

struct Track {
    runs: CaptionRuns,
    segmenter: CaptionSegmenter,
    window: Arc<Window>,
}

struct Packager {
    tracks: Vec<Track>,
    rate: FrameRate,
    session: Arc<SessionContext>,
}

impl Packager {
    fn run(&mut self, frames: &Receiver<CaptionFrame>) {
        let mut end = 0;
        for CaptionFrame { number, playhead } in frames {
            let sample = samples(playhead.secs(self.rate));
            for Track { runs, segmenter, window } in &mut self.tracks {
                segmenter.push(number, runs.text_at(sample), |chunk| publish(&self.session, window, chunk));
            }
            end = number + 1;
        }
        for Track { segmenter, window, .. } in &mut self.tracks {
            segmenter.finish(end).into_iter().for_each(|chunk| publish(&self.session, window, chunk));
        }
    }
}

impl Drop for Packager {
    fn drop(&mut self) {
        // After a failure too, viewers must not wait for more parts.
        self.tracks.iter().for_each(|track| track.window.end());
    }
}
