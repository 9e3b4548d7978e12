//! Decoding uploads in a process of their own.

use std::fs::File;
use std::path::{Path, PathBuf};

use repcast_gstreamer::decode::Inspection;
use repcast_gstreamer::worker::{ClipWorker, FaultyClip, WorkerCommand};
use repcast_storage::{is_picture_archive, write_picture_movie};
use tokio::task::spawn_blocking;

use super::{UploadState, Uploads};
use crate::Service;

/// What is said of a file that could not be checked.
const UNCHECKED: &str = "The file could not be checked; try again later.";

impl Uploads {
    /// Decodes a file. Waits for others.
    pub(crate) async fn inspect(&self, path: &Path) -> Result<Inspection, String> {
        let _turn = self.inspecting.acquire().await.map_err(|_| UNCHECKED)?;
        let (path, worker) = (path.to_owned(), self.worker.clone());
        let inspected = spawn_blocking(move || inspect(&path, worker.as_ref())).await;
        inspected.unwrap_or_else(|_| Err(UNCHECKED.to_owned()))
    }
}

/// Decodes the clips of exercises, one after the other. Blocks. Returns those that are none, and why.
pub(crate) fn inspect_clips(clips: &[(String, PathBuf)], command: &WorkerCommand) -> Vec<(String, String)> {
    let mut worker = None;
    let mut faults = Vec::new();
    for (id, path) in clips {
        let checked = worker.take().map_or_else(|| ClipWorker::start(command), Ok).map(|mut ready| {
            let result = File::open(path).map(|file| ready.inspect(&file));
            (ready, result)
        });
        let fault = match checked {
            Err(error) => Some(error.to_string()),
            Ok((_, Err(error))) => Some(repcast_media::io_reason(&error)),
            // This one has to be replaced.
            Ok((_, Ok(Err(error)))) => Some(error.to_string()),
            Ok((ready, Ok(Ok(inspected)))) => {
                worker = Some(ready);
                inspected.err().map(|fault| fault.to_string())
            }
        };
        faults.extend(fault.map(|fault| (id.clone(), fault)));
    }
    faults
}

impl Service {
    /// Checks a file that was received, and notes the result. Waits for others.
    pub(crate) async fn inspect_upload(&self, id: &str) {
        let Ok(coach) = self.coach() else { return };
        let result = coach.uploads.inspect(&coach.uploads.path(id)).await;
        let database = &coach.database;
        let noted = match result {
            Ok(inspection) => {
                let report = serde_json::to_string(&inspection).unwrap_or_default();
                database.set_upload_state(id, UploadState::Ready.name(), Some(&report), None).await
            }
            Err(reason) => {
                // The file is of no use to anyone.
                let _ = tokio::fs::remove_file(coach.uploads.path(id)).await;
                database.set_upload_state(id, UploadState::Failed.name(), None, Some(&reason)).await
            }
        };
        if let Err(error) = noted {
            tracing::error!(upload = id, "the check of an upload could not be noted: {error}");
        }
    }

    /// Checks again what was being checked when the server ended, as far as its file is here.
    pub(crate) async fn resume_inspections(&self) {
        let Ok(coach) = self.coach() else { return };
        for row in coach.database.uploads_in(UploadState::Checking.name()).await.unwrap_or_default() {
            if coach.uploads.path(&row.id).exists() {
                self.inspect_upload(&row.id).await;
            }
        }
    }
}

/// Decodes a file. Blocks.
fn inspect(path: &Path, worker: Option<&WorkerCommand>) -> Result<Inspection, String> {
    let unchecked = |error: &dyn std::fmt::Display| {
        tracing::error!("an upload could not be checked: {error}");
        UNCHECKED.to_owned()
    };
    // Images in an archive become a movie under the same name.
    if is_picture_archive(path) {
        let movie = path.with_extension("movie");
        let made = write_picture_movie(path, &movie).map_err(|error| error.to_string());
        if let Err(reason) = made.and_then(|()| std::fs::rename(&movie, path).map_err(|error| error.to_string())) {
            let _ = std::fs::remove_file(&movie);
            return Err(reason);
        }
    }
    let worker = worker.ok_or_else(|| unchecked(&"this system has no worker processes"))?;
    let mut worker = ClipWorker::start(worker).map_err(|error| unchecked(&error))?;
    let file = File::open(path).map_err(|error| unchecked(&error))?;
    // A worker that gives no answer was ended by the file.
    let inspected = worker.inspect(&file).unwrap_or(Err(FaultyClip::Harmful));
    let inspection = inspected.map_err(|error| error.to_string())?;
    ending(path).ok_or("this is sound without pictures; an exercise needs a clip")?;
    if inspection.frames == 0 { Err("the file has no frames".to_owned()) } else { Ok(inspection) }
}

/// The ending of a clip's name, by its first bytes: decoders look at the bytes, people at the name.
pub(crate) fn ending(path: &Path) -> Option<&'static str> {
    let mut head = [0; 12];
    let read = File::open(path).and_then(|mut file| std::io::Read::read(&mut file, &mut head)).unwrap_or(0);
    match &head[..read] {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("webm"),
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [b'G', b'I', b'F', b'8', ..] => Some("gif"),
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => Some("webp"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'q', b't', ..] => Some("mov"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("mp4"),
        [_, _, _, _, kind @ ..]
            if [b"moov", b"mdat", b"wide", b"free", b"skip"].iter().any(|name| kind.starts_with(*name)) =>
        {
            Some("mov")
        }
        _ => None,
    }
}
