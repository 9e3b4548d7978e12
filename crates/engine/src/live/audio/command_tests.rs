//! Signals and words under random commands, against a model that knows nothing of mixers that play on.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use repcast_media::Stereo;
use repcast_mixer::{Mixer, SourceLevels};
use repcast_model::audio::{
    AudioInfos, AudioRole, Cue, SAMPLE_RATE, SampleSpan, Sound, SoundSource, Soundtrack, sample_at, samples,
};
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{self, Document};
use repcast_model::session::{AudioLevels, Command, Session};
use repcast_model::timeline::{Chapter, ClipInfos, Span};
use repcast_model::workout::compile_workout_soundtrack;

use super::mix::LiveMix;
use super::*;
use crate::audio::Speaker;

/// Commands of a run.
const COMMANDS: usize = 5000;

/// Frames of the timeline, 55 s at 30 a second.
const FRAMES: u64 = 55 * 30;

/// Samples of the fades of a jump or a pause, 10 ms.
const FADE: usize = 480;

/// Signals of every type, and words, several of which are heard at once.
const WORKOUT: &str = r#"{"exercises": [
    {"id": "a", "duration": 16, "rest": 6}, {"id": "a", "duration": 16}, {"id": "a", "duration": 11, "rest": 6}],
    "audio": {"loudness": {"target": -16, "true_peak": -1}, "voice": {"announce": ["rest", "halfway", "done"]},
    "cues": {"style": "both", "countdown": 3, "halfway": true, "remind_every": 5}}}"#;

fn rate() -> FrameRate {
    FrameRate::new(30, 1).unwrap()
}

/// The sound of [`WORKOUT`], whose sources are heard as loud as they are.
fn audio() -> DocumentAudio {
    let catalogue = "[[exercise]]\nid = \"a\"\nname = \"A\"\nclip = \"a.mov\"";
    let catalogue = Catalogue::parse(catalogue, Path::new("")).unwrap();
    let Ok(Document::Workout(workout)) = document::parse(WORKOUT.as_bytes()) else { panic!("not a workout") };
    let infos = (ClipInfos::default(), AudioInfos::default());
    let soundtrack = compile_workout_soundtrack(&workout, &catalogue, Path::new(""), &infos.0, &infos.1).unwrap();
    DocumentAudio::new(Soundtrack { loudness: None, ..soundtrack.unwrap() }, &Speaker::shared()).unwrap()
}

/// What a sound is, for counts and messages.
fn label(sound: &Sound) -> String {
    match &sound.source {
        SoundSource::Speech(speech) => speech.text.clone(),
        SoundSource::Cue(cue) => format!("{cue:?}"),
        SoundSource::File(_) | SoundSource::Tone { .. } => panic!("not a signal"),
    }
}

/// Numbers that are the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize]
    }

    /// A command; `starts` are frames at which signals begin, to which half of the seeks go, or nearly.
    fn command(&mut self, starts: &[u64]) -> Command {
        let roles = [None, Some(AudioRole::Voice), Some(AudioRole::Effect)];
        match self.below(20) {
            0..4 => Command::Pause,
            4..9 => Command::Resume,
            9..12 => {
                let thousandths = match self.below(2) {
                    0 => (self.one_of(starts) * 1000).saturating_add_signed(self.below(40_000) as i64 - 30_000),
                    _ => self.below(FRAMES * 1000),
                };
                Command::Seek { to: Rational::new(i128::from(thousandths), 30_000) }
            }
            12 => Command::Skip,
            13 => Command::Back,
            14..18 => Command::Speed { value: self.one_of(&[250, 333, 500, 800, 1000, 1000, 1250, 1500, 2000, 4000]) },
            18 => {
                Command::Volume { role: self.one_of(&roles), gain: Rational::from_integer(self.one_of(&[-20, -6, 0])) }
            }
            _ => Command::Mute { role: self.one_of(&roles), muted: self.below(3) == 0 },
        }
    }
}

/// All samples of a sound.
type SoundSamples = Arc<Vec<Stereo>>;

/// A sound that is heard.
struct Event {
    sound: usize,
    role: AudioRole,
    samples: SoundSamples,
    /// Index in `samples` of what is heard with the next sample of the output; negative before the onset.
    next: i64,
    /// Where it starts in the soundtrack at the present speed; `None` if it began at another.
    start: Option<u64>,
}

/// What is to be heard, by the definition of the test.
struct Model {
    sounds: DocumentAudio,
    /// Soundtracks, and the samples of their sounds, by speed.
    retimed: HashMap<Rational, (Soundtrack, Vec<Option<SoundSamples>>)>,
    events: Vec<Event>,
    /// The sounds that have begun since the session jumped.
    begun: Vec<bool>,
    last: Option<Playhead>,
    /// Seconds of the timeline that were played, and the speed at which.
    end: (Rational, Rational),
    anchor: (u64, u64),
    begun_counts: BTreeMap<String, usize>,
    cut: usize,
    carried: usize,
}

impl Model {
    fn new(sounds: DocumentAudio) -> Self {
        let count = sounds.soundtrack.sounds.len();
        let (events, begun, begun_counts) = (Vec::new(), vec![false; count], BTreeMap::new());
        let end = (Rational::from_integer(0), Rational::from_integer(1));
        let retimed = HashMap::new();
        Self { sounds, retimed, events, begun, last: None, end, anchor: (0, 0), begun_counts, cut: 0, carried: 0 }
    }

    /// Returns to the beginning of a session.
    fn restart(&mut self) {
        self.events.clear();
        self.begun.fill(false);
        self.last = None;
        self.end = (Rational::from_integer(0), Rational::from_integer(1));
    }

    /// Whether a sound begins before a time, exactly.
    fn is_before(&self, sound: usize, secs: Rational) -> bool {
        let start = self.sounds.soundtrack.sounds[sound].span.start;
        Rational::new(i128::from(start), i128::from(SAMPLE_RATE)) < secs
    }

    fn span(&mut self, sound: usize, speed: Rational) -> SampleSpan {
        let sounds = &self.sounds;
        let made = || (sounds.soundtrack.retimed(speed), vec![None; sounds.soundtrack.sounds.len()]);
        self.retimed.entry(speed).or_insert_with(made).0.sounds[sound].span
    }

    /// The samples of a sound alone.
    fn samples(&mut self, sound: usize, speed: Rational) -> SoundSamples {
        let span = self.span(sound, speed);
        let (soundtrack, stored) = self.retimed.get_mut(&speed).unwrap();
        if let Some(samples) = &stored[sound] {
            return samples.clone();
        }
        let alone = Soundtrack { sounds: vec![soundtrack.sounds[sound].clone()], ..*soundtrack };
        let files = Arc::new(repcast_gstreamer::decode::FileAudioSources::default());
        let mut mixer = Mixer::new(Arc::new(alone), files, self.sounds.sounds.clone(), &SourceLevels::new());
        let mut samples = vec![[0.0; 2]; span.len() as usize];
        mixer.mix(span.start, &mut samples);
        assert!(samples.iter().any(|sample| *sample != [0.0; 2]), "sound {sound} is silent at {speed}");
        let samples = Arc::new(samples);
        stored[sound] = Some(samples.clone());
        samples
    }

    /// Adds the events to a frame, with the gain of each sample.
    fn add(events: &[Event], levels: [AudioLevels; 2], out: &mut [Stereo], gain: impl Fn(usize, &Event) -> f32) {
        for event in events {
            let [before, now] = levels.map(|levels| levels.factor(event.role));
            for (index, sum) in out.iter_mut().enumerate() {
                let at = usize::try_from(event.next + index as i64).ok();
                let Some(sample) = at.and_then(|at| event.samples.get(at)) else { continue };
                let level = if index < FADE { before + (now - before) * ramp(index) } else { now };
                let gain = level * gain(index, event);
                *sum = [sum[0] + sample[0] * gain, sum[1] + sample[1] * gain];
            }
        }
    }

    /// Begins the sounds that are to be heard within `len` samples of frame `number`, if they are in `range` of time.
    fn begin(&mut self, number: u64, len: usize, [from, until]: [Option<Rational>; 2], speed: Rational) {
        let position = self.anchor.0 + sample_at(number, rate()) - sample_at(self.anchor.1, rate());
        for sound in 0..self.begun.len() {
            let is_early = from.is_some_and(|from| self.is_before(sound, from));
            let is_late = until.is_some_and(|until| !self.is_before(sound, until));
            let start = self.span(sound, speed).start;
            if self.begun[sound] || is_early || is_late || (until.is_none() && start >= position + len as u64) {
                continue;
            }
            self.begun[sound] = true;
            let samples = self.samples(sound, speed);
            let of = &self.sounds.soundtrack.sounds[sound];
            *self.begun_counts.entry(label(of)).or_default() += 1;
            let next = position as i64 - start as i64;
            self.events.push(Event { sound, role: of.role, samples, next, start: Some(start) });
        }
    }

    /// The sounds that have begun go on after a change of speed, up to the next signal of their role.
    fn carry(&mut self, secs: Rational, speed: Rational) {
        let anchor = samples(secs / speed);
        for role in [AudioRole::Voice, AudioRole::Effect] {
            let of_role = |event: &&mut Event| event.role == role;
            let longest = self.events.iter().filter(|event| event.role == role);
            let longest = longest.map(|event| event.samples.len() as i64 - event.next).max().unwrap_or(0);
            let mut later = (0..self.begun.len()).filter(|sound| !self.is_before(*sound, secs));
            let next = later.find(|sound| self.sounds.soundtrack.sounds[*sound].role == role);
            let room = next.map_or(i64::MAX, |next| self.span(next, speed).start as i64 - anchor as i64);
            for event in self.events.iter_mut().filter(of_role) {
                self.carried += 1;
                event.start = None;
                if longest > room {
                    let mut rest = event.samples.get(event.next.max(0) as usize..).unwrap_or_default().to_vec();
                    rest.truncate(room as usize);
                    let faded = FADE.min(room as usize);
                    for (index, sample) in rest.iter_mut().enumerate().skip(room as usize - faded) {
                        let ramp = (index + faded - room as usize) as f32 + 0.5;
                        *sample = sample.map(|value| value * (1.0 - ramp / faded as f32));
                    }
                    (event.samples, event.next) = (Arc::new(rest), 0);
                }
            }
        }
    }

    /// The sound of an output frame.
    fn frame(&mut self, number: u64, playhead: Playhead, len: usize) -> Vec<Stereo> {
        let mut out = vec![[0.0; 2]; len];
        let last = self.last.replace(playhead);
        let levels = [last.map_or(playhead.levels, |last| last.levels), playhead.levels];
        let (secs, speed) = (playhead.secs(rate()), playhead.speed());
        let (end, old_speed) = self.end;
        let was_playing = last.is_some_and(|last| !last.is_paused);
        let (goes_on, is_other_speed) = (secs == end, speed != old_speed);
        if was_playing && (playhead.is_paused || !goes_on || is_other_speed) {
            // What has begun by now, exactly, and nothing else.
            self.begin(number, 0, [None, Some(end)], old_speed);
            let (before, sounds) = (end, &self.sounds.soundtrack.sounds);
            let time = |sound: usize| Rational::new(i128::from(sounds[sound].span.start), i128::from(SAMPLE_RATE));
            let begun = &mut self.begun;
            self.events.retain(|event| {
                let is_kept = event.start.is_none() || time(event.sound) < before;
                begun[event.sound] = is_kept;
                is_kept
            });
            if playhead.is_paused || !goes_on {
                let faded = FADE.min(len);
                Self::add(&self.events, levels, &mut out[..faded], |index, _| 1.0 - ramp(index));
            }
        }
        if playhead.is_paused {
            return out;
        }
        let is_resumed = last.is_some_and(|last| last.is_paused);
        if !was_playing || !goes_on || is_other_speed {
            if !goes_on {
                self.cut += self.events.len();
                self.events.clear();
                self.begun.fill(false);
            } else if is_other_speed {
                self.carry(secs, speed);
            }
            self.anchor = (samples(secs / speed), number);
            let anchor = self.anchor.0 as i64;
            for event in &mut self.events {
                event.next = event.start.map_or(event.next, |start| anchor - start as i64);
            }
            let continued = self.events.len();
            if !goes_on {
                self.begin_in_the_middle(secs, speed);
            }
            let is_faded = |index: usize| is_resumed || index >= continued;
            let faded: Vec<bool> = (0..self.events.len()).map(is_faded).collect();
            for (event, is_faded) in std::iter::zip(&self.events, faded) {
                let gain = |index: usize, _: &Event| if is_faded && index < FADE { ramp(index) } else { 1.0 };
                Self::add(std::slice::from_ref(event), levels, &mut out, gain);
            }
            let old = self.events.len();
            self.begin(number, len, [Some(secs), None], speed);
            Self::add(&self.events[old..], levels, &mut out, |_, _| 1.0);
        } else {
            self.begin(number, len, [None, None], speed);
            Self::add(&self.events, levels, &mut out, |_, _| 1.0);
        }
        self.events.iter_mut().for_each(|event| event.next += len as i64);
        self.events.retain(|event| event.next < event.samples.len() as i64);
        self.end = (secs + speed / rate().per_second(), speed);
        out
    }

    /// After a jump, what has begun at its target is heard from there on.
    fn begin_in_the_middle(&mut self, secs: Rational, speed: Rational) {
        for sound in (0..self.begun.len()).filter(|sound| self.is_before(*sound, secs)).collect::<Vec<_>>() {
            self.begun[sound] = true;
            let span = self.span(sound, speed);
            if span.end > self.anchor.0 {
                let samples = self.samples(sound, speed);
                let next = self.anchor.0 as i64 - span.start as i64;
                let role = self.sounds.soundtrack.sounds[sound].role;
                self.events.push(Event { sound, role, samples, next, start: Some(span.start) });
            }
        }
    }
}

fn ramp(index: usize) -> f32 {
    (index as f32 + 0.5) / FADE as f32
}

/// No signal and no word is lost, doubled or stale:
///
/// - **Not lost, not doubled.** A sound whose time on the timeline is passed while the session plays, which is in the
///   interval of exactly one output frame, begins once, at the sample of the output that the speed and the last jump give.
///   It is heard from its first sample to its last, without a fade, whatever the speed is changed to meanwhile; it is
///   silent in pauses, and goes on after them where it was. Only the next sound of its role ends it earlier.
/// - **Not stale.** After a jump, a sound that had begun fades out in 10 ms, and none begins that has its time at the
///   place that was left. What has begun at the new place fades in.
///
/// The model computes each sample of the output by these rules from the samples of each sound alone.
#[test]
fn no_signal_is_lost_doubled_or_stale_after_any_commands() {
    let audio = audio();
    let starts: Vec<u64> = audio.soundtrack.sounds.iter().map(|sound| sound.span.start / 1600).collect();
    let chapters: Vec<Chapter> = [0, 480, 660, 1140, 1470, 1650]
        .windows(2)
        .map(|pair| Chapter::of_clip(Span { start: pair[0], end: pair[1] }, "step".into()))
        .collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut model = Model::new(audio.clone());
    let mut applied = 0;
    while applied < COMMANDS {
        let mut session = Session::new(FRAMES, rate(), chapters.clone()).with_sound();
        let mut mix = LiveMix::open(&audio, rate(), MusicClock::Session, &|| false).unwrap();
        model.restart();
        let mut history: Vec<(u64, Command)> = Vec::new();
        let mut pause = random.below(60);
        for number in 0.. {
            while pause == 0 {
                let command = random.command(&starts);
                if session.apply(&command).is_ok() {
                    applied += 1;
                    history.push((number, command));
                }
                pause = random.below(25);
            }
            pause -= 1;
            let playhead = session.playhead();
            if applied >= COMMANDS || history.len() > 500 || session.tick().is_none() {
                break;
            }
            let len = (sample_at(number + 1, rate()) - sample_at(number, rate())) as usize;
            let mut heard = vec![[0.0; 2]; len];
            mix.frame(number, playhead, &mut heard);
            let expected = model.frame(number, playhead, len);
            let wrong = std::iter::zip(&heard, &expected).position(|(heard, expected)| {
                heard.iter().zip(expected).any(|(heard, expected)| (heard - expected).abs() > 1e-4)
            });
            if let Some(at) = wrong {
                let recent: Vec<_> = history.iter().rev().take(4).collect();
                let events: Vec<_> = model
                    .events
                    .iter()
                    .map(|event| (label(&audio.soundtrack.sounds[event.sound]), event.next))
                    .collect();
                panic!(
                    "frame {number}, sample {at}: {:?}, not {:?}; {events:?} after {recent:?}",
                    heard[at], expected[at]
                );
            }
        }
    }
    // The run contains what the rules are about.
    let signals = [Cue::Countdown, Cue::Start, Cue::Halfway, Cue::Rest, Cue::RestCountdown, Cue::Reminder, Cue::End];
    let signals = signals
        .map(|cue| format!("{cue:?}"))
        .into_iter()
        .chain(["Three", "Rest", "Halfway", "Done"].map(str::to_owned));
    for signal in signals {
        assert!(
            model.begun_counts.get(&signal).is_some_and(|count| *count >= 10),
            "{signal}: {:?}",
            model.begun_counts
        );
    }
    assert!(model.cut > 100 && model.carried > 100, "{} {}", model.cut, model.carried);
}
