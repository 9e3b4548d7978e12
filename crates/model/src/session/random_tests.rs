//! Random commands: sessions agree with a reference implementation.

use proptest::prelude::*;

use super::tests::{chapters, frames, message, rate, seek};
use super::{Command, Session, SessionFrame, SessionState};
use crate::time::{FrameRate, Rational};
use crate::timeline::Span;

/// A reference implementation from the definitions, with exact fractions and linear searches.
struct Model {
    frames: u64,
    rate: FrameRate,
    spans: Vec<Span>,
    state: SessionState,
    /// Position after the last command, and output frames played since.
    from: Rational,
    played: i128,
    speed: Rational,
    current: u64,
    is_looping: bool,
    message: Option<(String, i128)>,
}

impl Model {
    fn position(&self) -> Rational {
        (self.from + self.speed * self.played).min(Rational::from_integer(self.frames.into()))
    }

    fn tick(&mut self) -> Option<SessionFrame> {
        if self.state == SessionState::Ended {
            return None;
        }
        self.current = self.position().floor().to_integer() as u64;
        let message = self.message.as_ref().map(|(text, _)| text.as_str().into());
        self.message = self.message.take().map(|(text, left)| (text, left - 1)).filter(|(_, left)| *left > 0);
        let (is_paused, is_waiting) = (self.state == SessionState::Paused, self.state == SessionState::Waiting);
        let shown = SessionFrame { frame: self.current, is_paused, is_waiting, starts_in_secs: None, message };
        self.played += i128::from(self.state == SessionState::Playing);
        if self.position() == Rational::from_integer(self.frames.into()) {
            if self.is_looping {
                (self.from, self.played) = (Rational::from_integer(0), 0);
            } else {
                (self.state, self.message) = (SessionState::Ended, None);
            }
        }
        Some(shown)
    }

    /// Whether the command applies, and what it does then.
    fn apply(&mut self, command: &Command) -> bool {
        if self.state == SessionState::Ended {
            return false;
        }
        let goal = match command {
            Command::Start => {
                let applies = self.state == SessionState::Waiting;
                self.state = if applies { SessionState::Playing } else { self.state };
                return applies;
            }
            Command::Pause | Command::Resume | Command::Skip | Command::Back | Command::Seek { .. }
                if self.state == SessionState::Waiting =>
            {
                return false;
            }
            // They change the document, which a session alone does not have.
            Command::Extend { .. } | Command::Repeat | Command::ReplaceNext { .. } | Command::Document { .. } => {
                return false;
            }
            Command::Pause | Command::Resume => {
                let wanted = if *command == Command::Pause { SessionState::Paused } else { SessionState::Playing };
                let applies = self.state != wanted;
                self.state = wanted;
                return applies;
            }
            Command::Speed { value } => {
                (self.from, self.played) = (self.position(), 0);
                self.speed = Rational::new(i128::from(*value), 1000);
                return true;
            }
            // A session without sound.
            Command::Volume { .. } | Command::Mute { .. } => return false,
            Command::Message { text, seconds } => {
                let left = (*seconds * self.rate.per_second()).ceil().to_integer();
                self.message = Some((text.to_string(), left));
                return true;
            }
            Command::Skip => {
                let starts = self.spans.iter().map(|span| span.start);
                starts.filter(|start| *start > self.current).min().map(|start| Rational::from_integer(start.into()))
            }
            Command::Back => {
                let mut starts = self.spans.iter().map(|span| span.start).filter(|start| *start <= self.current).rev();
                let (this, before) = (starts.next(), starts.next());
                let run = self.rate.secs_at(self.current - this.unwrap_or(0));
                let start = if run < Rational::from_integer(2) { before.or(this) } else { this };
                Some(Rational::from_integer(start.unwrap_or(0).into()))
            }
            Command::Seek { to } => {
                let last = Rational::from_integer(self.frames.into()) - Rational::new(1, 1000);
                let goal = (*to * self.rate.per_second() * 1000).round() / 1000;
                (*to < self.rate.secs_at(self.frames)).then(|| goal.min(last))
            }
        };
        let Some(goal) = goal else { return false };
        (self.from, self.played, self.current) = (goal, 0, goal.floor().to_integer() as u64);
        true
    }

    fn replace(&mut self, frames: u64, at: u64, spans: &[(u64, u64)]) {
        let position = self.position();
        let part = if at < frames { position - position.floor() } else { Rational::from_integer(0) };
        let frame = at.min(frames - 1);
        self.spans =
            chapters(spans).into_iter().map(|chapter| chapter.span).filter(|span| span.start < frames).collect();
        (self.frames, self.current, self.played) = (frames, frame, 0);
        self.from = Rational::from_integer(frame.into()) + part;
    }

    fn check(&self, session: &Session) {
        let status = session.status();
        assert_eq!(status.state, self.state);
        assert_eq!(Rational::new(session.position.into(), 1000), self.position());
        assert!(status.position_secs <= status.duration_secs);
        assert_eq!(status.message.as_ref(), self.message.as_ref().map(|(text, _)| text));
        let holds = |span: &&Span| span.start <= self.current && self.current < span.end;
        let starts = |span: Option<&Span>| span.map(|span| span.start);
        let current =
            session.chapter_index().and_then(|index| session.chapter_at(index)).map(|chapter| chapter.span.start);
        assert_eq!(current, starts(self.spans.iter().find(holds)));
        assert_eq!(status.current.is_some(), current.is_some());
        let next = session.next_chapter().map(|chapter| chapter.span.start);
        assert_eq!(next, starts(self.spans.iter().find(|span| span.start > self.current)));
    }
}

#[derive(Clone, Debug)]
enum Action {
    Ticks(usize),
    /// A timeline of so many frames takes the place of the other, at this frame.
    Replace(u64, u64),
    Apply(Command),
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let seconds = || (0_i128..20_000_000).prop_map(|micros| Rational::new(micros, 1_000_000));
    let action = prop_oneof![
        6 => (1_usize..80).prop_map(Action::Ticks),
        1 => Just(Action::Apply(Command::Start)),
        1 => (1_u64..600, 0_u64..700).prop_map(|(frames, at)| Action::Replace(frames, at)),
        1 => Just(Action::Apply(Command::Repeat)),
        2 => Just(Action::Apply(Command::Pause)),
        2 => Just(Action::Apply(Command::Resume)),
        1 => Just(Action::Apply(Command::Skip)),
        2 => Just(Action::Apply(Command::Back)),
        1 => seconds().prop_map(|to| Action::Apply(Command::Seek { to })),
        1 => (250_u32..=4000).prop_map(|value| Action::Apply(Command::Speed { value })),
        1 => ("[a-c]", (1_i128..4000)).prop_map(|(text, millis)| {
            Action::Apply(message(&text, Rational::new(millis, 1000)))
        }),
    ];
    prop::collection::vec(action, 1..1000)
}

fn rates() -> impl Strategy<Value = FrameRate> {
    prop::sample::select(vec![(10, 1), (24000, 1001), (25, 1), (30000, 1001), (60, 1)]).prop_map(|(n, d)| rate(n, d))
}

/// Chapters in the order of time, with and without gaps.
fn spans() -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::vec((prop_oneof![Just(0_u64), 0_u64..60], 1_u64..150), 0..6).prop_map(|lengths| {
        let mut end = 0;
        let span = |(gap, length): (u64, u64)| {
            let start = end + gap;
            end = start + length;
            (start, end)
        };
        lengths.into_iter().map(span).collect()
    })
}

proptest! {
    #[test]
    fn sessions_agree_with_the_reference(
        frames in 1_u64..600, rate in rates(), spans in spans(), actions in actions(), is_waiting in any::<bool>(),
        is_looping in any::<bool>(),
    ) {
        let session = Session::new(frames, rate, chapters(&spans));
        let session = if is_waiting { session.waiting() } else { session };
        let mut session = if is_looping { session.looping() } else { session };
        let mut frames = frames;
        let mut model = Model {
            frames,
            rate,
            spans: chapters(&spans).into_iter().map(|chapter| chapter.span).filter(|span| span.start < frames).collect(),
            state: if is_waiting { SessionState::Waiting } else { SessionState::Playing },
            is_looping,
            from: Rational::from_integer(0),
            played: 0,
            speed: Rational::from_integer(1),
            current: 0,
            message: None,
        };
        for action in actions {
            match action {
                Action::Ticks(count) => for _ in 0..count {
                    let shown = session.tick();
                    prop_assert!(shown.as_ref().is_none_or(|shown| shown.frame < frames));
                    prop_assert_eq!(shown, model.tick());
                    model.check(&session);
                },
                // The stream of an ended session is closed.
                Action::Replace(..) if session.status().state == SessionState::Ended => {}
                Action::Replace(new_frames, at) => {
                    session.replace_timeline(new_frames, chapters(&spans), at);
                    frames = new_frames;
                    model.replace(new_frames, at, &spans);
                    model.check(&session);
                }
                Action::Apply(command) => {
                    let before = session.clone();
                    let applied = session.apply(&command);
                    prop_assert_eq!(applied.is_ok(), model.apply(&command), "{:?}: {:?}", command, applied);
                    prop_assert!(applied.is_ok() || session == before);
                    model.check(&session);
                }
            }
        }
    }

    #[test]
    fn a_time_of_the_status_seeks_to_its_frame(
        rate in rates(), frames in 2_u64..400_000, part in 0.0..1.0, speed in 250_u32..=4000, ticks in 0_usize..40,
    ) {
        let start = (frames as f64 * part) as u64;
        let mut session = Session::new(frames, rate, chapters(&[(start, frames)]));
        let start_secs = session.status().next.or(session.status().current).unwrap().start_secs;
        session.apply(&seek(start_secs)).unwrap();
        prop_assert_eq!(session.tick().map(|shown| shown.frame), Some(start));
        if session.apply(&Command::Speed { value: speed }).is_ok() {
            self::frames(&mut session, ticks);
            let position = session.position;
            if session.apply(&seek(session.status().position_secs)).is_ok() {
                prop_assert_eq!(session.position, position);
            }
        }
    }
}
