//! The mix against a twin that computes each sample alone, in 64 bits, from the definitions.

use std::f64::consts::{FRAC_PI_2, PI, TAU};
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use repcast_media::Stereo;
use repcast_model::audio::{AudioRole, Cue, Ducking, FileSound, Sound, SoundSource, Soundtrack, Wave};
use repcast_model::time::to_f64;

use super::media::*;
use crate::SoundLibrary;

/// Samples of the file of these tests, two seconds.
const FILE: usize = 96_000;

fn fade(n: f64, len: f64) -> f64 {
    if len == 0.0 {
        return 1.0;
    }
    let t = ((n + 0.5) / len).clamp(0.0, 1.0);
    (FRAC_PI_2 * (3.0 * t.powi(2) - 2.0 * t.powi(3))).sin()
}

/// Sample `n` of a loop: the sum of all iterations, each faded over the crossfade around its seams.
fn loop_sample(file: &[Stereo], clip: &FileSound, n: i64, channel: usize) -> f64 {
    let exact = |secs: repcast_model::time::Rational| to_f64(secs) * 48_000.0;
    let trim_in = exact(clip.clock.trim_in).round() as i64;
    let period = clip.clock.trim_out - clip.clock.trim_in;
    let start = |k: i64| exact(period * i128::from(k)).round() as i64;
    let longest = (exact(period).floor() / 2.0).floor() - 2.0;
    let crossfade = exact(clip.crossfade).round().min(longest);
    let available_before = exact(clip.clock.trim_in).floor().min(crossfade);
    let available_after = (file.len() as f64 - trim_in as f64 - exact(period).ceil()).clamp(0.0, crossfade);
    let before = available_before.min((crossfade / 2.0).floor().max(crossfade - available_after));
    let after = available_after.min(crossfade - before);
    let near = (n as f64 / exact(period)) as i64;
    let mut sum = 0.0;
    for k in (near - 2).max(0)..near + 3 {
        let (begin, end) = (start(k) as f64, start(k + 1) as f64);
        let position = n as f64;
        let rise = if k == 0 { 1.0 } else { fade(position - (begin - before), crossfade) };
        let fall = fade(end + after - 1.0 - position, crossfade);
        let is_heard = position < end + after && position >= if k == 0 { begin } else { begin - before };
        if is_heard {
            let sample = usize::try_from(n - start(k) + trim_in).ok().and_then(|index| file.get(index));
            sum += sample.map_or(0.0, |sample| f64::from(sample[channel])) * rise * fall;
        }
    }
    sum
}

/// The samples of a sound without its gain, and the length that it has by itself.
fn content(source: &SoundSource, file: &[Stereo], n: i64, channel: usize) -> (f64, Option<u64>) {
    match source {
        SoundSource::File(clip) if clip.clock.looping => (loop_sample(file, clip, n, channel), None),
        SoundSource::File(clip) => {
            let at = |secs| (to_f64(secs) * 48_000.0).round() as i64;
            let sample = usize::try_from(n + at(clip.clock.trim_in)).ok().and_then(|index| file.get(index));
            let len = at(clip.clock.trim_out - clip.clock.trim_in) as u64;
            (sample.map_or(0.0, |sample| f64::from(sample[channel])), Some(len))
        }
        SoundSource::Tone { frequency, .. } => ((TAU * to_f64(*frequency) * n as f64 / 48_000.0).sin(), None),
        SoundSource::Cue(cue) => {
            static SAMPLES: LazyLock<Arc<[Stereo]>> = LazyLock::new(|| TestLibrary.cue(Cue::Start).unwrap());
            let samples = &*SAMPLES;
            assert_eq!(*cue, Cue::Start);
            let sample = usize::try_from(n).ok().and_then(|n| samples.get(n));
            (sample.map_or(0.0, |sample| f64::from(sample[channel])), Some(samples.len() as u64))
        }
        SoundSource::Speech(_) => (0.0, None),
    }
}

fn heard_end(soundtrack: &Soundtrack, sound: &Sound, len: Option<u64>) -> u64 {
    len.map_or(u64::MAX, |len| sound.span.start + len).min(sound.span.end).min(soundtrack.samples)
}

/// The gain of music at sample `n`: the least of those that the sounds cause, gaps up to the hold being part of them.
fn ducking_gain(soundtrack: &Soundtrack, file: &[Stereo], n: i64) -> f64 {
    let Some(ducking) = &soundtrack.ducking else { return 1.0 };
    let at = |secs| to_f64(secs) * 48_000.0;
    let mut reduction: f64 = 0.0;
    for sound in soundtrack.sounds.iter().filter(|sound| sound.ducks_music && sound.gain.is_some()) {
        let end = heard_end(soundtrack, sound, content(&sound.source, file, 0, 0).1);
        if sound.span.start >= end {
            continue;
        }
        let before = (sound.span.start as f64 - 960.0) - 1.0 - n as f64;
        let after = n as f64 - (end as f64 + at(ducking.hold).round());
        let distance = if before >= 0.0 {
            (before + 0.5) / at(ducking.attack).round()
        } else if after >= 0.0 {
            (after + 0.5) / at(ducking.release).round()
        } else {
            0.0
        };
        reduction = reduction.max(0.5 + 0.5 * (PI * distance.min(1.0)).cos());
    }
    10_f64.powf(-to_f64(ducking.depth) * reduction / 20.0)
}

fn twin_sample(soundtrack: &Soundtrack, file: &[Stereo], n: i64, channel: usize) -> f64 {
    let mut sum = 0.0;
    for sound in &soundtrack.sounds {
        let (value, len) = content(&sound.source, file, n - sound.span.start as i64, channel);
        let (start, end) = (sound.span.start as i64, heard_end(soundtrack, sound, len) as i64);
        let Some(gain) = sound.gain.filter(|_| (start..end).contains(&n)) else { continue };
        let (ramp_in, ramp_out) = match &sound.source {
            SoundSource::File(clip) => (to_f64(clip.clock.trim_in) > 0.0, true),
            SoundSource::Cue(_) => (false, len.is_some_and(|len| end - start < len as i64)),
            _ => (true, true),
        };
        let len = |fade: u64, is_ramp: bool| fade.max(if is_ramp { 96 } else { 0 }) as f64;
        let fades = fade((n - start) as f64, len(sound.fade_in, ramp_in))
            * fade((end - 1 - n) as f64, len(sound.fade_out, ramp_out));
        let angle = (to_f64(sound.pan) + 1.0) * PI / 4.0;
        let pan = 2_f64.sqrt() * if channel == 0 { angle.cos() } else { angle.sin() };
        let ducking = if sound.role == AudioRole::Music { ducking_gain(soundtrack, file, n) } else { 1.0 };
        sum += value * fades * pan * ducking * 10_f64.powf(to_f64(gain) / 20.0);
    }
    sum
}

fn sources() -> impl Strategy<Value = SoundSource> {
    let loops =
        (0_i128..1_000, 30_i128..1_000, 0_i128..300, any::<bool>()).prop_map(|(start, len, crossfade, loops)| {
            let trim_in = rational(start, 1_001);
            let trim_out = (trim_in + rational(len, 999)).min(rational(2, 1));
            let clip = clip("a", trim_in, trim_out, rational(1, 1));
            SoundSource::File(if loops { looped(clip, rational(crossfade, 997)) } else { clip })
        });
    let tones = (20_i128..20_000)
        .prop_map(|frequency| SoundSource::Tone { frequency: rational(frequency, 7), wave: Wave::Sine });
    prop_oneof![4 => loops, 1 => tones, 2 => Just(SoundSource::Cue(Cue::Start))]
}

fn sounds() -> impl Strategy<Value = Sound> {
    let times = (0_u64..90_000, 0_u64..90_000, 0_u64..20_000, 0_u64..20_000);
    let levels = (prop::option::weighted(0.9, -30_i128..1), -10_i128..=10, 0_usize..3, any::<bool>());
    (sources(), times, levels).prop_map(|(source, (start, len, fade_in, fade_out), (gain, pan, role, ducks_music))| {
        let mut sound = sound(source, start, start + len);
        (sound.fade_in, sound.fade_out, sound.ducks_music) = (fade_in, fade_out, ducks_music);
        sound.gain = gain.map(|gain| rational(gain, 1));
        sound.pan = rational(pan, 10);
        sound.role = [AudioRole::Music, AudioRole::Voice, AudioRole::Effect][role];
        sound
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_mix_is_what_the_definitions_say(
        sounds in prop::collection::vec(sounds(), 1..6), times in [0_i128..40, 0..100, 0..60], offset in 0_usize..61,
    ) {
        let [attack, hold, release] = times.map(|time| rational(time, 100));
        let ducking = Some(Ducking { depth: rational(12, 1), attack, hold, release });
        let soundtrack = Soundtrack { samples: 120_000, sounds, ducking, loudness: None };
        let file = noise(0.5, FILE, 9);
        let mut mixer = mixer(soundtrack.clone(), MemoryFiles::default().with("a", 48_000, file.clone()));
        let mut out = vec![[0.0; 2]; 121_000];
        mixer.mix(0, &mut out);
        // Every sample near the boundaries of sounds, and some of the others.
        let boundaries: Vec<u64> = soundtrack.sounds.iter().flat_map(|sound| [sound.span.start, sound.span.end]).collect();
        for (n, sample) in out.iter().enumerate() {
            let is_near = boundaries.iter().any(|boundary| boundary.abs_diff(n as u64) < 3);
            if is_near || n % 61 == offset {
                for (channel, found) in sample.iter().enumerate() {
                    let expected = twin_sample(&soundtrack, &file, n as i64, channel);
                    let error = (f64::from(*found) - expected).abs();
                    prop_assert!(error < 1e-6, "sample {}: {} instead of {}", n, found, expected);
                }
            }
        }
    }
}
