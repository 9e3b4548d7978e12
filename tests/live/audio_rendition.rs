//! A browser plays an HLS folder with a separate audio rendition: hls.js in headless Chromium, driven by
//! `tests/live/browser/play.mjs`.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::process::{Exit, run};
use repcast_media::{AacConfig, EncodedFrame, Sample, StreamConfig, Track, TrackId, VideoSampler};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;
use repcast_mux::sink::Sink;
use repcast_storage::hls_folder::HlsFolder;
use serde_json::Value;

/// Seconds of the stream: three segments.
const SECS: u32 = 6;
const FPS: u32 = 30;
const SIZE: Size = Size { width: 320, height: 180 };
const SAMPLE_RATE: u32 = 48_000;
/// PCM samples in an access unit, and before the program: ffmpeg's encoder delay.
const UNIT: u32 = 1024;
/// `play.mjs` stops by itself before that.
const PLAY_LIMIT: Duration = Duration::from_secs(500);

#[test]
fn hls_js_plays_video_with_its_audio_rendition() {
    let player = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/browser");
    let installed = player.join("node_modules/hls.js").is_dir() && player.join("node_modules/puppeteer-core").is_dir();
    assert!(installed, "{} has no node_modules; run script/bootstrap", player.display());

    let folder = tempfile::tempdir().unwrap();
    write_stream(&folder.path().join("out.m3u8"));
    let mut play = Command::new("node");
    play.arg(player.join("play.mjs")).arg(folder.path()).args(["out.m3u8", &SECS.to_string()]).stdin(Stdio::null());
    let played = run(play, PLAY_LIMIT, |_| ());
    let output = String::from_utf8_lossy(&played.stdout).into_owned();
    assert_eq!(played.exit, Exit::Code(0), "{output}{}", played.stderr);

    let report: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(report["errors"], Value::Array(Vec::new()), "{report}");
    assert_eq!(report["holes"], 0, "{report}");
    assert_eq!(report["decodedFrames"], FPS * SECS, "{report}");
    assert_eq!(report["audioTracks"], 1, "{report}");
    assert!(report["decodedAudioBytes"].as_u64().unwrap() > 10_000, "{report}");
    // Both tracks are buffered without a gap from the same start; audio ends within an access unit of the video.
    let unit_secs = f64::from(UNIT) / f64::from(SAMPLE_RATE);
    for kind in ["video", "audio"] {
        let ranges = report["buffered"][kind].as_array().unwrap();
        let [range] = &ranges[..] else { panic!("{kind} has gaps: {report}") };
        let (start, end) = (range[0].as_f64().unwrap(), range[1].as_f64().unwrap());
        assert!(start.abs() < 0.001, "{kind} starts at {start}: {report}");
        assert!((end - f64::from(SECS)).abs() <= unit_secs + 0.001, "{kind} ends at {end}: {report}");
    }
}

/// Writes an HLS folder of a test pattern and a tone.
fn write_stream(path: &Path) {
    let (config, frames) = video();
    let (audio_track, units) = audio();
    let mut sampler = VideoSampler::new(config).unwrap();
    let mut sink: Box<dyn Sink> = Box::new(HlsFolder::create(path).unwrap());
    sink.begin(&[sampler.track().clone(), audio_track]).unwrap();
    frames.into_iter().for_each(|frame| sink.push(sampler.sample(frame)).unwrap());
    units.into_iter().for_each(|unit| sink.push(unit).unwrap());
    sink.finish().unwrap();
}

/// What ffmpeg makes of a generated input.
fn ffmpeg(input: &str, args: &[&str]) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", input, "-t", &SECS.to_string()])
        .args(args)
        .arg("-")
        .output()
        .expect("ffmpeg must be installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// H.264 without reordering: its access units begin with delimiters.
fn video() -> (StreamConfig, Vec<EncodedFrame>) {
    let input = format!("testsrc2=size={}x{}:rate={FPS}", SIZE.width, SIZE.height);
    let x264 = format!("aud=1:bframes=0:keyint={0}:min-keyint={0}:scenecut=0", 2 * FPS);
    let args = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-profile:v", "main", "-x264-params", &x264, "-f", "h264"];
    let stream = ffmpeg(&input, &args);
    let (mut sps, mut pps, mut frames) = (Vec::new(), Vec::new(), Vec::new());
    for unit in nal_units(&stream) {
        match unit[0] & 0x1f {
            7 => sps = unit.to_vec(),
            8 => pps = unit.to_vec(),
            9 => frames.push(EncodedFrame { frame: frames.len() as u64, is_key: false, data: Vec::new() }),
            kind => {
                let frame = frames.last_mut().unwrap();
                frame.is_key |= kind == 5;
                frame.data.extend((unit.len() as u32).to_be_bytes());
                frame.data.extend(unit);
            }
        }
    }
    let mut avcc = vec![1, sps[1], sps[2], sps[3], 0xff, 0xe1];
    avcc.extend((sps.len() as u16).to_be_bytes());
    avcc.extend(sps);
    avcc.push(1);
    avcc.extend((pps.len() as u16).to_be_bytes());
    avcc.extend(pps);
    (StreamConfig { size: SIZE, rate: FrameRate::new(FPS, 1).unwrap(), avcc }, frames)
}

/// The NAL units between start codes (ITU-T H.264, annex B).
fn nal_units(stream: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<usize> =
        stream.windows(3).enumerate().filter(|(_, bytes)| *bytes == [0, 0, 1]).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([stream.len()]);
    let unit = |(&start, end): (&usize, usize)| {
        let unit = &stream[start + 3..end];
        // A start code may be longer by a zero, and no unit ends with one.
        let len = unit.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        &unit[..len]
    };
    starts.iter().zip(ends).map(unit).collect()
}

/// AAC-LC out of ADTS (ISO/IEC 14496-3, 1.A.2.2): access units behind headers of seven bytes.
fn audio() -> (Track, Vec<Sample>) {
    let input = format!("sine=frequency=440:sample_rate={SAMPLE_RATE}");
    let stream = ffmpeg(&input, &["-ac", "2", "-c:a", "aac", "-b:a", "128k", "-f", "adts"]);
    let mut samples = Vec::new();
    let mut rest = &stream[..];
    while let [_, _, _, high, middle, low, _, ..] = *rest {
        let len = usize::from(high & 3) << 11 | usize::from(middle) << 3 | usize::from(low >> 5);
        let dts = samples.len() as u64 * u64::from(UNIT);
        samples.push(Sample {
            track: TrackId::AUDIO,
            dts,
            pts: dts as i64 - i64::from(UNIT),
            duration: UNIT,
            is_sync: true,
            data: rest[7..len].to_vec(),
        });
        rest = &rest[len..];
    }
    // AAC-LC, 48 kHz, two channels.
    let config = AacConfig { sample_rate: SAMPLE_RATE, channels: 2, audio_specific_config: vec![0x11, 0x90] };
    (Track::aac(config), samples)
}
