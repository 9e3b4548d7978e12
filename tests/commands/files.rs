//! The outputs of the program in every form: the same H.264 stream, under the name of OUT only when it is complete.

use crate::support::process;
use crate::support::tools;
use std::cell::Cell;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use process::{Exit, LIMIT, ProcessOutput, repcast, run};
use serde_json::Value;
use tools::{decode, tool};

/// Seconds of most documents: two segments and a half.
const SECS: u32 = 5;
/// Frames in [`SECS`], at both rates: 5 s are 149.85 frames at 30000/1001.
const FRAMES: u64 = 150;
/// The frames nearest to 0, 2 and 4 s at both rates.
const KEY_FRAMES: [usize; 3] = [0, 60, 120];
const RATES: [&str; 2] = ["30/1", "30000/1001"];

/// Writes a document without clips whose frames all differ; returns its name.
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

/// Runs the program with arguments that contain no spaces.
fn call(folder: &Path, line: &str) -> ProcessOutput {
    let mut command = repcast();
    command.current_dir(folder).args(line.split_whitespace());
    run(command, LIMIT, |_| ())
}

/// Runs the program, which must succeed; returns its standard output.
fn succeed(folder: &Path, line: &str) -> Vec<u8> {
    let output = call(folder, line);
    assert_eq!(output.exit, Exit::Code(0), "{line}: {}", output.stderr);
    output.stdout
}

#[test]
fn all_forms_have_the_same_stream() {
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

/// Asserts that a file has one stream of the right format, frames on the grid, and BT.709 in both the stream's own parameters
/// and the container.
fn check_stream(folder: &Path, name: &str, rate: &str) {
    let fields = "codec_name,profile,pix_fmt,width,height,r_frame_rate,avg_frame_rate,start_time";
    let colors = "color_range,color_space,color_transfer,color_primaries";
    let found = probe(folder, name, &format!("stream={fields},{colors}:frame=pts,key_frame"));
    let streams = found["streams"].as_array().unwrap();
    assert_eq!(streams.len(), 1, "{name}");
    let expected = serde_json::json!({
        "codec_name": "h264", "profile": "High", "pix_fmt": "yuv420p", "width": 320, "height": 180,
        "r_frame_rate": rate, "avg_frame_rate": rate, "start_time": "0.000000",
        "color_range": "tv", "color_space": "bt709", "color_transfer": "bt709", "color_primaries": "bt709",
    });
    assert_eq!(streams[0], expected, "{name}");

    let frames = found["frames"].as_array().unwrap();
    assert_eq!(frames.len() as u64, FRAMES, "{name}");
    let times: Vec<i64> = frames.iter().map(|frame| frame["pts"].as_i64().unwrap()).collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == times[1] && times[1] > 0), "{name}: {times:?}");
    let keys = frames.iter().enumerate().filter(|(_, frame)| frame["key_frame"] == 1);
    assert_eq!(keys.map(|(number, _)| number).collect::<Vec<_>>(), KEY_FRAMES, "{name}");

    tool(folder, &format!("ffmpeg -v warning -y -i {name} -c copy -f h264 raw.h264"));
    let raw = &probe(folder, "raw.h264", &format!("stream={colors}"))["streams"][0];
    let expected = serde_json::json!({
        "color_range": "tv", "color_space": "bt709", "color_transfer": "bt709", "color_primaries": "bt709",
    });
    assert_eq!(*raw, expected, "{name}: the stream's own colors");
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

/// Asserts that a file starts with these boxes in this order (ISO/IEC 14496-12, 4.2), apart from `free` boxes.
fn check_boxes(file: &[u8], expected: &[&str]) {
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
    assert!(rest.is_empty() && names.starts_with(expected), "{names:?}");
}

#[test]
fn numbered_images_are_the_frames() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let doc = document(folder, "30/1", 1);
    fs::create_dir(folder.join("frames")).unwrap();
    succeed(folder, &format!("render {doc} -o frames/%05d.png"));
    let mut names = names(&folder.join("frames"));
    names.sort();
    let first: usize = names[0].trim_end_matches(".png").parse().unwrap();
    assert!(first <= 1, "{}", names[0]);
    assert_eq!(names, (first..first + 30).map(|number| format!("{number:05}.png")).collect::<Vec<_>>());
    // A single frame, chosen by number or time, is the same image.
    for (choice, index) in [("--number 0", 0), ("--number 17", 17), ("--at 0.5", 15)] {
        succeed(folder, &format!("frame {doc} {choice} -o frame.png"));
        let pixels = |name: &str| tool(folder, &format!("ffmpeg -v error -i {name} -f rawvideo -pix_fmt rgba -"));
        let numbered = pixels(&format!("frames/{}", names[index]));
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
    // One byte per pixel: the size of the file gives the number of frames.
    assert_eq!(fs::metadata(folder.join("gray.raw")).unwrap().len(), FRAMES * 320 * 180);
}

/// Serves the files of a folder on a free local port until the process exits: GStreamer's HLS element reads playlists over
/// HTTP only.
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

/// Responds to one request; a client that disconnects is ignored.
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
        let stopped = ["INT", "TERM", "HUP"].map(|signal| (signal, Exit::Code(1)));
        for (signal, exit) in stopped.into_iter().chain([("KILL", Exit::Signal(9))]) {
            let folder = tempfile::tempdir().unwrap();
            let doc = document(folder.path(), "30/1", 3600);
            fs::create_dir(folder.path().join("video")).unwrap();
            let output = interrupt(folder.path(), &doc, out, signal);
            assert_eq!(output.exit, exit, "{signal} {out}: {}", output.stderr);
            let left = names(&folder.path().join("video"));
            // A killed process cannot clean up, but its partial files must not look like outputs.
            let is_partial = |name: &String| signal == "KILL" && name.starts_with('.');
            assert!(left.iter().all(is_partial), "{signal} {out}: {left:?}");
        }
    }
}

#[test]
fn what_a_killed_render_leaves_is_removed_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("video")).unwrap();
    let (endless, short) = (document(folder, "30/1", 3600), document(folder, "30/1", 1));
    for out in ["out.mp4", "out.m3u8", "%05d.png"] {
        for _ in 0..2 {
            assert_eq!(interrupt(folder, &endless, out, "KILL").exit, Exit::Signal(9));
        }
        succeed(folder, &format!("render {short} -o video/{out}"));
        let hidden: Vec<String> =
            names(&folder.join("video")).into_iter().filter(|name| name.starts_with('.')).collect();
        assert!(hidden.is_empty(), "{hidden:?}");
    }
}

#[test]
fn a_render_that_ignores_hangups_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("video")).unwrap();
    let doc = document(folder, "30/1", 60);
    let mut command = Command::new("sh");
    command.args(["-c", r#"trap "" HUP; exec "$0" "$@""#, env!("CARGO_BIN_EXE_repcast")]);
    let output = interrupted(command, folder, &doc, "out.mp4", "HUP");
    assert_eq!(output.exit, Exit::Code(0), "{}", output.stderr);
    assert_eq!(names(&folder.join("video")), ["out.mp4"]);
}

/// Sends a signal to a render that has started to write into the folder `video`.
fn interrupt(folder: &Path, doc: &str, out: &str, signal: &str) -> ProcessOutput {
    interrupted(repcast(), folder, doc, out, signal)
}

/// The same for a command that runs the program.
fn interrupted(mut command: Command, folder: &Path, doc: &str, out: &str, signal: &str) -> ProcessOutput {
    let video = folder.join("video");
    let before = names(&video);
    command.stdin(Stdio::null());
    command.current_dir(folder).args(["render", doc, "-o", &format!("video/{out}")]);
    let is_sent = Cell::new(false);
    let output = run(command, LIMIT, |pid| {
        if !is_sent.get() && names(&video).iter().any(|name| !before.contains(name)) {
            tool(folder, &format!("kill -{signal} {pid}"));
            is_sent.set(true);
        }
    });
    assert!(is_sent.get(), "exited before it wrote: {:?} {}", output.exit, output.stderr);
    output
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn only_a_complete_render_replaces_an_earlier_one() {
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
        assert_eq!(call(folder, &format!("render bad.json -o video/{out}")).exit, Exit::Code(2));
        assert_eq!(interrupt(folder, &endless, out, "INT").exit, Exit::Code(1));
        assert!(contents(&folder.join("video")) == earlier, "{out} is unchanged");
    }
}

/// Every file below a folder with its contents, sorted by name.
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
fn a_render_ends_when_its_reader_disconnects() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let doc = document(folder, "30/1", 3600);
    for (rest, words) in
        [("| head -c 2000 > start.mp4", &["reader", "pipe", "standard output"][..]), ("> /dev/full", &["disk is full"])]
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
        let output = run(command, LIMIT, |_| ());
        let stderr = output.stderr.to_lowercase();
        assert_eq!(output.exit, Exit::Code(1), "{rest}: {stderr}");
        assert!(words.iter().any(|word| stderr.contains(word)) && !stderr.contains("panicked"), "{rest}: {stderr}");
    }
}

#[test]
fn the_result_is_one_json_object() {
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
