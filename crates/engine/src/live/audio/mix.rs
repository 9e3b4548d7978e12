//! What is heard in a session: the sounds of the timeline at the session's position and speed, and music at its own tempo.
//!
//! ```text
//! playhead        0 s ----> 7 s | pause | 7 s --> 9 s | seek | 30 s at 1.2 -->
//! timeline sounds what is at the playhead, at its speed; faded for 10 ms where it jumps
//! music           plays on whenever the session does, wherever the playhead is
//! ```
//!
//! In a document that is edited, music follows the playhead as well, as it is in the file.

use std::sync::Arc;

use repcast_gstreamer::decode::FileAudioSources;
use repcast_media::Stereo;
use repcast_mixer::{DuckingCurve, Mixer, SoundFailure, SourceLevels};
use repcast_model::audio::{AudioRole, SAMPLE_RATE, SoundSource, Soundtrack, sample_at, samples};
use repcast_model::session::{AudioLevels, Playhead};
use repcast_model::time::{FrameRate, Rational};

use crate::audio::{DocumentAudio, DocumentSounds, measured_levels};

/// Samples of the fades at pauses, jumps and changes of levels: 10 ms.
const FADE: usize = 480;

/// Samples of a session's music: a timeline of twelve hours at the slowest speed.
const MAX_SAMPLES: u64 = SAMPLE_RATE as u64 * 48 * 3600;

/// The roles of the sounds that follow the playhead.
const TIMELINE_ROLES: [AudioRole; 2] = [AudioRole::Voice, AudioRole::Effect];

/// Where music is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MusicClock {
    /// It plays on through jumps, at its own tempo, longer than its timeline.
    Session,
    /// It is where the playhead jumps to, and ends with its timeline.
    Timeline,
}

/// Where the sounds of all mixers come from.
struct Sources {
    files: Arc<FileAudioSources>,
    sounds: Arc<DocumentSounds>,
    levels: SourceLevels,
}

/// The sounds of a timeline at one speed.
struct TimelineMix {
    speed: Rational,
    /// One of each of [`TIMELINE_ROLES`].
    mixers: [Mixer; 2],
    ducking: Option<DuckingCurve>,
    /// The sample of the retimed soundtrack at the first sample of frame `anchor_frame`.
    anchor: u64,
    anchor_frame: u64,
}

/// The mix of a session, frame by frame.
pub(crate) struct LiveMix {
    rate: FrameRate,
    music_clock: MusicClock,
    soundtrack: Arc<Soundtrack>,
    levels_of_sources: SourceLevels,
    timeline: TimelineMix,
    music: Mixer,
    /// Sample of the music that follows.
    music_position: u64,
    /// The frame before.
    last: Option<Playhead>,
    /// The levels that are heard, and those before them, which are heard at the start of the frame.
    levels: [AudioLevels; 2],
    scratch: Vec<Stereo>,
}

impl LiveMix {
    /// Opens the mix of a document. Where it has a loudness, its files are measured, which reads each of them once. `None` if
    /// `is_over` becomes true meanwhile.
    pub(crate) fn open(
        audio: &DocumentAudio,
        rate: FrameRate,
        music_clock: MusicClock,
        is_over: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let DocumentAudio { soundtrack, sounds } = audio;
        let files = Arc::<FileAudioSources>::default();
        let levels = measured_levels(audio, &*files, is_over)?;
        let sources = Sources { files, sounds: sounds.clone(), levels };
        let music = match music_clock {
            MusicClock::Session => endless_music(soundtrack),
            MusicClock::Timeline => Soundtrack { ducking: None, ..soundtrack.music() },
        };
        Some(Self {
            rate,
            music_clock,
            timeline: TimelineMix::new(soundtrack, &sources),
            music: sources.mixer(music),
            soundtrack: soundtrack.clone(),
            levels_of_sources: sources.levels,
            music_position: 0,
            last: None,
            levels: [AudioLevels::default(); 2],
            scratch: Vec::new(),
        })
    }

    /// Adds the sound of an output frame to silence.
    pub(crate) fn frame(&mut self, number: u64, playhead: Playhead, out: &mut [Stereo]) {
        let last = self.last.replace(playhead);
        self.levels = [playhead.levels, last.map_or(playhead.levels, |last| last.levels)];
        match last {
            Some(last) if playhead.follows(last) => self.play(number, out),
            Some(last) if last.is_paused && playhead.is_paused => {}
            Some(last) if last.is_paused => {
                self.set_position(number, playhead);
                self.play(number, out);
                fade_in(out);
            }
            Some(_) if playhead.is_paused => {
                let faded = FADE.min(out.len());
                self.play(number, &mut out[..faded]);
                fade_out(&mut out[..faded]);
            }
            Some(_) => self.cross_fade(number, playhead, out),
            None if playhead.is_paused => {}
            None => {
                self.set_position(number, playhead);
                self.play(number, out);
            }
        }
    }

    /// The sounds that became silent since the last call.
    pub(crate) fn take_failures(&mut self) -> Vec<SoundFailure> {
        self.timeline.mixers.iter_mut().chain([&mut self.music]).flat_map(Mixer::failures).collect()
    }

    /// The sound of a frame that follows the one before.
    fn play(&mut self, number: u64, out: &mut [Stereo]) {
        let position = self.timeline.position(number, self.rate);
        self.add_timeline(position, out);
        let gains = self.duck_gains(position, out.len());
        self.add_music(&gains, out);
    }

    /// The sound of a frame after a jump of a session that plays: what follows the playhead is crossfaded, the rest plays on.
    fn cross_fade(&mut self, number: u64, playhead: Playhead, out: &mut [Stereo]) {
        let faded = FADE.min(out.len());
        let before = self.timeline.position(number, self.rate);
        let gains_before = self.duck_gains(before, faded);
        let mut ending = vec![[0.0; 2]; faded];
        self.add_timeline(before, &mut ending);
        if self.music_clock == MusicClock::Timeline {
            self.add_music(&gains_before, &mut ending);
        }
        fade_out(&mut ending);
        self.set_position(number, playhead);
        let after = self.timeline.position(number, self.rate);
        self.add_timeline(after, out);
        if self.music_clock == MusicClock::Timeline {
            let gains = self.duck_gains(after, out.len());
            self.add_music(&gains, out);
        }
        fade_in(out);
        add(out, &ending, |_| 1.0);
        if self.music_clock == MusicClock::Timeline {
            return;
        }
        let mut gains = self.duck_gains(after, out.len());
        for (index, (gain, before)) in gains.iter_mut().zip(gains_before).enumerate() {
            *gain = before + (*gain - before) * ramp(index, faded);
        }
        self.add_music(&gains, out);
    }

    fn set_position(&mut self, number: u64, playhead: Playhead) {
        let speed = playhead.speed();
        if speed != self.timeline.speed {
            self.timeline.set_speed(&self.soundtrack, speed, &self.levels_of_sources);
        }
        self.timeline.anchor = samples(playhead.secs(self.rate) / speed);
        self.timeline.anchor_frame = number;
        if self.music_clock == MusicClock::Timeline {
            self.music_position = samples(playhead.secs(self.rate));
        }
    }

    /// Adds the sounds of the timeline from a position on.
    fn add_timeline(&mut self, position: u64, out: &mut [Stereo]) {
        for (role, mixer) in TIMELINE_ROLES.into_iter().zip(&mut self.timeline.mixers) {
            self.scratch.resize(out.len(), [0.0; 2]);
            mixer.mix(position, &mut self.scratch);
            add(out, &self.scratch, level_ramp(self.levels, role));
        }
    }

    /// The gains of music under the sounds at a position of the timeline.
    fn duck_gains(&self, position: u64, len: usize) -> Vec<f32> {
        let mut gains = vec![1.0; len];
        if let Some(curve) = &self.timeline.ducking {
            curve.fill(position, &mut gains);
        }
        gains
    }

    /// Adds the music that follows.
    fn add_music(&mut self, gains: &[f32], out: &mut [Stereo]) {
        self.scratch.resize(out.len(), [0.0; 2]);
        self.music.mix(self.music_position, &mut self.scratch);
        self.music_position += out.len() as u64;
        let level = level_ramp(self.levels, AudioRole::Music);
        add(out, &self.scratch, |index| gains[index] * level(index));
    }
}

impl Sources {
    fn mixer(&self, soundtrack: Soundtrack) -> Mixer {
        Mixer::new(Arc::new(soundtrack), self.files.clone(), self.sounds.clone(), &self.levels)
    }
}

impl TimelineMix {
    fn new(soundtrack: &Soundtrack, sources: &Sources) -> Self {
        let mixers = TIMELINE_ROLES.map(|_| sources.mixer(Soundtrack::default()));
        let speed = Rational::from_integer(1);
        let mut timeline = Self { speed, mixers, ducking: None, anchor: 0, anchor_frame: 0 };
        timeline.set_speed(soundtrack, speed, &sources.levels);
        timeline
    }

    /// Changes the speed. Short clips that were read stay in memory.
    fn set_speed(&mut self, soundtrack: &Soundtrack, speed: Rational, levels: &SourceLevels) {
        let retimed = soundtrack.without_music().retimed(speed);
        for (role, mixer) in TIMELINE_ROLES.into_iter().zip(&mut self.mixers) {
            let sounds = retimed.sounds.iter().filter(|sound| sound.role == role).cloned().collect();
            mixer.set_soundtrack(Arc::new(Soundtrack { sounds, ..retimed }), levels);
        }
        let spans = self.mixers.iter().flat_map(Mixer::ducking_spans);
        self.ducking = retimed.ducking.as_ref().map(|ducking| DuckingCurve::new(ducking, spans));
        self.speed = speed;
    }

    /// The sample of the retimed soundtrack at the first sample of an output frame.
    fn position(&self, number: u64, rate: FrameRate) -> u64 {
        self.anchor + (sample_at(number, rate) - sample_at(self.anchor_frame, rate))
    }
}

/// The music of a soundtrack, whose ducking is that of the session. A session can last longer than its timeline: the loop
/// that is heard at the end goes on.
fn endless_music(soundtrack: &Soundtrack) -> Soundtrack {
    let mut music = Soundtrack { ducking: None, ..soundtrack.music() };
    for sound in &mut music.sounds {
        let loops = matches!(&sound.source, SoundSource::File(file) if file.clock.looping);
        if loops && sound.span.end == soundtrack.samples {
            (sound.span.end, sound.fade_out) = (MAX_SAMPLES, 0);
        }
    }
    music.samples = music.samples.max(MAX_SAMPLES);
    music
}

/// Adds samples with the gain of each.
fn add(out: &mut [Stereo], samples: &[Stereo], gain: impl Fn(usize) -> f32) {
    for (index, (sum, sample)) in out.iter_mut().zip(samples).enumerate() {
        let gain = gain(index);
        *sum = [sum[0] + sample[0] * gain, sum[1] + sample[1] * gain];
    }
}

/// The factors of a role's samples, from its level before to its level now.
fn level_ramp([now, before]: [AudioLevels; 2], role: AudioRole) -> impl Fn(usize) -> f32 {
    let (now, before) = (now.factor(role), before.factor(role));
    move |index| if index >= FADE || now == before { now } else { before + (now - before) * ramp(index, FADE) }
}

/// From 0 to 1 over `len` samples.
fn ramp(index: usize, len: usize) -> f32 {
    (index as f32 + 0.5) / len as f32
}

fn fade_in(samples: &mut [Stereo]) {
    let len = FADE.min(samples.len());
    for (index, sample) in samples[..len].iter_mut().enumerate() {
        *sample = sample.map(|value| value * ramp(index, len));
    }
}

fn fade_out(samples: &mut [Stereo]) {
    let len = samples.len();
    for (index, sample) in samples.iter_mut().enumerate() {
        *sample = sample.map(|value| value * (1.0 - ramp(index, len)));
    }
}
