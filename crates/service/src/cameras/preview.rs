//! The picture of a camera for those who may see it: the members of the club.

use std::sync::Arc;

use repcast_cameras::{JpegPicture, Viewer};
use repcast_capture::CameraStatus;
use tokio::sync::watch;

use super::super::access::{Action, Caller};
use super::super::{Service, ServiceError};
use super::OpenSession;
use super::sessions::SESSION;

/// Someone who watches a session, until it is closed.
#[derive(Debug)]
pub struct PreviewViewer {
    viewer: Viewer,
    /// Ends with the session.
    session: watch::Receiver<()>,
}

/// What is known of a preview.
#[derive(Clone, Debug)]
pub struct PreviewInfo {
    /// The camera.
    pub camera: CameraStatus,
    /// Those who watch.
    pub viewers: usize,
}

impl Service {
    /// Begins to watch a session.
    ///
    /// # Errors
    /// When there is no such session that the caller may see, it is not open here, or as many watch as may.
    pub async fn watch_camera(&self, caller: &Caller, id: &str) -> Result<PreviewViewer, ServiceError> {
        let session = self.watched(caller, id).await?;
        let viewer = session.camera.preview.view().map_err(|full| ServiceError::TooManyViewers(full.0))?;
        Ok(PreviewViewer { viewer, session: session.open.subscribe() })
    }

    /// What is known of the preview of a session.
    ///
    /// # Errors
    /// As [`Self::watch_camera`].
    pub async fn preview_info(&self, caller: &Caller, id: &str) -> Result<PreviewInfo, ServiceError> {
        let session = self.watched(caller, id).await?;
        Ok(PreviewInfo { camera: session.camera.camera.status(), viewers: session.camera.preview.viewers() })
    }

    async fn watched(&self, caller: &Caller, id: &str) -> Result<Arc<OpenSession>, ServiceError> {
        self.authorize(caller, Action::UseAccount)?;
        let (coach, cameras) = self.cameras()?;
        let row = coach.database.camera_session(id).await?.ok_or(ServiceError::NoSuch(SESSION))?;
        self.authorize(caller, Action::UseClub(&row.club_id)).map_err(|_| ServiceError::NoSuch(SESSION))?;
        cameras.session(id).ok_or(ServiceError::CameraSessionClosed)
    }
}

impl PreviewViewer {
    /// Waits for the next picture; those that came meanwhile are left out. None after the end of the session.
    pub async fn next(&mut self) -> Option<Arc<JpegPicture>> {
        tokio::select! {
            picture = self.viewer.next() => picture,
            _ = self.session.changed() => None,
        }
    }

    /// The last picture, or the first if there is none yet.
    pub async fn latest(&mut self) -> Option<Arc<JpegPicture>> {
        tokio::select! {
            picture = self.viewer.latest() => picture,
            _ = self.session.changed() => None,
        }
    }
}
