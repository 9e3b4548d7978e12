//! Sessions: a camera that is open until its session is closed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use repcast_cameras::Preview;
use repcast_capture::{Camera, CameraRequest, CameraState, CameraStatus, CameraUrl};
use repcast_database::{CameraRow, CameraSessionFilter, CameraSessionRow, RecordingRow, Timestamp};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::super::access::{Action, Caller, Owner, Principal};
use super::super::accounts::Role;
use super::super::coach::Coach;
use super::super::{Service, ServiceError};
use super::terrains::{TERRAIN, fault, new_id};
use super::{Cameras, OpenCamera, OpenSession, login};

pub(super) const SESSION: &str = "camera session";

/// How long a new session waits for the first picture of its camera.
const FIRST_PICTURE: Duration = Duration::from_secs(10);
/// How often it looks.
const POLL: Duration = Duration::from_millis(50);

/// A session, and its camera if it is open in this process.
#[derive(Clone, Debug)]
pub struct CameraSession {
    /// What is stored.
    pub row: CameraSessionRow,
    /// What is known of the camera.
    pub camera: Option<CameraStatus>,
}

impl Service {
    /// Opens a camera of a court, and waits for its first picture.
    ///
    /// # Errors
    /// When there is no such court or camera, there are too many sessions, or the camera sends no picture.
    pub async fn create_camera_session(
        &self,
        caller: &Caller,
        terrain_id: i64,
        angle: usize,
    ) -> Result<CameraSession, ServiceError> {
        let terrain = self.terrain(caller, terrain_id).await?.row;
        let (coach, cameras) = self.cameras()?;
        let spec = terrain.cameras.get(angle).ok_or_else(|| fault("camera", "this court has no such camera"))?;
        cameras.check_room()?;
        let camera = cameras.open(coach, spec)?;
        first_picture(&camera.camera).await?;
        let row = CameraSessionRow {
            id: new_id(),
            terrain_id,
            club_id: terrain.club_id,
            owner_id: caller.principal.id().to_owned(),
            server: cameras.server.clone(),
            camera_url: spec.url.clone(),
            created_at: Timestamp::now(),
            closed_at: None,
            recording: RecordingRow::default(),
        };
        let status = camera.camera.status();
        cameras.insert(&row.id, camera)?;
        if let Err(error) = coach.database.insert_camera_session(&row).await {
            cameras.sessions.lock().remove(&row.id);
            return Err(error.into());
        }
        Ok(CameraSession { row, camera: Some(status) })
    }

    /// The sessions that the caller may see, the newest first: one's own, those of the clubs that one manages, or all.
    ///
    /// # Errors
    /// When no one is signed in, or the database fails.
    pub async fn camera_sessions(&self, caller: &Caller) -> Result<Vec<CameraSession>, ServiceError> {
        let rows = self.visible_sessions(caller, None, false).await?;
        let (_, cameras) = self.cameras()?;
        Ok(rows.into_iter().filter(|row| row.closed_at.is_none()).map(|row| cameras.described(row)).collect())
    }

    /// A session.
    ///
    /// # Errors
    /// When there is none that the caller may see, or the database fails.
    pub async fn camera_session(&self, caller: &Caller, id: &str) -> Result<CameraSession, ServiceError> {
        let row = self.session_row(caller, id).await?;
        Ok(self.cameras()?.1.described(row))
    }

    /// Closes a session; its recording is completed.
    ///
    /// # Errors
    /// When there is none that the caller may see, or the database fails.
    pub async fn close_camera_session(&self, caller: &Caller, id: &str) -> Result<CameraSession, ServiceError> {
        let row = self.session_row(caller, id).await?;
        self.end_recording(&row).await?;
        let (coach, cameras) = self.cameras()?;
        coach.database.close_camera_session(id, Timestamp::now()).await?;
        cameras.sessions.lock().remove(id);
        self.camera_session(caller, id).await
    }

    pub(super) fn cameras(&self) -> Result<(&Coach, &Arc<Cameras>), ServiceError> {
        let coach = self.coach()?;
        coach.cameras.as_ref().map(|cameras| (coach, cameras)).ok_or(ServiceError::NoCoach)
    }

    /// A session that the caller may see.
    pub(super) async fn session_row(&self, caller: &Caller, id: &str) -> Result<CameraSessionRow, ServiceError> {
        self.authorize(caller, Action::UseAccount)?;
        let none = ServiceError::NoSuch(SESSION);
        let row = self.coach()?.database.camera_session(id).await?;
        let Some(row) = row else { return Err(none) };
        let owner = Owner { id: row.owner_id.clone(), clubs: vec![row.club_id.clone()] };
        self.authorize(caller, Action::UseRecording(&owner)).map_err(|_| none)?;
        Ok(row)
    }

    /// The sessions that the caller may see.
    pub(super) async fn visible_sessions(
        &self,
        caller: &Caller,
        club_id: Option<&str>,
        is_recorded: bool,
    ) -> Result<Vec<CameraSessionRow>, ServiceError> {
        self.authorize(caller, Action::UseAccount)?;
        let coach = self.coach()?;
        // A player's are few among those of a club, and the list has an end.
        let own = match &caller.principal {
            Principal::Account(account) if account.role < Role::ClubAdmin => Some(account.id.as_str()),
            _ => None,
        };
        let filter = CameraSessionFilter { club_id, owner_id: own, is_recorded };
        let mut rows = coach.database.camera_sessions(filter).await?;
        rows.retain(|row| {
            let owner = Owner { id: row.owner_id.clone(), clubs: vec![row.club_id.clone()] };
            self.authorize(caller, Action::UseRecording(&owner)).is_ok()
        });
        Ok(rows)
    }
}

impl Cameras {
    /// The connection to a camera: the one that is open, or a new one.
    pub(super) fn open(&self, coach: &Coach, camera: &CameraRow) -> Result<Arc<OpenCamera>, ServiceError> {
        let key = format!("{} {}", camera.url, camera.login.as_deref().unwrap_or_default());
        let mut open = self.open.lock();
        open.retain(|_, camera| camera.strong_count() > 0);
        if let Some(camera) = open.get(&key).and_then(std::sync::Weak::upgrade) {
            return Ok(camera);
        }
        let url: CameraUrl = camera.url.parse().map_err(|_| ServiceError::NoSuch(TERRAIN))?;
        let credentials = match &camera.login {
            Some(sealed) => Some(login::open(&coach.secret, sealed).ok_or(ServiceError::LoginUnreadable)?),
            None => None,
        };
        let request = CameraRequest { url, credentials, rules: self.rules.clone() };
        let camera = Arc::new(Camera::open(request, &Handle::current()));
        let preview = Preview::new(camera.clone(), self.config.preview, self.config.max_viewers);
        let opened = Arc::new(OpenCamera { camera, preview });
        open.insert(key, Arc::downgrade(&opened));
        Ok(opened)
    }

    /// Whether another session may be opened.
    fn check_room(&self) -> Result<(), ServiceError> {
        let limit = self.config.max_sessions;
        if self.sessions.lock().len() < limit { Ok(()) } else { Err(ServiceError::TooManyCameraSessions(limit)) }
    }

    /// Adds a session, unless there are too many.
    pub(super) fn insert(&self, id: &str, camera: Arc<OpenCamera>) -> Result<Arc<OpenSession>, ServiceError> {
        let mut sessions = self.sessions.lock();
        if sessions.len() >= self.config.max_sessions {
            return Err(ServiceError::TooManyCameraSessions(self.config.max_sessions));
        }
        let session = Arc::new(OpenSession { camera, open: watch::Sender::new(()), recorder: Mutex::default() });
        sessions.insert(id.to_owned(), session.clone());
        Ok(session)
    }

    fn described(&self, row: CameraSessionRow) -> CameraSession {
        let camera = self.session(&row.id).map(|session| session.camera.camera.status());
        CameraSession { row, camera }
    }
}

/// Waits until a camera sends. Its first error is the answer; another try may be under way by then.
async fn first_picture(camera: &Camera) -> Result<(), ServiceError> {
    let started = Instant::now();
    loop {
        let status = camera.status();
        match status.state {
            CameraState::Streaming => return Ok(()),
            CameraState::Lost(error) => return Err(ServiceError::Camera(error)),
            CameraState::Connecting if started.elapsed() >= FIRST_PICTURE => {
                return Err(ServiceError::Camera(repcast_capture::CameraError::TimedOut(FIRST_PICTURE)));
            }
            CameraState::Connecting => tokio::time::sleep(POLL).await,
        }
    }
}
