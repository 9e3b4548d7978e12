//! Files of recordings that are complete.

use std::path::PathBuf;

use repcast_database::{CameraSessionRow, Timestamp};

use super::super::access::Caller;
use super::super::{Service, ServiceError};
use super::sessions::SESSION;

/// A recording that can be downloaded.
#[derive(Clone, Debug)]
pub struct RecordedFile {
    /// Its session.
    pub row: CameraSessionRow,
    /// Bytes.
    pub bytes: u64,
}

/// The file of a recording.
#[derive(Clone, Debug)]
pub struct RecordingFile {
    /// Where it is.
    pub path: PathBuf,
    /// The name that it is saved as.
    pub name: String,
}

impl Service {
    /// The complete recordings that the caller may see, the newest first; those of a club, or all.
    ///
    /// # Errors
    /// When no one is signed in, or the database fails.
    pub async fn recorded_files(
        &self,
        caller: &Caller,
        club_id: Option<&str>,
    ) -> Result<Vec<RecordedFile>, ServiceError> {
        let rows = self.visible_sessions(caller, club_id, true).await?;
        let (_, cameras) = self.cameras()?;
        let mut files = Vec::new();
        for row in rows {
            let (path, _) = cameras.paths(&row.club_id, &row.id);
            if let Ok(metadata) = tokio::fs::metadata(&path).await {
                files.push(RecordedFile { bytes: metadata.len(), row });
            }
        }
        Ok(files)
    }

    /// The file of a recording, of this club where one is named.
    ///
    /// # Errors
    /// When there is none that the caller may see, or it is not complete.
    pub async fn recorded_file(
        &self,
        caller: &Caller,
        id: &str,
        club_id: Option<&str>,
    ) -> Result<RecordingFile, ServiceError> {
        let row = self.session_row(caller, id).await?;
        let (_, cameras) = self.cameras()?;
        let (path, _) = cameras.paths(&row.club_id, &row.id);
        if club_id.is_some_and(|club_id| club_id != row.club_id) || !path.exists() {
            return Err(ServiceError::NoSuch("recording"));
        }
        Ok(RecordingFile { path, name: format!("{id}.mp4") })
    }

    /// Deletes a recording that is complete.
    ///
    /// # Errors
    /// As [`Self::recorded_file`], or when storage fails.
    pub async fn delete_recorded_file(
        &self,
        caller: &Caller,
        id: &str,
        club_id: Option<&str>,
    ) -> Result<(), ServiceError> {
        let file = self.recorded_file(caller, id, club_id).await?;
        let coach = self.coach()?;
        let row = coach.database.camera_session(id).await?.ok_or(ServiceError::NoSuch(SESSION))?;
        coach.audit(caller, "recording.delete", id, format!("{} bytes", row.recording.bytes)).await?;
        coach.database.delete_recording(id, Timestamp::now()).await?;
        tokio::fs::remove_file(&file.path).await.map_err(|error| super::super::uploads::storage_error(&error))
    }
}
