//! Music under the sounds that duck it, measured on a steady bed.

use repcast_model::audio::{AudioRole, Ducking, Sound, SoundSource, Wave};

use super::media::*;

/// The gain of the bed in decibels at each sample, when silent cues of the given spans duck it.
fn bed_gain(spans: &[(u64, u64)], change: impl Fn(&mut Vec<Sound>)) -> Vec<f64> {
    // The ducking sounds lie far to the left; the bed is measured on the right.
    let bed = vec![[0.0, 0.5]; 48_000 * 10];
    let mut sounds = vec![file(clip("bed", rational(0, 1), rational(10, 1), rational(1, 1)), 0, 480_000)];
    for (start, end) in spans {
        let tone = SoundSource::Tone { frequency: rational(440, 1), wave: Wave::Sine };
        let mut sound = sound(tone, *start, *end);
        (sound.role, sound.ducks_music, sound.pan) = (AudioRole::Voice, true, rational(-1, 1));
        sounds.push(sound);
    }
    change(&mut sounds);
    let mut soundtrack = soundtrack(480_000, sounds);
    soundtrack.ducking =
        Some(Ducking { depth: rational(12, 1), attack: rational(1, 5), hold: rational(1, 2), release: rational(3, 5) });
    let mut out = vec![[0.0; 2]; 480_000];
    mixer(soundtrack, MemoryFiles::default().with("bed", 48_000, bed)).mix(0, &mut out);
    out.iter().map(|sample| 20.0 * (f64::from(sample[1]).abs() / 0.5).log10()).collect()
}

#[test]
fn music_is_at_its_lowest_20_ms_before_the_word_and_rises_after_the_hold() {
    let gain = bed_gain(&[(144_000, 192_000)], |_| {});
    let near = |n: usize, expected: f64| assert!((gain[n] - expected).abs() < 0.01, "{n}: {} dB", gain[n]);
    near(144_000 - 960 - 9_600 - 1, 0.0);
    near(144_000 - 960 - 4_800, -6.0);
    for n in (144_000 - 960..192_000 + 24_000).step_by(100) {
        near(n, -12.0);
    }
    near(192_000 + 24_000 + 14_400, -6.0);
    near(192_000 + 24_000 + 28_800, 0.0);
    // No step is larger than the curve's steepest slope.
    let steepest = 12.0 * std::f64::consts::PI / 2.0 / 9_600.0;
    assert!(gain[..470_000].windows(2).all(|pair| (pair[1] - pair[0]).abs() < steepest * 1.1));
}

#[test]
fn gaps_shorter_than_the_hold_do_not_pump() {
    let gain = bed_gain(&[(96_000, 120_000), (143_000, 160_000), (130_000, 131_000)], |_| {});
    assert!(gain[96_000..184_000].iter().all(|gain| (gain + 12.0).abs() < 0.01));
    // Half a second longer: it rises between.
    let gain = bed_gain(&[(96_000, 120_000), (172_000, 180_000)], |_| {});
    assert!(gain[120_000..172_000].iter().copied().fold(-12.0, f64::max) > -6.0);
}

#[test]
fn silent_sounds_and_other_roles_do_not_duck_and_only_music_is_ducked() {
    let silent = bed_gain(&[(96_000, 192_000)], |sounds| sounds[1].gain = None);
    assert!(silent[..470_000].iter().all(|gain| gain.abs() < 0.01));
    let other = bed_gain(&[(96_000, 192_000)], |sounds| sounds[0].role = AudioRole::Effect);
    assert!(other[..470_000].iter().all(|gain| gain.abs() < 0.01));
    let quiet = bed_gain(&[(96_000, 192_000)], |sounds| sounds[1].ducks_music = false);
    assert!(quiet[..470_000].iter().all(|gain| gain.abs() < 0.01));
}

#[test]
fn a_word_at_the_beginning_finds_the_music_already_quiet() {
    let gain = bed_gain(&[(0, 48_000)], |_| {});
    assert!((gain[10] + 12.0).abs() < 0.01);
}
