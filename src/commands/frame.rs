//! `repcast frame`.

use serde_json::json;

use super::args::FrameArgs;
use super::inputs::open_both;
use super::outputs;
use super::render::gpu_failure;
use crate::commands::{Failure, print_json};
use repcast_engine::clips::ClipOptions;
use repcast_engine::frame::{FrameRenderer, frame_at};
use repcast_media::FrameFormat;
use repcast_model::time::to_f64;
use repcast_model::timeline::Timeline;
use repcast_storage::write_png_file;

pub(super) fn run(args: &FrameArgs) -> Result<(), Failure> {
    if args.output.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("png")) {
        return Err(Failure::wrong(format!("{}: a frame is written as .png", args.output.display())));
    }
    outputs::check(&args.output, args.overwrite)?;
    let (project, gpu) = open_both(&args.document)?;
    let number = number(args, &project.timeline)?;
    let timeline = &project.timeline;
    let mut renderer =
        FrameRenderer::new(&gpu, &project, FrameFormat::Rgba, ClipOptions::offline()).map_err(gpu_failure)?;
    let frame = renderer.render(number).map_err(Failure::failed)?;
    let _folders = outputs::make_folder(&args.output)?;
    write_png_file(&args.output, &frame.picture).map_err(Failure::failed)?;
    if args.result.json {
        let at_secs = to_f64(timeline.rate.secs_at(number));
        print_json(&json!({ "number": number, "at_secs": at_secs, "adapter": gpu.name() }), false)?;
    }
    match renderer.take_failures().first() {
        None => Ok(()),
        Some(error) => Err(Failure::failed(error)),
    }
}

fn number(args: &FrameArgs, timeline: &Timeline) -> Result<u64, Failure> {
    let (option, number) = match (&args.which.at, args.which.number) {
        (Some(secs), _) => (
            "--at",
            u64::try_from(frame_at(*secs, timeline.rate)).map_err(|_| Failure::wrong("--at: must not be negative"))?,
        ),
        (None, number) => ("--number", number.unwrap_or_default()),
    };
    if number < timeline.frames {
        return Ok(number);
    }
    let secs = to_f64(timeline.rate.secs_at(timeline.frames));
    Err(Failure::wrong(format!(
        "{option}: frame {number} does not exist; there are {} frames, {secs:.3} s",
        timeline.frames
    )))
}
