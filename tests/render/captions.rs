//! The captions of rendered files, as ffmpeg reads them.

use std::fs;
use std::path::Path;

use crate::support;
use serde_json::{Value, json};
use support::ffmpeg::output_of;
use support::fixture::scratch;
use support::process::Exit;
use support::program::{render, succeeded};

/// A composition of six seconds with these layers above a timer.
fn composition(layers: &Value) -> Value {
    let mut all = vec![json!({"type": "timer", "size": 20})];
    all.extend(layers.as_array().unwrap().iter().cloned());
    json!({"canvas": {"width": 128, "height": 72, "fps": "30000/1001"}, "duration": 6, "layers": all})
}

/// Starts and durations in milliseconds of the cues that ffprobe finds, each once.
fn cues(path: &Path) -> Vec<(u64, u64)> {
    let args = ["-v", "error", "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0"];
    let args = args.into_iter().chain([path.to_str().unwrap()]).map(std::ffi::OsStr::new);
    let lines = String::from_utf8(output_of("ffprobe", args)).unwrap();
    let millis = |secs: &str| (secs.parse::<f64>().unwrap() * 1000.0).round() as u64;
    let cue = |line: &str| {
        let (start, duration) = line.trim_end_matches(',').split_once(',').unwrap();
        (millis(start), millis(duration))
    };
    let mut cues: Vec<_> = lines.lines().filter(|line| !line.is_empty()).map(cue).collect();
    cues.sort_unstable();
    cues.dedup();
    cues
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

#[test]
fn subtitles_and_speech_are_renditions_of_a_folder() {
    let folder = scratch();
    let source = "1\r\n00:00:00,500 --> 00:00:04,250\r\n<i>Long</i> enough for three segments\r\n\r\n2\r\n00:00:05,000 --> 00:00:05,900\r\nEnd\r\n";
    let subtitles = folder.path().join("talk.srt");
    fs::write(&subtitles, source).unwrap();
    let document = composition(&json!([{"type": "subtitles", "src": subtitles},
        {"type": "speech", "text": "On y va", "language": "fr", "start": 2, "duration": 3}]));
    let out = folder.path().join("out.m3u8");
    succeeded(render(&document, &out, &[]));
    let media = folder.path().join("out");
    assert_eq!(cues(&media.join("captions-en.m3u8")), [(500, 3750), (5000, 900)]);
    assert_eq!(cues(&media.join("captions-fr.m3u8")), [(2002, 1160)]);
    // As many segments as the video has, of the same lengths.
    let lengths = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(media.join(name)).unwrap();
        text.lines().filter(|line| line.starts_with("#EXTINF")).map(str::to_owned).collect()
    };
    assert_eq!(lengths("captions-en.m3u8"), lengths("media.m3u8"));
    let master = fs::read_to_string(&out).unwrap();
    for line in [
        "NAME=\"English\",LANGUAGE=\"en\",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI=\"out/captions-en.m3u8\"",
        "NAME=\"Français\",LANGUAGE=\"fr\",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI=\"out/captions-fr.m3u8\"",
        ",SUBTITLES=\"captions\"",
    ] {
        assert!(master.contains(line), "{line}: {master}");
    }
    // A later output without captions takes the place of all of it.
    succeeded(render(&composition(&json!([])), &out, &[]));
    let left: Vec<String> = names(&media).into_iter().filter(|name| name.contains("caption")).collect();
    assert!(left.is_empty() && !fs::read_to_string(&out).unwrap().contains("SUBTITLES"), "{left:?}");
}

#[test]
fn captions_of_a_file_are_next_to_it_and_replace_only_their_own() {
    let folder = scratch();
    let out = folder.path().join("talk.mp4");
    let cue = json!([{"start": 1, "end": 2.5, "text": "Heels & toes"}]);
    let document = composition(&json!([{"type": "subtitles", "cues": cue},
        {"type": "subtitles", "language": "de", "cues": [{"start": 0, "end": 1, "text": "Los"}]}]));
    succeeded(render(&document, &out, &[]));
    assert_eq!(names(folder.path()), ["talk.de.vtt", "talk.mp4", "talk.vtt"]);
    assert_eq!(cues(&folder.path().join("talk.vtt")), [(1000, 1500)]);
    let read = output_of(
        "ffmpeg",
        ["-v", "error", "-i", folder.path().join("talk.vtt").to_str().unwrap(), "-f", "srt", "-"]
            .map(std::ffi::OsStr::new),
    );
    assert_eq!(String::from_utf8(read).unwrap().trim(), "1\n00:00:01,000 --> 00:00:02,500\nHeels & toes");

    // The video is the same as without captions, which are then removed.
    let captioned = fs::read(&out).unwrap();
    succeeded(render(&composition(&json!([])), &out, &[]));
    assert!(fs::read(&out).unwrap() == captioned);
    assert_eq!(names(folder.path()), ["talk.de.vtt", "talk.mp4"]);

    // A file of the user's, such as the source of the subtitles, is never replaced.
    let own = "WEBVTT\n\n00:01.000 --> 00:02.000\nMine\n";
    fs::write(folder.path().join("talk.vtt"), own).unwrap();
    let rejected =
        render(&composition(&json!([{"type": "subtitles", "src": folder.path().join("talk.vtt")}])), &out, &[]);
    assert_eq!(rejected.exit, Exit::Code(2), "{}", rejected.stderr);
    assert!(
        rejected.stderr.contains("talk.vtt: already exists and is not an earlier output")
            || rejected.stderr.contains("talk.vtt already exists and is not an earlier output"),
        "{}",
        rejected.stderr
    );
    assert_eq!(fs::read_to_string(folder.path().join("talk.vtt")).unwrap(), own);
    assert!(fs::read(&out).unwrap() == captioned);
    succeeded(render(&composition(&json!([])), &out, &[]));
    assert_eq!(fs::read_to_string(folder.path().join("talk.vtt")).unwrap(), own);
}

#[test]
fn subtitle_files_that_cannot_be_read_are_faults_and_bad_cues_are_not() {
    let folder = scratch();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let cases = [
        (file("binary.vtt", &[0xff, 0xd8, 0, 1]), "is not text in UTF-8"),
        (file("page.vtt", b"<html></html>"), "neither a WebVTT nor an SRT file"),
        (folder.path().join("missing.vtt"), "no such file"),
    ];
    let out = folder.path().join("out.mp4");
    for (path, message) in cases {
        let output = render(&composition(&json!([{"type": "subtitles", "src": path}])), &out, &[]);
        assert_eq!(output.exit, Exit::Code(2), "{}", output.stderr);
        assert!(output.stderr.contains("layers[1].src: ") && output.stderr.contains(message), "{}", output.stderr);
    }
    let path = file("bad.vtt", b"WEBVTT\n\n00:03.000 --> 00:02.000\nBackwards\n\n00:01.000 --> 00:02.000\nGood\n");
    let output = succeeded(render(&composition(&json!([{"type": "subtitles", "src": path}])), &out, &[]));
    assert!(
        output.stderr.contains("1 subtitles cannot be read and are left out, the first in line 3"),
        "{}",
        output.stderr
    );
    assert_eq!(cues(&folder.path().join("out.vtt")), [(1000, 1000)]);
}
