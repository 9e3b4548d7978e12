//! `repcast library`: imports, exports and checks the exercises of a server's library.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use repcast_media::io_reason;
use repcast_model::catalogue::{self, Catalogue, Exercise};

use super::args::{LibraryArgs, LibraryCommand};
use super::inputs::open_catalogue;
use super::user::with_stores;
use super::{Failure, log, print_line};

pub(super) fn run(args: &LibraryArgs) -> Result<(), Failure> {
    match &args.command {
        LibraryCommand::Import { folder, data } => {
            let catalogue = Arc::new(open_catalogue(Some(folder))?);
            with_stores(data, None, async |coach| {
                let changed = coach.import_catalogue(&catalogue).await.map_err(Failure::failed)?;
                let all = catalogue.exercises().len();
                print_line(&format!("{changed} of {all} exercises are new or have changed"))
            })
        }
        LibraryCommand::Export { folder, data, storage } => with_stores(data, Some(storage), async |coach| {
            let library = coach.library().await.map_err(Failure::failed)?;
            export(&library, folder)?;
            log::message(&format!("{} has {} exercises", folder.display(), library.exercises().len()));
            Ok(())
        }),
        LibraryCommand::Check { data, storage } => with_stores(data, Some(storage), async |coach| {
            let library = coach.library().await.map_err(Failure::failed)?;
            let faults = coach.check_clips(library.exercises());
            faults.iter().try_for_each(|(id, reason)| print_line(&format!("{id}: {reason}")))?;
            let (all, wrong) = (library.exercises().len(), faults.len());
            if wrong > 0 {
                return Err(Failure::failed(format!("{wrong} of {all} exercises cannot be shown")));
            }
            print_line(&format!("{all} exercises, all clips decode"))
        }),
    }
}

/// Writes a catalogue into a new folder, which appears as a whole.
fn export(library: &Catalogue, folder: &Path) -> Result<(), Failure> {
    let failed =
        |path: &Path, error: &std::io::Error| Failure::failed(format!("{}: {}", path.display(), io_reason(error)));
    if folder.exists() {
        return Err(Failure::wrong(format!("{}: exists already; give a new folder", folder.display())));
    }
    let part = folder.with_extension(format!("{}.part", std::process::id()));
    let written = (|| {
        fs::create_dir_all(&part).map_err(|error| failed(&part, &error))?;
        let mut exported = Vec::new();
        for exercise in library.exercises() {
            let ending = exercise.clip.extension().unwrap_or_default().to_string_lossy();
            let name = format!("{}.{ending}", exercise.id);
            fs::copy(&exercise.clip, part.join(&name)).map_err(|error| failed(&exercise.clip, &error))?;
            exported.push(Exercise { clip: name.into(), ..exercise.clone() });
        }
        let text = catalogue::write(&Catalogue::new(library.language(), exported));
        fs::write(part.join("catalogue.toml"), text).map_err(|error| failed(&part, &error))?;
        fs::rename(&part, folder).map_err(|error| failed(folder, &error))
    })();
    if written.is_err() {
        let _ = fs::remove_dir_all(&part);
    }
    written
}
