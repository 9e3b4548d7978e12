use std::path::Path;

use repcast_media::{AudioSource, Stereo};
use repcast_model::time::Rational;

use super::{AudioFile, probe_audio};
use crate::decode::{DecodeError, STALL_TIMEOUT};
use crate::test_audio::{SWEEP_44, SWEEP_48, VIDEO, ffmpeg, ffmpeg_pcm, file, max_difference};

mod alignment;
mod damage;
mod he_aac;

/// Reads to the end, or an error, this many samples at a time.
fn read_by(file: &mut AudioFile, count: usize) -> (Vec<Stereo>, Option<DecodeError>) {
    let (mut samples, mut block) = (Vec::new(), vec![[9.0; 2]; count]);
    loop {
        match file.read_samples(&mut block) {
            Ok(0) => return (samples, None),
            Ok(read) => samples.extend_from_slice(&block[..read]),
            Err(error) => return (samples, Some(error)),
        }
    }
}

fn open(path: &Path) -> AudioFile {
    AudioFile::open(path, STALL_TIMEOUT).unwrap()
}

/// All samples of a file, which is not damaged.
fn samples(path: &Path) -> Vec<Stereo> {
    let (samples, error) = read_by(&mut open(path), 1000);
    assert!(error.is_none(), "{}: {error:?}", path.display());
    samples
}

/// A source of ffmpeg encoded with these arguments.
fn encoded(name: &str, source: &str, codec: &[&str]) -> std::path::PathBuf {
    ffmpeg(name, &[&["-f", "lavfi", "-i", source][..], codec].concat())
}

#[test]
fn files_have_the_samples_that_ffmpeg_decodes_and_the_length_that_they_state() {
    const S44: usize = 101_430;
    const S48: usize = 110_400;
    let cases: [(&str, &str, &[&str], usize); 30] = [
        ("a.m4a", SWEEP_48, &["-c:a", "aac"], S48),
        ("a44.m4a", SWEEP_44, &["-c:a", "aac"], S44),
        // The encoder's delay is heard, as in every player.
        ("noelst.m4a", SWEEP_48, &["-c:a", "aac", "-use_editlist", "0"], S48 + 1024),
        ("frag.mp4", SWEEP_48, &["-c:a", "aac", "-movflags", "empty_moov", "-frag_duration", "300000"], S48 + 1024),
        ("a.aac", SWEEP_48, &["-c:a", "aac"], 109 * 1024),
        ("a.mp3", SWEEP_44, &["-c:a", "libmp3lame"], S44),
        ("vbr.mp3", SWEEP_48, &["-c:a", "libmp3lame", "-q:a", "2"], S48),
        ("low.mp3", SWEEP_48, &["-c:a", "libmp3lame", "-ar", "16000"], S48 / 3),
        ("noxing.mp3", SWEEP_44, &["-c:a", "libmp3lame", "-write_xing", "0"], 90 * 1152),
        ("mp3.mp4", SWEEP_44, &["-c:a", "libmp3lame"], S44),
        ("mp3.mka", SWEEP_44, &["-c:a", "libmp3lame"], 90 * 1152),
        ("a.mp2", SWEEP_48, &["-c:a", "mp2"], 96 * 1152),
        ("a.opus", SWEEP_48, &["-c:a", "libopus"], S48),
        ("opus.mp4", SWEEP_48, &["-c:a", "libopus", "-strict", "-2"], S48),
        ("opus.webm", SWEEP_48, &["-c:a", "libopus"], S48),
        ("a.ogg", SWEEP_44, &["-c:a", "libvorbis"], S44),
        // The padding of the encoder: Matroska does not state the end of Vorbis.
        ("vorbis.webm", SWEEP_44, &["-c:a", "libvorbis"], 101_952),
        ("a.flac", SWEEP_44, &["-c:a", "flac"], S44),
        ("flac.ogg", SWEEP_44, &["-c:a", "flac"], S44),
        ("flac.mp4", SWEEP_44, &["-c:a", "flac", "-strict", "-2"], S44),
        ("flac.mka", SWEEP_44, &["-c:a", "flac"], S44),
        ("a.wav", SWEEP_44, &["-c:a", "pcm_s16le"], S44),
        ("a24.wav", SWEEP_44, &["-c:a", "pcm_s24le"], S44),
        ("af.wav", SWEEP_44, &["-c:a", "pcm_f32le"], S44),
        ("a8.wav", SWEEP_44, &["-c:a", "pcm_u8"], S44),
        ("pcm.mov", SWEEP_48, &["-c:a", "pcm_s16le"], S48),
        ("alaw.mov", SWEEP_48, &["-c:a", "pcm_alaw"], S48),
        ("alac.m4a", SWEEP_44, &["-c:a", "alac"], S44),
        ("ac3.mp4", SWEEP_48, &["-c:a", "ac3"], 72 * 1536 - 256),
        ("eac3.mka", SWEEP_48, &["-c:a", "eac3"], 72 * 1536),
    ];
    for (name, source, codec, count) in cases {
        let path = encoded(name, source, codec);
        let theirs = ffmpeg_pcm(&path);
        let ours = samples(&path);
        assert_eq!(ours.len(), count, "{name}");
        // ffmpeg's own decoder of Opus differs from libopus by about -50 dB.
        let allowed = if name.contains("opus") { 5e-3 } else { 1e-4 };
        assert!(max_difference(&ours, &theirs) < allowed, "{name}");
        // ffmpeg does not cut what follows the stated end, and loses the last packet of MP3 in Matroska.
        let difference = theirs.len() as i64 - count as i64;
        assert!((-1152..1152).contains(&difference), "{name}: {difference}");
        let rate = i128::from(open(&path).rate());
        let stated = probe_audio(&path).unwrap().unwrap().duration;
        assert_eq!(stated, Rational::new(count as i128, rate), "{name}");
    }
}

#[test]
fn every_read_and_rewinding_return_the_same_samples() {
    for (name, codec) in [("same.m4a", "aac"), ("same.mp3", "libmp3lame"), ("same.opus", "libopus")] {
        let path = encoded(name, SWEEP_48, &["-c:a", codec]);
        let mut file = open(&path);
        let whole = read_by(&mut file, 1 << 20).0;
        for count in [1, 997, 4096] {
            file.rewind().unwrap();
            assert!(read_by(&mut file, count).0 == whole, "{name}: {count}");
        }
        // In the middle, and before anything was read.
        file.rewind().unwrap();
        file.read(&mut [[0.0; 2]; 5000]).unwrap();
        file.rewind().unwrap();
        file.rewind().unwrap();
        assert!(read_by(&mut file, 997).0 == whole, "{name}");
        // The end is the end.
        assert_eq!(file.read(&mut [[0.0; 2]; 10]).unwrap(), 0);
    }
}

/// The largest absolute value of each channel.
fn peaks(samples: &[Stereo]) -> Stereo {
    samples
        .iter()
        .fold([0.0; 2], |[left, right]: Stereo, sample| [left.max(sample[0].abs()), right.max(sample[1].abs())])
}

#[test]
fn mono_is_heard_on_both_sides_as_loud_as_it_is() {
    for (name, codec) in
        [("mono.wav", "pcm_s16le"), ("mono.flac", "flac"), ("mono.mp3", "libmp3lame"), ("mono.opus", "libopus")]
    {
        let path = encoded(name, "aevalsrc=0.5*sin(2*PI*440*t):s=48000:d=1", &["-c:a", codec]);
        let samples = samples(&path);
        assert_eq!(samples.len(), 48_000, "{name}");
        assert!(samples.iter().all(|[left, right]| left == right), "{name}");
        let peak = peaks(&samples[4800..43_200])[0];
        assert!((peak - 0.5).abs() < 0.03, "{name}: {peak}");
    }
}

#[test]
fn no_channel_of_surround_vanishes_and_all_of_them_do_not_clip() {
    // Front left and right, centre, low frequencies, surround left and right.
    for channel in [0, 1, 2, 4, 5] {
        let tone = |at: usize| if at == channel { "0.9*sin(2*PI*440*t)" } else { "0" };
        let source = format!("aevalsrc={}:s=48000:d=0.5:c=5.1", (0..6).map(tone).collect::<Vec<_>>().join("|"));
        for (ending, codec) in [("wav", "pcm_s16le"), ("mka", "ac3"), ("m4a", "aac"), ("opus", "libopus")] {
            let samples = samples(&encoded(&format!("channel{channel}.{ending}"), &source, &["-c:a", codec]));
            let [left, right] = peaks(&samples[4800..19_200]);
            let (is_left, is_right) = ([0, 2, 4].contains(&channel), [1, 2, 5].contains(&channel));
            assert!((left > 0.1) == is_left && (right > 0.1) == is_right, "{channel} {ending}: {left} {right}");
        }
    }
    let all = ["0.99*sin(2*PI*440*t)"; 6].join("|");
    let path = encoded("full.wav", &format!("aevalsrc={all}:s=48000:d=0.5:c=5.1"), &["-c:a", "pcm_s16le"]);
    let [left, right] = peaks(&samples(&path));
    assert!(left <= 1.0 && right <= 1.0 && left > 0.9 && right > 0.9, "{left} {right}");
}

#[test]
fn rates_are_those_of_the_files() {
    for rate in ["8000", "22050", "96000", "192000"] {
        let path = encoded(&format!("{rate}.flac"), SWEEP_48, &["-ar", rate]);
        assert_eq!(open(&path).rate().to_string(), rate);
    }
    for (rate, channels) in [("4000", "1"), ("384000", "1")] {
        let path = encoded(&format!("{rate}.wav"), SWEEP_48, &["-ar", rate, "-ac", channels]);
        let result = AudioFile::open(&path, STALL_TIMEOUT).map(drop);
        assert!(matches!(&result, Err(DecodeError::AudioFormat { channels: 1, .. })), "{result:?}");
    }
}

#[test]
fn files_without_audio_are_recognised() {
    let image = ffmpeg("still.png", &["-f", "lavfi", "-i", "color=red:s=16x16:d=1", "-frames:v", "1"]);
    let video = |name: &str, codec: &[&str]| ffmpeg(name, &[&["-f", "lavfi", "-i", VIDEO][..], codec].concat());
    let videos = [
        image,
        video("silent.mp4", &["-c:v", "libx264"]),
        video("silent.mkv", &["-c:v", "libx264"]),
        video("silent.webm", &["-c:v", "libvpx", "-deadline", "realtime"]),
    ];
    for path in videos {
        assert!(probe_audio(&path).unwrap().is_none(), "{}", path.display());
        let result = AudioFile::open(&path, STALL_TIMEOUT).map(drop);
        assert!(matches!(result, Err(DecodeError::NoAudio(_))), "{result:?}");
    }
    let missing = probe_audio(Path::new("/does/not/exist.mp3"));
    assert!(matches!(missing, Err(DecodeError::Missing(_))), "{missing:?}");
    let text = file("text.mp3", b"this is not audio, whatever its name says");
    assert!(matches!(probe_audio(&text), Err(DecodeError::UnknownAudio(_))));
    let pdf = probe_audio(&file("document.wav", b"%PDF-1.7 and more"));
    assert!(matches!(pdf, Err(DecodeError::Unsupported { name: "a PDF document", .. })), "{pdf:?}");
}
