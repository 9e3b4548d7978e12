//! Reads the encoded samples of a rendition and of the audio, part by part in turn.

use std::sync::Arc;
use std::thread;

use super::super::window::{JoinPoint, JointPart, JointReader, Window};
use super::POLL;
use repcast_media::{Sample, Track};
use repcast_mux::{MuxError, read_fragment};

/// The windows of one rendition and of the audio that belongs to it.
#[derive(Clone)]
pub(in crate::live) struct SampleSource {
    pub(in crate::live) video: Arc<Window>,
    pub(in crate::live) audio: Option<Arc<Window>>,
}

/// What comes next for a [`SampleReader`].
pub(super) enum NextSamples {
    /// The samples of a part, all of one track.
    Ready(Vec<Sample>),
    /// The next part is not published yet.
    NotYet,
    /// The reader has fallen out of the windows.
    Gone,
    /// The session is over.
    End,
}

/// A position in the windows of a session.
pub(super) struct SampleReader {
    reader: JointReader,
}

impl SampleSource {
    /// A reader that starts at a point; `None` before there are samples.
    fn join(&self, at: JoinPoint) -> Option<SampleReader> {
        JointReader::join(&self.video, self.audio.as_ref(), at).map(|reader| SampleReader { reader })
    }

    /// A reader that starts at a point, as soon as there are samples; `None` if there are none when the source ends or the
    /// consumer `is_stopped`.
    pub(super) fn wait_and_join(&self, at: JoinPoint, is_stopped: impl Fn() -> bool) -> Option<SampleReader> {
        loop {
            // Asked first: between the two the last samples may come.
            let is_last_try = is_stopped() || self.is_over();
            match self.join(at) {
                None if !is_last_try => thread::sleep(POLL),
                joined => return joined,
            }
        }
    }

    /// Whether nothing more will be published.
    pub(super) fn is_over(&self) -> bool {
        let is_ended = |window: &Arc<Window>| window.edge().borrow().is_ended;
        is_ended(&self.video) && self.audio.as_ref().is_none_or(is_ended)
    }
}

impl SampleReader {
    /// The tracks as they are configured at the start, the video first. A frame with which another configuration begins has
    /// its parameter sets in front.
    pub(super) fn tracks(&self) -> Vec<Track> {
        self.reader.tracks()
    }

    /// The number of the GOP that is read, counted from the session's first; after the last, more than any.
    pub(super) fn gop(&self) -> u64 {
        self.reader.video_sequence().unwrap_or(u64::MAX)
    }

    /// GOPs after the one that is read.
    pub(super) fn gops_behind(&self) -> u64 {
        self.reader.newest_video_sequence().saturating_sub(self.gop())
    }

    /// The samples that follow.
    ///
    /// # Errors
    /// When a part cannot be read.
    pub(super) fn next(&mut self) -> Result<NextSamples, MuxError> {
        Ok(match self.reader.next_part() {
            JointPart::Ready(part) => NextSamples::Ready(read_fragment(&part)?),
            JointPart::NotYet(_) => NextSamples::NotYet,
            JointPart::Gone => NextSamples::Gone,
            JointPart::End => NextSamples::End,
        })
    }
}
