//! `repcast preview`.

use std::sync::Arc;

use super::args::PreviewArgs;
use super::exit::exit_now;
use super::inputs::document_source;
use super::render::gpu_failure;
use crate::commands::{Failure, print_result};
use repcast_compositor::Gpu;
use repcast_gstreamer::play::SoundDevices;
use repcast_preview::{CockpitPipelines, DocumentController, PreviewError, PreviewEventLoop};

/// Exits: without a display there is nothing to do.
fn exit_without_display() -> ! {
    exit_now(print_result(&Err(Failure::failed(PreviewError::DisplayLost))))
}

pub(super) fn run(args: &PreviewArgs) -> Result<(), Failure> {
    let source = document_source(&args.document)?;
    // Faults of the document are reported before a window is opened.
    let project = source.open(None).map_err(Failure::Wrong)?;
    let gpu = Gpu::open(args.document.adapter.as_deref()).map_err(gpu_failure)?;
    let preview = PreviewEventLoop::open(exit_without_display).map_err(Failure::failed)?;
    let title = args.document.document.display().to_string();
    let (outputs, observer) = (Arc::new(SoundDevices::system()), Arc::new(preview.handle()));
    let desk = DocumentController::open(&gpu, &title, source, project, outputs, observer).map_err(gpu_failure)?;
    preview.run(&gpu, CockpitPipelines::new(&gpu), Box::new(desk), |_| {}).map_err(Failure::failed)
}
