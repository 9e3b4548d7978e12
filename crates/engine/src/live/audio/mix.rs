//! What is heard in a session: the sounds of the timeline at the session's position and speed, and music at its own tempo.
//!
//! ```text
//! playhead        0 s ----> 7 s | pause | 7 s --> 9 s | seek | 30 s at 1.2 -->
//! timeline sounds what is at the playhead, at its speed; faded for 10 ms where it jumps (`timeline_mix`)
//! music           plays on whenever the session does, wherever the playhead is
//! ```
//!
//! In a document that is edited, music follows the playhead as well, as it is in the file.

use std::sync::Arc;

use repcast_gstreamer::decode::FileAudioSources;
use repcast_media::Stereo;
use repcast_mixer::{Mixer, SoundFailure, SourceLevels};
use repcast_model::audio::{AudioRole, SAMPLE_RATE, SoundSource, Soundtrack, samples};
use repcast_model::session::{AudioLevels, Playhead};
use repcast_model::time::FrameRate;

use super::timeline_mix::TimelineMix;
use crate::audio::{DocumentAudio, DocumentSounds, measured_levels};

/// Samples of the fades at pauses, jumps and changes of levels: 10 ms.
pub(super) const FADE: usize = 480;

/// Samples of a session's music: a timeline of twelve hours at the slowest speed.
const MAX_SAMPLES: u64 = SAMPLE_RATE as u64 * 48 * 3600;

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

/// The levels that are heard, and those before them, which are heard at the start of a frame.
#[derive(Default)]
pub(super) struct Levels {
    now: AudioLevels,
    before: AudioLevels,
}

/// The mix of a session, frame by frame.
pub(crate) struct LiveMix {
    rate: FrameRate,
    music_clock: MusicClock,
    timeline: TimelineMix,
    music: Mixer,
    /// What `music` mixes, to tell whether a changed document has the same.
    music_track: Soundtrack,
    /// The ceiling of the limiter after it, in dBTP.
    ceiling: f64,
    /// The mix of a changed document, which starts with the next frame.
    next: Option<Box<LiveMix>>,
    /// Sample of the music that follows.
    music_position: u64,
    /// The frame before.
    last: Option<Playhead>,
    levels: Levels,
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
        let mixer = || sources.mixer(Soundtrack::default());
        Some(Self {
            rate,
            music_clock,
            timeline: TimelineMix::new(soundtrack, rate, sources.levels.clone(), mixer),
            music_track: music.clone(),
            ceiling: audio.ceiling(),
            music: sources.mixer(music),
            next: None,
            music_position: 0,
            last: None,
            levels: Levels::default(),
            scratch: Vec::new(),
        })
    }

    /// The ceiling in dBTP that the document asks of a limiter.
    pub(crate) const fn ceiling(&self) -> f64 {
        self.ceiling
    }

    /// Goes on with the mix of a changed document from the next frame on.
    pub(crate) fn change_to(&mut self, next: Self) {
        self.next = Some(Box::new(next));
    }

    /// Adds the sound of an output frame to silence.
    pub(crate) fn frame(&mut self, number: u64, playhead: Playhead, out: &mut [Stereo]) {
        if let Some(next) = self.next.take() {
            return self.change(*next, number, playhead, out);
        }
        let last = self.last.replace(playhead);
        self.levels = Levels { now: playhead.levels, before: last.map_or(playhead.levels, |last| last.levels) };
        match last {
            Some(last) if playhead.follows(last) => self.play(number, playhead, out),
            Some(last) if last.is_paused && playhead.is_paused => {}
            Some(last) if last.is_paused => self.enter(number, playhead, true, out),
            Some(_) if playhead.is_paused => {
                let faded = FADE.min(out.len());
                let gains = self.duck_gains(self.timeline.position(number), faded);
                self.add_music(&gains, &mut out[..faded]);
                fade_out(&mut out[..faded]);
                self.timeline.leave(number, playhead, &self.levels, out);
            }
            Some(_) => self.jump(number, playhead, out),
            None if playhead.is_paused => {}
            None => self.enter(number, playhead, false, out),
        }
    }

    /// The sounds that became silent since the last call.
    pub(crate) fn take_failures(&mut self) -> Vec<SoundFailure> {
        let mut failures = self.timeline.take_failures();
        failures.extend(self.music.failures());
        failures
    }

    /// The sound of the first frame of a changed document. What has begun is faded out, and what has begun there in. Music
    /// that stays the same plays on, and music that is only louder or quieter from where it is.
    fn change(&mut self, next: Self, number: u64, playhead: Playhead, out: &mut [Stereo]) {
        let last = self.last.replace(playhead);
        self.levels = Levels { now: playhead.levels, before: last.map_or(playhead.levels, |last| last.levels) };
        let faded = FADE.min(out.len());
        let was_heard = last.is_some_and(|last| !last.is_paused);
        let is_other_music = self.music_track != next.music_track;
        let has_other_sounds = self.music_track.sounds != next.music_track.sounds;
        let music_position = if has_other_sounds { 0 } else { self.music_position };
        let gains_before = self.duck_gains(self.timeline.position(number), faded);
        if was_heard {
            self.timeline.leave_for_good(number, &self.levels, out);
            if is_other_music || playhead.is_paused {
                let mut ending = vec![[0.0; 2]; faded];
                self.add_music(&gains_before, &mut ending);
                fade_out(&mut ending);
                add(out, &ending, |_| 1.0);
            }
        }
        (self.timeline, self.ceiling) = (next.timeline, next.ceiling);
        if is_other_music {
            (self.music, self.music_track, self.music_position) = (next.music, next.music_track, music_position);
        }
        if playhead.is_paused {
            return;
        }
        if !was_heard {
            return self.enter(number, playhead, last.is_some(), out);
        }
        self.timeline.enter(number, playhead, false, &self.levels, out);
        let mut gains = self.duck_gains(self.timeline.position(number), out.len());
        for (index, (gain, before)) in gains.iter_mut().zip(gains_before).enumerate() {
            *gain = before + (*gain - before) * ramp(index, faded);
        }
        let mut music = vec![[0.0; 2]; out.len()];
        self.add_music(&gains, &mut music);
        if is_other_music {
            fade_in(&mut music);
        }
        add(out, &music, |_| 1.0);
    }

    /// The sound of a frame that follows the one before.
    fn play(&mut self, number: u64, playhead: Playhead, out: &mut [Stereo]) {
        self.timeline.play(number, playhead, &self.levels, out);
        let gains = self.duck_gains(self.timeline.position(number), out.len());
        self.add_music(&gains, out);
    }

    /// The sound of the first frame, or of the first after a pause, in which music is faded in.
    fn enter(&mut self, number: u64, playhead: Playhead, is_resumed: bool, out: &mut [Stereo]) {
        self.timeline.enter(number, playhead, is_resumed, &self.levels, out);
        let gains = self.duck_gains(self.timeline.position(number), out.len());
        self.move_music(playhead);
        let mut music = vec![[0.0; 2]; out.len()];
        self.add_music(&gains, &mut music);
        if is_resumed {
            fade_in(&mut music);
        }
        add(out, &music, |_| 1.0);
    }

    /// The sound of a frame after a jump of a session that plays, or a change of its speed. Music plays on, or is crossfaded
    /// to the place of the playhead.
    fn jump(&mut self, number: u64, playhead: Playhead, out: &mut [Stereo]) {
        let faded = FADE.min(out.len());
        let gains_before = self.duck_gains(self.timeline.position(number), faded);
        self.timeline.leave(number, playhead, &self.levels, out);
        self.timeline.enter(number, playhead, false, &self.levels, out);
        let mut gains = self.duck_gains(self.timeline.position(number), out.len());
        match self.music_clock {
            MusicClock::Session => {
                for (index, (gain, before)) in gains.iter_mut().zip(gains_before).enumerate() {
                    *gain = before + (*gain - before) * ramp(index, faded);
                }
                self.add_music(&gains, out);
            }
            MusicClock::Timeline => {
                let mut ending = vec![[0.0; 2]; faded];
                self.add_music(&gains_before, &mut ending);
                fade_out(&mut ending);
                self.move_music(playhead);
                let mut beginning = vec![[0.0; 2]; out.len()];
                self.add_music(&gains, &mut beginning);
                fade_in(&mut beginning);
                add(out, &ending, |_| 1.0);
                add(out, &beginning, |_| 1.0);
            }
        }
    }

    /// Moves music to the playhead, where it follows it.
    fn move_music(&mut self, playhead: Playhead) {
        if self.music_clock == MusicClock::Timeline {
            self.music_position = samples(playhead.secs(self.rate));
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
        let level = self.levels.of(AudioRole::Music);
        add(out, &self.scratch, |index| gains[index] * level(index));
    }
}

impl Sources {
    fn mixer(&self, soundtrack: Soundtrack) -> Mixer {
        Mixer::new(Arc::new(soundtrack), self.files.clone(), self.sounds.clone(), &self.levels)
    }
}

impl Levels {
    /// The factors of a role's samples in a frame, from its level before to its level now.
    pub(super) fn of(&self, role: AudioRole) -> impl Fn(usize) -> f32 + use<> {
        let (now, before) = (self.now.factor(role), self.before.factor(role));
        move |index| if index >= FADE || now == before { now } else { before + (now - before) * ramp(index, FADE) }
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
pub(super) fn add(out: &mut [Stereo], samples: &[Stereo], gain: impl Fn(usize) -> f32) {
    for (index, (sum, sample)) in out.iter_mut().zip(samples).enumerate() {
        let gain = gain(index);
        *sum = [sum[0] + sample[0] * gain, sum[1] + sample[1] * gain];
    }
}

/// From 0 to 1 over `len` samples.
fn ramp(index: usize, len: usize) -> f32 {
    (index as f32 + 0.5) / len as f32
}

pub(super) fn fade_in(samples: &mut [Stereo]) {
    let len = FADE.min(samples.len());
    for (index, sample) in samples[..len].iter_mut().enumerate() {
        *sample = sample.map(|value| value * ramp(index, len));
    }
}

pub(super) fn fade_out(samples: &mut [Stereo]) {
    let len = samples.len();
    for (index, sample) in samples.iter_mut().enumerate() {
        *sample = sample.map(|value| value * (1.0 - ramp(index, len)));
    }
}
