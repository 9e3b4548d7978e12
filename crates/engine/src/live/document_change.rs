//! A changed document in a session that plays: everything that takes long is prepared by the caller, and the threads of the
//! session only exchange it, between two frames.
//!
//! ```text
//! caller: open, FrameRenderer, LiveMix -> DocumentChange --(before frame n)--> thread "decode" -> "composite"
//!                                                                          \-> threads "audio" and "captions"
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use repcast_compositor::{GpuError, LatestFrame};
use repcast_model::captions::CaptionTrack;
use repcast_model::geometry::Size;
use repcast_model::session::Session;
use repcast_model::time::{FrameRate, to_f64};
use repcast_model::timeline::{Chapter, ChapterKind};

use super::audio::LiveMix;
use super::capacity::Lease;
use super::session_context::{SessionContext, lock};
use crate::frame::{CompositeStage, DecodeStage, FrameRenderer};
use crate::open::{FileNames, OpenDocument};

/// How long the threads of a session may take to exchange a document: many frames.
pub(super) const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(5);

/// Changes that wait for a thread that follows the frames; more are merged into the newest.
const MAX_WAITING: usize = 8;

/// Why a document does not take the place of another.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The stream has other frames.
    #[error(
        "the stream has {} x {} pixels at {} frames a second, and the document {} x {} at {}; a session keeps its format",
        .old.0.width, .old.0.height, to_f64(.old.1.per_second()), .new.0.width, .new.0.height, to_f64(.new.1.per_second())
    )]
    OtherFormat {
        /// Size and rate of the stream.
        old: (Size, FrameRate),
        /// Size and rate of the document.
        new: (Size, FrameRate),
    },
    /// The device.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The session ended meanwhile.
    #[error("the session has ended")]
    Ended,
    /// The session did not take it in time.
    #[error("the session did not take the document in time; try again")]
    Busy,
}

/// Where a session goes on in a changed document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangePosition {
    /// At the same frame: what was shown is unchanged.
    SameFrame,
    /// In the same item, as far into it; at the same time where the items differ.
    SameItem,
}

/// A document that takes the place of a session's.
pub(super) struct DocumentChange {
    pub(super) decode: DecodeStage,
    pub(super) composite: CompositeStage,
    pub(super) source: Option<LatestFrame>,
    pub(super) frames: u64,
    pub(super) chapters: Vec<Chapter>,
    pub(super) position: ChangePosition,
    pub(super) title: String,
    pub(super) names: Arc<FileNames>,
    /// `None` for a session without sound.
    pub(super) audio: Option<LiveMix>,
    pub(super) captions: Arc<[CaptionTrack]>,
    /// More capacity than the document before needed.
    pub(super) lease: Option<Lease>,
    /// Receives what the document has replaced, when it is shown: to end decoders may take long.
    pub(super) replaced: Sender<DecodeStage>,
}

impl DocumentChange {
    /// Prepares a document, whose first frame to show is probably `frame`, and where what it replaces will come.
    pub(super) fn prepare(
        renderer: FrameRenderer,
        project: &OpenDocument,
        audio: Option<LiveMix>,
        lease: Option<Lease>,
        position: ChangePosition,
        frame: u64,
    ) -> (Self, Receiver<DecodeStage>) {
        let source = renderer.source();
        let (mut decode, composite) = renderer.into_stages();
        // Opens its decoders before the session waits for them.
        drop(decode.decode(frame.min(project.timeline.frames.saturating_sub(1))));
        let (replaced, receiver) = bounded(1);
        let timeline = &project.timeline;
        let change = Self {
            decode,
            composite,
            source,
            frames: timeline.frames,
            chapters: timeline.chapters.clone(),
            position,
            title: timeline.title.clone(),
            names: project.names.clone(),
            audio,
            captions: project.captions.tracks.clone(),
            lease,
            replaced,
        };
        (change, receiver)
    }

    /// Moves a session to the timeline of the document. What is left is for the threads.
    pub(super) fn apply(&mut self, context: &SessionContext) {
        let mut session = lock(&context.session);
        let frame = match self.position {
            ChangePosition::SameFrame => session.next_frame(),
            ChangePosition::SameItem => same_item(&session, &self.chapters),
        };
        session.replace_timeline(self.frames, std::mem::take(&mut self.chapters), frame);
        drop(session);
        *lock(&context.title) = std::mem::take(&mut self.title);
        *lock(&context.names) = self.names.clone();
        if let Some(lease) = self.lease.take() {
            lock(&context.leases).push(lease);
        }
        context.notify_changed();
    }
}

/// The frame of a changed timeline that corresponds to the next one of a session.
fn same_item(session: &Session, chapters: &[Chapter]) -> u64 {
    let frame = session.next_frame();
    let current = session.chapter_index().and_then(|index| Some((index, session.chapter_at(index)?)));
    let Some((index, before)) = current else { return frame };
    // A rest goes on whatever follows it.
    let is_same = |after: &&Chapter| {
        after.kind == before.kind && (after.kind != ChapterKind::Exercise || after.exercise == before.exercise)
    };
    match chapters.get(index).filter(is_same) {
        Some(after) => {
            let into = frame.saturating_sub(before.span.start).min(after.span.len().saturating_sub(1));
            after.span.start + into
        }
        None => frame,
    }
}

/// Changes for a thread that follows the frames of a session, each from a frame on. The thread may be behind.
pub(super) struct WaitingChanges<C>(Mutex<VecDeque<(u64, C)>>);

impl<C> Default for WaitingChanges<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C> WaitingChanges<C> {
    /// Adds a change from frame `number` of the stream on.
    pub(super) fn push(&self, number: u64, change: C) {
        let mut waiting = lock(&self.0);
        if waiting.len() == MAX_WAITING {
            waiting.pop_back();
        }
        waiting.push_back((number, change));
    }

    /// The newest change up to frame `number`.
    pub(super) fn take(&self, number: u64) -> Option<C> {
        let mut waiting = lock(&self.0);
        let mut newest = None;
        while waiting.front().is_some_and(|(from, _)| *from <= number) {
            newest = waiting.pop_front().map(|(_, change)| change);
        }
        newest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_is_behind_takes_the_newest_change() {
        let changes = WaitingChanges::default();
        (0..20).for_each(|number| changes.push(number * 10, number));
        assert_eq!((changes.take(5), changes.take(25), changes.take(25)), (Some(0), Some(2), None));
        assert_eq!(changes.take(1000), Some(19));
    }
}
