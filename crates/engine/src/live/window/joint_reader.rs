//! Reads a rendition and the audio as one stream: an init segment of both tracks, and their parts in turn.

use std::sync::Arc;

use bytes::Bytes;
use repcast_mux::cmaf::joint_init;
use tokio::sync::watch;

use super::state::StoredSegment;
use super::{Lookup, StreamPosition, Window};
use repcast_media::Track;
use repcast_mux::hls::PlaylistEdge;

/// A reader of the growing MP4.
pub struct JointReader {
    init: Bytes,
    tracks: Vec<ReadTrack>,
    /// The track whose part is next.
    turn: usize,
}

struct ReadTrack {
    window: Arc<Window>,
    /// Its configuration at the segment with which the reader starts.
    track: Track,
    /// `None` after its last part.
    position: Option<StreamPosition>,
}

/// Where a reader starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::live) enum JoinPoint {
    /// With all that is there.
    Oldest,
    /// With the newest key frame.
    Newest,
}

/// A segment at which a reader of the growing MP4 starts.
struct JoinedSegment {
    init: Bytes,
    track: Track,
    position: StreamPosition,
    /// The frame at which it begins.
    frame: u64,
}

/// What comes next for a [`JointReader`].
#[derive(Debug)]
pub enum JointPart {
    /// The bytes.
    Ready(Bytes),
    /// It is not published yet; the edge changes when it may be.
    NotYet(watch::Receiver<PlaylistEdge>),
    /// It has left the window.
    Gone,
    /// There is nothing more.
    End,
}

impl JointReader {
    /// A reader that starts with the newest segment of the video to which there is audio, and with the audio from there;
    /// `None` before there is one.
    #[must_use]
    pub fn new(video: &Arc<Window>, audio: Option<&Arc<Window>>) -> Option<Self> {
        Self::join(video, audio, JoinPoint::Newest)
    }

    /// A reader that starts with the oldest segment that can be read, or as [`Self::new`].
    pub(in crate::live) fn join(video: &Arc<Window>, audio: Option<&Arc<Window>>, at: JoinPoint) -> Option<Self> {
        // The audio may be encoded later than the video: a reader does not begin with sound that has no picture.
        let reached = match (at, audio) {
            (JoinPoint::Oldest, _) => 0,
            (JoinPoint::Newest, Some(audio)) => audio.newest_segment(u64::MAX)?.frame,
            (JoinPoint::Newest, None) => u64::MAX,
        };
        let newest = video.newest_segment(reached)?;
        let read = |window: &Arc<Window>, joined: JoinedSegment| ReadTrack {
            window: window.clone(),
            track: joined.track,
            position: Some(joined.position),
        };
        let (mut init, frame) = (newest.init.clone(), newest.frame);
        let mut tracks = vec![read(video, newest)];
        if let Some(audio) = audio {
            let heard = audio.newest_segment(frame)?;
            init = joint_init(&[tracks[0].track.clone(), heard.track.clone()]).ok()?.into();
            tracks.push(read(audio, heard));
        }
        Some(Self { init, tracks, turn: 0 })
    }

    /// The tracks as they are configured at the start, the video first.
    pub(in crate::live) fn tracks(&self) -> Vec<Track> {
        self.tracks.iter().map(|read| read.track.clone()).collect()
    }

    /// The segment of the video that is read; `None` after the last.
    pub(in crate::live) fn video_sequence(&self) -> Option<u64> {
        self.tracks.first()?.position.map(|position| position.sequence)
    }

    /// The bytes before all parts.
    #[must_use]
    pub fn init(&self) -> &Bytes {
        &self.init
    }

    /// The newest segment of the video.
    pub(in crate::live) fn newest_video_sequence(&self) -> u64 {
        self.tracks.first().and_then(|video| video.window.newest()).map_or(0, |(sequence, _)| sequence)
    }

    /// The next part.
    pub fn next_part(&mut self) -> JointPart {
        for _ in 0..self.tracks.len() {
            let track = &mut self.tracks[self.turn];
            if let Some(position) = track.position {
                // Subscribed to first, so that no change is missed.
                let edge = track.window.edge();
                match track.window.read(position) {
                    (Lookup::Ready(data), next) => {
                        track.position = Some(next);
                        self.turn = (self.turn + 1) % self.tracks.len();
                        return JointPart::Ready(data);
                    }
                    (Lookup::NotYet, _) => return JointPart::NotYet(edge),
                    (Lookup::Gone | Lookup::OnDisk(_), _) => return JointPart::Gone,
                    (Lookup::Never, _) => track.position = None,
                }
            }
            self.turn = (self.turn + 1) % self.tracks.len();
        }
        JointPart::End
    }
}

impl Window {
    /// The newest segment that has a part and begins at a frame or before it; the oldest if there is none.
    fn newest_segment(&self, frame: u64) -> Option<JoinedSegment> {
        let state = self.lock();
        let is_readable = |segment: &&StoredSegment| !segment.parts.is_empty();
        let newest = state.stored.iter().rposition(|segment| is_readable(&segment) && segment.frame <= frame);
        let index = newest.or_else(|| state.stored.iter().position(|segment| is_readable(&segment)))?;
        let (sequence, segment) = (state.first_stored + index as u64, &state.stored[index]);
        let init = state.inits.get(segment.init)?;
        let position = StreamPosition { sequence, part: 0 };
        Some(JoinedSegment { init: init.data.clone(), track: init.track.clone(), position, frame: segment.frame })
    }
}
