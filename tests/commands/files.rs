//! What the program writes, in every form: one exact stream of H.264, under OUT's name only when it is whole.



use crate::support::invocation as program;
use crate::support::tools;
use std::cell::Cell;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use program::{End, Outcome, repcast, run};
use serde_json::Value;
use tools::{decode, tool};

/// Seconds of most documents: two segments and a half.
const SECS: u32 = 5;
/// Frames in [`SECS`], at both rates: 5 s are 149.85 frames at 30000/1001.
const FRAMES: u64 = 150;
/// The frames nearest to 0, 2 and 4 s at both rates.
const KEY_FRAMES: [usize; 3] = [0, 60, 120];
const RATES: [&str; 2] = ["30/1", "30000/1001"];
/// Several times what the documents here take in software on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

/// A document whose picture changes with every frame and needs no clip. Gives its name.
fn document(folder: &Path, rate: &str, secs: u32) -> String {
    let text = format!(
        r##"{{"canvas": {{"width": 320, "height": 180, "fps": "{rate}", "background": "#204060"}}, "duration": {secs},
            "layers": [
            {{"type": "progress", "rect": [20, 160, 280, 8]}},
            {{"type": "timer", "format": "mm:ss.t", "position": [300, 20], "anchor": "top-right", "size": 32}},
            {{"type": "text", "text": "Air squat", "position": [20, 20], "size": 32, "box": "#00000080"}}]}}"##
    );
    let name = format!("{secs}s.json");
    fs::write(folder.join(&name), text).unwrap();
    name
}

/// Calls the program with arguments that have no spaces of their own.
fn call(folder: &Path, line: &str) -> Outcome {
    let mut command = repcast(folder);
    command.args(line.split_whitespace());
    run(command, LIMIT, |_| ())
}

/// Calls the program and holds it to success. Gives its standard output.
fn succeed(folder: &Path, line: &str) -> Vec<u8> {
    let outcome = call(folder, line);
    assert_eq!(outcome.end, End::Exit(0), "{line}: {}", outcome.stderr);
    outcome.stdout
}

#[test]
fn every_form_holds_the_same_exact_stream() {
    for rate in RATES {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let doc = document(folder, rate, SECS);
        for out in ["out.mp4", "out.m3u8"] {
            succeed(folder, &format!("render {doc} -o {out}"));
        }
        let streamed = succeed(folder, &format!("render {doc} -o -"));
        fs::write(folder.join("streamed.mp4"), streamed).unwrap();
        for out in ["out.mp4", "out.m3u8", "streamed.mp4"] {
            check_stream(folder, out, rate);
            decode(folder, out);
        }
        check_boxes(&fs::read(folder.join("out.mp4")).unwrap(), &["ftyp", "moov", "mdat"]);
        check_boxes(&fs::read(folder.join("streamed.mp4")).unwrap(), &["ftyp", "moov", "moof", "mdat", "moof", "mdat"]);
    }
}

/// Holds the only stream of a file to its format, its frames to the grid, and its colors to BT.709 in two places: the
/// stream's own parameters and the container's.
fn check_stream(folder: &Path, name: &str, rate: &str) {
    let fields = "codec_name,profile,pix_fmt,width,height,r_frame_rate,avg_frame_rate,start_time";
    let colors = "color_range,color_space,color_transfer,color_primaries";
    let found = probe(folder, name, &format!("stream={fields},{colors}:frame=pts,key_frame"));
    let streams = found["streams"].as_array().unwrap();
    assert_eq!(streams.len(), 1, "{name}");
    let wanted = serde_json::json!({
        "codec_name": "h264", "profile": "High", "pix_fmt": "yuv420p", "width": 320, "height": 180,
        "r_frame_rate": rate, "avg_frame_rate": rate, "start_time": "0.000000",
        "color_range": "tv", "color_space": "bt709", "color_transfer": "bt709", "color_primaries": "bt709",
    });
    assert_eq!(streams[0], wanted, "{name}");

    let frames = found["frames"].as_array().unwrap();
    assert_eq!(frames.len() as u64, FRAMES, "{name}");
    let times: Vec<i64> = frames.iter().map(|frame| frame["pts"].as_i64().unwrap()).collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == times[1] && times[1] > 0), "{name}: {times:?}");
    let keys = frames.iter().enumerate().filter(|(_, frame)| frame["key_frame"] == 1);
    assert_eq!(keys.map(|(number, _)| number).collect::<Vec<_>>(), KEY_FRAMES, "{name}");

    tool(folder, &format!("ffmpeg -v warning -y -i {name} -c copy -f h264 raw.h264"));
    let raw = &probe(folder, "raw.h264", &format!("stream={colors}"))["streams"][0];
    let wanted = serde_json::json!({
        "color_range": "tv", "color_space": "bt709", "color_transfer": "bt709", "color_primaries": "bt709",
    });
    assert_eq!(*raw, wanted, "{name}: the stream's own colors");
    let init = if name.ends_with(".m3u8") { "out/init.mp4" } else { name };
    let bytes = fs::read(folder.join(init)).unwrap();
    // ISO/IEC 14496-12, 12.1.5: primaries, transfer and matrix as in ITU-T H.273, where 1 is BT.709; limited range.
    let colr = b"colrnclx\x00\x01\x00\x01\x00\x01\x00";
    assert!(bytes.windows(colr.len()).any(|window| window == colr), "{name}: the container's colors");
}

fn probe(folder: &Path, name: &str, entries: &str) -> Value {
    let line = format!("ffprobe -v error -show_entries {entries} -of json=compact=1 {name}");
    serde_json::from_slice(&tool(folder, &line)).unwrap()
}

/// Holds a file's boxes to begin in this order (ISO/IEC 14496-12, 4.2). `free` boxes may lie between them.
fn check_boxes(file: &[u8], wanted: &[&str]) {
    let mut names = Vec::new();
    let mut rest = file;
    while let Some((header, _)) = rest.split_first_chunk::<8>() {
        let (size, name) = header.split_at(4);
        let size = match u32::from_be_bytes(size.try_into().unwrap()) {
            1 => u64::from_be_bytes(rest[8..16].try_into().unwrap()) as usize,
            size => size as usize,
        };
        let name = str::from_utf8(name).unwrap();
        if name != "free" {
            names.push(name);
        }
        rest = rest.get(size.max(8)..).expect("a box ends where the file does");
    }
    assert!(rest.is_empty() && names.starts_with(wanted), "{names:?}");
}

#[test]
fn numbered_pictures_are_the_frames() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let doc = document(folder, "30/1", 1);
    fs::create_dir(folder.join("pictures")).unwrap();
    succeed(folder, &format!("render {doc} -o pictures/%05d.png"));
    let mut names = names(&folder.join("pictures"));
    names.sort();
    let first: usize = names[0].trim_end_matches(".png").parse().unwrap();
    assert!(first <= 1, "{}", names[0]);
    assert_eq!(names, (first..first + 30).map(|number| format!("{number:05}.png")).collect::<Vec<_>>());
    // Chosen by number and by time, a single frame is the same picture.
    for (choice, index) in [("--number 0", 0), ("--number 17", 17), ("--at 0.5", 15)] {
        succeed(folder, &format!("frame {doc} {choice} -o frame.png"));
        let pixels = |name: &str| tool(folder, &format!("ffmpeg -v error -i {name} -f rawvideo -pix_fmt rgba -"));
        let numbered = pixels(&format!("pictures/{}", names[index]));
        assert_eq!(numbered.len(), 320 * 180 * 4);
        assert!(pixels("frame.png") == numbered, "{choice}");
    }
}

#[test]
fn gstreamer_plays_the_hls_folder() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let doc = document(folder, "30/1", SECS);
    succeed(folder, &format!("render {doc} -o out.m3u8"));
    let address = serve(folder.to_owned());
    let source = format!("uridecodebin3 uri=http://{address}/out.m3u8");
    let gray = "videoconvert ! video/x-raw,format=GRAY8 ! filesink location=gray.raw";
    tool(folder, &format!("gst-launch-1.0 -q {source} ! {gray}"));
    // One byte a pixel, so that the file's size counts the frames.
    assert_eq!(fs::metadata(folder.join("gray.raw")).unwrap().len(), FRAMES * 320 * 180);
}

/// Serves the files of a folder on a free port of this machine, until the test's process ends: GStreamer's HLS element
/// reads playlists over HTTP alone.
fn serve(folder: PathBuf) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let folder = folder.clone();
            // A client may open several connections before it uses the first.
            thread::spawn(move || answer(&folder, connection));
        }
    });
    address
}

/// Answers one request. A client that goes away is no concern of the test's.
fn answer(folder: &Path, mut connection: TcpStream) {
    let lines = BufReader::new(&connection).lines().map_while(Result::ok);
    let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = request.first().and_then(|line| line.split_whitespace().nth(1)).unwrap_or("/");
    let (status, body) = match fs::read(folder.join(path.trim_start_matches('/'))) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = connection.write_all(&[head.as_bytes(), &body].concat());
}

#[test]
fn an_interrupted_render_leaves_nothing_under_its_name() {
    for out in ["out.mp4", "out.m3u8"] {
        for (signal, end) in [("INT", End::Exit(1)), ("TERM", End::Exit(1)), ("KILL", End::Signal(9))] {
            let folder = tempfile::tempdir().unwrap();
            let doc = document(folder.path(), "30/1", 3600);
            fs::create_dir(folder.path().join("video")).unwrap();
            let outcome = interrupt(folder.path(), &doc, out, signal);
            assert_eq!(outcome.end, end, "{signal} {out}: {}", outcome.stderr);
            let left = names(&folder.path().join("video"));
            // Nobody can tidy up after a kill, but what is left must not look like an output.
            let is_harmless = |name: &String| signal == "KILL" && name.starts_with('.');
            assert!(left.iter().all(is_harmless), "{signal} {out}: {left:?}");
        }
    }
}

/// Sends a signal to a render that has begun to write into the folder `video`.
fn interrupt(folder: &Path, doc: &str, out: &str, signal: &str) -> Outcome {
    let video = folder.join("video");
    let before = names(&video).len();
    let mut command = repcast(folder);
    command.args(["render", doc, "-o", &format!("video/{out}")]);
    let is_sent = Cell::new(false);
    let outcome = run(command, LIMIT, |process| {
        if !is_sent.get() && names(&video).len() > before {
            tool(folder, &format!("kill -{signal} {process}"));
            is_sent.set(true);
        }
    });
    assert!(is_sent.get(), "ended before it wrote: {:?} {}", outcome.end, outcome.stderr);
    outcome
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_render_replaces_an_earlier_one_and_a_failed_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("video")).unwrap();
    let (longer, shorter, endless) =
        (document(folder, "30/1", 7), document(folder, "30/1", SECS), document(folder, "30/1", 3600));
    fs::write(folder.join("bad.json"), r#"{"layers": []}"#).unwrap();
    for out in ["out.mp4", "out.m3u8"] {
        for doc in [&longer, &shorter] {
            succeed(folder, &format!("render {doc} -o video/{out}"));
        }
        let earlier = contents(&folder.join("video"));
        assert_eq!(
            probe(folder, &format!("video/{out}"), "frame=pts")["frames"].as_array().unwrap().len() as u64,
            FRAMES
        );
        assert_eq!(call(folder, &format!("render bad.json -o video/{out}")).end, End::Exit(2));
        assert_eq!(interrupt(folder, &endless, out, "INT").end, End::Exit(1));
        assert!(contents(&folder.join("video")) == earlier, "{out} is as it was");
    }
}

/// Every file below a folder, sorted by name, with what it holds.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = names(folder)
        .into_iter()
        .flat_map(|name| match folder.join(&name) {
            path if path.is_dir() => contents(&path),
            path => vec![(name, fs::read(path).unwrap())],
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_reader_that_goes_away_ends_the_render() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let doc = document(folder, "30/1", 3600);
    for (rest, words) in
        [("| head -c 2000 > start.mp4", &["reader", "pipe", "standard output"][..]), ("> /dev/full", &["space"])]
    {
        let mut command = Command::new("bash");
        command.current_dir(folder).stdin(Stdio::null());
        command.args([
            "-o",
            "pipefail",
            "-c",
            &format!("\"$0\" render {doc} -o - {rest}"),
            env!("CARGO_BIN_EXE_repcast"),
        ]);
        let outcome = run(command, LIMIT, |_| ());
        let said = outcome.stderr.to_lowercase();
        assert_eq!(outcome.end, End::Exit(1), "{rest}: {said}");
        assert!(words.iter().any(|word| said.contains(word)) && !said.contains("panicked"), "{rest}: {said}");
    }
}

#[test]
fn the_result_is_told_as_one_object() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let doc = document(folder, "30000/1001", SECS);
    let result: Value = serde_json::from_slice(&succeed(folder, &format!("render {doc} --json -o out.mp4"))).unwrap();
    let number = |value: &Value, name: &str| value[name].as_f64().unwrap_or_else(|| panic!("{name}: {value}"));
    assert_eq!(result["frames"], FRAMES);
    assert!((number(&result, "duration_secs") - 5.005).abs() < 0.001, "{result}");
    for name in ["wall_secs", "fps", "peak_rss_bytes", "damaged_tiles_mean"] {
        assert!(number(&result, name) > 0.0, "{name}: {result}");
    }
    for name in ["encoder", "adapter"] {
        assert!(result[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {result}");
    }
    let stages = result["stages"].as_object().unwrap();
    assert!(!stages.is_empty());
    for (name, stage) in stages {
        let [p50, p95, p99] = ["p50", "p95", "p99"].map(|name| number(stage, name));
        assert!(0.0 <= p50 && p50 <= p95 && p95 <= p99, "{name}: {stage}");
    }
}
