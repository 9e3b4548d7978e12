//! Clips that are sent to the library: received in pieces, checked in a process of their own, and kept until an exercise uses
//! them or a day has passed.
//!
//! ```text
//! begin --> receiving --append...--> checking --inspection--> ready --exercise--> used: gone
//!                                        '------------------> failed
//! ```
//!
//! The bytes lie in a folder of this server, one file each, whose length is how far the upload is. The database holds the
//! rest.

mod file;
mod form;
mod inspection;
mod pictures;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use repcast_database::{Timestamp, UploadRow};
use repcast_gstreamer::decode::Inspection;
use repcast_gstreamer::worker::WorkerCommand;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::access::{Action, Caller, Owner};
use super::{Service, ServiceError};
pub use file::UploadWriter;
pub use form::FormUpload;
pub(crate) use inspection::{ending as clip_ending, inspect_clips};
pub use pictures::UploadPicture;

/// Bytes of an uploaded file at most.
pub const MAX_UPLOAD_BYTES: u64 = 500_000_000;

/// Bytes of all uploads of an account at most, used ones excluded.
const MAX_BYTES_OF_OWNER: u64 = 2_000_000_000;

/// Uploads of an account at a time.
const MAX_UPLOADS_OF_OWNER: usize = 50;

/// How long an upload is kept, in milliseconds: a day.
const LIFETIME_MS: i64 = 86_400_000;

/// Longest name of a file that is kept, in characters.
const MAX_NAME_CHARS: usize = 120;

const UPLOAD: &str = "upload";

/// How far an upload is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UploadState {
    /// Bytes are missing.
    Receiving,
    /// It is being decoded.
    Checking,
    /// An exercise can use it.
    Ready,
    /// It is no clip.
    Failed,
}

impl UploadState {
    const ALL: [Self; 4] = [Self::Receiving, Self::Checking, Self::Ready, Self::Failed];

    /// Its name, in the database as in responses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Checking => "checking",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }

    fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.name() == name).unwrap_or(Self::Failed)
    }
}

/// An upload.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// The name of the file at its origin.
    pub filename: String,
    /// Bytes of the whole file.
    pub length: u64,
    /// Bytes that are there.
    pub offset: u64,
    /// How far it is.
    pub state: UploadState,
    /// What it contains, once it is ready.
    pub inspection: Option<Inspection>,
    /// Why it failed.
    pub error: Option<String>,
}

/// All uploads of a process.
#[derive(Debug)]
pub(crate) struct Uploads {
    folder: PathBuf,
    pub(crate) worker: Option<WorkerCommand>,
    /// Those that a request writes to.
    written: Mutex<HashSet<String>>,
    /// One file is decoded at a time: sessions come first.
    inspecting: Semaphore,
}

impl Uploads {
    pub(crate) fn new(folder: PathBuf, worker: Option<WorkerCommand>) -> Self {
        Self { folder, worker, written: Mutex::default(), inspecting: Semaphore::new(1) }
    }

    /// The file of an upload. Ids are made here.
    pub(crate) fn path(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    async fn offset(&self, id: &str) -> u64 {
        tokio::fs::metadata(self.path(id)).await.map_or(0, |metadata| metadata.len())
    }
}

impl Service {
    /// Begins an upload of this many bytes.
    ///
    /// # Errors
    /// When the caller may not, or has too many of them.
    pub async fn begin_upload(&self, caller: &Caller, filename: &str, length: u64) -> Result<Upload, ServiceError> {
        self.authorize(caller, Action::AddExercise)?;
        if length > MAX_UPLOAD_BYTES {
            return Err(ServiceError::UploadTooLarge);
        }
        if length == 0 {
            return Err(ServiceError::Upload("The file is empty."));
        }
        let coach = self.coach()?;
        let owner_id = caller.principal.id().to_owned();
        let mut others = coach.database.uploads_of(&owner_id).await?;
        // Their files are gone.
        others.retain(|row| UploadState::of(&row.state) != UploadState::Failed);
        let bytes: u64 = others.iter().map(|row| u64::try_from(row.length).unwrap_or(0)).sum();
        if others.len() >= MAX_UPLOADS_OF_OWNER || bytes + length > MAX_BYTES_OF_OWNER {
            return Err(ServiceError::TooManyUploads);
        }
        let id = Uuid::new_v4().simple().to_string();
        let now = Timestamp::now();
        let row = UploadRow {
            id: id.clone(),
            owner_id,
            filename: plain_name(filename),
            length: i64::try_from(length).unwrap_or(i64::MAX),
            state: UploadState::Receiving.name().to_owned(),
            report: None,
            error: None,
            created_at: now,
            expires_at: Timestamp::from_millis(now.millis() + LIFETIME_MS),
        };
        tokio::fs::create_dir_all(&coach.uploads.folder).await.map_err(|error| storage_error(&error))?;
        let file = tokio::fs::File::create_new(coach.uploads.path(&id)).await;
        file.map_err(|error| storage_error(&error))?;
        coach.database.insert_upload(&row).await?;
        self.upload(caller, &id).await
    }

    /// An upload of the caller.
    ///
    /// # Errors
    /// When there is none that the caller may know of.
    pub async fn upload(&self, caller: &Caller, id: &str) -> Result<Upload, ServiceError> {
        let row = self.upload_row(caller, id).await?;
        let uploads = &self.coach()?.uploads;
        let state = UploadState::of(&row.state);
        let length = u64::try_from(row.length).unwrap_or(0);
        let offset = if state == UploadState::Receiving { uploads.offset(id).await } else { length };
        let inspection = row.report.as_deref().and_then(|report| serde_json::from_str(report).ok());
        Ok(Upload { id: row.id, filename: row.filename, length, offset, state, inspection, error: row.error })
    }

    /// Ends an upload and removes what is there of it.
    ///
    /// # Errors
    /// As [`Self::upload`], or when it is being written.
    pub async fn delete_upload(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        self.upload_row(caller, id).await?;
        let coach = self.coach()?;
        if coach.uploads.is_written(id) {
            return Err(ServiceError::UploadBusy);
        }
        coach.remove_upload(id).await
    }

    async fn upload_row(&self, caller: &Caller, id: &str) -> Result<UploadRow, ServiceError> {
        self.authorize(caller, Action::AddExercise)?;
        let none = ServiceError::NoSuch(UPLOAD);
        let row = self.coach()?.database.upload(id).await?.ok_or(ServiceError::NoSuch(UPLOAD))?;
        let owner = Owner { id: row.owner_id.clone(), clubs: Vec::new() };
        self.authorize(caller, Action::ChangeExercise(Some(&owner))).map_err(|_| none)?;
        Ok(row)
    }
}

impl Uploads {
    fn is_written(&self, id: &str) -> bool {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }
}

impl super::coach::Coach {
    /// Removes an upload and its file.
    pub(crate) async fn remove_upload(&self, id: &str) -> Result<(), ServiceError> {
        // The row last: a file without one would stay for ever.
        match tokio::fs::remove_file(self.uploads.path(id)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(storage_error(&error)),
            _ => {}
        }
        self.database.delete_upload(id).await?;
        Ok(())
    }

    /// Removes the uploads whose time is over, and the files here whose rows another server has removed.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub(crate) async fn remove_expired_uploads(&self) -> Result<(), ServiceError> {
        for row in self.database.expired_uploads(Timestamp::now()).await? {
            if !self.uploads.is_written(&row.id) {
                self.remove_upload(&row.id).await?;
            }
        }
        let Ok(mut entries) = tokio::fs::read_dir(&self.uploads.folder).await else { return Ok(()) };
        while let Some(entry) = entries.next_entry().await.map_err(|error| storage_error(&error))? {
            let age = entry.metadata().await.ok().and_then(|metadata| metadata.modified().ok()?.elapsed().ok());
            let is_old = age.is_some_and(|age| age.as_millis() > u128::from(LIFETIME_MS.unsigned_abs()));
            if is_old && !self.uploads.is_written(&entry.file_name().to_string_lossy()) {
                tokio::fs::remove_file(entry.path()).await.map_err(|error| storage_error(&error))?;
            }
        }
        Ok(())
    }
}

/// What went wrong on the disk.
pub(crate) fn storage_error(error: &std::io::Error) -> ServiceError {
    tracing::error!("a file of the library could not be written: {error}");
    if error.kind() == std::io::ErrorKind::StorageFull { ServiceError::DiskFull } else { ServiceError::Storage }
}

/// The last part of a name, without what could be mistaken for something else.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|character| !character.is_control()).take(MAX_NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_last_part_of_paths() {
        for (name, plain) in
            [("a.mov", "a.mov"), ("../../etc/passwd", "passwd"), ("C:\\a\\b.mov", "b.mov"), ("a\0\n.mov", "a.mov")]
        {
            assert_eq!(plain_name(name), plain);
        }
        assert_eq!(plain_name(&"é".repeat(500)).chars().count(), MAX_NAME_CHARS);
    }
}
