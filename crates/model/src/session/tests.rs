use serde_json::json;

use super::{Command, CommandRejection, Session, SessionFrame, SessionState};
use crate::time::{FrameRate, Rational};
use crate::timeline::{Chapter, Span};

pub(super) fn rate(numerator: u32, denominator: u32) -> FrameRate {
    FrameRate::new(numerator, denominator).unwrap()
}

pub(super) fn chapters(spans: &[(u64, u64)]) -> Vec<Chapter> {
    let chapter = |(index, (start, end)): (usize, &(u64, u64))| {
        Chapter::of_clip(Span { start: *start, end: *end }, format!("Part {index}"))
    };
    spans.iter().enumerate().map(chapter).collect()
}

/// A session at ten frames a second.
fn session(frames: u64, spans: &[(u64, u64)]) -> Session {
    Session::new(frames, rate(10, 1), chapters(spans))
}

pub(super) fn seek(to: f64) -> Command {
    Command::parse(json!({"command": "seek", "to": to}).to_string().as_bytes()).unwrap()
}

pub(super) fn message(text: &str, seconds: Rational) -> Command {
    Command::Message { text: text.into(), seconds }
}

/// The frames of the next `count` output frames.
pub(super) fn frames(session: &mut Session, count: usize) -> Vec<u64> {
    (0..count).map_while(|_| session.tick()).map(|shown| shown.frame).collect()
}

#[test]
fn two_hours_at_thirty_frames_a_second_do_not_drift() {
    let count = 2 * 3600 * 30;
    let mut session = Session::new(count, rate(30, 1), Vec::new());
    for frame in 0..count {
        assert_eq!(
            session.tick(),
            Some(SessionFrame { frame, is_paused: false, is_waiting: false, starts_in_secs: None, message: None })
        );
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
        json!({"index": index, "id": null, "kind": "clip", "round": 1, "group": null, "set": null,
            "name": format!("Part {index}"), "start_secs": start_secs, "end_secs": end_secs})
    };
    let expected = json!({
        "state": "playing", "position_secs": 0.041708, "duration_secs": 30.03, "remaining_secs": 23.991,
        "starts_in_secs": null, "speed": 1.25, "current": part(0, 0.0, 20.02), "next": part(1, 20.02, 30.03), "message": "Breathe",
    });
    assert_eq!(serde_json::to_value(session.status()).unwrap(), expected);
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

#[test]
fn a_session_starts_by_itself_after_its_time() {
    let session = session(20, &[]).starting_in(Rational::new(5, 2));
    assert_eq!(session.status().starts_in_secs, Some(3));
    let mut started = session.clone();
    let mut waiting = session;
    let shown: Vec<_> =
        (0..27).map(|_| waiting.tick().unwrap()).map(|shown| (shown.frame, shown.starts_in_secs)).collect();
    assert_eq!(shown[0], (0, Some(3)));
    assert_eq!((shown[14], shown[24]), ((0, Some(1)), (0, Some(0))));
    assert_eq!((shown[25], shown[26]), ((0, None), (1, None)));
    // Or earlier by command, which is then too late for another.
    frames(&mut started, 3);
    assert_eq!(started.apply(&Command::Start), Ok(()));
    assert_eq!(started.status().starts_in_secs, None);
    assert_eq!(started.apply(&Command::Start), Err(CommandRejection::AlreadyStarted));
    assert_eq!(started.tick().map(|shown| (shown.frame, shown.is_waiting)), Some((0, false)));
}
