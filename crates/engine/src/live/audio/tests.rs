//! What is heard in a session, sample by sample.

use std::sync::Arc;

use proptest::prelude::*;
use repcast_media::Stereo;
use repcast_model::audio::{AudioRole, SAMPLE_RATE, SampleSpan, Sound, SoundSource, Soundtrack, Wave, sample_at};
use repcast_model::session::{Command, Session, Transport};

use super::mix::LiveMix;
use super::*;
use crate::audio::DocumentSounds;
use crate::monitor::MixLevels;

/// Frames of the timeline, at 30 a second.
const FRAMES: u64 = 300;

fn rate() -> FrameRate {
    FrameRate::new(30, 1).unwrap()
}

fn tone(role: AudioRole, hertz: i128, span: SampleSpan) -> Sound {
    Sound {
        role,
        span,
        source: SoundSource::Tone { frequency: Rational::from_integer(hertz), wave: Wave::Sine },
        gain: Some(Rational::from_integer(-20)),
        pan: Rational::from_integer(0),
        fade_in: 0,
        fade_out: 0,
        ducks_music: false,
    }
}

/// Music for the whole timeline, and a tone in every second second of it.
fn audio() -> DocumentAudio {
    let samples = sample_at(FRAMES, rate());
    let second = u64::from(SAMPLE_RATE);
    let mut sounds = vec![tone(AudioRole::Music, 200, SampleSpan { start: 0, end: samples })];
    sounds.extend((0..5).map(|index| {
        let start = index * 2 * second;
        tone(AudioRole::Effect, 1000, SampleSpan { start, end: start + second })
    }));
    sounds.sort_by_key(|sound| sound.span.start);
    let soundtrack = Soundtrack { samples, sounds, ducking: None, loudness: None };
    DocumentAudio { soundtrack: Arc::new(soundtrack), sounds: Arc::<DocumentSounds>::default() }
}

/// The mix of a session in which a command is applied before some frames.
fn mixed(frames: u64, commands: &[(u64, Command)]) -> Vec<Stereo> {
    let mut session = Session::new(FRAMES, rate(), Vec::new()).with_sound();
    let mut mix = LiveMix::open(&audio(), rate(), MusicClock::Session, &|| false).unwrap();
    let mut all = Vec::new();
    for number in 0..frames {
        for (_, command) in commands.iter().filter(|(at, _)| *at == number) {
            // One that does not apply changes nothing.
            let _ = session.apply(command);
        }
        let playhead = session.playhead();
        if session.tick().is_none() {
            break;
        }
        let mut samples = vec![[0.0; 2]; (sample_at(number + 1, rate()) - sample_at(number, rate())) as usize];
        mix.frame(number, playhead, &mut samples);
        all.extend(samples);
    }
    all
}

fn level(samples: &[Stereo], secs: std::ops::Range<f64>) -> f32 {
    let at = |secs: f64| (secs * f64::from(SAMPLE_RATE)) as usize;
    samples[at(secs.start)..at(secs.end)].iter().map(|sample| sample[0].abs()).fold(0.0, f32::max)
}

/// Peaks of the music alone, and of both.
const MUSIC: std::ops::Range<f32> = 0.09..0.11;
const BOTH: std::ops::Range<f32> = 0.18..0.21;

#[test]
fn an_undisturbed_session_sounds_like_a_file() {
    let audio = audio();
    let mut mixer = audio.open_mixer(&|| false).unwrap();
    let mut whole = vec![[0.0; 2]; audio.soundtrack.samples as usize];
    mixer.mix(0, &mut whole);
    let live = mixed(FRAMES, &[]);
    let differing = live.iter().zip(&whole).position(|(live, file)| (live[0] - file[0]).abs() > 1e-6);
    assert_eq!((live.len(), differing), (whole.len(), None));
}

#[test]
fn a_pause_is_silent_and_the_sound_goes_on_after_it() {
    let commands = [(15, Command::Pause), (75, Command::Resume)];
    let heard = mixed(FRAMES, &commands);
    assert!(BOTH.contains(&level(&heard, 0.1..0.5)));
    assert_eq!(level(&heard, 0.52..2.5), 0.0);
    // Half a second of the tone is left after the pause of two.
    assert!(BOTH.contains(&level(&heard, 2.6..2.95)));
    assert!(MUSIC.contains(&level(&heard, 3.1..3.9)));
}

#[test]
fn a_seek_moves_the_sounds_of_the_timeline_and_not_the_music() {
    let heard = mixed(60, &[(40, Command::Seek { to: Rational::from_integer(4) })]);
    let plain = mixed(60, &[]);
    assert!(MUSIC.contains(&level(&heard, 1.1..1.3)));
    assert!(BOTH.contains(&level(&heard, 1.4..1.9)));
    assert_eq!(heard[..40 * 1600], plain[..40 * 1600]);
}

#[test]
fn sounds_follow_the_speed_and_music_keeps_its_tempo() {
    let heard = mixed(60, &[(0, Command::Speed { value: 2000 })]);
    // Tones last half a second, and begin each second.
    for start in [0.0, 1.0] {
        assert!(BOTH.contains(&level(&heard, start + 0.1..start + 0.45)), "{start}");
        assert!(MUSIC.contains(&level(&heard, start + 0.55..start + 0.95)), "{start}");
    }
    // 200 Hz: a period is 240 samples.
    let period = &heard[30_000..30_240];
    let next = &heard[30_240..30_480];
    assert!(period.iter().zip(next).all(|(a, b)| (a[0] - b[0]).abs() < 1e-3));
}

#[test]
fn roles_are_muted_and_changed_without_a_click() {
    let mute = |role, muted| Command::Mute { role: Some(role), muted };
    let quiet = Command::Volume { role: Some(AudioRole::Effect), gain: Rational::from_integer(-20) };
    let commands = [(10, mute(AudioRole::Music, true)), (20, quiet), (25, mute(AudioRole::Music, false))];
    let heard = mixed(30, &commands);
    assert!(BOTH.contains(&level(&heard, 0.1..0.3)));
    assert!(MUSIC.contains(&level(&heard, 0.4..0.6)));
    assert!(level(&heard, 0.7..0.8) < 0.012);
    let step = |samples: &[Stereo]| samples.windows(2).map(|pair| (pair[1][0] - pair[0][0]).abs()).fold(0.0, f32::max);
    // No step is larger than those of the tones themselves: 1000 Hz at -20 dB, and a ramp.
    assert!(step(&heard) < 0.02, "{}", step(&heard));
}

/// The mix of a document that is edited, in which commands are applied before some frames.
fn edited(frames: u64, commands: &[(u64, Command)]) -> Vec<Stereo> {
    let mut transport = Transport::new(FRAMES, rate(), Vec::new());
    let mut mix = LiveMix::open(&audio(), rate(), MusicClock::Timeline, &|| false).unwrap();
    let mut all = Vec::new();
    for number in 0..frames {
        let now = commands.iter().filter(|(at, _)| *at == number);
        now.for_each(|(_, command)| transport.apply(command).unwrap());
        let mut samples = vec![[0.0; 2]; (sample_at(number + 1, rate()) - sample_at(number, rate())) as usize];
        mix.frame(number, transport.playhead(), &mut samples);
        all.extend(samples);
        transport.tick();
    }
    all
}

#[test]
fn a_document_that_is_edited_sounds_like_its_file_wherever_it_is() {
    let audio = audio();
    let mut mixer = audio.open_mixer(&|| false).unwrap();
    let mut file = vec![[0.0; 2]; audio.soundtrack.samples as usize];
    mixer.mix(0, &mut file);
    let is_as = |heard: &[Stereo], file: &[Stereo]| heard.iter().zip(file).all(|(a, b)| (a[0] - b[0]).abs() < 1e-6);
    assert!(is_as(&edited(FRAMES, &[]), &file));
    // After a jump of four seconds, music is four seconds later too, unlike that of a session.
    let seek = Command::Seek { to: Rational::from_integer(5) };
    let heard = edited(90, &[(30, seek), (60, Command::Pause)]);
    let samples = |frame: u64| sample_at(frame, rate()) as usize;
    let later = 4 * SAMPLE_RATE as usize;
    assert!(is_as(&heard[..samples(30)], &file));
    assert!(is_as(&heard[samples(30) + 480..samples(60)], &file[samples(30) + later + 480..]));
    assert!(heard[samples(60) + 480..].iter().all(|sample| *sample == [0.0; 2]));
    // At the end it is silent.
    assert!(edited(FRAMES + 30, &[])[samples(FRAMES) + 480..].iter().all(|sample| *sample == [0.0; 2]));
}

#[test]
fn the_limited_mix_is_that_of_the_file_from_its_first_sample_on() {
    let audio = audio();
    let mut reader = audio.open_mix(&|| false).unwrap();
    let mut file = Vec::new();
    while let Some(samples) = reader.read() {
        file.extend_from_slice(samples);
    }
    let mut transport = Transport::new(FRAMES, rate(), Vec::new());
    let mut mix = LimitedMix::open(&audio, rate(), MusicClock::Timeline, &|| false).unwrap();
    let mut heard = Vec::new();
    for number in 0..FRAMES {
        let block = mix.frame(number, transport.playhead());
        assert_eq!(block.start, heard.len() as u64);
        assert_eq!(block.levels, MixLevels::of(block.samples));
        heard.extend_from_slice(block.samples);
        transport.tick();
    }
    heard.extend_from_slice(mix.finish().samples);
    assert_eq!((heard.len(), mix.frames()), (file.len(), FRAMES));
    assert!(heard.iter().zip(&file).all(|(a, b)| (a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6));
}

#[test]
fn a_gain_that_changes_while_something_is_heard_moves_smoothly() {
    let mut mix = LimitedMix::open(&audio(), rate(), MusicClock::Timeline, &|| false).unwrap();
    let mut transport = Transport::new(FRAMES, rate(), Vec::new());
    let mut heard = Vec::new();
    for number in 0..60 {
        if number == 15 {
            mix.set_gain(-12.0);
        }
        heard.extend_from_slice(mix.frame(number, transport.playhead()).samples);
        transport.tick();
    }
    let quarter = 10_f32.powf(-12.0 / 20.0);
    assert!(BOTH.contains(&level(&heard, 0.1..0.5)));
    assert!(BOTH.contains(&(level(&heard, 0.7..0.9) / quarter)));
    let step = heard.windows(2).map(|pair| (pair[1][0] - pair[0][0]).abs()).fold(0.0, f32::max);
    assert!(step < 0.02, "{step}");
}

fn commands() -> impl Strategy<Value = Vec<(u64, Command)>> {
    let seek = (0_i128..9000).prop_map(|millis| Command::Seek { to: Rational::new(millis, 1000) });
    let speed = prop::sample::select(vec![500_u32, 1000, 1500, 4000]).prop_map(|value| Command::Speed { value });
    let mute = any::<bool>().prop_map(|muted| Command::Mute { role: Some(AudioRole::Music), muted });
    let one = prop_oneof![Just(Command::Pause), Just(Command::Resume), seek, speed, mute];
    prop::collection::vec((0_u64..120, one), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is commanded, nothing jumps: every step is one that the tones make, or a fade of ten milliseconds.
    #[test]
    fn no_command_clicks(commands in commands()) {
        let heard = mixed(120, &commands);
        let steps = heard.windows(2).map(|pair| (pair[1][0] - pair[0][0]).abs());
        let largest = steps.fold(0.0, f32::max);
        // 1000 Hz at four times the speed stays 1000 Hz: tones keep their frequency.
        prop_assert!(largest < 0.03, "{}", largest);
        prop_assert!(heard.iter().flatten().all(|value| value.abs() < 0.32));
    }
}
