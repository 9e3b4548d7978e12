//! How the cameras of a process are.

use std::time::Duration;

use repcast_cameras::{CameraProbe, free_bytes, probe};
use repcast_capture::{CameraRequest, CameraState, CameraUrl};

use super::super::access::{Action, Caller};
use super::super::{Service, ServiceError};
use super::terrains::fault;

/// How the cameras of a process are.
#[derive(Clone, Debug, Default)]
pub struct CameraHealth {
    /// Sessions that are open.
    pub sessions: usize,
    /// Cameras of these that do not send.
    pub lost: usize,
    /// Recordings that run.
    pub recordings: usize,
    /// Those who watch.
    pub viewers: usize,
    /// The age of the oldest last picture of a camera.
    pub frame_age: Option<Duration>,
    /// Bytes that are free on the disk of recordings.
    pub free_bytes: u64,
    /// Bytes that recordings leave free.
    pub needed_bytes: u64,
}

impl Service {
    /// How the cameras are, for those who are signed in.
    ///
    /// # Errors
    /// When no one is signed in, or the server has no cameras.
    pub fn camera_health(&self, caller: &Caller) -> Result<CameraHealth, ServiceError> {
        self.authorize(caller, Action::UseAccount)?;
        self.cameras()?;
        Ok(self.camera_counts().unwrap_or_default())
    }

    /// Looks at a camera that may become one of a court.
    ///
    /// # Errors
    /// When the caller may not, the address is wrong, or the camera sends no picture.
    pub async fn probe_camera(&self, caller: &Caller, url: &str) -> Result<CameraProbe, ServiceError> {
        let (_, cameras) = self.cameras()?;
        self.authorize(caller, Action::ProbeCamera)?;
        let (url, credentials) = CameraUrl::parse(url).map_err(|error| fault("url", &error.to_string()))?;
        let request = CameraRequest { url, credentials, rules: cameras.rules.clone() };
        probe(request).await.map_err(ServiceError::Camera)
    }

    /// How the cameras are, for metrics; none without cameras.
    #[must_use]
    pub fn camera_counts(&self) -> Option<CameraHealth> {
        let (_, cameras) = self.cameras().ok()?;
        let sessions: Vec<_> = cameras.sessions.lock().values().cloned().collect();
        let mut health = CameraHealth {
            sessions: sessions.len(),
            free_bytes: free_bytes(&cameras.folder).unwrap_or_default(),
            needed_bytes: cameras.config.free_bytes,
            ..CameraHealth::default()
        };
        for session in sessions {
            let status = session.camera.camera.status();
            health.lost += usize::from(status.state != CameraState::Streaming);
            health.frame_age = health.frame_age.max(status.age());
            health.viewers += session.camera.preview.viewers();
            let is_running =
                session.recorder.lock().as_ref().is_some_and(|recorder| recorder.status().state.is_running());
            health.recordings += usize::from(is_running);
        }
        Some(health)
    }
}
