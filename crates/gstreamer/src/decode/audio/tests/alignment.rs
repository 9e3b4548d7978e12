//! Where the audio of clips is: against the source that they were made of.

use super::*;
use crate::test_audio::lag;

/// The source signal as ffmpeg delivers it.
fn source() -> Vec<Stereo> {
    ffmpeg_pcm(&encoded("source.wav", SWEEP_48, &["-c:a", "pcm_f32le"]))
}

/// How many samples later the source is heard in a file with video; `audio` and `video` are options of these inputs.
fn lateness(name: &str, audio: &[&str], video: &[&str], codec: &[&str]) -> i64 {
    let inputs = [audio, &["-f", "lavfi", "-i", SWEEP_48], video, &["-f", "lavfi", "-i", VIDEO]].concat();
    let path = ffmpeg(name, &[&inputs, codec].concat());
    let (lag, correlation) = lag(&source(), &samples(&path));
    assert!(correlation > 0.95, "{name}: {correlation}");
    lag
}

const H264: [&str; 8] = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-c:a", "aac"];

#[test]
fn the_audio_of_movies_is_in_place_to_the_sample() {
    assert_eq!(lateness("av.mp4", &[], &[], &H264), 0);
    assert_eq!(lateness("av.mov", &[], &[], &[&H264[..6], &["-c:a", "pcm_s16le"]].concat()), 0);
    // Later and earlier than the first frame.
    let lag = lateness("later.mp4", &["-itsoffset", "0.05"], &[], &H264);
    // Its edit list states thousandths of a second.
    assert!((lag - 2400).abs() < 48, "{lag}");
    // Variable frame rate: frames are dropped irregularly.
    let variable = [&["-vf", "select='mod(n\\,5)*mod(n\\,7)'", "-vsync", "vfr"][..], &H264].concat();
    assert_eq!(lateness("variable.mp4", &[], &[], &variable), 0);
    // Video that starts later keeps the start of the presentation.
    assert_eq!(lateness("latevideo.mp4", &[], &["-itsoffset", "0.5"], &H264), 0);
}

#[test]
fn the_audio_of_matroska_is_in_place_to_its_millisecond() {
    for (name, codec, expected) in [
        ("av.mkv", &H264[..], 0),
        ("mp3.mkv", &["-c:v", "libx264", "-c:a", "libmp3lame"], 0),
        ("pcm.mkv", &["-c:v", "libx264", "-c:a", "pcm_s16le"], 0),
        // ffmpeg 5.1 states that the video begins 7 ms later.
        ("av.webm", &["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"], -336),
        ("av-vorbis.webm", &["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"], 0),
    ] {
        let lag = lateness(name, &[], &[], codec);
        assert!((lag - expected).abs() <= 48, "{name}: {lag}");
    }
    let lag = lateness("later.mkv", &["-itsoffset", "0.05"], &[], &H264);
    assert!((lag - 2400).abs() <= 48, "{lag}");
}

#[test]
fn audio_that_begins_later_is_preceded_by_silence() {
    for (name, codec) in [("silence.mp4", "aac"), ("silence.mkv", "pcm_s16le")] {
        let args = [
            "-itsoffset",
            "1",
            "-f",
            "lavfi",
            "-i",
            "aevalsrc=0.5*sin(2*PI*1000*t):s=48000:d=1",
            "-f",
            "lavfi",
            "-i",
            VIDEO,
        ];
        let path = ffmpeg(name, &[&args[..], &["-c:v", "libx264", "-c:a", codec]].concat());
        let samples = samples(&path);
        assert!(samples[..46_900].iter().all(|sample| *sample == [0.0; 2]), "{name}");
        assert!(samples[49_000..95_000].chunks(480).all(|tone| tone.iter().any(|[left, _]| *left > 0.4)), "{name}");
        assert!(samples.len().abs_diff(96_000) <= 48, "{name}: {}", samples.len());
    }
}

#[test]
fn a_trim_made_without_encoding_starts_at_its_frame() {
    let args = ["-f", "lavfi", "-i", SWEEP_48, "-f", "lavfi", "-i", VIDEO, "-g", "15"];
    let whole = ffmpeg("whole.mp4", &[&args[..], &H264].concat());
    let path = ffmpeg("trimmed.mp4", &["-ss", "0.7", "-i", whole.to_str().unwrap(), "-c", "copy"]);
    // The list of the video begins inside of its media, and that of the audio at the same time: 0.7 s of the source.
    let (lag, correlation) = lag(&source()[33_600..], &samples(&path));
    assert!(correlation > 0.95 && lag == 0, "{lag} {correlation}");
}

#[test]
fn parts_of_a_movie_are_heard_in_the_order_of_its_edit_list() {
    let path = encoded("edits.m4a", SWEEP_48, &["-c:a", "alac"]);
    let whole = samples(&path);
    // The end, then the beginning, then a pause: in thousandths of a second of the movie, and in samples.
    let entries: [(u32, i32); 3] = [(500, 72_000), (1000, 0), (250, -1)];
    let mut bytes = std::fs::read(&path).unwrap();
    if let Some(list) = bytes.windows(4).position(|window| window == b"edts") {
        bytes[list..list + 4].copy_from_slice(b"free");
    }
    let mut elst = [&b"elst"[..], &[0; 4], &3_u32.to_be_bytes()].concat();
    for (duration, media) in entries {
        elst.extend([&duration.to_be_bytes()[..], &media.to_be_bytes(), &[0, 1, 0, 0]].concat());
    }
    let elst = [&(elst.len() as u32 + 4).to_be_bytes()[..], &elst].concat();
    let edts = [&(elst.len() as u32 + 8).to_be_bytes()[..], b"edts", &elst].concat();
    // At the end of the file, where nothing after the boxes moves.
    for kind in [&b"moov"[..], b"trak"] {
        let at = bytes.windows(4).position(|window| window == kind).unwrap();
        let size = u32::from_be_bytes(*bytes[at - 4..].first_chunk().unwrap()) + edts.len() as u32;
        bytes[at - 4..at].copy_from_slice(&size.to_be_bytes());
    }
    let media = bytes.windows(4).position(|window| window == b"mdia").unwrap() - 4;
    bytes.splice(media..media, edts);
    let found = samples(&file("reordered.m4a", &bytes));
    let expected = [&whole[72_000..96_000], &whole[..48_000]].concat();
    assert!(found[..72_000] == expected[..], "{}", found.len());
}
