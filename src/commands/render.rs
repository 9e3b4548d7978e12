//! `repcast render`.

use std::io::IsTerminal;
use std::path::Path;

use serde_json::json;

use super::args::{EncoderArgs, RenderArgs};
use super::inputs::open_both;
use super::progress::Progress;
use super::signals::stop_on_signals;
use super::{log, outputs};
use crate::commands::{Failure, print_json, standard_output, standard_output_failure};
use repcast_compositor::GpuError;
use repcast_engine::offline::{Render, RenderError, RenderReport, Target};
use repcast_gstreamer::decode;
use repcast_gstreamer::encode::{self, EncodeError, EncoderSettings, PRESETS, Purpose, Quality};
use repcast_model::time::to_f64;
use repcast_model::timeline::Timeline;
use repcast_mux::MuxError;
use repcast_storage::is_numbered_pattern;

/// The default quality.
const DEFAULT_CRF: u32 = 23;

pub(super) fn run(args: &RenderArgs) -> Result<(), Failure> {
    let target = target(&args.output)?;
    if target == Target::Stdout {
        standard_output::check().map_err(standard_output_failure)?;
        if std::io::stdout().is_terminal() {
            let advice = "name a file, or pass it on with `| ffplay -`";
            return Err(Failure::wrong(format!(
                "-o -: standard output is a terminal, which cannot show video; {advice}"
            )));
        }
    } else {
        outputs::check(&args.output, args.overwrite)?;
    }
    if args.result.json && target == Target::Stdout {
        return Err(Failure::wrong("--json and -o - both write to standard output"));
    }
    let encoder = wanted_encoder(&args.encoder)?;
    let store = args.store.open().map_err(Failure::wrong)?;
    let (document, gpu) = open_both(&args.document)?;
    let timeline = document.timeline.clone();
    let settings = settings(&args.encoder, &timeline, target.may_reorder());
    let stop = stop_on_signals()?;
    let _folders = (target != Target::Stdout).then(|| outputs::make_folder(&args.output)).transpose()?;
    let progress = Progress::new(timeline.frames, timeline.rate);
    let render = Render {
        project: &document,
        gpu: &gpu,
        settings: &settings,
        store: store.as_ref(),
        lanes: args.lanes.map(usize::from),
        stop: &stop,
    };
    let result = render.to_target(&target, encoder, |frames, _| progress.at(frames));
    drop(progress);
    let report = result.map_err(|error| match error {
        RenderError::Gpu(error) => gpu_failure(error),
        RenderError::Encode(error @ EncodeError::Unknown(_)) => Failure::wrong(error),
        RenderError::Package(error @ MuxError::Target { .. }) => Failure::wrong(error),
        error @ RenderError::NoSound => Failure::wrong(error),
        error => Failure::failed(error),
    })?;
    if args.result.json {
        print_json(&summary(&report, &timeline, gpu.name()), false)?;
    } else if target != Target::Stdout {
        log::message(&sentence(&report, &timeline, args, gpu.name()));
    }
    for (stage, times) in &report.stages {
        tracing::info!(p50_micros = times.p50, p95_micros = times.p95, p99_micros = times.p99, "stage {stage}");
    }
    // An output whose sound is incomplete is complete otherwise.
    report.silent.iter().for_each(|failure| log::fault(&failure.to_string()));
    match report.broken.len() {
        0 => Ok(()),
        _ => Err(Failure::Failed(report.broken.iter().map(ToString::to_string).collect())),
    }
}

/// The target, by the ending of its name.
fn target(output: &Path) -> Result<Target, Failure> {
    if output == Path::new("-") {
        return Ok(Target::Stdout);
    }
    let ending = output.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_deref().and_then(|ending| ending.to_str()) {
        Some("mp4") => Ok(Target::Mp4(output.to_owned())),
        Some("m3u8") => Ok(Target::Hls(output.to_owned())),
        Some("wav") => Ok(Target::Wave(output.to_owned())),
        Some("m4a") => Ok(Target::M4a(output.to_owned())),
        Some("png") if is_numbered_pattern(output) => Ok(Target::Pictures(output.to_owned())),
        Some("png") => Err(Failure::wrong(format!(
            "{}: pictures are numbered; write a pattern such as frames/%05d.png, or use `repcast frame` for one",
            output.display()
        ))),
        _ => Err(Failure::wrong(format!(
            "{}: the output's ending must be .mp4, .m3u8, .wav, .m4a or .png, or its name `-`",
            output.display()
        ))),
    }
}

pub(super) fn wanted_encoder(args: &EncoderArgs) -> Result<Option<&str>, Failure> {
    match args.encoder.as_str() {
        "auto" => Ok(None),
        name if encode::CANDIDATES.contains(&name) => Ok(Some(name)),
        name => Err(Failure::wrong(EncodeError::Unknown(name.to_owned()))),
    }
}

/// Rate control, and x264's preset.
pub(super) fn quality(args: &EncoderArgs) -> (Quality, &'static str) {
    let quality = match args.bitrate {
        Some(kbps) => Quality::Bitrate(kbps),
        None => Quality::Crf(args.crf.unwrap_or(DEFAULT_CRF)),
    };
    let preset = PRESETS.iter().find(|preset| **preset == args.preset).copied().unwrap_or("veryfast");
    (quality, preset)
}

fn settings(args: &EncoderArgs, timeline: &Timeline, reorder: bool) -> EncoderSettings {
    let (quality, preset) = quality(args);
    let key_interval = repcast_media::key_frame_distance(timeline.rate);
    EncoderSettings {
        source: timeline.canvas,
        size: timeline.canvas,
        rate: timeline.rate,
        quality,
        preset,
        key_interval,
        reorder,
        purpose: Purpose::File,
        threads: 0,
    }
}

pub(super) fn gpu_failure(error: GpuError) -> Failure {
    match error {
        GpuError::UnknownAdapter { .. } | GpuError::TooLarge { .. } | GpuError::FrameTooLarge { .. } => {
            Failure::wrong(error)
        }
        error => Failure::failed(error),
    }
}

fn summary(report: &RenderReport, timeline: &Timeline, adapter: &str) -> serde_json::Value {
    let wall_secs = report.wall.as_secs_f64();
    let stages: serde_json::Map<String, serde_json::Value> =
        report.stages.iter().map(|(name, times)| ((*name).to_owned(), json!(times))).collect();
    json!({
        "frames": report.frames,
        "reused_frames": report.reused_frames,
        "duration_secs": to_f64(timeline.rate.secs_at(report.frames)),
        "wall_secs": wall_secs,
        "fps": report.frames as f64 / wall_secs,
        "lanes": report.lanes,
        "encoder": report.encoder,
        "adapter": adapter,
        "bytes": report.bytes,
        "peak_rss_bytes": peak_rss_bytes(),
        "stages": stages,
        "damaged_tiles_mean": report.damaged_tiles_mean,
        "concealed": decode::concealed_count(),
        "broken_clips": report.broken.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "silent_sounds": report.silent.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn sentence(report: &RenderReport, timeline: &Timeline, args: &RenderArgs, adapter: &str) -> String {
    let is_sound = matches!(target(&args.output), Ok(Target::Wave(_) | Target::M4a(_)));
    let wall = report.wall.as_secs_f64();
    let duration = to_f64(timeline.rate.secs_at(report.frames));
    let reused = match report.reused_frames {
        0 => String::new(),
        frames => format!(", {frames} of them from the store"),
    };
    let (output, megabytes) = (args.output.display(), report.bytes as f64 / 1e6);
    if is_sound {
        return format!("{output}: {duration:.2} s of sound ({megabytes:.1} MB) in {wall:.2} s");
    }
    format!(
        "{output}: {duration:.2} s of video ({} frames{reused}, {megabytes:.1} MB) in {wall:.2} s, {:.1}x real time; {} on {adapter}",
        report.frames,
        duration / wall,
        report.encoder.unwrap_or("images"),
    )
}

/// The peak resident memory of this process, where the system reports it.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}
