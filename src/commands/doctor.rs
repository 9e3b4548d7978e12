//! `repcast doctor`: what this machine offers, and the packages that are missing.

use serde_json::json;

use super::args::{DoctorArgs, StoreArgs};
use super::capacity::{count, estimate};
use super::doctor_camera;
use super::inputs::open_catalogue;
use super::log::message;
use super::serve::engine;
use crate::commands::{Failure, print_json, print_line};
use repcast_compositor::{Gpu, ScriptCoverage, list_adapters};
use repcast_gstreamer::decode;
use repcast_gstreamer::encode::{self, EncoderSettings, PRESETS, ProbeResult, Purpose, Quality};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;
use repcast_storage::StoreUsage;

/// The elements that decoding, encoding and pushes need: name, purpose, Debian package.
const NEEDED: [(&str, &str, &str); 42] = [
    ("filesrc", "reading files", "libgstreamer1.0-0"),
    ("appsrc", "encoding", "gstreamer1.0-plugins-base"),
    ("videoconvert", "uncommon pixel formats", "gstreamer1.0-plugins-base"),
    ("decodebin", "decoding", "gstreamer1.0-plugins-base"),
    ("qtdemux", "QuickTime and MP4", "gstreamer1.0-plugins-good"),
    ("matroskademux", "WebM and Matroska", "gstreamer1.0-plugins-good"),
    ("pngdec", "PNG in QuickTime", "gstreamer1.0-plugins-good"),
    ("vp8dec", "VP8", "gstreamer1.0-plugins-good"),
    ("vp9dec", "VP9", "gstreamer1.0-plugins-good"),
    ("vp8alphadecodebin", "VP8 with alpha", "gstreamer1.0-plugins-bad"),
    ("vp9alphadecodebin", "VP9 with alpha", "gstreamer1.0-plugins-bad"),
    ("h264parse", "H.264", "gstreamer1.0-plugins-bad"),
    ("h265parse", "H.265", "gstreamer1.0-plugins-bad"),
    ("avdec_qtrle", "QuickTime Animation", "gstreamer1.0-libav"),
    ("avdec_prores", "ProRes 4444", "gstreamer1.0-libav"),
    ("avdec_h264", "H.264", "gstreamer1.0-libav"),
    ("avdec_h265", "H.265", "gstreamer1.0-libav"),
    ("audioconvert", "audio", "gstreamer1.0-plugins-base"),
    ("oggdemux", "Ogg", "gstreamer1.0-plugins-base"),
    ("opusdec", "Opus", "gstreamer1.0-plugins-base"),
    ("vorbisdec", "Vorbis", "gstreamer1.0-plugins-base"),
    ("wavparse", "WAV", "gstreamer1.0-plugins-good"),
    ("flacparse", "FLAC", "gstreamer1.0-plugins-good"),
    ("flacdec", "FLAC", "gstreamer1.0-plugins-good"),
    ("aacparse", "AAC", "gstreamer1.0-plugins-good"),
    ("ac3parse", "AC-3", "gstreamer1.0-plugins-good"),
    ("mpegaudioparse", "MP3", "gstreamer1.0-plugins-good"),
    ("id3demux", "MP3", "gstreamer1.0-plugins-good"),
    ("alawdec", "A-law", "gstreamer1.0-plugins-good"),
    ("mulawdec", "µ-law", "gstreamer1.0-plugins-good"),
    ("avdec_aac", "AAC", "gstreamer1.0-libav"),
    ("avdec_mp3", "MP3", "gstreamer1.0-libav"),
    ("avdec_ac3", "AC-3", "gstreamer1.0-libav"),
    ("avdec_eac3", "E-AC-3", "gstreamer1.0-libav"),
    ("avdec_alac", "ALAC", "gstreamer1.0-libav"),
    ("avenc_aac", "encoding AAC", "gstreamer1.0-libav"),
    ("jpegdec", "cameras that send images", "gstreamer1.0-plugins-good"),
    ("jpegenc", "previews of cameras", "gstreamer1.0-plugins-good"),
    ("flvmux", "pushes by RTMP", "gstreamer1.0-plugins-good"),
    ("rtmp2sink", "pushes by RTMP", "gstreamer1.0-plugins-bad"),
    ("mpegtsmux", "pushes by SRT", "gstreamer1.0-plugins-bad"),
    ("srtsink", "pushes by SRT", "gstreamer1.0-plugins-bad"),
];

/// The encoder that works on any machine, and its package.
const SOFTWARE_ENCODER: (&str, &str) = ("x264enc", "gstreamer1.0-plugins-ugly");

pub(super) fn run(args: &DoctorArgs) -> Result<(), Failure> {
    if let Some(url) = &args.camera {
        return doctor_camera::run(url, args.result.json);
    }
    if args.capacity {
        return capacity(args);
    }
    decode::init().map_err(Failure::failed)?;
    let adapters = list_adapters();
    let gpu = Gpu::open(None);
    let probes = encode::probe_encoders(&probe_settings()?);
    let chosen = probes.iter().find(|probe| probe.result.is_ok()).map(|probe| probe.name);
    let decoders: Vec<_> = NEEDED.iter().map(|needed| (needed, decode::has_element(needed.0))).collect();
    let missing = missing_packages(&decoders, gpu.is_ok(), &probes);
    let store = store_report(&args.store)?;
    let scripts = gpu.as_ref().map(|gpu| gpu.script_coverage()).unwrap_or_default();
    if args.result.json {
        let report = json!({
            "adapters": adapters.iter().map(|adapter| json!({
                "name": adapter.name, "kind": adapter.kind, "backend": adapter.backend, "driver": adapter.driver,
            })).collect::<Vec<_>>(),
            "adapter": gpu.as_ref().ok().map(|gpu| gpu.name()),
            "encoders": probes.iter().map(|probe| json!({
                "name": probe.name, "works": probe.result.is_ok(), "reason": probe.result.as_ref().err(),
            })).collect::<Vec<_>>(),
            "encoder": chosen,
            "decoders": decoders.iter().map(|((element, purpose, package), present)| json!({
                "element": element, "for": purpose, "package": package, "present": present,
            })).collect::<Vec<_>>(),
            "fonts": gpu.as_ref().ok().map(|gpu| gpu.font_families().len()),
            "store": store.as_ref().map(|(usage, fault)| json!({
                "bytes": usage.bytes, "limit_bytes": usage.limit_bytes, "is_writable": fault.is_none(), "fault": fault,
            })),
            "scripts": scripts.iter().map(|script| json!({
                "name": script.name, "covered": script.is_covered, "package": script.package,
            })).collect::<Vec<_>>(),
            "missing_packages": missing.iter().map(|(package, _)| package).collect::<Vec<_>>(),
        });
        print_json(&report, true)?;
    } else {
        let mut lines = vec!["Graphics adapters, the best first:".to_owned()];
        lines.extend(
            adapters.iter().map(|adapter| {
                format!("  {} ({}, {}; {})", adapter.name, adapter.kind, adapter.backend, adapter.driver)
            }),
        );
        lines.push(match &gpu {
            Ok(gpu) => {
                format!("  -> {} will composite; {} font families available", gpu.name(), gpu.font_families().len())
            }
            Err(error) => format!("  -> none: {error}"),
        });
        lines.push("H.264 encoders, probed in this order with a few frames of 1280x720:".to_owned());
        lines.extend(probes.iter().map(|probe| match &probe.result {
            Ok(()) => format!("  {:15} works", probe.name),
            Err(reason) => format!("  {:15} {reason}", probe.name),
        }));
        lines.push(format!("  -> {}", chosen.map_or("none works".to_owned(), |name| format!("{name} will encode"))));
        lines.push("Decoding:".to_owned());
        lines.extend(decoders.iter().map(|((element, purpose, _), present)| {
            format!("  {element:18} {purpose:24} {}", if *present { "present" } else { "MISSING" })
        }));
        lines.extend(store.iter().map(|(usage, fault)| {
            let [used, limit] = [usage.bytes, usage.limit_bytes].map(|bytes| bytes as f64 / 1e6);
            let state = fault.as_deref().unwrap_or("can be written to");
            format!("Segment store: {used:.1} of {limit:.0} MB in use; {state}")
        }));
        lines.extend(script_lines(&scripts));
        print_line(&lines.join("\n"))?;
    }
    let missing =
        missing.iter().map(|(package, why)| format!("missing: {package} ({why}); try `apt install {package}`"));
    let faults: Vec<String> = missing.chain(store.and_then(|(_, fault)| fault)).collect();
    if faults.is_empty() { Ok(()) } else { Err(Failure::Failed(faults)) }
}

/// The use of the segment store, and why it cannot be written to; `None` without one.
fn store_report(args: &StoreArgs) -> Result<Option<(StoreUsage, Option<String>)>, Failure> {
    let store = args.open().map_err(Failure::failed)?;
    Ok(store.map(|store| (store.usage(), store.check_writable().err().map(|error| error.to_string()))))
}

/// The scripts that texts can be drawn in, and the packages of fonts for the others. None of them is needed.
fn script_lines(scripts: &[ScriptCoverage]) -> Vec<String> {
    let names = |package: Option<&str>| {
        let is_listed = |script: &&ScriptCoverage| match package {
            None => script.is_covered,
            Some(package) => !script.is_covered && script.package == package,
        };
        scripts.iter().filter(is_listed).map(|script| script.name).collect::<Vec<_>>().join(", ")
    };
    let mut packages: Vec<&str> = scripts.iter().filter(|it| !it.is_covered).map(|script| script.package).collect();
    packages.sort_unstable();
    packages.dedup();
    let without = packages
        .into_iter()
        .map(|package| format!("  no font for {}; on Debian, `apt install {package}` adds one", names(Some(package))));
    let heading = ["Scripts of texts:".to_owned(), format!("  {}", names(None))];
    if scripts.is_empty() { Vec::new() } else { heading.into_iter().chain(without).collect() }
}

/// Measures how many live sessions this machine can run.
fn capacity(args: &DoctorArgs) -> Result<(), Failure> {
    let catalogue = open_catalogue(None)?;
    let gpu = Gpu::open(None).map_err(Failure::failed)?;
    let engine = engine(&gpu, &args.encoder, None, Some(u64::MAX / 1_000_000), &catalogue)?;
    let estimated = estimate(&engine, &catalogue)?;
    let per_session = 1280 * 720 * 30;
    if !args.result.json {
        message("running more and more live sessions of 720p at 30 frames per second until one is late ...");
    }
    let counted = count(&engine, &catalogue, |sessions, late| {
        if !args.result.json {
            message(&format!("  {}: {late} late frames", counted_sessions(sessions)));
        }
    })?;
    let (encoder, sessions) = (engine.encoders.current(), counted.sessions);
    if args.result.json {
        let tried: Vec<_> =
            counted.tried.iter().map(|(sessions, late)| json!({ "sessions": sessions, "late_frames": late })).collect();
        return print_json(
            &json!({ "sessions_720p30": sessions, "estimated_megapixels_per_second": estimated / 1_000_000,
                "estimated_sessions_720p30": estimated / per_session, "encoder": encoder, "adapter": gpu.name(),
                "tried": tried }),
            true,
        );
    }
    print_line(&format!(
        "{} of 720p30 at the same time without a late frame ({encoder}, {}); a server here would admit {}, and up to \
         {sessions} with --capacity {}",
        counted_sessions(sessions),
        gpu.name(),
        estimated / per_session,
        (sessions as u64 * per_session).div_ceil(1_000_000)
    ))
}

fn counted_sessions(count: usize) -> String {
    format!("{count} live session{}", if count == 1 { "" } else { "s" })
}

/// Each missing package once, with its purpose.
fn missing_packages(
    decoders: &[(&(&'static str, &'static str, &'static str), bool)],
    has_adapter: bool,
    probes: &[ProbeResult],
) -> Vec<(&'static str, String)> {
    let mut missing: Vec<(&'static str, String)> = Vec::new();
    if !has_adapter {
        missing.push(("mesa-vulkan-drivers", "a graphics adapter that works without a GPU".to_owned()));
    }
    for ((element, purpose, package), _) in decoders.iter().filter(|(_, present)| !present) {
        match missing.iter_mut().find(|(known, _)| known == package) {
            Some((_, why)) => why.push_str(&format!(", {element} for {purpose}")),
            None => missing.push((package, format!("{element} for {purpose}"))),
        }
    }
    let (software, package) = SOFTWARE_ENCODER;
    let is_hardware = |probe: &&ProbeResult| probe.name != software && probe.name != "openh264enc";
    let has_hardware = probes.iter().filter(is_hardware).any(|probe| probe.result.is_ok());
    let has_software = probes.iter().any(|probe| probe.name == software && probe.result.is_ok());
    if !has_hardware && !has_software {
        missing.push((package, format!("{software}, the encoder that works everywhere")));
    }
    missing
}

fn probe_settings() -> Result<EncoderSettings, Failure> {
    let rate = FrameRate::new(30, 1).ok_or_else(|| Failure::failed("no rate"))?;
    let size = Size { width: 1280, height: 720 };
    Ok(EncoderSettings {
        source: size,
        size,
        rate,
        quality: Quality::Crf(23),
        preset: PRESETS[2],
        key_interval: 60,
        reorder: false,
        purpose: Purpose::File,
        threads: 0,
    })
}
