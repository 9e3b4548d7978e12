//! Recordings: one MP4 a session. The row in the database says what is recorded; a process that starts goes on with what it finds
//! there.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use repcast_cameras::{
    CameraRecordingState, CameraRecordingStatus, Gap, Recorder, RecorderError, RecordingLimits, RecordingRequest,
    Resumed,
};
use repcast_database::{CameraSessionRow, Database, MarkerRow, RecordingRow, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::access::Caller;
use super::super::blocking::blocking;
use super::super::coach::Coach;
use super::super::{Service, ServiceError};
use super::clock::machine_clock;
use super::sessions::SESSION;
use super::terrains::{fault, new_id, text};
use super::{Cameras, MAX_RECORDING_TIME, OpenSession};

/// How often the database learns how far a recording is.
const NOTE_INTERVAL: Duration = Duration::from_secs(5);
/// How often a recording that waits, and one that may have ended, is looked at.
const POLL: Duration = Duration::from_millis(200);
/// Bytes of a recording at most.
const MAX_BYTES: u64 = 1 << 40;
/// Markers of a recording at most.
const MAX_MARKERS: usize = 1000;
pub(super) const NOT_ENDED: &str = "the recording did not end";

/// A time without pictures, in seconds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct ReportedGap {
    /// The end of the last picture.
    pub from: f64,
    /// The next picture.
    pub to: f64,
}

/// A recording.
#[derive(Clone, Debug)]
pub struct RecordingReport {
    /// What is stored, or known now.
    pub row: RecordingRow,
    /// Its gaps.
    pub gaps: Vec<ReportedGap>,
}

/// A moment of a recording.
#[derive(Clone, Debug)]
pub struct Marker {
    /// Its id.
    pub id: String,
    /// Seconds from the start of the recording.
    pub at: f64,
    /// What is there.
    pub label: String,
}

impl Service {
    /// Starts to record a session.
    ///
    /// # Errors
    /// When there is no such session that is open here, it is or was recorded already, or there is too little room.
    pub async fn start_camera_recording(
        &self,
        caller: &Caller,
        id: &str,
        minutes: Option<f64>,
    ) -> Result<RecordingReport, ServiceError> {
        let row = self.session_row(caller, id).await?;
        let (coach, cameras) = self.cameras()?;
        let session =
            cameras.session(id).filter(|_| row.closed_at.is_none()).ok_or(ServiceError::CameraSessionClosed)?;
        let limit = match minutes {
            None => cameras.config.recording_time,
            Some(minutes) => Duration::try_from_secs_f64(minutes * 60.0)
                .ok()
                .filter(|limit| *limit >= Duration::from_secs(1) && *limit <= MAX_RECORDING_TIME)
                .ok_or_else(|| fault("duration_minutes", "must be from 1 second to 12 hours, in minutes"))?,
        };
        if !coach.database.begin_recording(id, millis(limit)).await? {
            return Err(ServiceError::RecordingExists);
        }
        if let Err(error) = cameras.record(coach, &row, &session, limit, None) {
            let failed = RecordingRow { state: String::new(), gaps: "[]".to_owned(), ..row.recording };
            coach.database.update_recording(id, &failed).await?;
            return Err(error);
        }
        self.camera_recording(caller, id).await
    }

    /// Ends a recording, and waits until its file is complete.
    ///
    /// # Errors
    /// When there is no such session, or it is not recorded.
    pub async fn stop_camera_recording(&self, caller: &Caller, id: &str) -> Result<RecordingReport, ServiceError> {
        let row = self.session_row(caller, id).await?;
        if row.recording.state.is_empty() {
            return Err(ServiceError::NotRecorded);
        }
        self.end_recording(&row).await?;
        self.camera_recording(caller, id).await
    }

    /// How far a recording is.
    ///
    /// # Errors
    /// When there is no such session, or it is not recorded.
    pub async fn camera_recording(&self, caller: &Caller, id: &str) -> Result<RecordingReport, ServiceError> {
        let mut row = self.session_row(caller, id).await?.recording;
        let (_, cameras) = self.cameras()?;
        let recorder = cameras.session(id).and_then(|session| session.recorder.lock().clone());
        if let Some(recorder) = recorder {
            describe(&recorder.status(), &mut row);
        }
        if row.state.is_empty() {
            return Err(ServiceError::NotRecorded);
        }
        Ok(RecordingReport { gaps: serde_json::from_str(&row.gaps).unwrap_or_default(), row })
    }

    /// Marks a moment of a recording, by default the present one.
    ///
    /// # Errors
    /// When there is no such recording, or a value cannot be used.
    pub async fn add_camera_marker(
        &self,
        caller: &Caller,
        id: &str,
        at: Option<f64>,
        label: &str,
    ) -> Result<Marker, ServiceError> {
        let report = self.camera_recording(caller, id).await?;
        let elapsed = report.row.elapsed_ms as f64 / 1000.0;
        let at = at.unwrap_or(elapsed);
        if !(0.0..=elapsed + 1.0).contains(&at) {
            return Err(fault("at", &format!("must be from 0 to {elapsed:.3}, the seconds that are recorded")));
        }
        let label = if label.is_empty() { String::new() } else { text(label, "label")? };
        let coach = self.coach()?;
        if coach.database.markers(id).await?.len() >= MAX_MARKERS {
            return Err(fault("at", &format!("a recording has at most {MAX_MARKERS} markers")));
        }
        let marker = MarkerRow { id: new_id(), at_ms: (at * 1000.0).round() as i64, label };
        coach.database.insert_marker(id, &marker, Timestamp::now()).await?;
        Ok(marker.into())
    }

    /// The markers of a recording.
    ///
    /// # Errors
    /// When there is no such session, or the database fails.
    pub async fn camera_markers(&self, caller: &Caller, id: &str) -> Result<Vec<Marker>, ServiceError> {
        self.session_row(caller, id).await?;
        Ok(self.coach()?.database.markers(id).await?.into_iter().map(Marker::from).collect())
    }

    /// Ends the recording of a session, if it runs here.
    pub(super) async fn end_recording(&self, row: &CameraSessionRow) -> Result<(), ServiceError> {
        let (coach, cameras) = self.cameras()?;
        let recorder = cameras.session(&row.id).and_then(|session| session.recorder.lock().clone());
        let Some(recorder) = recorder else { return Ok(()) };
        recorder.stop();
        let waited = recorder.clone();
        let status = blocking(NOT_ENDED, move || Ok(waited.wait())).await?;
        note(&coach.database, &row.id, &status).await
    }
}

impl Cameras {
    /// Where the file of a session is: complete, and while it grows.
    pub(super) fn paths(&self, club_id: &str, id: &str) -> (PathBuf, PathBuf) {
        let folder = self.folder.join(club_id);
        (folder.join(format!("{id}.mp4")), folder.join(format!("{id}.recording.mp4")))
    }

    /// Starts a recorder.
    pub(super) fn record(
        self: &Arc<Self>,
        coach: &Coach,
        row: &CameraSessionRow,
        session: &Arc<OpenSession>,
        duration: Duration,
        resumed: Option<Resumed>,
    ) -> Result<(), ServiceError> {
        let limits = RecordingLimits { duration, bytes: MAX_BYTES, free_bytes: self.config.free_bytes };
        let (target, _) = self.paths(&row.club_id, &row.id);
        let request = RecordingRequest { target, limits, gaps: self.config.gaps, resumed };
        let runtime = tokio::runtime::Handle::current();
        let recorder = Arc::new(Recorder::start(session.camera.camera.clone(), request, runtime)?);
        *session.recorder.lock() = Some(recorder.clone());
        tokio::spawn(follow(coach.database.clone(), row.id.clone(), recorder));
        Ok(())
    }
}

/// Stores how far a recording is until it has ended.
async fn follow(database: Database, id: String, recorder: Arc<Recorder>) {
    let mut noted = (CameraRecordingState::Waiting, tokio::time::Instant::now());
    loop {
        tokio::time::sleep(POLL).await;
        let status = recorder.status();
        if status.state == noted.0 && noted.1.elapsed() < NOTE_INTERVAL {
            continue;
        }
        if let Err(error) = note(&database, &id, &status).await {
            // The next try comes at once.
            tracing::warn!(session = id, %error, "the state of a recording was not stored");
            continue;
        }
        noted = (status.state, tokio::time::Instant::now());
        if !status.state.is_running() {
            return;
        }
    }
}

/// Stores how far a recording is.
pub(super) async fn note(database: &Database, id: &str, status: &CameraRecordingStatus) -> Result<(), ServiceError> {
    let row = database.camera_session(id).await?.ok_or(ServiceError::NoSuch(SESSION))?;
    let mut recording = row.recording;
    describe(status, &mut recording);
    if recording.started_at.is_none() && status.elapsed > Duration::ZERO {
        recording.started_at = Some(Timestamp::from_millis(Timestamp::now().millis() - millis(status.elapsed)));
        if let Some((boot, now)) = machine_clock() {
            recording.started_boot = Some(boot);
            recording.started_clock = Some(millis(now) - millis(status.elapsed));
        }
    }
    Ok(database.update_recording(id, &recording).await?)
}

/// What is known of a recording as it is stored. Gaps that are stored were found by another process, before.
fn describe(status: &CameraRecordingStatus, row: &mut RecordingRow) {
    row.state = name(status.state).to_owned();
    row.elapsed_ms = row.elapsed_ms.max(millis(status.elapsed));
    row.length_ms = row.length_ms.max(millis(status.length));
    row.bytes = row.bytes.max(i64::try_from(status.bytes).unwrap_or(i64::MAX));
    row.lost_ms = row.lost_ms.max(millis(status.lost));
    row.failure = status.failure.clone().or(row.failure.take());
    let mut gaps: Vec<ReportedGap> = serde_json::from_str(&row.gaps).unwrap_or_default();
    for Gap { from, to } in &status.gaps {
        let gap = ReportedGap { from: from.as_secs_f64(), to: to.as_secs_f64() };
        if gaps.last().is_none_or(|last| last.to <= gap.from) {
            gaps.push(gap);
        }
    }
    row.gaps = serde_json::to_string(&gaps).unwrap_or_else(|_| "[]".to_owned());
}

fn name(state: CameraRecordingState) -> &'static str {
    match state {
        CameraRecordingState::Waiting => "waiting",
        CameraRecordingState::Recording => "recording",
        CameraRecordingState::Finalizing => "finalizing",
        CameraRecordingState::Done => "done",
        CameraRecordingState::Recovered => "recovered",
        CameraRecordingState::DiskFull => "disk_full",
        CameraRecordingState::Failed => "failed",
    }
}

pub(super) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl From<MarkerRow> for Marker {
    fn from(row: MarkerRow) -> Self {
        Self { id: row.id, at: row.at_ms as f64 / 1000.0, label: row.label }
    }
}

impl From<RecorderError> for ServiceError {
    fn from(error: RecorderError) -> Self {
        match error {
            RecorderError::DiskFull { .. } => Self::DiskFull,
            error => {
                tracing::error!(%error, "a camera is not recorded");
                Self::Storage
            }
        }
    }
}
