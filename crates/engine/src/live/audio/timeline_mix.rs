//! The sounds that follow the playhead of a session. Each signal and each word whose time is passed begins once, and is
//! heard to its end unless the session jumps away from it:
//!
//! ```text
//!                        before the boundary            after it
//! jump                   what has begun fades out       what has begun there fades in, what begins there does not
//! pause, resume          what has begun fades out       it goes on where it was, faded in
//! change of speed        signals and words that have begun go on at their own tempo; the sound of clips is crossfaded
//! ```
//!
//! Whether a sound has begun is decided by its exact time on the timeline, and not by samples, which depend on the speed.

use std::ops::Range;
use std::sync::Arc;

use repcast_media::Stereo;
use repcast_mixer::{DuckingCurve, Mixer, SoundFailure, SourceLevels};
use repcast_model::audio::{AudioRole, SAMPLE_RATE, SampleSpan, Sound, Soundtrack, sample_at, samples};
use repcast_model::session::Playhead;
use repcast_model::time::{FrameRate, Rational};

use super::mix::{FADE, Levels, add, fade_in, fade_out};

/// The roles of the sounds that follow the playhead.
const ROLES: [AudioRole; 2] = [AudioRole::Voice, AudioRole::Effect];

/// Samples that a signal or a word goes on for after a change of speed, at most: 20 seconds, longer than the longest
/// sentence.
const MAX_CARRIED: u64 = 20 * SAMPLE_RATE as u64;

/// The sounds of a role.
struct RoleMix {
    role: AudioRole,
    /// Signals and speech, which last as long at every speed.
    signals: Mixer,
    /// Everything else.
    others: Mixer,
    /// The spans of the signals, in order.
    spans: Vec<SampleSpan>,
    /// What follows of the signals that began at another speed.
    carried: Vec<Stereo>,
}

/// The sounds of a timeline at one speed.
pub(super) struct TimelineMix {
    rate: FrameRate,
    soundtrack: Soundtrack,
    levels_of_sources: SourceLevels,
    speed: Rational,
    roles: [RoleMix; 2],
    pub(super) ducking: Option<DuckingCurve>,
    /// The sample of the retimed soundtrack at the first sample of frame `anchor_frame`.
    anchor: u64,
    anchor_frame: u64,
    /// Signals that begin before this sample of the retimed soundtrack are heard from `carried`, or not at all.
    first_signal: u64,
    /// Up to where the timeline was played: its time in seconds, and the sample of the retimed soundtrack.
    end: (Rational, u64),
    scratch: Vec<Stereo>,
}

impl TimelineMix {
    /// A mix at speed 1. Music of the soundtrack is left out.
    pub(super) fn new(
        soundtrack: &Soundtrack,
        rate: FrameRate,
        levels_of_sources: SourceLevels,
        mixer: impl Fn() -> Mixer,
    ) -> Self {
        let role = |role| RoleMix { role, signals: mixer(), others: mixer(), spans: Vec::new(), carried: Vec::new() };
        let (zero, one) = (Rational::from_integer(0), Rational::from_integer(1));
        let mut timeline = Self {
            rate,
            soundtrack: soundtrack.without_music(),
            levels_of_sources,
            speed: one,
            roles: ROLES.map(role),
            ducking: None,
            anchor: 0,
            anchor_frame: 0,
            first_signal: 0,
            end: (zero, 0),
            scratch: Vec::new(),
        };
        timeline.set_speed(one);
        timeline
    }

    /// The sounds that became silent since the last call.
    pub(super) fn take_failures(&mut self) -> Vec<SoundFailure> {
        self.roles.iter_mut().flat_map(|role| [&mut role.signals, &mut role.others]).flat_map(Mixer::failures).collect()
    }

    /// The sample of the retimed soundtrack at the first sample of an output frame.
    pub(super) fn position(&self, number: u64) -> u64 {
        self.anchor + (sample_at(number, self.rate) - sample_at(self.anchor_frame, self.rate))
    }

    /// Adds the sound of a frame that follows the one before.
    pub(super) fn play(&mut self, number: u64, playhead: Playhead, levels: &Levels, out: &mut [Stereo]) {
        let position = self.position(number);
        let signals = self.first_signal..u64::MAX;
        self.add_sounds([signals, 0..u64::MAX], position, levels, out);
        self.add_carried(levels, out);
        self.note_end(playhead, position + out.len() as u64);
    }

    /// Adds what has begun, faded out, after which the timeline is left at frame `number`. Signals go on if they are
    /// carried to another speed.
    pub(super) fn leave(&mut self, number: u64, next: Playhead, levels: &Levels, out: &mut [Stereo]) {
        let are_signals_left = next.is_paused || !self.goes_on_at(next);
        self.fade_out_begun(number, are_signals_left, levels, out);
    }

    /// The same for a timeline that is left for good: nothing of it is carried.
    pub(super) fn leave_for_good(&mut self, number: u64, levels: &Levels, out: &mut [Stereo]) {
        self.fade_out_begun(number, true, levels, out);
    }

    fn fade_out_begun(&mut self, number: u64, are_signals_left: bool, levels: &Levels, out: &mut [Stereo]) {
        let begun = begun_before(self.end.0, self.speed);
        let mut ending = vec![[0.0; 2]; FADE.min(out.len())];
        let signals = if are_signals_left { self.first_signal.min(begun)..begun } else { 0..0 };
        self.add_sounds([signals, 0..begun], self.position(number), levels, &mut ending);
        for role in self.roles.iter().filter(|_| are_signals_left) {
            add(&mut ending, &role.carried, levels.of(role.role));
        }
        fade_out(&mut ending);
        add(out, &ending, |_| 1.0);
    }

    /// Adds the sound of the first frame after the timeline was left, or of the first of all.
    pub(super) fn enter(
        &mut self,
        number: u64,
        playhead: Playhead,
        is_resumed: bool,
        levels: &Levels,
        out: &mut [Stereo],
    ) {
        self.move_to(number, playhead);
        let position = self.position(number);
        let begun = begun_before(playhead.secs(self.rate), self.speed);
        let first = self.first_signal;
        let mut continued = vec![[0.0; 2]; out.len()];
        self.add_sounds([first..begun.max(first), 0..begun], position, levels, &mut continued);
        let mut carried = vec![[0.0; 2]; out.len()];
        self.add_carried(levels, &mut carried);
        fade_in(&mut continued);
        if is_resumed {
            fade_in(&mut carried);
        }
        self.add_sounds([begun.max(first)..u64::MAX, begun..u64::MAX], position, levels, out);
        add(out, &continued, |_| 1.0);
        add(out, &carried, |_| 1.0);
        self.note_end(playhead, position + out.len() as u64);
    }

    /// Adds what follows of the signals that began at another speed.
    fn add_carried(&mut self, levels: &Levels, out: &mut [Stereo]) {
        for role in &mut self.roles {
            add(out, &role.carried, levels.of(role.role));
            role.carried.drain(..out.len().min(role.carried.len()));
        }
    }

    /// Takes note of where the timeline is after a frame.
    fn note_end(&mut self, playhead: Playhead, position: u64) {
        self.end = (playhead.secs(self.rate) + playhead.speed() / self.rate.per_second(), position);
    }

    /// Whether a frame is where the timeline was left.
    fn goes_on_at(&self, playhead: Playhead) -> bool {
        playhead.secs(self.rate) == self.end.0
    }

    fn move_to(&mut self, number: u64, playhead: Playhead) {
        let (secs, speed) = (playhead.secs(self.rate), playhead.speed());
        let (goes_on, is_other_speed) = (self.goes_on_at(playhead), speed != self.speed);
        if goes_on && is_other_speed {
            self.carry_signals();
        }
        if is_other_speed {
            self.set_speed(speed);
        }
        (self.anchor, self.anchor_frame) = (samples(secs / speed), number);
        if !goes_on {
            self.first_signal = 0;
            self.roles.iter_mut().for_each(|role| role.carried.clear());
        } else if is_other_speed {
            self.first_signal = begun_before(secs, speed);
            self.roles.iter_mut().for_each(|role| role.limit_carried(self.first_signal, self.anchor));
        }
    }

    /// Keeps what follows of the signals that have begun.
    fn carry_signals(&mut self) {
        let begun = begun_before(self.end.0, self.speed);
        let (starts, position) = (self.first_signal.min(begun)..begun, self.end.1);
        for RoleMix { signals, spans, carried, .. } in &mut self.roles {
            let has_begun = |span: &&SampleSpan| starts.contains(&span.start);
            let end = spans.iter().filter(has_begun).map(|span| span.end).max().unwrap_or(0);
            let mut rest = vec![[0.0; 2]; end.saturating_sub(position).min(MAX_CARRIED) as usize];
            signals.mix_starting_in(starts.clone(), position, &mut rest);
            if rest.len() < carried.len() {
                rest.resize(carried.len(), [0.0; 2]);
            }
            add(&mut rest, carried, |_| 1.0);
            *carried = rest;
        }
    }

    /// Changes the speed. Short clips that were read stay in memory.
    fn set_speed(&mut self, speed: Rational) {
        let retimed = self.soundtrack.retimed(speed);
        for RoleMix { role, signals, others, spans, .. } in &mut self.roles {
            for (mixer, is_signal) in [(signals, true), (others, false)] {
                let of_mixer = retimed.sounds.iter().filter(|sound| is_in(*role, is_signal, sound));
                let sounds = of_mixer.cloned().collect();
                mixer.set_soundtrack(Arc::new(Soundtrack { sounds, ..retimed }), &self.levels_of_sources);
            }
            *spans = retimed.sounds.iter().filter(|sound| is_in(*role, true, sound)).map(|sound| sound.span).collect();
        }
        let ducking = self.roles.iter().flat_map(|role| [&role.signals, &role.others]).flat_map(Mixer::ducking_spans);
        self.ducking = retimed.ducking.as_ref().map(|curve| DuckingCurve::new(curve, ducking));
        self.speed = speed;
    }

    /// Adds the sounds at a position: signals, then others, whose first samples are in a range.
    fn add_sounds(&mut self, starts: [Range<u64>; 2], position: u64, levels: &Levels, out: &mut [Stereo]) {
        let [signals, others] = starts;
        for role in &mut self.roles {
            for (mixer, starts) in [(&mut role.signals, &signals), (&mut role.others, &others)] {
                self.scratch.resize(out.len(), [0.0; 2]);
                mixer.mix_starting_in(starts.clone(), position, &mut self.scratch);
                add(out, &self.scratch, levels.of(role.role));
            }
        }
    }
}

impl RoleMix {
    /// Ends what is carried where the next signal of the role begins, so that no word overlaps another.
    fn limit_carried(&mut self, first_signal: u64, position: u64) {
        let next = self.spans.iter().find(|span| span.start >= first_signal);
        let room = next.map_or(u64::MAX, |next| next.start.saturating_sub(position));
        if room < self.carried.len() as u64 {
            self.carried.truncate(room as usize);
            let faded = self.carried.len() - FADE.min(self.carried.len());
            fade_out(&mut self.carried[faded..]);
        }
    }
}

fn is_in(role: AudioRole, is_signal: bool, sound: &Sound) -> bool {
    sound.role == role && sound.keeps_length() == is_signal
}

/// The first sample, of a soundtrack retimed to `speed`, of the sounds that begin at a time of the timeline or later.
fn begun_before(secs: Rational, speed: Rational) -> u64 {
    let sample = (secs * i128::from(SAMPLE_RATE)).ceil();
    samples(sample / i128::from(SAMPLE_RATE) / speed)
}
