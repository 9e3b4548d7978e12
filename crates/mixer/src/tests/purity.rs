//! The same samples, bit for bit, in whatever blocks and order they are read.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use repcast_media::Stereo;
use repcast_model::audio::{AudioRole, Cue, Ducking, PitchMode, SoundSource, Soundtrack, SpeechText, Wave};
use repcast_model::time::Rational;

use super::media::*;
use crate::{DEFAULT_CEILING, Master, Mixer};

/// Samples of the soundtrack, 40 s.
const LEN: u64 = 48_000 * 40;

/// A soundtrack with all that keeps a state: streamed and stored loops, stretched and resampled clips, speech.
fn rich() -> Soundtrack {
    let bed = looped(clip("bed", rational(1, 1), rational(23, 1), rational(1, 1)), rational(1, 2));
    let slow = looped(clip("short", rational(1, 10), rational(17, 10), rational(4, 5)), rational(1, 100));
    let long = clip("bed", rational(2, 1), rational(24, 1), rational(11, 10));
    let odd = clip("odd", rational(0, 1), rational(4, 1), rational(1, 1));
    let tape = clip("short", rational(0, 1), rational(2, 1), rational(1_237, 1_000));
    let tone = SoundSource::Tone { frequency: rational(880, 1), wave: Wave::Square };
    let speech =
        SpeechText { text: "one".into(), language: "en".into(), speaker: None, rate: Rational::from_integer(1) };
    let mut sounds = vec![
        file(bed, 0, LEN),
        file(slow, 30_000, 400_000),
        file(long, 500_000, 1_400_000),
        file(odd, 600_001, 700_003),
        file(tape, 100_000, 180_000),
        sound(tone, 900_000, 930_000),
        sound(SoundSource::Cue(Cue::Start), 1_000_000, 1_048_000),
        sound(SoundSource::Speech(Arc::new(speech)), 1_200_000, 1_300_000),
    ];
    for (index, sound) in sounds.iter_mut().enumerate().skip(1) {
        sound.role = [AudioRole::Effect, AudioRole::Voice][index % 2];
        sound.ducks_music = index > 5;
        sound.pan = rational(index as i128 - 4, 5);
        sound.gain = Some(rational(-(index as i128), 1));
        sound.fade_in = 1_000 * index as u64;
        sound.fade_out = 3_000;
    }
    if let SoundSource::File(tape) = &mut sounds[4].source {
        tape.pitch = PitchMode::Follow;
    }
    let ducking =
        Ducking { depth: rational(12, 1), attack: rational(1, 5), hold: rational(1, 2), release: rational(3, 5) };
    Soundtrack { samples: LEN, sounds, ducking: Some(ducking), loudness: None }
}

fn rich_mixer() -> Mixer {
    let files = MemoryFiles::default()
        .with("bed", 44_100, noise(0.4, 44_100 * 24, 5))
        .with("short", 48_000, noise(0.3, 96_000, 6))
        .with("odd", 47_999, noise(0.3, 48_000, 7));
    mixer(rich(), files)
}

/// The whole soundtrack, read once in one piece: the mix, and the master of it with 9 dB of gain, which limits it.
static WHOLE: LazyLock<[Vec<Stereo>; 2]> = LazyLock::new(|| {
    let mut mix = vec![[0.0; 2]; LEN as usize];
    let mut mastered = mix.clone();
    rich_mixer().mix(0, &mut mix);
    Master::new(rich_mixer(), 9.0, DEFAULT_CEILING).read(0, &mut mastered);
    [mix, mastered]
});

fn bits(samples: &[Stereo]) -> Vec<[u32; 2]> {
    samples.iter().map(|sample| sample.map(f32::to_bits)).collect()
}

/// Reads of a start and a length, most of which follow the one before.
fn reads() -> impl Strategy<Value = Vec<(u64, usize)>> {
    let len = prop_oneof![1_usize..40, 400_usize..3_000, Just(1_024_usize)];
    let seams = prop::sample::select(vec![29_000_u64, 125_500, 400_000, 599_000, 999_000, 1_055_900, 1_199_500]);
    let start = prop_oneof![0..LEN, seams.prop_flat_map(|seam| seam - 3_000..seam + 3_000)];
    let run = (start, prop::collection::vec(len, 1..12)).prop_map(|(start, lens)| {
        let next = |position: &mut u64, len: usize| {
            let start = *position;
            *position += len as u64;
            Some((start, len))
        };
        lens.into_iter().scan(start, next).collect::<Vec<_>>()
    });
    prop::collection::vec(run, 1..6).prop_map(|runs| runs.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn samples_depend_on_nothing_but_their_position(reads in reads()) {
        let [mix, mastered] = &*WHOLE;
        let mut mixer = rich_mixer();
        let mut master = Master::new(rich_mixer(), 9.0, DEFAULT_CEILING);
        for (start, len) in reads {
            let expected = |whole: &[Stereo]| {
                let first = (start as usize).min(whole.len());
                let mut expected = bits(&whole[first..(first + len).min(whole.len())]);
                expected.resize(len, [0; 2]);
                expected
            };
            let mut out = vec![[7.0; 2]; len];
            mixer.mix(start, &mut out);
            prop_assert_eq!(bits(&out), expected(mix), "mix at {} + {}", start, len);
            if start + len as u64 <= LEN {
                master.read(start, &mut out);
                prop_assert_eq!(bits(&out), expected(mastered), "master at {} + {}", start, len);
            }
        }
    }
}

#[test]
fn the_soundtrack_of_these_tests_is_heard_and_limited() {
    let [mix, mastered] = &*WHOLE;
    let gain = 10_f32.powf(9.0 / 20.0);
    let is_limited = |n: usize| (mastered[n][0] - mix[n][0] * gain).abs() > 1e-3;
    let limited = (0..mix.len()).filter(|n| is_limited(*n)).count();
    assert!(limited > 48_000, "{limited} samples are limited");
    for secs in 0..40 {
        assert!(level_db(&left(&mix[secs * 48_000..(secs + 1) * 48_000])) > -30.0, "second {secs}");
    }
    assert!(rich_mixer().failures().is_empty());
}

#[test]
fn a_mix_can_be_computed_on_another_thread() {
    let mut mixer = rich_mixer();
    let compute = move || {
        let mut out = vec![[0.0; 2]; 1_000];
        mixer.mix(300_000, &mut out);
        out
    };
    assert_eq!(bits(&std::thread::spawn(compute).join().unwrap()), bits(&WHOLE[0][300_000..301_000]));
}
