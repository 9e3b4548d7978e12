//! Inputs of several commands: documents and catalogues by their paths.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::DocumentArgs;
use super::render::gpu_failure;
use crate::commands::{Failure, voices};
use repcast_compositor::Gpu;
use repcast_engine::open::{DocumentSource, OpenDocument};
use repcast_model::catalogue::Catalogue;
use repcast_storage::load_catalogue;

/// The document of a command.
///
/// # Errors
/// When the voices cannot be used.
pub(super) fn document_source(args: &DocumentArgs) -> Result<DocumentSource, Failure> {
    let speaker = voices::speaker(&args.voices)?;
    let catalogue = catalogue_folder(args.catalogue.as_deref());
    let source = DocumentSource::new(&args.document, catalogue, args.catalogue.is_some());
    Ok(source.with_speaker(Arc::new(speaker)))
}

/// Reads, validates and compiles the document of a command.
pub(super) fn open_document(args: &DocumentArgs) -> Result<OpenDocument, Failure> {
    document_source(args)?.open(None).map_err(Failure::Wrong)
}

/// Opens the document and the graphics adapter of a command side by side: compiling kernels and looking at clips take
/// about as long, and have nothing to do with each other.
pub(super) fn open_both(args: &DocumentArgs) -> Result<(OpenDocument, Arc<Gpu>), Failure> {
    let (document, gpu) = std::thread::scope(|scope| {
        let gpu = scope.spawn(|| Gpu::open(args.adapter.as_deref()));
        (open_document(args), gpu.join())
    });
    let document = document?;
    let gpu = gpu.map_err(|_| Failure::failed("the graphics adapter's driver failed"))?.map_err(gpu_failure)?;
    document.warnings(&gpu).iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok((document, gpu))
}

/// Reads the given catalogue, or the demo catalogue.
pub(super) fn open_catalogue(folder: Option<&Path>) -> Result<Catalogue, Failure> {
    let folder = catalogue_folder(folder).map_err(Failure::wrong)?;
    load_catalogue(&folder).map_err(Failure::wrong)
}

fn catalogue_folder(folder: Option<&Path>) -> Result<PathBuf, String> {
    let missing = "the demo catalogue was not found next to this program; pass one with --catalogue DIR";
    folder.map(Path::to_owned).or_else(demo_catalogue).ok_or_else(|| missing.to_owned())
}

/// Checks that an output can be written, before anything is rendered.
pub(super) fn check_target(output: &Path) -> Result<(), Failure> {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Failure::wrong(format!("{}: there is no folder {}", output.display(), folder.display())));
    }
    if output.is_dir() {
        return Err(Failure::wrong(format!("{}: is a folder", output.display())));
    }
    Ok(())
}

/// The demo catalogue: `assets/catalogue` in the working folder or above the program, for who builds repcast, and
/// `share/repcast/catalogue` above the program, where packages install it.
fn demo_catalogue() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let above = program.iter().flat_map(|program| program.ancestors());
    let installed = above.clone().map(|folder| folder.join("share/repcast/catalogue"));
    std::iter::once(Path::new(""))
        .chain(above)
        .map(|folder| folder.join("assets/catalogue"))
        .chain(installed)
        .find(|folder| folder.join("catalogue.toml").is_file())
}
