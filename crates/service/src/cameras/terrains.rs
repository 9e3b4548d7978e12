//! Courts and their cameras.

use repcast_capture::{CameraUrl, Credentials};
use repcast_database::{CameraRow, TerrainRow, Timestamp};
use repcast_model::document::ValidationFault;
use uuid::Uuid;

use super::super::access::{Action, Caller};
use super::super::accounts::ServerSecret;
use super::super::{Service, ServiceError};
use super::login;

pub(super) const TERRAIN: &str = "court";

/// Cameras of a court, at most.
const MAX_CAMERAS: usize = 8;
/// Characters of a name, of a user name and of a password, at most.
const MAX_NAME: usize = 100;
/// The ways in which cameras are spoken to.
const KINDS: [&str; 4] = ["auto", "rtsp", "mjpeg", "http"];

/// A court as a client describes it.
#[derive(Clone, Debug)]
pub struct TerrainSpec {
    /// Its name.
    pub name: String,
    /// The id or the name of its club; not for one that exists.
    pub club: Option<String>,
    /// Its cameras, each an angle.
    pub cameras: Vec<CameraSpec>,
}

/// A camera as a client describes it.
#[derive(Clone, Debug)]
pub struct CameraSpec {
    /// Its name.
    pub name: String,
    /// Its address, perhaps with a user name and a password.
    pub url: String,
    /// How it is spoken to.
    pub kind: String,
    /// The user name that it asks for.
    pub username: Option<String>,
    /// Its password. Without a user name and a password, those of the camera that had this address are kept.
    pub password: Option<String>,
}

/// A court.
#[derive(Clone, Debug)]
pub struct Terrain {
    /// What is stored. The logins are not shown.
    pub row: TerrainRow,
    /// The name of its club.
    pub club_name: String,
}

impl Service {
    /// The courts of the caller's clubs; all for those who manage all.
    ///
    /// # Errors
    /// When no one is signed in, or the database fails.
    pub async fn terrains(&self, caller: &Caller) -> Result<Vec<Terrain>, ServiceError> {
        self.authorize(caller, Action::UseAccount)?;
        let coach = self.coach()?;
        let mut rows = coach.database.terrains().await?;
        rows.retain(|row| self.authorize(caller, Action::UseClub(&row.club_id)).is_ok());
        let clubs = coach.database.clubs().await?;
        let name = |id: &str| clubs.iter().find(|club| club.id == id).map(|club| club.name.clone()).unwrap_or_default();
        Ok(rows.into_iter().map(|row| Terrain { club_name: name(&row.club_id), row }).collect())
    }

    /// A court.
    ///
    /// # Errors
    /// When there is none that the caller may know of, or the database fails.
    pub async fn terrain(&self, caller: &Caller, id: i64) -> Result<Terrain, ServiceError> {
        let coach = self.coach()?;
        self.authorize(caller, Action::UseAccount)?;
        let row = coach.database.terrain(id).await?.ok_or(ServiceError::NoSuch(TERRAIN))?;
        self.authorize(caller, Action::UseClub(&row.club_id)).map_err(|_| ServiceError::NoSuch(TERRAIN))?;
        let clubs = coach.database.clubs().await?;
        let club_name = clubs.into_iter().find(|club| club.id == row.club_id).map(|club| club.name).unwrap_or_default();
        Ok(Terrain { row, club_name })
    }

    /// Creates a court. A club that does not exist is created by those who may.
    ///
    /// # Errors
    /// When the caller may not, a value cannot be used, or the database fails.
    pub async fn create_terrain(&self, caller: &Caller, spec: TerrainSpec) -> Result<Terrain, ServiceError> {
        let coach = self.coach()?;
        self.authorize(caller, Action::UseAccount)?;
        let wanted = spec.club.clone().unwrap_or_default();
        let wanted = wanted.trim();
        let clubs = coach.database.clubs().await?;
        let club = clubs.into_iter().find(|club| club.id == wanted || club.name == wanted);
        match &club {
            Some(club) => self.authorize(caller, Action::ManageClub(&club.id))?,
            None => self.authorize(caller, Action::Administer)?,
        }
        if wanted.is_empty() {
            return Err(fault("club", "is required: the name or the id of a club"));
        }
        let (name, cameras) = checked(&spec, &[], &coach.secret)?;
        let club_id = match club {
            Some(club) => club.id,
            None => self.create_club(caller, wanted).await?.id,
        };
        let id = coach.database.insert_terrain(&club_id, &name, &cameras, Timestamp::now()).await?;
        coach.audit(caller, "terrain.create", &id.to_string(), name).await?;
        self.terrain(caller, id).await
    }

    /// Changes a court.
    ///
    /// # Errors
    /// As [`Self::create_terrain`], or when there is none.
    pub async fn change_terrain(&self, caller: &Caller, id: i64, spec: TerrainSpec) -> Result<Terrain, ServiceError> {
        let before = self.terrain(caller, id).await?;
        self.authorize(caller, Action::ManageClub(&before.row.club_id))?;
        let coach = self.coach()?;
        let (name, cameras) = checked(&spec, &before.row.cameras, &coach.secret)?;
        if !coach.database.update_terrain(id, &name, &cameras).await? {
            return Err(ServiceError::NoSuch(TERRAIN));
        }
        coach.audit(caller, "terrain.change", &id.to_string(), name).await?;
        self.terrain(caller, id).await
    }

    /// Deletes a court; its recordings stay.
    ///
    /// # Errors
    /// When the caller may not, there is none, or the database fails.
    pub async fn delete_terrain(&self, caller: &Caller, id: i64) -> Result<(), ServiceError> {
        let before = self.terrain(caller, id).await?;
        self.authorize(caller, Action::ManageClub(&before.row.club_id))?;
        let coach = self.coach()?;
        coach.database.delete_terrain(id, Timestamp::now()).await?;
        Ok(coach.audit(caller, "terrain.delete", &id.to_string(), before.row.name).await?)
    }
}

/// A name, and the cameras as they are stored.
fn checked(
    spec: &TerrainSpec,
    before: &[CameraRow],
    secret: &ServerSecret,
) -> Result<(String, Vec<CameraRow>), ServiceError> {
    let name = text(&spec.name, "name")?;
    if spec.cameras.is_empty() || spec.cameras.len() > MAX_CAMERAS {
        return Err(fault("cameras", &format!("a court has 1 to {MAX_CAMERAS} cameras")));
    }
    let cameras = spec.cameras.iter().enumerate().map(|(index, camera)| {
        let place = |field: &str| format!("cameras[{index}].{field}");
        let (url, in_url) = CameraUrl::parse(&camera.url).map_err(|error| fault(&place("url"), &error.to_string()))?;
        if !KINDS.contains(&camera.kind.as_str()) {
            return Err(fault(&place("kind"), "must be auto, rtsp, mjpeg or http"));
        }
        let given = match (&camera.username, &camera.password) {
            (None, None) => in_url,
            (username, password) => Some(Credentials {
                username: login_text(username.as_deref(), &place("username"))?,
                password: login_text(password.as_deref(), &place("password"))?,
            }),
        };
        let url = url.to_string();
        let login = match given {
            Some(credentials) => {
                Some(login::seal(secret, &credentials).ok_or(ServiceError::Internal("the login was not encrypted"))?)
            }
            None => before.iter().find(|row| row.url == url).and_then(|row| row.login.clone()),
        };
        Ok(CameraRow { name: text(&camera.name, &place("name"))?, url, kind: camera.kind.clone(), login })
    });
    Ok((name, cameras.collect::<Result<_, ServiceError>>()?))
}

/// A name of one line.
pub(super) fn text(text: &str, place: &str) -> Result<String, ServiceError> {
    let trimmed = text.trim();
    match trimmed.chars().count() {
        0 => Err(fault(place, "must not be empty")),
        count if count > MAX_NAME => Err(fault(place, &format!("has at most {MAX_NAME} characters"))),
        _ if trimmed.chars().any(char::is_control) => Err(fault(place, "has a control character")),
        _ => Ok(trimmed.to_owned()),
    }
}

fn login_text(text: Option<&str>, place: &str) -> Result<String, ServiceError> {
    let text = text.unwrap_or_default();
    if text.chars().count() > MAX_NAME || text.chars().any(char::is_control) {
        return Err(fault(place, &format!("has at most {MAX_NAME} characters, and no control characters")));
    }
    Ok(text.to_owned())
}

pub(super) fn fault(place: &str, message: &str) -> ServiceError {
    let fault = ValidationFault { place: place.to_owned(), message: message.to_owned() };
    ServiceError::Document(vec![fault].into())
}

pub(super) fn new_id() -> String {
    Uuid::new_v4().simple().to_string()
}
