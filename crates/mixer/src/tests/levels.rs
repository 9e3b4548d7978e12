//! Loudness of sources and of the whole mix.

use std::ops::ControlFlow;
use std::sync::Arc;

use repcast_media::{AudioSources as _, Stereo};
use repcast_model::audio::{AudioRole, Loudness, Soundtrack};

use super::limits::{ffmpeg_report, report};
use super::media::*;
use crate::levels::measure_source;
use crate::{Master, Mixer, SourceLevels, ceiling_for, fit_loudness};

const TARGET: Loudness = Loudness { target: rational_const(-16), true_peak: rational_const(-1) };

const fn rational_const(value: i128) -> repcast_model::time::Rational {
    repcast_model::time::Rational::new_raw(value, 1)
}

/// Something like music: chords with beats, whose peaks stand far above its level. `peak` is that of a beat.
fn music(peak: f32, secs: usize) -> Vec<Stereo> {
    let chord: Vec<Vec<Stereo>> =
        [220.0, 277.2, 329.6, 1_318.5].map(|frequency| sine(48_000, frequency, 0.08, secs * 48_000)).into();
    let hits = noise(1.0, secs * 48_000, 77);
    let sample = |n: usize| {
        let beat = (-((n % 24_000) as f32) / 1_500.0).exp();
        let chord: f32 = chord.iter().map(|tone| tone[n][0]).sum();
        hits[n].map(|hit| (chord + hit * beat * 0.7) * peak)
    };
    (0..secs * 48_000).map(sample).collect()
}

fn mixed(soundtrack: Soundtrack, files: MemoryFiles) -> Mixer {
    let (soundtrack, files) = (Arc::new(soundtrack), Arc::new(files));
    let continues = &mut || ControlFlow::Continue(());
    let levels = SourceLevels::measure(&soundtrack, &*files, &TestLibrary, SourceLevels::new(), continues).unwrap();
    Mixer::new(soundtrack, files, Arc::new(TestLibrary), &levels)
}

#[test]
fn a_measurement_ends_within_a_block_of_a_source() {
    let files = MemoryFiles::default().with("a", 48_000, music(0.9, 12));
    let sound = file(clip("a", rational(0, 1), rational(12, 1), rational(1, 1)), 0, 480_000);
    let soundtrack = with_loudness(480_000, vec![sound]);
    let measured = |calls: usize| {
        let mut made = 0;
        let mut go_on = || {
            made += 1;
            if made > calls { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let levels = SourceLevels::measure(&soundtrack, &files, &TestLibrary, SourceLevels::new(), &mut go_on);
        (levels.is_some(), made)
    };
    // Twelve seconds are 141 blocks.
    assert_eq!(measured(0), (false, 1));
    assert_eq!(measured(7), (false, 8));
    assert_eq!(measured(1000), (true, 1 + 141));
}

fn with_loudness(samples: u64, sounds: Vec<repcast_model::audio::Sound>) -> Soundtrack {
    Soundtrack { loudness: Some(TARGET), ..soundtrack(samples, sounds) }
}

#[test]
fn the_meter_agrees_with_ffmpeg_to_a_tenth() {
    // What lies near the end of the band has peaks that depend on a meter's filter.
    for (samples, tolerance) in [(music(0.9, 12), 0.6), (sine(48_000, 1_000.0, 0.1, 480_000), 0.1)] {
        let measured = report(&samples);
        let (integrated, peak) = ffmpeg_report(&samples);
        assert!((measured.integrated.unwrap() - integrated).abs() <= 0.1, "{measured:?}, ffmpeg {integrated} LUFS");
        assert!((measured.true_peak.unwrap() - peak).abs() <= tolerance, "{measured:?}, ffmpeg {peak} dBTP");
    }
}

/// EBU Tech 3341: a stereo sine of 1 kHz with peaks of -23 dB of full scale has -23 LUFS.
#[test]
fn the_reference_tone_has_its_loudness() {
    let measured = report(&sine(48_000, 1_000.0, 10_f64.powf(-23.0 / 20.0), 960_000));
    assert!((measured.integrated.unwrap() + 23.0).abs() < 0.1);
    assert!((measured.true_peak.unwrap() + 23.0).abs() < 0.2);
    assert!(measured.range.unwrap() < 0.1);
    assert_eq!(report(&vec![[0.0; 2]; 96_000]).integrated, None);
}

#[test]
fn sources_are_brought_to_the_level_of_their_role() {
    for (role, peak, expected) in [
        (AudioRole::Music, 0.9, -16.0),
        (AudioRole::Music, 0.1, -16.0),
        (AudioRole::Voice, 0.3, -16.0),
        (AudioRole::Effect, 0.3, -19.0),
    ] {
        let files = MemoryFiles::default().with("a", 48_000, music(peak, 12));
        let mut sound = file(clip("a", rational(1, 1), rational(11, 1), rational(1, 1)), 0, 480_000);
        sound.role = role;
        let mut out = vec![[0.0; 2]; 480_000];
        mixed(with_loudness(480_000, vec![sound]), files).mix(0, &mut out);
        let integrated = report(&out).integrated.unwrap();
        assert!((integrated - expected).abs() < 0.2, "{role:?} at {peak}: {integrated} LUFS");
        // A live session, which knows nothing but the levels of its sources, stays near the target at any time.
        for window in out.windows(3 * 48_000).step_by(24_000) {
            let heard = report(window).integrated.unwrap();
            assert!((heard - expected).abs() < 2.0, "{role:?} at {peak}: {heard} LUFS in three seconds");
        }
    }
}

#[test]
fn silence_stays_silent_noise_stays_quiet_and_without_a_target_nothing_changes() {
    let clip = || clip("a", rational(0, 1), rational(5, 1), rational(1, 1));
    let render = |samples: Vec<Stereo>, loudness| {
        let files = MemoryFiles::default().with("a", 48_000, samples);
        let soundtrack = Soundtrack { loudness, ..soundtrack(240_000, vec![file(clip(), 0, 240_000)]) };
        let mut out = vec![[0.0; 2]; 240_000];
        mixed(soundtrack, files).mix(0, &mut out);
        out
    };
    assert!(render(vec![[0.0; 2]; 240_000], Some(TARGET)).iter().all(|sample| *sample == [0.0; 2]));
    let faint = noise(0.002, 240_000, 1);
    let raised = level_db(&left(&render(faint.clone(), Some(TARGET)))) - level_db(&left(&faint));
    assert!((19.9..=20.1).contains(&raised), "{raised} dB");
    let loud = music(0.9, 5);
    assert_eq!(render(loud.clone(), None)[..200_000], loud[..200_000]);
}

#[test]
fn the_trimmed_part_of_a_source_is_measured() {
    let mut samples = sine(44_100, 1_000.0, 0.5, 44_100 * 4);
    samples.extend(sine(44_100, 1_000.0, 0.05, 44_100 * 4));
    let files = MemoryFiles::default().with("a", 44_100, samples);
    let measured = |from: i128, to: i128| {
        let mut source = files.open(std::path::Path::new("a")).unwrap();
        let to_the_end = &mut || ControlFlow::Continue(());
        measure_source(&mut *source, rational(from, 1), rational(to, 1), to_the_end).continue_value().flatten()
    };
    assert!((measured(0, 4).unwrap() + 6.0).abs() < 0.2);
    assert!((measured(4, 8).unwrap() + 26.0).abs() < 0.2);
    assert!((measured(5, 100).unwrap() + 26.0).abs() < 0.2);
    assert_eq!(measured(8, 9), None);
}

/// A mix of one bed, at a gain, whose source is not brought to its level.
fn bed(samples: Vec<Stereo>, gain: i128, secs: u64) -> Mixer {
    let mut bed =
        file(looped(clip("a", rational(0, 1), rational(6, 1), rational(1, 1)), rational(1, 2)), 0, secs * 48_000);
    bed.gain = Some(rational(gain, 1));
    let files = Arc::new(MemoryFiles::default().with("a", 44_100, samples));
    let soundtrack = Arc::new(with_loudness(bed.span.end, vec![bed]));
    Mixer::new(soundtrack, files, Arc::new(TestLibrary), &SourceLevels::new())
}

#[test]
fn the_whole_mix_reaches_its_target_below_its_true_peak() {
    // Beats of which few, many and nearly all are limited, and a tone that is not.
    let few = music(0.9, 6);
    let hits = noise(1.5, 48_000 * 6, 5).into_iter().zip(&few).enumerate();
    let hits: Vec<Stereo> = hits
        .map(|(n, (hit, chord))| {
            let beat = (-((n % 24_000) as f32) / 500.0).exp();
            [chord[0] + hit[0] * beat, chord[1] + hit[1] * beat]
        })
        .collect();
    let tone = sine(44_100, 500.0, 0.3, 44_100 * 6);
    for (samples, gain, passes) in [(few.clone(), 0, 1..=3), (few, -20, 1..=3), (hits, 0, 2..=4), (tone, 12, 1..=1)] {
        let mut mixer = bed(samples, gain, 15);
        let mut progress = 0;
        let fit = fit_loudness(&mut mixer, &TARGET, &mut |mixed| {
            assert!(mixed > progress);
            progress = mixed;
            ControlFlow::Continue(())
        });
        let fit = fit.unwrap().unwrap();
        assert!(passes.contains(&fit.passes), "{fit:?}");
        assert_eq!(progress, u64::from(fit.passes) * mixer.samples());
        let mut out = vec![[0.0; 2]; mixer.samples() as usize];
        Master::new(&mut mixer, fit.gain_db, ceiling_for(&TARGET)).read(0, &mut out);
        let (integrated, peak) = ffmpeg_report(&out);
        assert!((integrated + 16.0).abs() <= 0.3, "gain {gain}: {integrated} LUFS, {fit:?}");
        assert!(peak <= -1.4, "gain {gain}: {peak} dBTP");
        let measured = report(&out).integrated.unwrap();
        assert!((measured - fit.report.integrated.unwrap()).abs() < 0.3, "{measured} LUFS, {fit:?}");
    }
}

#[test]
fn a_search_can_be_ended_and_silence_needs_none() {
    let files = MemoryFiles::default().with("a", 48_000, music(0.5, 2));
    let sounds = vec![file(clip("a", rational(0, 1), rational(2, 1), rational(1, 1)), 0, 96_000)];
    let mut calls = 0;
    let fit = fit_loudness(&mut mixer(soundtrack(96_000, sounds), files), &TARGET, &mut |_| {
        calls += 1;
        if calls == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!((fit, calls), (None, 3));
    let mut silent = mixer(soundtrack(96_000, Vec::new()), MemoryFiles::default());
    let fit = fit_loudness(&mut silent, &TARGET, &mut |_| ControlFlow::Continue(())).unwrap().unwrap();
    assert_eq!((fit.gain_db, fit.passes, fit.report.integrated), (0.0, 1, None));
}
