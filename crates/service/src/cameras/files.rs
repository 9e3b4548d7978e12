//! Files of recordings that are complete.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Duration;

use repcast_cameras::{RecorderError, free_bytes};
use repcast_database::{CameraSessionRow, Timestamp};
use repcast_mux::MuxError;
use repcast_mux::recording::RecordingReader;
use repcast_storage::{RecordingClip, cut_recording};

use super::super::access::Caller;
use super::super::blocking::blocking;
use super::super::uploads::storage_error;
use super::super::{Service, ServiceError};
use super::sessions::SESSION;
use super::terrains::fault;

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
pub struct RecordingDownload {
    /// Where it is.
    pub path: PathBuf,
    /// The name that it is saved as.
    pub name: String,
}

/// A part of a recording.
#[derive(Clone, Debug)]
pub struct CameraClip {
    /// What is in it.
    pub clip: RecordingClip,
    /// The club of its court.
    pub club_id: String,
    /// Its name among the clips of the recording.
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

    /// The file of a recording or of a clip of it, of this club where one is named.
    ///
    /// # Errors
    /// When there is none that the caller may see, or it is not complete.
    pub async fn recorded_file(
        &self,
        caller: &Caller,
        id: &str,
        club_id: Option<&str>,
        clip: Option<&str>,
    ) -> Result<RecordingDownload, ServiceError> {
        let row = self.session_row(caller, id).await?;
        let (_, cameras) = self.cameras()?;
        let (mut path, _) = cameras.paths(&row.club_id, &row.id);
        let mut name = format!("{id}.mp4");
        if let Some(clip) = clip {
            let times: Option<(u64, u64)> =
                clip.split_once('-').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
            let (from, to) = times.ok_or(ServiceError::NoSuch("clip"))?;
            name = clip_name(id, from, to);
            path.set_file_name(&name);
        }
        if club_id.is_some_and(|club_id| club_id != row.club_id) || !path.exists() {
            return Err(ServiceError::NoSuch("recording"));
        }
        Ok(RecordingDownload { path, name })
    }

    /// Writes a part of a complete recording to a file of its own, from the key frame at or before `from` on, without encoding
    /// it again. A clip with the same times is made once.
    ///
    /// # Errors
    /// When there is no such recording, it is not complete, the times are not in it, or the disk is full.
    pub async fn cut_camera_clip(
        &self,
        caller: &Caller,
        id: &str,
        from: f64,
        to: f64,
    ) -> Result<CameraClip, ServiceError> {
        let report = self.camera_recording(caller, id).await?;
        let row = self.session_row(caller, id).await?;
        let (_, cameras) = self.cameras()?;
        let length = report.row.length_ms as f64 / 1000.0;
        if !(0.0..length).contains(&from) {
            return Err(fault("from", &format!("must be from 0 to before {length:.3}, the length of the recording")));
        }
        if !(from < to && to <= length + 1.0) {
            return Err(fault(
                "to",
                &format!("must be after `from`, and at most {length:.3}, the length of the recording"),
            ));
        }
        let (source, _) = cameras.paths(&row.club_id, &row.id);
        if !source.exists() {
            return Err(ServiceError::RecordingRuns);
        }
        let millis = |secs: f64| (secs * 1000.0).round() as u64;
        let (from, to) = (millis(from), millis(to));
        let target = source.with_file_name(clip_name(id, from, to));
        if free_bytes(&cameras.folder).unwrap_or_default() < cameras.config.free_bytes {
            return Err(ServiceError::DiskFull);
        }
        let _one_at_a_time = cameras.cutting.lock().await;
        let clip = blocking("the clip was not made", move || {
            let (start, end) = (Duration::from_millis(from), Duration::from_millis(to));
            let cut = match std::fs::metadata(&target) {
                // Someone has asked for it before.
                Ok(metadata) => {
                    clip_times(&source, start, end).map(|(from, to)| RecordingClip { from, to, bytes: metadata.len() })
                }
                Err(_) => cut_recording(&source, &target, start, end),
            };
            cut.map_err(|error| ServiceError::from(RecorderError::from(error)))
        });
        let clip = clip.await?;
        Ok(CameraClip { clip, club_id: row.club_id, name: format!("{from}-{to}") })
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
        let file = self.recorded_file(caller, id, club_id, None).await?;
        let coach = self.coach()?;
        let row = coach.database.camera_session(id).await?.ok_or(ServiceError::NoSuch(SESSION))?;
        coach.audit(caller, "recording.delete", id, format!("{} bytes", row.recording.bytes)).await?;
        coach.database.delete_recording(id, Timestamp::now()).await?;
        // Its clips first: they can be made again as long as it exists.
        let folder = file.path.parent().map(std::fs::read_dir);
        let prefix = format!("{id}-");
        for entry in folder.into_iter().flatten().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                tokio::fs::remove_file(entry.path()).await.map_err(|error| storage_error(&error))?;
            }
        }
        tokio::fs::remove_file(&file.path).await.map_err(|error| storage_error(&error))
    }
}

/// The times that a clip of a recording has.
fn clip_times(source: &Path, from: Duration, to: Duration) -> Result<(Duration, Duration), MuxError> {
    let input = File::open(source).map_err(MuxError::storage(source, "open the recording"))?;
    RecordingReader::open(BufReader::new(input), source.to_owned())?.clip(from, to, |_| Ok(()))
}

/// The name of the file of a clip, by its times in milliseconds.
fn clip_name(id: &str, from: u64, to: u64) -> String {
    format!("{id}-{from}-{to}.mp4")
}
