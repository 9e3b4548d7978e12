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

/// Opens the document and the graphics adapter of a command side by side: compiling kernels and looking at clips take
/// about as long, and have nothing to do with each other.
pub(super) fn open_both(args: &DocumentArgs) -> Result<(OpenDocument, Arc<Gpu>), Failure> {
    open_source(&document_source(args)?, args.adapter.as_deref())
}

/// The same for a document whose source is at hand.
pub(super) fn open_source(source: &DocumentSource, adapter: Option<&str>) -> Result<(OpenDocument, Arc<Gpu>), Failure> {
    let (document, gpu) = std::thread::scope(|scope| {
        let gpu = scope.spawn(|| Gpu::open(adapter));
        (source.open(None), gpu.join())
    });
    let document = document.map_err(Failure::Wrong)?;
    let gpu = gpu.map_err(|_| Failure::failed("the graphics adapter's driver failed"))?.map_err(gpu_failure)?;
    document.warnings(&gpu).iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok((document, gpu))
}

/// Reads the given catalogue, or the demo catalogue.
pub(super) fn open_catalogue(folder: Option<&Path>) -> Result<Catalogue, Failure> {
    let folder = catalogue_folder(folder).map_err(Failure::wrong)?;
    load_catalogue(&folder).map_err(Failure::wrong)
}

/// The folder of the given catalogue, or of the demo catalogue.
///
/// # Errors
/// When there is no demo catalogue.
pub(super) fn catalogue_folder(folder: Option<&Path>) -> Result<PathBuf, String> {
    let missing = "the demo catalogue was not found next to this program; pass one with --catalogue DIR";
    folder.map(Path::to_owned).or_else(demo_catalogue).ok_or_else(|| missing.to_owned())
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
