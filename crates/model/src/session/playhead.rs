//! Where a session plays, exactly: what its sound follows.

use super::{AudioLevels, Session, SessionState, UNITS_PER_FRAME};
use crate::time::{FrameRate, Rational};

/// The position of an output frame, and how it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Playhead {
    /// In thousandths of a frame of the timeline.
    position: u64,
    /// Advance to the next output frame, in the same unit.
    advance: u32,
    /// Whether the position stays where it is.
    pub is_paused: bool,
    /// How loud its sounds are.
    pub levels: AudioLevels,
}

impl Playhead {
    /// Seconds of the timeline.
    #[must_use]
    pub fn secs(self, rate: FrameRate) -> Rational {
        Rational::new(i128::from(self.position), i128::from(UNITS_PER_FRAME)) / rate.per_second()
    }

    /// Timeline seconds in a second of the session.
    #[must_use]
    pub fn speed(self) -> Rational {
        Rational::new(i128::from(self.advance), i128::from(UNITS_PER_FRAME))
    }

    /// Whether this is the output frame after `before` in a session that plays on at one speed.
    #[must_use]
    pub fn follows(self, before: Self) -> bool {
        let is_playing = !self.is_paused && !before.is_paused;
        is_playing && self.advance == before.advance && self.position == before.position + u64::from(before.advance)
    }
}

impl Session {
    /// Where the next output frame is.
    #[must_use]
    pub fn playhead(&self) -> Playhead {
        let is_paused = self.state != SessionState::Playing;
        let levels = self.levels.unwrap_or_default();
        Playhead { position: self.position, advance: self.speed, is_paused, levels }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::*;

    #[test]
    fn frames_follow_each_other_until_a_command() {
        let rate = FrameRate::new(30, 1).unwrap();
        let mut session = Session::new(300, rate, Vec::new());
        let mut next = |command: Option<Command>| {
            command.into_iter().for_each(|command| session.apply(&command).unwrap());
            let playhead = session.playhead();
            session.tick();
            playhead
        };
        let first = next(None);
        let second = next(None);
        assert!(second.follows(first) && !first.follows(second));
        assert_eq!((second.secs(rate), second.speed()), (Rational::new(1, 30), Rational::from_integer(1)));
        let faster = next(Some(Command::Speed { value: 1500 }));
        assert!(!faster.follows(second));
        assert_eq!(faster.secs(rate), Rational::new(2, 30));
        assert!(next(None).follows(faster));
        let paused = next(Some(Command::Pause));
        assert!(paused.is_paused && !next(None).follows(paused));
        let resumed = next(Some(Command::Resume));
        assert_eq!(resumed.secs(rate), paused.secs(rate));
        assert!(!resumed.follows(paused));
        assert!(!next(Some(Command::Seek { to: Rational::from_integer(7) })).follows(resumed));
    }
}
