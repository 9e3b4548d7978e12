//! What the committed files must be like.

use std::path::Path;

use crate::codec::{self, CodecError};
use crate::cues::{CEILING, CueSound};
use crate::filter::{Band, Filter};
use crate::loudness::{integrated, max_momentary, true_peak_db};
use crate::music::LOUDNESS;
use crate::signal::{RATE, Stereo, from_db, to_db};

/// By how much samples of a lossless file may differ from those of another processor's mathematics: one step of 16 bit, and
/// half of one for rounding.
const LOSSLESS: f32 = 1.5 / 32_768.0;

/// Power of a song relative to that of its difference from the file, in dB, at least: the noise of the codec.
const CODEC_SNR: f32 = 14.0;

/// Bytes of a song at most.
const MAX_SONG_BYTES: u64 = 700_000;

/// Share of the power of a signal that is between 800 Hz and 4 kHz, at least.
const AUDIBLE_SHARE: f32 = 0.8;

/// Seconds from the first sample until a signal has reached a tenth of its peak, at most.
const ONSET_SECS: f32 = 0.003;

/// What is wrong with the file of a signal.
pub(crate) fn cue_faults(cue: &CueSound, expected: &Stereo, path: &Path) -> Result<Vec<String>, CodecError> {
    let sound = codec::read(path)?;
    let mut faults = Vec::new();
    let mut expect = |is_good: bool, fault: String| {
        if !is_good {
            faults.push(fault);
        }
    };
    let difference = difference(&sound, expected);
    expect(difference <= LOSSLESS, format!("differs by {difference} from what is synthesised"));
    let peak = to_db(sound.peak());
    expect(peak <= CEILING, format!("a peak of {peak:.2} dBFS"));
    let loudness = max_momentary(&sound);
    expect((loudness - cue.loudness).abs() < 0.5, format!("{loudness:.1} LUFS instead of {}", cue.loudness));
    let onset = onset_secs(&sound);
    expect(onset <= ONSET_SECS, format!("starts after {onset} s"));
    let end = sound.channels.iter().flat_map(|channel| channel.iter().rev().take(RATE / 1000));
    let end = to_db(end.fold(0.0, |peak, sample| peak.max(sample.abs())));
    expect(end < -60.0, format!("ends at {end:.1} dBFS"));
    let share = audible_share(&sound);
    expect(share >= AUDIBLE_SHARE, format!("has {share:.2} of its power between 800 Hz and 4 kHz"));
    Ok(faults)
}

/// What is wrong with the sound in a clip.
pub(crate) fn clip_faults(expected: &Stereo, path: &Path) -> Result<Vec<String>, CodecError> {
    let sound = codec::read(path)?;
    let (difference, seam) = (difference(&sound, expected), seam_ratio(&sound));
    let mut faults = Vec::new();
    if difference > LOSSLESS {
        faults.push(format!("differs by {difference} from what is synthesised"));
    }
    if seam > 1.5 {
        faults.push(format!("a step at the seam of {seam:.2} times those around it"));
    }
    Ok(faults)
}

/// What is wrong with the file of a song.
pub(crate) fn song_faults(expected: &Stereo, path: &Path) -> Result<Vec<String>, CodecError> {
    let sound = codec::read(path)?;
    let mut faults = Vec::new();
    let mut expect = |is_good: bool, fault: String| {
        if !is_good {
            faults.push(fault);
        }
    };
    expect(sound.len() == expected.len(), format!("{} samples instead of {}", sound.len(), expected.len()));
    let snr = snr_db(&sound, expected);
    expect(snr >= CODEC_SNR, format!("only {snr:.1} dB between what is synthesised and the difference from it"));
    let loudness = integrated(&sound);
    expect((loudness - LOUDNESS).abs() < 0.5, format!("{loudness:.1} LUFS instead of {LOUDNESS}"));
    let peak = true_peak_db(&sound);
    expect(peak <= -2.0, format!("a true peak of {peak:.2} dBTP"));
    let ratio = seam_ratio(&sound);
    expect(ratio <= 1.5, format!("a step at the seam of {ratio:.2} times those around it"));
    let bytes = path.metadata().map_err(|error| CodecError::File { path: path.to_owned(), error })?.len();
    expect(bytes <= MAX_SONG_BYTES, format!("{bytes} bytes"));
    Ok(faults)
}

/// The largest difference of a sample; infinite for another length.
fn difference(sound: &Stereo, expected: &Stereo) -> f32 {
    if sound.len() != expected.len() {
        return f32::INFINITY;
    }
    let pairs = sound.channels.iter().flatten().zip(expected.channels.iter().flatten());
    pairs.fold(0.0, |most, (one, other)| most.max((one - other).abs()))
}

/// Power of `expected` relative to that of its difference from `sound`, in dB.
fn snr_db(sound: &Stereo, expected: &Stereo) -> f32 {
    let (mut power, mut noise) = (0.0_f64, 0.0_f64);
    for (one, other) in sound.channels.iter().flatten().zip(expected.channels.iter().flatten()) {
        power += f64::from(*other).powi(2);
        noise += f64::from(one - other).powi(2);
    }
    (10.0 * (power / noise.max(1e-12)).log10()) as f32
}

/// Seconds until a tenth of the peak.
fn onset_secs(sound: &Stereo) -> f32 {
    let threshold = sound.peak() * from_db(-20.0);
    let onset = (0..sound.len()).find(|index| sound.at(*index).iter().any(|sample| sample.abs() >= threshold));
    onset.map_or(f32::INFINITY, |index| index as f32 / RATE as f32)
}

/// Share of the power between 800 Hz and 4 kHz. The filters, Butterworth of eighth order, are 3 dB down at 750 Hz and 4.3 kHz.
fn audible_share(sound: &Stereo) -> f32 {
    const QUALITIES: [f32; 4] = [0.5098, 0.6013, 0.9, 2.5629];
    let mut filters: Vec<_> = QUALITIES
        .iter()
        .flat_map(|quality| [(Filter::new(750.0, *quality), Band::High), (Filter::new(4300.0, *quality), Band::Low)])
        .collect();
    let (mut inside, mut all) = (0.0, 0.0);
    for sample in &sound.channels[0] {
        let filtered = filters.iter_mut().fold(*sample, |sample, (filter, band)| filter.next(sample, *band));
        inside += filtered * filtered;
        all += sample * sample;
    }
    inside / all
}

/// The largest step within 2 ms of the seam of a loop, relative to the 99.9th percentile of the steps within 200 ms of it.
fn seam_ratio(sound: &Stereo) -> f32 {
    let (near, around) = (RATE / 500, RATE / 5);
    let length = sound.len();
    let ratio = |channel: &Vec<f32>| {
        let step = |offset: usize| {
            let index = (length - around + offset) % length;
            (channel[(index + 1) % length] - channel[index]).abs()
        };
        let mut steps: Vec<f32> = (0..2 * around).map(step).collect();
        let largest = steps[around - near..around + near].iter().fold(0.0_f32, |largest, step| largest.max(*step));
        steps.sort_by(f32::total_cmp);
        largest / steps[steps.len() * 999 / 1000].max(1e-9)
    };
    sound.channels.iter().map(ratio).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::process::Command;
    use std::thread;

    use super::*;
    use crate::clips::CLIPS;
    use crate::cues::CUES;
    use crate::music::songs;

    fn assets() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets")
    }

    fn cue_path(cue: &CueSound) -> PathBuf {
        assets().join("sounds/cues").join(cue.name).with_extension("flac")
    }

    fn song_path(name: &str) -> PathBuf {
        assets().join("demo/music").join(name).with_extension("ogg")
    }

    #[test]
    fn committed_signals_are_what_is_synthesised_and_keep_their_bars() {
        for cue in CUES {
            let faults = cue_faults(&cue, &cue.render(), &cue_path(&cue)).unwrap();
            assert!(faults.is_empty(), "{}: {faults:?}", cue.name);
        }
    }

    #[test]
    fn committed_songs_are_what_is_synthesised_and_keep_their_bars() {
        let check = |song: crate::music::Song| (song.name, song_faults(&song.render(), &song_path(song.name)).unwrap());
        let found = thread::scope(|scope| {
            let checks = songs().unwrap().map(|song| scope.spawn(move || check(song)));
            checks.map(|check| check.join().unwrap())
        });
        for (name, faults) in found {
            assert!(faults.is_empty(), "{name}: {faults:?}");
        }
    }

    #[test]
    fn committed_clips_have_the_sound_that_is_synthesised() {
        for clip in CLIPS {
            let faults = clip_faults(&clip.render(), &assets().join("catalogue").join(clip.file)).unwrap();
            assert!(faults.is_empty(), "{}: {faults:?}", clip.name);
        }
    }

    #[test]
    fn the_file_of_another_signal_is_found_to_be_wrong() {
        let [_, start, _, rest, ..] = CUES;
        // It has other samples and another loudness.
        let faults = cue_faults(&rest, &rest.render(), &cue_path(&start)).unwrap();
        assert_eq!(faults.len(), 2, "{faults:?}");
        let quiet = Stereo::silence(songs().unwrap()[0].samples());
        let faults = song_faults(&quiet, &song_path("upbeat")).unwrap();
        assert_eq!(faults.len(), 1, "{faults:?}");
    }

    /// The part of a sine from an onset on, at 48 kHz.
    fn sine(hz: f32, samples: usize) -> Stereo {
        let angle = hz / RATE as f32 * std::f32::consts::TAU;
        Stereo::dual_mono((0..samples).map(|index| (index as f32 * angle).sin() * 0.3).collect())
    }

    #[test]
    fn a_sine_that_does_not_fit_its_loop_has_a_step_at_the_seam() {
        assert!(seam_ratio(&sine(200.0, RATE)) < 1.1);
        // A quarter of a period is missing.
        assert!(seam_ratio(&sine(200.0, RATE - 60)) > 1.5);
    }

    #[test]
    fn power_outside_of_the_range_of_small_loudspeakers_is_not_counted() {
        for (hz, share) in [(300.0, 0.0), (1000.0, 1.0), (3500.0, 1.0), (8000.0, 0.0)] {
            assert!((audible_share(&sine(hz, RATE)) - share).abs() < 0.05, "{hz} Hz");
        }
    }

    /// Loudness and true peak as ffmpeg measures them, of the whole file.
    fn by_ffmpeg(path: &Path) -> (f32, f32) {
        let command = ["-nostdin", "-hide_banner", "-nostats", "-i"];
        let filter = ["-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"];
        let output = Command::new("ffmpeg").args(command).arg(path).args(filter).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        let summary = text.rsplit_once("Summary:").unwrap().1;
        let value =
            |name: &str| summary.split_once(name).unwrap().1.split_whitespace().next().unwrap().parse().unwrap();
        (value("I:"), value("Peak:"))
    }

    #[test]
    fn loudness_and_true_peak_agree_with_ffmpeg() {
        for name in ["upbeat", "romantic"] {
            let sound = codec::read(&song_path(name)).unwrap();
            let (loudness, peak) = by_ffmpeg(&song_path(name));
            assert!((integrated(&sound) - loudness).abs() <= 0.1, "{name}: {} {loudness}", integrated(&sound));
            assert!((true_peak_db(&sound) - peak).abs() <= 0.2, "{name}: {} {peak}", true_peak_db(&sound));
        }
    }

    /// GStreamer, too, must decode a loop to its samples: one more is a step at the seam.
    #[test]
    fn gstreamer_decodes_songs_to_as_many_samples() {
        for song in songs().unwrap() {
            let output = Command::new("gst-launch-1.0")
                .args(["-q", "filesrc", &format!("location={}", song_path(song.name).display())])
                .args([
                    "!",
                    "decodebin",
                    "!",
                    "audioconvert",
                    "!",
                    "audio/x-raw,format=S16LE,channels=2",
                    "!",
                    "fdsink",
                ])
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.stdout.len(), song.samples() * 4, "{}", song.name);
        }
    }

    #[test]
    fn signals_of_rests_are_softer_and_lower_than_those_of_work() {
        let cue = |name: &str| CUES.into_iter().find(|cue| cue.name == name).unwrap();
        for (rest, work) in [("rest_countdown", "countdown"), ("rest", "start")] {
            let (rest, work) = (cue(rest), cue(work));
            assert!(rest.loudness < work.loudness, "{} {}", rest.name, work.name);
            // Crossings of zero per second: the pitch of the partials that are loudest.
            let crossings = |cue: &CueSound| {
                let sound = cue.render();
                let pairs = sound.channels[0].windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0);
                pairs.count() as f64 / cue.secs
            };
            assert!(crossings(&rest) < 0.8 * crossings(&work), "{} {}", crossings(&rest), crossings(&work));
        }
    }
}
