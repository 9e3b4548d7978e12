//! What cannot be read is silent and reported once; the rest is heard.

use std::sync::Arc;

use repcast_media::Stereo;
use repcast_model::audio::{Cue, SoundSource, SpeechText};
use repcast_model::time::Rational;

use super::media::*;
use crate::{SoundError, SoundName};

fn broken(files: MemoryFiles, path: &str, at: usize) -> MemoryFiles {
    let mut files = files;
    files.files.get_mut(std::path::Path::new(path)).unwrap().broken_at = Some(at);
    files
}

#[test]
fn a_source_that_breaks_off_is_silent_from_there_and_reported_once() {
    let files = broken(MemoryFiles::default().with("a", 48_000, noise(0.5, 96_000, 1)), "a", 48_000);
    let clip = clip("a", rational(0, 1), rational(2, 1), rational(1, 1));
    let sounds = vec![file(clip.clone(), 0, 96_000), file(clip, 100_000, 190_000)];
    let mut mixer = mixer(soundtrack(200_000, sounds), files);
    let mut out = vec![[0.0; 2]; 200_000];
    mixer.mix(0, &mut out);
    assert!(level_db(&left(&out[47_900..48_000])) > -20.0);
    assert!(out[48_000..100_000].iter().all(|sample| *sample == [0.0; 2]));
    assert!(level_db(&left(&out[100_000..140_000])) > -20.0);
    let failures = mixer.failures();
    assert_eq!(failures.len(), 1);
    assert!(matches!(&failures[0].error, SoundError::Read { secs, .. } if *secs == 1.0));
    assert_eq!(failures[0].name, SoundName::File(std::path::Path::new("a").into()));
    assert!(failures[0].to_string().starts_with("a: the audio breaks off after 1.000 s: damaged"), "{}", failures[0]);
    mixer.mix(0, &mut out);
    assert!(mixer.failures().is_empty());
}

#[test]
fn what_is_missing_is_silent_and_reported_while_the_rest_is_heard() {
    let speech = |text: &str| {
        SoundSource::Speech(Arc::new(SpeechText {
            text: text.into(),
            language: "en".into(),
            speaker: None,
            rate: Rational::from_integer(1),
        }))
    };
    let rates = MemoryFiles::default().with("slow", 5, noise(0.5, 96, 1)).with("a", 48_000, noise(0.5, 96_000, 2));
    let half = rational(1, 2);
    let sounds = vec![
        file(clip("absent", rational(0, 1), rational(1, 1), rational(1, 1)), 0, 48_000),
        file(clip("slow", rational(0, 1), rational(1, 1), rational(1, 1)), 0, 48_000),
        file(looped(clip("a", half, half + rational(1, 1_000), rational(1, 1)), rational(0, 1)), 0, 48_000),
        sound(SoundSource::Cue(Cue::Reminder), 0, 48_000),
        sound(speech("silence"), 0, 48_000),
        sound(speech("three"), 48_000, 96_000),
        sound(SoundSource::Cue(Cue::End), 100_000, 200_000),
    ];
    let mut mixer = mixer(soundtrack(200_000, sounds), rates);
    let mut out = vec![[0.0; 2]; 200_000];
    mixer.mix(0, &mut out);
    assert!(out[..48_000].iter().all(|sample| *sample == [0.0; 2]));
    assert!(level_db(&left(&out[48_000..96_000])) > -20.0);
    assert!(out[100_000][0].abs() > 0.4 && out[106_000..].iter().all(|sample| *sample == [0.0; 2]));
    let failures: Vec<String> = mixer.failures().iter().map(ToString::to_string).collect();
    assert_eq!(
        failures,
        [
            "a: the loop is too short to be heard",
            "cue Reminder: there is no sound for it",
            "speech \"silence\": there is no sound for it",
            "absent: the audio cannot be opened: no such file",
            "slow: the audio has 5 samples per second, which is not supported",
        ]
    );
}

#[test]
fn damaged_samples_and_absurd_speeds_are_bounded() {
    let mut samples: Vec<Stereo> = noise(0.1, 48_000, 1);
    samples[1_000] = [f32::NAN, f32::INFINITY];
    samples[2_000] = [1e30, -1e30];
    let files = || MemoryFiles::default().with("a", 44_100, samples.clone());
    for speed in [rational(1, 1), rational(5, 4), rational(1_000_000, 1), rational(1, 1_000_000)] {
        let out = render(files(), clip("a", rational(0, 1), rational(1, 1), speed), 60_000);
        assert!(out.as_flattened().iter().all(|value| value.abs() < 20.0), "{speed}");
    }
}

#[test]
fn no_more_files_are_open_than_can_be_decoded_at_once() {
    let files = MemoryFiles::default().with("a", 48_000, noise(0.01, 48_000 * 30, 1));
    let clips = (0..80).map(|n| file(clip("a", rational(n, 100), rational(29, 1), rational(1, 1)), n as u64, 96_000));
    let openings = files.openings.clone();
    let mut mixer = mixer(soundtrack(96_000, clips.collect()), files);
    let mut out = vec![[0.0; 2]; 96_000];
    mixer.mix(0, &mut out);
    assert_eq!(openings.load(std::sync::atomic::Ordering::Relaxed), 64);
    assert!(matches!(mixer.failures()[..], [ref failure] if matches!(failure.error, SoundError::TooMany(64))));
}
