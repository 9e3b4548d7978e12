//! The transport of a document in an editor: play, scrub, step and loop. Pure.
//!
//! It takes the commands of a live session, but it draws no overlay and never ends: it pauses at the last frame.

use super::{Command, CommandRejection, Playhead, Session, SessionState, SessionStatus, UNITS_PER_FRAME};
use crate::time::FrameRate;
use crate::timeline::Chapter;

/// The playback position of a document, with an optional loop.
#[derive(Clone, PartialEq, Debug)]
pub struct Transport {
    session: Session,
    /// The first frame of the loop, and one past its last.
    marks: [Option<u64>; 2],
}

impl Transport {
    /// A transport at the start of a timeline of at least one frame, playing.
    #[must_use]
    pub fn new(frames: u64, rate: FrameRate, chapters: Vec<Chapter>) -> Self {
        Self { session: Session::new(frames.max(1), rate, chapters), marks: [None; 2] }
    }

    /// The transport at the same time of another version of the timeline, or at its end if it is shorter.
    #[must_use]
    pub fn moved_to(&self, frames: u64, rate: FrameRate, chapters: Vec<Chapter>) -> Self {
        let mut moved = Self::new(frames, rate, chapters);
        let in_other = |frame: u64| {
            let secs = self.session.rate.secs_at(frame);
            u64::try_from((secs * rate.per_second()).floor().to_integer()).unwrap_or(0)
        };
        moved.session.set_position(in_other(self.session.current).min(moved.last()) * UNITS_PER_FRAME);
        moved.session.state = self.session.state;
        moved.session.speed = self.session.speed;
        moved.marks = self.marks.map(|mark| mark.map(in_other).filter(|mark| *mark <= moved.frames()));
        let [start, end] = moved.marks;
        if start == Some(moved.frames()) || start.zip(end).is_some_and(|(start, end)| start >= end) || end == Some(0) {
            moved.marks = [None; 2];
        }
        moved
    }

    fn frames(&self) -> u64 {
        self.session.end / UNITS_PER_FRAME
    }

    fn last(&self) -> u64 {
        self.frames() - 1
    }

    /// The current frame.
    #[must_use]
    pub fn frame(&self) -> u64 {
        self.session.current
    }

    /// Where the current frame is, and how it goes on: what its sound follows.
    #[must_use]
    pub fn playhead(&self) -> Playhead {
        self.session.playhead()
    }

    /// Whether the position advances.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.session.state == SessionState::Playing
    }

    /// The first frame of the loop, and one past its last.
    #[must_use]
    pub fn marks(&self) -> [Option<u64>; 2] {
        self.marks
    }

    /// Advances by one frame and returns the frame to show; the same one while paused.
    pub fn tick(&mut self) -> u64 {
        if !self.is_playing() {
            return self.session.current;
        }
        let [start, end] = self.marks;
        let end = end.unwrap_or(self.frames());
        let next = self.session.position + u64::from(self.session.speed);
        let is_inside = self.session.position < end * UNITS_PER_FRAME;
        if next < end * UNITS_PER_FRAME || !is_inside && next < self.session.end {
            self.session.set_position(next);
        } else if self.marks != [None; 2] {
            self.session.set_position(start.unwrap_or(0) * UNITS_PER_FRAME);
        } else {
            self.session.set_position(self.last() * UNITS_PER_FRAME);
            self.session.state = SessionState::Paused;
        }
        self.session.current
    }

    /// Applies a command. Resuming at the last frame starts again from the beginning.
    ///
    /// # Errors
    /// If the command does not apply in the present state.
    pub fn apply(&mut self, command: &Command) -> Result<(), CommandRejection> {
        if *command == Command::Resume && self.session.current == self.last() {
            self.session.set_position(self.marks[0].unwrap_or(0) * UNITS_PER_FRAME);
        }
        self.session.apply(command)
    }

    /// Pauses and moves by a number of frames, forwards or backwards, up to either end.
    pub fn step(&mut self, frames: i64) {
        self.session.state = SessionState::Paused;
        let frame = self.session.current.saturating_add_signed(frames).min(self.last());
        self.session.set_position(frame * UNITS_PER_FRAME);
    }

    /// Starts the loop at the current frame. An end that is not after it is cleared.
    pub fn mark_in(&mut self) {
        let frame = self.session.current;
        self.marks = [Some(frame), self.marks[1].filter(|end| *end > frame)];
    }

    /// Ends the loop with the current frame. A start after it is cleared.
    pub fn mark_out(&mut self) {
        let frame = self.session.current;
        self.marks = [self.marks[0].filter(|start| *start <= frame), Some(frame + 1)];
    }

    /// Clears the loop.
    pub fn clear_marks(&mut self) {
        self.marks = [None; 2];
    }

    /// The status, as of a session.
    #[must_use]
    pub fn status(&self) -> SessionStatus {
        self.session.status()
    }

    /// The chapters that skip and back seek to.
    #[must_use]
    pub fn chapters(&self) -> Vec<super::ChapterStatus> {
        self.session.chapters()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::Rational;
    use crate::timeline::Span;

    fn rate() -> FrameRate {
        FrameRate::new(30, 1).unwrap()
    }

    fn transport(frames: u64) -> Transport {
        let chapter = |start, end| Chapter::of_clip(Span { start, end }, format!("from {start}"));
        Transport::new(frames, rate(), vec![chapter(0, 20), chapter(20, 50)])
    }

    fn run(transport: &mut Transport, ticks: usize) -> Vec<u64> {
        (0..ticks).map(|_| transport.tick()).collect()
    }

    #[test]
    fn it_pauses_at_its_last_frame_and_resumes_from_the_start() {
        let mut transport = transport(5);
        assert_eq!(run(&mut transport, 7), [1, 2, 3, 4, 4, 4, 4]);
        assert!(!transport.is_playing());
        transport.apply(&Command::Resume).unwrap();
        assert_eq!((transport.frame(), run(&mut transport, 2)), (0, vec![1, 2]));
    }

    #[test]
    fn it_loops_between_its_marks() {
        let mut transport = transport(50);
        transport.step(10);
        transport.mark_in();
        transport.step(2);
        transport.mark_out();
        assert_eq!(transport.marks(), [Some(10), Some(13)]);
        transport.apply(&Command::Resume).unwrap();
        assert_eq!(run(&mut transport, 5), [10, 11, 12, 10, 11]);
        // After a seek out of the loop it plays to the end before it loops again.
        transport.apply(&Command::Seek { to: Rational::new(48, 30) }).unwrap();
        assert_eq!(run(&mut transport, 3), [49, 10, 11]);
        transport.step(-5);
        transport.mark_out();
        assert_eq!(transport.marks(), [None, Some(7)]);
        transport.clear_marks();
        assert_eq!(transport.marks(), [None, None]);
    }

    #[test]
    fn another_version_is_at_the_same_time() {
        let mut before = transport(50);
        before.step(40);
        before.mark_in();
        let faster = before.moved_to(100, FrameRate::new(60, 1).unwrap(), Vec::new());
        assert_eq!(faster.frame(), 80);
        let shorter = before.moved_to(30, rate(), Vec::new());
        assert_eq!((shorter.frame(), shorter.marks()), (29, [None, None]));
    }

    proptest! {
        #[test]
        fn it_stays_inside_its_timeline(
            frames in 1_u64..80, acts in prop::collection::vec((0_u8..12, 0_u64..90), 0..60),
        ) {
            let mut transport = transport(frames);
            for (act, value) in acts {
                let _ = match act {
                    0 => transport.apply(&Command::Pause),
                    1 => transport.apply(&Command::Resume),
                    2 => transport.apply(&Command::Skip),
                    3 => transport.apply(&Command::Back),
                    4 => transport.apply(&Command::Seek { to: Rational::new(i128::from(value), 30) }),
                    5 => transport.apply(&Command::Speed { value: 250 + 40 * value as u32 }),
                    6 => { transport.step(value as i64 - 45); Ok(()) }
                    7 => { transport.mark_in(); Ok(()) }
                    8 => { transport.mark_out(); Ok(()) }
                    9 => { transport = transport.moved_to(value.max(1), rate(), Vec::new()); Ok(()) }
                    _ => { transport.tick(); Ok(()) }
                };
                let end = transport.frames();
                prop_assert!(transport.frame() < end, "{transport:?}");
                prop_assert!(transport.status().state != SessionState::Ended, "{transport:?}");
                let [start, stop] = transport.marks();
                prop_assert!(start.is_none_or(|start| start < end) && stop.is_none_or(|stop| stop <= end), "{transport:?}");
                prop_assert!(start.zip(stop).is_none_or(|(start, stop)| start < stop), "{transport:?}");
            }
        }
    }
}
