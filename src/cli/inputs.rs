//! What commands have in common: documents and catalogues by their paths.

use std::path::{Path, PathBuf};

use super::Failure;
use super::args::DocumentArgs;
use crate::catalogue::Catalogue;
use crate::document::{self, Document, Fault};
use crate::project::Project;
use crate::storage::{load_catalogue, read_document};

/// Reads, checks and compiles the document of a command.
pub(super) fn open_project(args: &DocumentArgs) -> Result<Project, Failure> {
    let path = &args.document;
    let shown = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let at_fault =
        |faults: Vec<Fault>| Failure::Wrong(faults.iter().map(|fault| format!("{shown}: {fault}")).collect());
    let bytes = read_document(path).map_err(Failure::wrong)?;
    let document = document::parse(&bytes).map_err(at_fault)?;
    // A composition has no use for a catalogue, but one that was asked for must be right.
    let catalogue = match (&document, &args.catalogue) {
        (Document::Composition(_), None) => Catalogue::default(),
        (_, folder) => open_catalogue(folder.as_deref())?,
    };
    // Paths in a document that came through a pipe are relative to where we stand.
    let base = if path == Path::new("-") { Path::new("") } else { path.parent().unwrap_or(Path::new("")) };
    Project::open(&document, base, &catalogue).map_err(at_fault)
}

/// Reads the catalogue that is named, or the demo catalogue.
pub(super) fn open_catalogue(folder: Option<&Path>) -> Result<Catalogue, Failure> {
    let folder = match folder {
        Some(folder) => folder.to_owned(),
        None => demo_catalogue().ok_or_else(|| {
            Failure::wrong("the demo catalogue is not beside this program; name one with --catalogue DIR")
        })?,
    };
    load_catalogue(&folder).map_err(Failure::wrong)
}

/// Sees that an output can be put where it is wanted, before anything is drawn.
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

/// `assets/catalogue`, under the working folder or under one above the program.
fn demo_catalogue() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let above = program.iter().flat_map(|program| program.ancestors()).map(Path::to_owned);
    std::iter::once(PathBuf::new())
        .chain(above)
        .map(|folder| folder.join("assets/catalogue"))
        .find(|folder| folder.join("catalogue.toml").is_file())
}
