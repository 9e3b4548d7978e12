use proptest::prelude::*;
use serde_json::json;

use super::{Command, CommandRejection, Session, SessionFrame, SessionState};
use crate::time::{FrameRate, Rational};
use crate::timeline::{Chapter, Span};

fn rate(numerator: u32, denominator: u32) -> FrameRate {
    FrameRate::new(numerator, denominator).unwrap()
}

fn chapters(spans: &[(u64, u64)]) -> Vec<Chapter> {
    let chapter = |(index, (start, end)): (usize, &(u64, u64))| {
        Chapter::of_clip(Span { start: *start, end: *end }, format!("Part {index}"))
    };
    spans.iter().enumerate().map(chapter).collect()
}

/// A session at ten frames a second.
fn session(frames: u64, spans: &[(u64, u64)]) -> Session {
    Session::new(frames, rate(10, 1), chapters(spans))
}

fn seek(to: f64) -> Command {
    Command::parse(json!({"command": "seek", "to": to}).to_string().as_bytes()).unwrap()
}

fn message(text: &str, seconds: Rational) -> Command {
    Command::Message { text: text.into(), seconds }
}

/// The frames of the next `count` output frames.
fn frames(session: &mut Session, count: usize) -> Vec<u64> {
    (0..count).map_while(|_| session.tick()).map(|shown| shown.frame).collect()
}

#[test]
fn two_hours_at_thirty_frames_a_second_do_not_drift() {
    let count = 2 * 3600 * 30;
    let mut session = Session::new(count, rate(30, 1), Vec::new());
    for frame in 0..count {
        assert_eq!(session.tick(), Some(SessionFrame { frame, is_paused: false, is_waiting: false, message: None }));
    }
    assert_eq!(session.tick(), None);
    assert_eq!(session.status().position_secs, 7200.0);
}

#[test]
fn a_short_session_shows_its_first_frame_at_any_speed() {
    let mut session = session(1, &[]);
    session.apply(&Command::Speed { value: 4000 }).unwrap();
    assert_eq!(frames(&mut session, 3), [0]);
    assert_eq!(session.status().state, SessionState::Ended);
    assert_eq!(Session::new(0, rate(30, 1), Vec::new()).tick(), None);
}

#[test]
fn skipping_and_going_back_follow_the_chapters() {
    // Three seconds from 1 s on, a gap of three, one second, then the rest.
    let mut session = session(300, &[(10, 40), (70, 80), (80, 300)]);
    let mut after = |shown: usize, command: Command| {
        frames(&mut session, shown);
        session.apply(&command).map(|()| session.position / 1000)
    };
    assert_eq!(after(5, Command::Back), Ok(0), "before the first chapter");
    assert_eq!(after(0, Command::Skip), Ok(10));
    assert_eq!(after(0, Command::Skip), Ok(70), "twice without a frame between");
    assert_eq!(after(1, Command::Skip), Ok(80));
    assert_eq!(after(20, Command::Back), Ok(70), "99 has been shown: 1.9 s");
    assert_eq!(after(31, Command::Back), Ok(80), "100 has been shown: 2 s");
    assert_eq!(after(0, Command::Skip), Err(CommandRejection::NothingAfter));
    assert_eq!(after(0, Command::Back), Ok(70));
    assert_eq!(after(0, Command::Back), Ok(10));
    assert_eq!(after(0, Command::Back), Ok(10), "the first chapter has none before it");
    assert_eq!(after(45, Command::Back), Ok(10), "the gap belongs to the chapter before it");
}

#[test]
fn the_last_frame_of_a_chapter_is_skipped_to_the_next() {
    let mut session = session(100, &[(0, 50), (50, 100)]);
    frames(&mut session, 50);
    // Frame 49 was shown last, which belongs to the first chapter.
    assert_eq!(session.status().current.unwrap().name, "Part 0");
    session.apply(&Command::Skip).unwrap();
    assert_eq!(frames(&mut session, 1), [50]);
}

#[test]
fn without_chapters_back_seeks_to_the_start() {
    let mut session = session(100, &[]);
    frames(&mut session, 60);
    assert_eq!(session.apply(&Command::Skip), Err(CommandRejection::NothingAfter));
    session.apply(&Command::Back).unwrap();
    assert_eq!(frames(&mut session, 2), [0, 1]);
    assert_eq!((session.status().current, session.status().next), (None, None));
}

#[test]
fn chapters_without_frames_are_dropped() {
    let mut session = session(100, &[(0, 40), (40, 40), (40, 100), (100, 100), (120, 130)]);
    session.apply(&Command::Skip).unwrap();
    assert_eq!(session.status().current.unwrap().name, "Part 2");
    assert_eq!(session.apply(&Command::Skip), Err(CommandRejection::NothingAfter));
}

#[test]
fn seeking_keeps_a_session_paused() {
    let mut session = session(100, &[(0, 50), (50, 100)]);
    frames(&mut session, 3);
    session.apply(&Command::Pause).unwrap();
    assert_eq!(frames(&mut session, 3), [3, 3, 3]);
    for (command, frame) in [(Command::Skip, 50), (seek(7.25), 72), (Command::Back, 50), (Command::Back, 0)] {
        session.apply(&command).unwrap();
        let shown = session.tick().unwrap();
        assert_eq!((shown.frame, shown.is_paused), (frame, true), "{command:?}");
    }
    session.apply(&Command::Resume).unwrap();
    assert_eq!(frames(&mut session, 3), [0, 1, 2]);
}

#[test]
fn a_message_lasts_its_seconds_of_output_also_while_paused() {
    let mut session = Session::new(1000, rate(30000, 1001), Vec::new());
    session.apply(&Command::Speed { value: 4000 }).unwrap();
    session.apply(&Command::Pause).unwrap();
    let texts = |session: &mut Session, count: usize| -> Vec<Option<String>> {
        (0..count).map(|_| session.tick().unwrap().message.map(|text| text.to_string())).collect()
    };
    assert_eq!(texts(&mut session, 1), [None]);
    session.apply(&message("Breathe", Rational::from_integer(1))).unwrap();
    // 29.97 frames, rounded up.
    assert_eq!(texts(&mut session, 29), vec![Some("Breathe".to_owned()); 29]);
    assert_eq!(session.status().message.as_deref(), Some("Breathe"));
    session.apply(&Command::Resume).unwrap();
    assert_eq!(texts(&mut session, 2), [Some("Breathe".to_owned()), None]);
    session.apply(&message("Slowly", Rational::from_integer(60))).unwrap();
    session.apply(&message("Now", Rational::new(1, 1000))).unwrap();
    assert_eq!(texts(&mut session, 2), [Some("Now".to_owned()), None]);
}

#[test]
fn rejections_say_what_to_do() {
    let mut session = session(125, &[]);
    let mut said = |command: Command| session.apply(&command).unwrap_err().to_string();
    assert_eq!(said(Command::Resume), "the session is playing already; `resume` is for a paused one");
    assert_eq!(said(seek(12.5)), "the session is 12.500 s long; seek to a time before its end");
    assert_eq!(said(Command::Skip), "there is nothing to skip to: no part of the session begins after this one");
    session.apply(&Command::Pause).unwrap();
    let said = session.apply(&Command::Pause).unwrap_err().to_string();
    assert_eq!(said, "the session is paused already; `resume` makes it go on");
    session.apply(&Command::Resume).unwrap();
    session.apply(&seek(12.499999)).unwrap();
    assert_eq!(frames(&mut session, 2), [124]);
    for command in [Command::Pause, Command::Back, seek(0.0), message("Well done", Rational::from_integer(1))] {
        let said = session.apply(&command).unwrap_err().to_string();
        assert_eq!(said, "the session has ended; no command applies to it any more");
    }
}

#[test]
fn the_status_is_written_as_json() {
    let mut session = Session::new(900, rate(30000, 1001), chapters(&[(0, 600), (600, 900)]));
    session.apply(&Command::Speed { value: 1250 }).unwrap();
    session.apply(&message("Breathe", Rational::from_integer(1))).unwrap();
    frames(&mut session, 1);
    let part = |index: usize, start_secs, end_secs| {
        json!({"index": index, "id": null, "kind": "clip", "round": 1, "name": format!("Part {index}"),
            "start_secs": start_secs, "end_secs": end_secs})
    };
    let expected = json!({
        "state": "playing", "position_secs": 0.041708, "duration_secs": 30.03, "remaining_secs": 23.991,
        "speed": 1.25, "current": part(0, 0.0, 20.02), "next": part(1, 20.02, 30.03), "message": "Breathe",
    });
    assert_eq!(serde_json::to_value(session.status()).unwrap(), expected);
}

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
        let shown = SessionFrame { frame: self.current, is_paused, is_waiting, message };
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

#[test]
fn messages_of_new_text_have_a_budget() {
    let mut session = session(100_000, &[]);
    let text = |index: usize| format!("{index:0200}");
    let say = |session: &mut Session, index: usize| session.apply(&message(&text(index), Rational::from_integer(60)));
    assert_eq!(
        [1, 2, 3].map(|index| say(&mut session, index)),
        [Ok(()), Ok(()), Err(CommandRejection::TooManyMessages)]
    );
    // The message that is shown may be shown for longer, and a rejected one changes nothing.
    assert_eq!(say(&mut session, 2), Ok(()));
    assert_eq!(session.status().message, Some(text(2)));
    // Ten frames are a second, in which 60 letters become free.
    frames(&mut session, 33);
    assert_eq!(say(&mut session, 3), Err(CommandRejection::TooManyMessages));
    frames(&mut session, 1);
    assert_eq!(say(&mut session, 3), Ok(()));
    frames(&mut session, 10_000);
    assert_eq!([4, 5, 6].map(|index| say(&mut session, index).is_ok()), [true, true, false]);
}
