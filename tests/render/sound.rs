//! The sound of rendered files: where it is heard, how long it is, and how loud.
//!
//! Flash and tone are in one frame of the document; the tone is found in the output as ffmpeg decodes it, by correlation,
//! and the flash by the brightness of the frames.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support;
use serde_json::{Value, json};
use support::ffmpeg::{decode, ffprobe_json};
use support::fixture::{fixture, scratch};
use support::pcm::{RATE, decode_mono, decode_stereo, level_db, position_of, sine};
use support::process::{Exit, LIMIT, RunningProcess};
use support::program::{render, repcast, succeeded, write_document};
use support::ratio::Ratio;

const SIZE: (usize, usize) = (64, 64);
const HERTZ: f64 = 1000.0;

/// Samples within which a tone is searched: less than half of its period, so that there is one best position.
const REACH: usize = 23;

/// The sample at which a frame begins, rounded to the nearest.
fn sample_at(frame: usize, rate: &str) -> usize {
    let secs = Ratio::new(frame as i128, 1) / Ratio::parse(rate);
    (secs * Ratio::new(RATE as i128, 1) + Ratio::new(1, 2)).floor() as usize
}

/// A frame's start as documents write it.
fn secs(frame: usize, rate: &str) -> String {
    let (numer, denom) = rate.split_once('/').unwrap_or((rate, "1"));
    format!("{}/{numer}", frame * denom.parse::<usize>().unwrap())
}

/// A composition of `frames` frames with a flash and a tone of a fifth of a second at each of some frames.
fn flashes(frames: usize, rate: &str, at: &[usize]) -> Value {
    let layers = at.iter().flat_map(|frame| {
        let start = secs(*frame, rate);
        let [width, height] = [SIZE.0, SIZE.1];
        [
            json!({"type": "progress", "rect": [0, 0, width, height], "color": "#ffffff", "track": "#ffffff",
                "start": start, "duration": secs(1, rate)}),
            json!({"type": "tone", "frequency": HERTZ, "start": start, "duration": 0.2, "gain": -12}),
        ]
    });
    json!({
        "canvas": {"width": SIZE.0, "height": SIZE.1, "fps": if rate.contains('/') { json!(rate) } else { json!(rate.parse::<u32>().unwrap()) }},
        "duration": secs(frames, rate),
        "layers": layers.collect::<Vec<_>>(),
    })
}

/// The frames that are bright.
fn bright_frames(path: &Path) -> Vec<usize> {
    let frames = decode(path, &[], Some("gray"), SIZE.0 * SIZE.1);
    let mean = |frame: &[u8]| frame.iter().map(|value| usize::from(*value)).sum::<usize>() / frame.len();
    (0..frames.len()).filter(|index| mean(&frames[*index]) > 128).collect()
}

/// Renders flashes and checks that each is seen and heard at once, to the sample.
fn check_flashes(frames: usize, rate: &str, at: &[usize], out: &Path) {
    succeeded(render(&flashes(frames, rate, at), out, &[]));
    assert_eq!(bright_frames(out), at, "{rate}");
    let heard = decode_mono(out);
    // The file states the exact length; ffmpeg 5.1 decodes all of the last access unit.
    assert_eq!(stated_samples(out), sample_at(frames, rate), "{rate}");
    assert!((0..1024).contains(&(heard.len() - sample_at(frames, rate))), "{rate}: {}", heard.len());
    let burst = sine(HERTZ, RATE / 5);
    for frame in at {
        let expected = sample_at(*frame, rate);
        // The tone is -12 dB of full scale.
        let onset = heard.iter().skip(expected.saturating_sub(RATE / 50)).position(|value| value.abs() > 0.12);
        let onset = onset.unwrap() + expected.saturating_sub(RATE / 50);
        assert!(onset.abs_diff(expected) < RATE / 200, "frame {frame} at {rate}: begins at {onset} for {expected}");
        let found = position_of(&burst, &heard, expected, REACH);
        assert!(found.abs_diff(expected) <= 1, "frame {frame} at {rate}: heard at {found}, shown at {expected}");
    }
}

/// The length of the audio that a file states, in samples.
fn stated_samples(path: &Path) -> usize {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-select_streams", "a", "-show_entries", "stream=duration_ts", "-of", "csv=p=0"]);
    probed_on(&mut command, path)[0].parse().unwrap()
}

#[test]
fn a_flash_and_its_tone_are_in_the_same_frame_at_every_rate() {
    let folder = scratch();
    for rate in ["24", "25", "30", "30000/1001", "50", "60"] {
        check_flashes(90, rate, &[0, 25, 50, 78], &folder.path().join("out.mp4"));
    }
}

#[test]
fn every_container_has_the_sound_in_step() {
    let folder = scratch();
    let hls = folder.path().join("out.m3u8");
    succeeded(render(&flashes(150, "30", &[1, 100]), &hls, &[]));
    let heard = decode_mono(&hls);
    let burst = sine(HERTZ, RATE / 5);
    // Fragments have no edit list: the first access unit is left out, so that nothing before it is heard.
    for frame in [1, 100] {
        let expected = sample_at(frame, "30");
        assert!(position_of(&burst, &heard, expected, REACH).abs_diff(expected) <= 1);
    }
    let path = write_document(&flashes(150, "30", &[1, 100]));
    let stdout = repcast([Path::new("render"), &path, Path::new("-o"), Path::new("-")]);
    let growing = folder.path().join("growing.mp4");
    std::fs::write(&growing, &stdout.stdout).unwrap();
    let heard = decode_mono(&growing);
    for frame in [1, 100] {
        let expected = sample_at(frame, "30");
        assert!(position_of(&burst, &heard, expected, REACH).abs_diff(expected) <= 1);
    }
}

#[test]
fn a_document_without_sound_has_no_audio_track() {
    let folder = scratch();
    let out = folder.path().join("out.mp4");
    let silent = json!({"canvas": {"width": 64, "height": 64}, "duration": 1,
        "layers": [{"type": "text", "text": "x"}]});
    succeeded(render(&silent, &out, &[]));
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0"]);
    assert_eq!(probed_on(&mut command, &out), ["video"]);
}

fn probed_on(command: &mut Command, path: &Path) -> Vec<String> {
    let output = command.arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A clip of two seconds, gray, whose audio is a burst of a tone at 1.0 s.
fn clip(codec: &[&str], name: &str) -> PathBuf {
    fixture(name, |path| {
        let burst = "aevalsrc='0.5*sin(2*PI*1000*(t-1))*between(t,1,1.2)':s=48000:d=2";
        let status = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "color=gray:s=64x64:r=30:d=2", "-f", "lavfi"])
            .args(["-i", burst, "-c:v", "libx264", "-pix_fmt", "yuv420p"])
            .args(codec)
            .arg(path)
            .status();
        assert!(status.unwrap().success());
    })
}

#[test]
fn the_audio_of_a_clip_follows_its_picture() {
    let folder = scratch();
    let source = clip(&["-c:a", "pcm_s16le"], "burst.mov");
    let name = source.file_name().unwrap().to_str().unwrap();
    for (speed, trim, start) in [(1.0, 0.0, 0.0), (1.0, 0.5, 1.0), (2.0, 0.0, 0.5), (0.5, 0.75, 0.0)] {
        let document = json!({"canvas": {"width": 64, "height": 64}, "duration": 4, "layers": [
            {"type": "clip", "src": name, "start": start, "speed": speed, "trim": {"in": trim}}]});
        let out = folder.path().join("out.mp4");
        succeeded(render(&document, &out, &[]));
        let heard = decode_mono(&out);
        assert_eq!(stated_samples(&out), 4 * RATE);
        let expected = ((start + (1.0 - trim) / speed) * RATE as f64) as usize;
        // The pitch is kept, so that the burst is the same tone, longer or shorter.
        let burst = sine(HERTZ, (RATE as f64 / 5.0 / speed) as usize);
        // Half of its level: a burst that is stretched, or coded, begins less steeply.
        let onset = heard.iter().position(|value| value.abs() > 0.25).unwrap();
        assert!(onset.abs_diff(expected) < RATE / 200, "{speed} {trim} {start}: {onset} for {expected}");
        let level = level_db(&heard[expected + 480..expected + burst.len() - 480]);
        // A sine of half the full scale; a burst that is stretched is a little softer at its ends.
        let tolerance = if speed == 1.0 { 0.1 } else { 1.0 };
        assert!((level + 9.03).abs() < tolerance, "{speed}: {level}");
    }
}

#[test]
fn a_clip_at_its_own_gain_is_unchanged() {
    let folder = scratch();
    let source = clip(&["-c:a", "pcm_s16le"], "burst.mov");
    let name = source.file_name().unwrap().to_str().unwrap();
    let render_with = |audio: Value| {
        let out = folder.path().join("out.mp4");
        let document = json!({"canvas": {"width": 64, "height": 64}, "duration": 2, "layers": [
            {"type": "clip", "src": name, "audio": audio}]});
        succeeded(render(&document, &out, &[]));
        out
    };
    let burst = RATE + 480..RATE + RATE / 5 - 480;
    // A sine of half the full scale.
    let original = -9.03;
    let same = level_db(&decode_mono(&render_with(json!({})))[burst.clone()]);
    assert!((same - original).abs() < 0.1, "{same}");
    let quiet = level_db(&decode_mono(&render_with(json!({"gain": -20})))[burst.clone()]);
    assert!((quiet - original + 20.0).abs() < 0.2, "{quiet}");
    let left = decode_stereo(&render_with(json!({"pan": -1})));
    let channel = |index: usize| level_db(&left[burst.clone()].iter().map(|sample| sample[index]).collect::<Vec<_>>());
    assert!(channel(1) < -60.0 && channel(0) > -10.0);
    let probed = ffprobe_json(&render_with(json!({"mute": true})));
    assert_eq!(probed["format"]["nb_streams"], 1);
}

#[test]
fn a_file_without_audio_is_a_fault_at_its_place() {
    let folder = scratch();
    let out = folder.path().join("out.mp4");
    let picture = fixture("still.png", |path| {
        let args = ["-v", "error", "-y", "-f", "lavfi", "-i", "color=red:s=16x16", "-frames:v", "1"];
        assert!(Command::new("ffmpeg").args(args).arg(path).status().unwrap().success());
    });
    let name = picture.file_name().unwrap().to_str().unwrap();
    let document = json!({"canvas": {"width": 64, "height": 64}, "duration": 1, "layers": [
        {"type": "audio", "src": name}, {"type": "audio", "src": "missing.mp3"}]});
    let failed = render(&document, &out, &[]);
    assert!(
        failed.stderr.contains("layers[0].src: ") && failed.stderr.contains("layers[1].src: "),
        "{}",
        failed.stderr
    );
    assert_eq!(failed.stderr.matches("layers[0].src").count(), 1, "{}", failed.stderr);
    assert!(!out.exists());
}

#[test]
fn sound_alone_is_the_sound_of_the_video() {
    let folder = scratch();
    let document = flashes(60, "30", &[3, 40]);
    let [video, wave] = ["out.mp4", "out.wav"].map(|name| folder.path().join(name));
    succeeded(render(&document, &video, &[]));
    succeeded(render(&document, &wave, &[]));
    let [from_video, alone] = [&video, &wave].map(|path| decode_mono(path));
    assert_eq!(alone.len(), 2 * RATE);
    let burst = sine(HERTZ, RATE / 5);
    for frame in [3, 40] {
        let expected = sample_at(frame, "30");
        assert_eq!(position_of(&burst, &alone, expected, REACH), expected);
        let heard = expected + 480..expected + RATE / 5 - 480;
        assert!((level_db(&alone[heard.clone()]) - level_db(&from_video[heard])).abs() < 0.2);
    }
    let silent = json!({"canvas": {"width": 64, "height": 64}, "duration": 1,
        "layers": [{"type": "text", "text": "x"}]});
    for name in ["none.wav", "none.m4a"] {
        let none = folder.path().join(name);
        let failed = render(&silent, &none, &[]);
        assert_eq!(failed.exit, Exit::Code(2));
        assert!(failed.stderr.contains("the document has no sound") && !none.exists(), "{}", failed.stderr);
    }
}

#[test]
fn an_audio_file_has_the_track_of_the_video_to_the_byte() {
    let folder = scratch();
    let store = folder.path().join("store");
    let mut document = flashes(61, "30000/1001", &[3, 40]);
    document["audio"] = json!({"loudness": {"target": -20}});
    let [video, sound, stored] = ["out.mp4", "out.m4a", "stored.m4a"].map(|name| folder.path().join(name));
    succeeded(render(&document, &video, &[]));
    succeeded(render(&document, &sound, &[]));
    let options = ["--store", store.to_str().unwrap()];
    (0..2).for_each(|_| _ = succeeded(render(&document, &stored, &options)));
    assert!(std::fs::read(&sound).unwrap() == std::fs::read(&stored).unwrap());
    let packets = |path: &Path| {
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "error", "-nostdin", "-i"])
            .arg(path)
            .args(["-map", "0:a", "-c", "copy", "-f", "adts", "-"]);
        let output = command.output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty());
        output.stdout
    };
    assert!(packets(&video) == packets(&sound));
    let samples = sample_at(61, "30000/1001");
    assert_eq!((stated_samples(&video), stated_samples(&sound)), (samples, samples));
    let (from_video, alone) = (decode_mono(&video), decode_mono(&sound));
    assert!(from_video == alone && (0..1024).contains(&(alone.len() - samples)));
    let probed = ffprobe_json(&sound);
    assert_eq!(probed["format"]["tags"]["major_brand"], "M4A ");
    assert_eq!(probed["format"]["nb_streams"], 1);
}

/// A document of 150 pieces of ten minutes each, all of which are measured: minutes of work.
fn long_pieces() -> Value {
    let silence = fixture("ten-minutes.flac", |path| {
        let args = ["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo", "-t", "600"];
        assert!(Command::new("ffmpeg").args(args).arg(path).status().unwrap().success());
    });
    let name = silence.file_name().unwrap().to_str().unwrap();
    let piece = |index: u32| {
        json!({"type": "audio", "src": name, "start": format!("{index}/10"), "duration": 0.1,
            "trim": {"in": format!("{index}/10")}})
    };
    json!({"canvas": {"width": 64, "height": 64}, "duration": 20, "audio": {"loudness": {}},
        "layers": (0..150).map(piece).collect::<Vec<_>>()})
}

#[test]
fn a_render_is_interrupted_while_its_sound_is_measured() {
    let path = write_document(&long_pieces());
    for name in ["out.mp4", "out.m4a", "out.wav"] {
        let folder = scratch();
        let mut command = support::process::repcast();
        command.arg("render").arg(&path).arg("-o").arg(folder.path().join(name));
        let mut process = RunningProcess::spawn(command);
        // The output is created before its sound is measured.
        while std::fs::read_dir(folder.path()).unwrap().next().is_none() {
            std::thread::yield_now();
        }
        support::process::signal(process.pid(), "INT");
        assert_eq!(Exit::from(process.wait(LIMIT)), Exit::Code(1), "{name}");
        assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "{name}");
    }
}

#[test]
fn a_stored_track_gives_the_same_bytes_and_follows_every_change() {
    let folder = scratch();
    let store = folder.path().join("store");
    let store = store.to_str().unwrap();
    let bytes_of = |document: &Value, name: &str, options: &[&str]| {
        let out = folder.path().join(name);
        succeeded(render(document, &out, options));
        std::fs::read(out).unwrap()
    };
    let document = flashes(60, "30", &[3, 40]);
    let plain = bytes_of(&document, "plain.mp4", &[]);
    assert!(bytes_of(&document, "first.mp4", &["--store", store]) == plain);
    let tracks = || {
        let entries = std::fs::read_dir(store).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        entries.filter(|bytes| bytes.starts_with(b"rcaud")).count()
    };
    assert_eq!(tracks(), 1);
    assert!(bytes_of(&document, "again.mp4", &["--store", store]) == plain);
    assert_eq!(tracks(), 1);
    // With any number of lanes.
    assert!(bytes_of(&document, "lanes.mp4", &["--lanes", "1"]) == plain);
    let later = flashes(60, "30", &[3, 41]);
    assert!(bytes_of(&later, "later.mp4", &["--store", store]) == bytes_of(&later, "later-plain.mp4", &[]));
    assert_eq!(tracks(), 2);
}

/// A workout over the demo catalogue.
fn workout(audio: &Value) -> Value {
    json!({"resolution": "720p", "exercises": [
        {"id": "jumping_jacks", "duration": 5, "rest": 4}, {"id": "air_squat", "duration": 5}], "audio": audio})
}

#[test]
fn a_workout_has_its_signals_on_the_frame_and_music_that_makes_room() {
    let folder = scratch();
    let bed = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/music/upbeat.ogg");
    let music = json!([{"src": bed.to_str().unwrap(), "gain": -6}]);
    let wave = |audio: Value, name: &str| {
        let path = write_document(&workout(&audio));
        let out = folder.path().join(name);
        let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalogue");
        let args = [Path::new("render"), &path, Path::new("-o"), &out, Path::new("--catalogue"), &catalogue];
        succeeded(repcast(args));
        decode_mono(&out)
    };
    let cues = wave(json!({"cues": {"style": "beeps"}}), "cues.wav");
    assert_eq!(cues.len(), 14 * RATE);
    // Countdown, rest, countdown, start, countdown, end: each begins on its second.
    let is_onset = |secs: usize| {
        let at = secs * RATE;
        let before = if at == 0 { -120.0 } else { level_db(&cues[at - 240..at - 24]) };
        level_db(&cues[at..at + 480]) > -40.0 && before < level_db(&cues[at..at + 480]) - 10.0
    };
    for secs in [0, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13] {
        assert!(is_onset(secs), "nothing begins at {secs} s");
    }
    let both = wave(json!({"music": music.clone(), "cues": {"style": "beeps"}}), "both.wav");
    let bed = wave(json!({"music": music, "cues": {"style": "off"}}), "bed.wav");
    // Before a signal, the music alone is 12 dB quieter than without signals; loudness targets add the same to both.
    let depth = |samples: &[f32], secs: f64| {
        let at = (secs * RATE as f64) as usize;
        level_db(&samples[at - 720..at - 48])
    };
    let quiet = depth(&both, 5.0) - depth(&bed, 5.0);
    let free = depth(&both, 1.6) - depth(&bed, 1.6);
    assert!((free - quiet - 12.0).abs() < 1.5, "{free} {quiet}");
}
