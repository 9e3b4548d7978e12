//! What a process does with the sessions and recordings that another has left, and what it leaves itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use repcast_cameras::{CameraRecordingState, CameraRecordingStatus, Resumed, recover};
use repcast_database::{CameraSessionRow, Timestamp};

use super::super::blocking::blocking;
use super::super::coach::Coach;
use super::super::{Service, ServiceError};
use super::Cameras;
use super::clock::machine_clock;
use super::recordings::{NOT_ENDED, millis, note};

/// The folder of files that belong to no session.
const QUARANTINE: &str = "quarantine";

impl Service {
    /// Goes on with what another process has left: sessions are opened again, recordings continued or completed. Files that
    /// belong to no recording are put aside.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_cameras(&self) -> Result<(), ServiceError> {
        let Ok((coach, cameras)) = self.cameras() else { return Ok(()) };
        let rows = coach.database.unfinished_camera_sessions(&cameras.server).await?;
        for row in &rows {
            if let Err(error) = cameras.resume(coach, row).await {
                tracing::error!(session = row.id, %error, "a camera session was not continued");
            }
        }
        cameras.adopt(coach, &rows).await
    }

    /// Leaves all recordings to the next process.
    pub(crate) async fn suspend_cameras(&self) {
        let Ok((coach, cameras)) = self.cameras() else { return };
        let sessions: Vec<_> = cameras.sessions.lock().drain().collect();
        for (id, session) in sessions {
            let Some(recorder) = session.recorder.lock().take() else { continue };
            recorder.suspend();
            let waited = recorder.clone();
            let Ok(status) = blocking(NOT_ENDED, move || Ok(waited.wait())).await else { continue };
            if let Err(error) = note(&coach.database, &id, &status).await {
                tracing::warn!(session = id, %error, "the state of a recording was not stored");
            }
        }
    }
}

impl Cameras {
    /// Goes on with a session of another process.
    async fn resume(self: &Arc<Self>, coach: &Coach, row: &CameraSessionRow) -> Result<(), ServiceError> {
        let (target, growing) = self.paths(&row.club_id, &row.id);
        let limit = Duration::from_millis(row.recording.limit_ms.max(0).unsigned_abs());
        let elapsed = elapsed_since_start(row);
        let is_recording = matches!(row.recording.state.as_str(), "waiting" | "recording" | "finalizing");
        let goes_on =
            row.closed_at.is_none() && row.recording.state != "finalizing" && (!is_recording || elapsed < limit);
        let terrain = coach.database.terrain(row.terrain_id).await?;
        let spec = terrain.iter().flat_map(|terrain| &terrain.cameras).find(|camera| camera.url == row.camera_url);
        if let (true, Some(spec)) = (goes_on, spec) {
            let session = self.insert(&row.id, self.open(coach, spec)?)?;
            if is_recording {
                let lost = Duration::from_millis(row.recording.lost_ms.max(0).unsigned_abs());
                let resumed = growing.exists().then(|| Resumed { growing: growing.clone(), elapsed, lost });
                match self.record(coach, row, &session, limit, resumed) {
                    Ok(()) => return Ok(()),
                    Err(error) => tracing::warn!(session = row.id, %error, "a recording was not continued"),
                }
            } else {
                return Ok(());
            }
        }
        // It has had its time, or its camera is gone.
        if is_recording {
            let status = match target.exists() {
                true => {
                    CameraRecordingStatus { state: CameraRecordingState::Recovered, ..CameraRecordingStatus::default() }
                }
                false => completed(row, growing, target).await,
            };
            note(&coach.database, &row.id, &status).await?;
        }
        self.sessions.lock().remove(&row.id);
        coach.database.close_camera_session(&row.id, Timestamp::now()).await?;
        Ok(())
    }

    /// Completes growing files of sessions that have ended, and puts those aside that belong to no session. Nothing is deleted: it
    /// might be someone's match.
    async fn adopt(&self, coach: &Coach, known: &[CameraSessionRow]) -> Result<(), ServiceError> {
        for (club, id) in self.growing_files() {
            if known.iter().any(|row| row.id == id) {
                continue;
            }
            let (target, growing) = self.paths(&club, &id);
            match coach.database.camera_session(&id).await? {
                Some(row) if row.club_id == club && !target.exists() => {
                    let status = completed(&row, growing, target).await;
                    note(&coach.database, &id, &status).await?;
                }
                _ => self.put_aside(&growing, &format!("{club}-{id}.mp4")),
            }
        }
        Ok(())
    }

    /// The growing files: clubs and ids of sessions, by their names.
    fn growing_files(&self) -> Vec<(String, String)> {
        let clubs = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let clubs = clubs.filter(|entry| entry.file_name() != QUARANTINE && entry.path().is_dir());
        let in_club = |club: std::fs::DirEntry| {
            let files = std::fs::read_dir(club.path()).into_iter().flatten().flatten();
            let club = club.file_name().to_string_lossy().into_owned();
            files.filter_map(move |file| {
                let id = file.file_name().to_str()?.strip_suffix(".recording.mp4")?.to_owned();
                Some((club.clone(), id))
            })
        };
        clubs.flat_map(in_club).collect()
    }

    fn put_aside(&self, file: &Path, name: &str) {
        let aside = self.folder.join(QUARANTINE);
        match std::fs::create_dir_all(&aside).and_then(|()| std::fs::rename(file, aside.join(name))) {
            Ok(()) => tracing::warn!(name, "a recording belongs to no session, and was put into quarantine"),
            Err(error) => tracing::warn!(name, %error, "a recording belongs to no session"),
        }
    }
}

/// Completes the file that a process has left.
async fn completed(row: &CameraSessionRow, growing: PathBuf, target: PathBuf) -> CameraRecordingStatus {
    let lost = Duration::from_millis(row.recording.lost_ms.max(0).unsigned_abs());
    match blocking(NOT_ENDED, move || Ok(recover(&growing, &target)?)).await {
        Ok(status) => CameraRecordingStatus { lost: status.lost + lost, ..status },
        Err(error) => CameraRecordingStatus {
            state: CameraRecordingState::Failed,
            failure: Some(error.to_string()),
            ..CameraRecordingStatus::default()
        },
    }
}

/// How long ago a recording had its first picture.
fn elapsed_since_start(row: &CameraSessionRow) -> Duration {
    let recording = &row.recording;
    let known = u64::try_from(recording.elapsed_ms).map(Duration::from_millis).unwrap_or_default();
    let by_machine = machine_clock().and_then(|(boot, now)| {
        let start = (recording.started_boot.as_deref() == Some(&boot)).then_some(recording.started_clock?)?;
        u64::try_from(millis(now) - start).ok()
    });
    let by_day = || {
        let start = recording.started_at.unwrap_or(row.created_at);
        u64::try_from(Timestamp::now().millis() - start.millis()).ok()
    };
    by_machine.or_else(by_day).map(Duration::from_millis).unwrap_or_default().max(known)
}
