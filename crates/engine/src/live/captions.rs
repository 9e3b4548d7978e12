//! The captions of a session: at each frame of the stream, the text at the position of the timeline that is shown then.
//!
//! ```text
//! thread "decode"                 thread "captions"
//! Playhead of each frame --queue--> CaptionRuns -> CaptionSegmenter -> Window, one for each language
//! ```
//!
//! A pause holds the text with the frame, and after a seek the text is that of the new position. The queue holds seconds, and
//! the video never waits for it.

use std::sync::Arc;

use crossbeam_channel::Receiver;
use repcast_media::Grid;
use repcast_model::audio::samples;
use repcast_model::captions::{CaptionRuns, CaptionTrack, language_name};
use repcast_model::session::Playhead;
use repcast_model::time::FrameRate;
use repcast_mux::cmaf::Chunk;
use repcast_mux::subtitles::CaptionSegmenter;

use super::document_change::WaitingChanges;
use super::frame_thread::{FrameThread, PlayedFrame};
use super::session_context::SessionContext;
use super::stream::LiveError;
use super::window::{SegmentFormat, Window, WindowConfig};
use crate::metrics::Counter;

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

/// The captions of a session, for the thread that decodes its frames. When it is dropped, the rest is published.
pub(super) struct Captioner {
    renditions: Vec<CaptionRendition>,
    thread: FrameThread<Arc<[CaptionTrack]>>,
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
            captions: FrameCaptions::new(track, rate, grid),
            language: track.language.clone(),
            window: rendition.window.clone(),
        };
        let tracks = std::iter::zip(tracks, &renditions).map(track).collect();
        let mut packager = Packager { tracks, session: session.clone() };
        let thread = FrameThread::start("captions", session, move |frames, changes| packager.run(frames, changes));
        Ok(Self { renditions, thread: thread.map_err(|_| LiveError::Lost("captions"))? })
    }

    /// The renditions, one for each language.
    pub(super) fn renditions(&self) -> &[CaptionRendition] {
        &self.renditions
    }

    /// Takes the captions of a changed document from a frame on: those in a language that the stream has.
    pub(super) fn change(&self, number: u64, tracks: Arc<[CaptionTrack]>) {
        self.thread.change(number, tracks);
    }

    /// Captions a frame, later.
    pub(super) fn push(&self, number: u64, playhead: Playhead) {
        self.thread.push(number, playhead);
    }
}

/// Publishes a chunk. It may be ahead of the video, whose frames alone are counted as published.
fn publish(session: &SessionContext, window: &Window, chunk: Chunk) {
    session.metrics.add(Counter::Bytes, chunk.data.len() as u64);
    if let Err(error) = window.publish(chunk) {
        session.report_unspooled(&error);
    }
}

/// The captions of a language as the frames of a stream show them.
struct FrameCaptions {
    runs: CaptionRuns,
    rate: FrameRate,
    segmenter: CaptionSegmenter,
}

impl FrameCaptions {
    fn new(track: &CaptionTrack, rate: FrameRate, grid: Grid) -> Self {
        let segmenter = CaptionSegmenter::new(grid, rate, track.placement);
        Self { runs: CaptionRuns::new(&track.cues), rate, segmenter }
    }

    /// Adds a frame, and passes the chunks that are complete with it to `publish`.
    fn push(&mut self, number: u64, playhead: Playhead, publish: impl FnMut(Chunk)) {
        let text = self.runs.text_at(samples(playhead.secs(self.rate)));
        self.segmenter.push(number, text, publish);
    }
}

struct Track {
    language: String,
    captions: FrameCaptions,
    window: Arc<Window>,
}

impl Track {
    fn change(&mut self, tracks: &[CaptionTrack]) {
        let cues = tracks.iter().find(|track| track.language == self.language).map_or(&[][..], |track| &track.cues);
        self.captions.runs = CaptionRuns::new(cues);
    }
}

struct Packager {
    tracks: Vec<Track>,
    session: Arc<SessionContext>,
}

impl Packager {
    fn run(&mut self, frames: &Receiver<PlayedFrame>, changes: &WaitingChanges<Arc<[CaptionTrack]>>) {
        let mut end = 0;
        for PlayedFrame { number, playhead } in frames {
            if let Some(tracks) = changes.take(number) {
                self.tracks.iter_mut().for_each(|track| track.change(&tracks));
            }
            for Track { captions, window, .. } in &mut self.tracks {
                captions.push(number, playhead, |chunk| publish(&self.session, window, chunk));
            }
            end = number + 1;
        }
        for Track { captions, window, .. } in &mut self.tracks {
            captions.segmenter.finish(end).into_iter().for_each(|chunk| publish(&self.session, window, chunk));
        }
    }
}

impl Drop for Packager {
    fn drop(&mut self) {
        // After a failure too, viewers must not wait for more parts.
        self.tracks.iter().for_each(|track| track.window.end());
    }
}

#[cfg(test)]
mod tests {
    use repcast_media::Segmentation;
    use repcast_model::audio::SampleSpan;
    use repcast_model::captions::CaptionCue;
    use repcast_model::session::{Command, Session};
    use repcast_model::time::Rational;

    use super::*;

    /// What a session of ten seconds shows in which commands are applied before some frames: starts and ends in milliseconds of
    /// the stream, with the texts. The parts are joined.
    fn shown(frames: u64, commands: &[(u64, Command)]) -> Vec<(i128, i128, String)> {
        let rate = FrameRate::new(30, 1).unwrap();
        let cue = |start: u64, end: u64, text: &str| CaptionCue {
            span: SampleSpan { start: start * 48, end: end * 48 },
            text: text.into(),
        };
        let cues = vec![cue(1000, 2000, "One"), cue(2000, 3500, "Two"), cue(5000, 6000, "Five")];
        let track = CaptionTrack { language: "en".to_owned(), placement: None, cues };
        let mut captions = FrameCaptions::new(&track, rate, Segmentation::default().grid(rate));
        let mut session = Session::new(300, rate, Vec::new());
        let mut parts = Vec::new();
        for number in 0..frames {
            for (_, command) in commands.iter().filter(|(at, _)| *at == number) {
                session.apply(command).unwrap();
            }
            let playhead = session.playhead();
            session.tick().unwrap();
            captions.push(number, playhead, |chunk| parts.push(chunk));
        }
        parts.extend(captions.segmenter.finish(frames));
        let millis = |secs: Rational| (secs * 1000).round().to_integer();
        let mut joined: Vec<(i128, i128, String)> = Vec::new();
        for part in parts {
            for cue in repcast_mux::subtitles::read(&part.data).unwrap().cues {
                match joined.last_mut() {
                    Some((_, end, text)) if *end == millis(cue.start) && *text == cue.text => *end = millis(cue.end),
                    _ => joined.push((millis(cue.start), millis(cue.end), cue.text)),
                }
            }
        }
        joined
    }

    fn expected(cues: &[(i128, i128, &str)]) -> Vec<(i128, i128, String)> {
        cues.iter().map(|(start, end, text)| (*start, *end, (*text).to_owned())).collect()
    }

    #[test]
    fn an_undisturbed_session_shows_the_cues_of_the_document() {
        assert_eq!(shown(300, &[]), expected(&[(1000, 2000, "One"), (2000, 3500, "Two"), (5000, 6000, "Five")]));
    }

    #[test]
    fn captions_follow_pause_seek_and_speed() {
        let to = |secs: i128| Command::Seek { to: Rational::new(secs, 2) };
        let paused = shown(150, &[(45, Command::Pause), (75, Command::Resume)]);
        assert_eq!(paused, expected(&[(1000, 3000, "One"), (3000, 4500, "Two")]));
        // Half a second of the stream is before 5.5 s, and back to 1.5 s after it.
        let sought = shown(120, &[(40, to(11)), (50, to(3))]);
        assert_eq!(
            sought,
            expected(&[(1000, 1333, "One"), (1333, 1667, "Five"), (1667, 2167, "One"), (2167, 3667, "Two")])
        );
        let fast = shown(90, &[(0, Command::Speed { value: 2000 })]);
        assert_eq!(fast, expected(&[(500, 1000, "One"), (1000, 1767, "Two"), (2500, 3000, "Five")]));
        let held = shown(90, &[(36, Command::Pause), (50, to(11))]);
        assert_eq!(held, expected(&[(1000, 1667, "One"), (1667, 3000, "Five")]));
    }
}
