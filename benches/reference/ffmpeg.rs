//! ffmpeg's command lines: the reference job, written for speed, and x264 alone.
//!
//! Slower alternatives that were measured: blending in RGB (`format=auto`, `rgb`, `gbrp`), which converts each whole frame;
//! `-loop 1` for the background, which decodes the PNG for each frame; and swscale's default flags for the clips.

use crate::inputs::{CLIPS, FPS, Inputs, Job, words};
use crate::measure::run_unmeasured;
use crate::{CRF, Result};

/// Frames that x264 alone encodes repeatedly.
pub(crate) const READY_FRAMES: u32 = 150;

/// How a clip is looped.
#[derive(Clone, Copy)]
pub(crate) enum LoopMethod {
    /// `-stream_loop`, the usual way: each round is decoded and converted again.
    Decode,
    /// The filter `loop`: the converted frames of the first round stay in memory. Fast, for short clips only.
    Cache,
}

/// Names the colors that repcast writes; swscale converts to BT.601 otherwise.
const BT709: &str = "out_color_matrix=bt709:out_range=tv";

/// Sets time stamps from frame numbers, in units of 1/30 s. concat uses microseconds, and `setpts=N/30/TB` floating point;
/// with either, some frames are dropped or repeated.
const FRAME_TIMES: &str = "settb=1/30,setpts=N";

/// The filter graph of a job.
fn graph(job: &Job, loops: LoopMethod) -> String {
    let (width, height, fps) = (job.width, job.height, job.fps);
    let counted = FRAME_TIMES.replace("30", &fps.to_string());
    let convert = |size: String, format| format!("scale={size}{BT709}:flags=fast_bilinear,format={format}");
    let hold = match loops {
        LoopMethod::Decode => "",
        // More frames than any clip has.
        LoopMethod::Cache => ",loop=loop=-1:size=1000",
    };
    // Converted once and then repeated by the filter.
    let whole = convert(format!("{width}:{height}:"), "yuv420p");
    let mut graph = format!("[0:v]{whole},loop=loop=-1:size=1,{counted}[background];");
    let clips: Vec<_> = (0..job.clips).zip(CLIPS.iter().cycle()).collect();
    for (number, clip) in &clips {
        let [_, _, width, height] = job.rect(*number);
        // The whole clip is visible.
        let (across, down) =
            if width * 1080 < height * 1920 { (width, width * 9 / 16) } else { (height * 16 / 9, height) };
        let size = format!("{}:{}:", across / 2 * 2, down / 2 * 2);
        // Rounding up shows the frame whose interval contains the output frame's time, as repcast does.
        graph += &format!(
            "[{}:v]{}{hold},setpts=PTS/{},fps={fps}:round=up,trim=end_frame={}[clip{number}];",
            number + 1,
            convert(size, "yuva420p"),
            clip.speed,
            job.frames_of(*number).len()
        );
    }
    // The bar grows as an opaque strip that slides into its translucent track: drawbox computes its width only once.
    let (long, high) = (job.across(1880), job.down(10));
    let strip = |color| format!("color={color}:size={long}x{high}:rate={fps},format=rgba");
    graph += &format!("{},{}[track];", strip("0xffffff@0.25"), convert(String::new(), "yuva420p"));
    graph += &format!("{},{}[done];", strip("0x22c55e"), convert(String::new(), "yuv420p"));
    let slide = format!("x='-{long}+{long}*(n+1)/{}':y=0", job.frames());
    graph += &format!("[track][done]overlay={slide}:format=yuv420,format=yuva420p[bar];");

    if job.at_once {
        graph += "[background]null[under0];";
        for (number, _) in &clips {
            let [x, y, ..] = job.rect(*number);
            let next = number + 1;
            graph +=
                &format!("[under{number}][clip{number}]overlay=x={x}:y={y}:format=yuv420:shortest=1[under{next}];");
        }
        graph += &format!("[under{}]{counted}", clips.len());
    } else {
        let inputs: String = clips.iter().map(|(number, _)| format!("[clip{number}]")).collect();
        graph += &format!("{inputs}concat=n={},{counted}[clips];", clips.len());
        graph += "[background][clips]overlay=x=(W-w)/2:y=(H-h)/2:format=yuv420:shortest=1";
    }
    let font = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/fonts/Inter-Bold.otf");
    let text = format!("drawtext=fontfile='{font}':fontcolor=white");
    let (large, small) = (job.size(72), job.size(48));
    for (number, clip) in &clips {
        let (time, [x, y, ..]) = (job.frames_of(*number), job.rect(*number));
        let enable = format!("enable='between(n,{},{})'", time.start, time.end - 1);
        // Baselines are at the same positions as in repcast.
        let (x, baseline) = (x + job.across(60), y + job.down(60) + large * 23 / 24);
        graph += &format!(",{text}:fontsize={large}:text='{}':x={x}:y={baseline}-ascent:{enable}", clip.name);
    }
    if job.at_once {
        let (x, baseline) = (job.across(840), job.down(500) + large * 23 / 24);
        graph += &format!(",{text}:fontsize={large}:text='Circuit':x={x}:y={baseline}-ascent");
    }
    let (right, baseline) = (job.width - job.across(1860), job.down(40) + small * 23 / 24);
    graph +=
        &format!(r",{text}:fontsize={small}:text='%{{pts\:gmtime\:0\:%M\\\:%S}}':x=w-tw-{right}:y={baseline}-ascent");
    graph
        + &format!(
            "[titled];[titled][bar]overlay=x={}:y={}:format=yuv420:shortest=1[video]",
            job.across(20),
            job.down(1040)
        )
}

/// The second job: a clip, a line of text, and the bar.
pub(crate) fn moving(clip: &str, job: &Job, preset: &str, output: &str) -> Vec<String> {
    let strip = |color| format!("color={color}:size=1880x10:rate={FPS},format=rgba");
    let convert = |format| format!("scale={BT709}:flags=fast_bilinear,format={format}");
    let font = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/fonts/Inter-Bold.otf");
    let graph = format!(
        "{},{}[track];{},{}[done];[track][done]overlay=x='-1880+1880*(n+1)/{}':y=0:format=yuv420,format=yuva420p[bar];\
         [0:v]drawtext=fontfile='{font}':fontcolor=white:fontsize=72:text='Warm-up run':x=60:y=129-ascent[titled];\
         [titled][bar]overlay=x=20:y=1040:format=yuv420:shortest=1[video]",
        strip("0xffffff@0.25"),
        convert("yuva420p"),
        strip("0x22c55e"),
        convert("yuv420p"),
        job.frames()
    );
    let mut command = words(&["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", clip]);
    command.extend(words(&["-filter_complex", &graph, "-map", "[video]"]));
    command.extend(encoder(job, preset, "yuv420p", output));
    command
}

/// The command line of the reference job.
pub(crate) fn command(inputs: &Inputs, job: &Job, loops: LoopMethod, preset: &str, output: &str) -> Vec<String> {
    let mut command = words(&["ffmpeg", "-nostdin", "-v", "error", "-y"]);
    command.extend(words(&["-framerate", &job.fps.to_string(), "-i", &inputs.background()]));
    for (_, clip) in (0..job.clips).zip(CLIPS.iter().cycle()) {
        if matches!(loops, LoopMethod::Decode) {
            command.extend(words(&["-stream_loop", "-1"]));
        }
        command.extend(inputs.clip_input(clip, job.codec));
    }
    command.extend(words(&["-filter_complex", &graph(job, loops), "-map", "[video]"]));
    command.extend(encoder(job, preset, "yuv420p", output));
    command
}

/// Encodes frames from memory: the filter `loop` reads them once and repeats them without copies.
pub(crate) fn encoder_alone(inputs: &Inputs, job: &Job, preset: &str, output: &str) -> Vec<String> {
    let mut command = words(&["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "nv12"]);
    command.extend(words(&["-video_size", "1920x1080", "-framerate", &FPS.to_string(), "-i", &inputs.ready_frames()]));
    command.extend(words(&["-vf", &format!("loop=loop=-1:size={READY_FRAMES},{FRAME_TIMES}")]));
    command.extend(encoder(job, preset, "nv12", output));
    command
}

/// The encoder settings of repcast: a key frame every 2 s and nowhere else, signaled colors, and the index at the start.
fn encoder(job: &Job, preset: &str, format: &str, output: &str) -> Vec<String> {
    let mut settings = words(&["-an", "-r", &job.fps.to_string(), "-frames:v", &job.frames().to_string()]);
    settings.extend(words(&["-pix_fmt", format, "-c:v", "libx264", "-preset", preset, "-crf", CRF]));
    settings.extend(words(&[
        "-g",
        &(2 * job.fps).to_string(),
        "-sc_threshold",
        "0",
        "-color_range",
        "tv",
        "-colorspace",
        "bt709",
    ]));
    settings.extend(words(&["-color_primaries", "bt709", "-color_trc", "bt709", "-movflags", "+faststart", output]));
    settings
}

/// The left edge of the canvas, below the names and above the bar, where only the background is visible in all frames.
const FLAT: &str = "crop=400:700:0:300";

/// The PSNR between the videos of repcast and ffmpeg, in whole and where only the background is visible, and the relative
/// file size. A video that is off by one frame has a low minimum.
pub(crate) fn similarity(inputs: &Inputs, job: &Job, preset: &str) -> Result<String> {
    let video = |name: &str| inputs.output(&format!("{name}-{preset}"));
    for name in ["ffmpeg", "ffmpeg-held", "x264"] {
        let entries = ["ffprobe", "-v", "error", "-of", "csv=p=0", "-show_entries", "stream=nb_frames", &video(name)];
        let frames = run_unmeasured(&words(&entries))?;
        if frames.trim() != job.frames().to_string() {
            return Err(format!("{name} wrote {} frames instead of {}", frames.trim(), job.frames()).into());
        }
    }
    let compare = |name: &str, part: &str| -> Result<String> {
        let graph = format!("[0:v]{part}[ours];[1:v]{part}[theirs];[ours][theirs]psnr");
        let command =
            ["ffmpeg", "-nostdin", "-i", &video("repcast"), "-i", &video(name), "-lavfi", &graph, "-f", "null", "-"];
        let stderr = run_unmeasured(&words(&command))?;
        let line = stderr.lines().rev().find_map(|line| line.split_once("PSNR ")).ok_or("ffmpeg printed no PSNR")?.1;
        let value = |name: &str| -> Option<f64> {
            line.split_whitespace().find_map(|word| word.strip_prefix(name)?.parse().ok())
        };
        let (mean, worst) = value("average:").zip(value("min:")).ok_or("ffmpeg printed no PSNR")?;
        Ok(format!("PSNR {mean:.1} dB, of the worst frame {worst:.1} dB"))
    };
    let bytes = |name: &str| -> Result<f64> { Ok(std::fs::metadata(video(name))?.len() as f64) };
    Ok(format!(
        "{}; with the clips held, {}; on the background alone, {}; size {:+.1} %",
        compare("ffmpeg", "null")?,
        compare("ffmpeg-held", "null")?,
        compare("ffmpeg", FLAT)?,
        (bytes("repcast")? / bytes("ffmpeg")? - 1.0) * 100.0
    ))
}
