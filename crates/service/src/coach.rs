//! What a process has for coaches: accounts, the library, saved workouts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use repcast_database::{Database, DatabaseAddress, DatabaseError, Page, UserRow};
use repcast_gstreamer::worker::WorkerCommand;
use repcast_model::catalogue::{Catalogue, Exercise};
use repcast_objects::{ObjectError, Objects, ObjectsAddress};

use super::access::Principal;
use super::accounts::{Account, Accounts, Role, ServerSecret};
use super::cameras::{CameraConfig, Cameras};
use super::finished_videos::FinishedVideos;
use super::library::{Clips, Library};
use super::uploads::{Uploads, inspect_clips};
use super::{Service, ServiceError};

/// Where accounts, exercises and workouts are kept, and who may have an account.
#[derive(Clone, Debug)]
pub struct CoachConfig {
    /// The database.
    pub database: DatabaseAddress,
    /// The folder of uploads that are not finished, and of copies of what lies in a store of another machine.
    pub folder: PathBuf,
    /// Where the clips of exercises are kept.
    pub clips: ObjectsAddress,
    /// Where finished videos are kept.
    pub videos: ObjectsAddress,
    /// Bytes of all finished videos at most; with 0 none is kept.
    pub video_bytes: u64,
    /// The process that decodes uploads; without it there are none.
    pub worker: Option<WorkerCommand>,
    /// What tokens and addresses are signed with.
    pub secret: ServerSecret,
    /// Who may have an account, where people need one.
    pub with_accounts: AccountPolicy,
    /// Whether people need accounts; without a value, if there are any.
    pub auth: Option<bool>,
    /// How cameras are used; without it there are none.
    pub cameras: Option<CameraConfig>,
    /// Whether those who reach the server are trusted where they need no accounts: they are its user, or the operator says so.
    pub has_local_user: bool,
}

/// Whether people need accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountPolicy {
    /// They do not.
    Off,
    /// People sign in; administrators make the accounts.
    Closed,
    /// People sign in, and may register as players.
    Open,
}

/// Accounts, the library and saved workouts of a process.
#[derive(Debug)]
pub struct Coach {
    pub(crate) database: Database,
    accounts: Accounts,
    pub(crate) secret: ServerSecret,
    pub(crate) uploads: Uploads,
    pub(crate) library: Library,
    pub(crate) videos: Option<FinishedVideos>,
    pub(crate) cameras: Option<Arc<Cameras>>,
    policy: AccountPolicy,
    has_local_user: bool,
}

/// Why accounts, the library and saved workouts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CoachError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A store.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// The folder of recordings.
    #[error("the folder of recordings cannot be used: {0}")]
    Recordings(#[from] std::io::Error),
}

impl Coach {
    /// Opens the database. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the database cannot be reached, or has tables of a newer program, or a store cannot be opened.
    pub async fn open(config: CoachConfig) -> Result<Self, CoachError> {
        let database = Database::open(config.database).await?;
        let is_needed = match config.auth {
            Some(is_needed) => is_needed,
            None => database.user_count().await? > 0,
        };
        let policy = if is_needed { config.with_accounts } else { AccountPolicy::Off };
        let accounts = Accounts::new(database.clone(), config.secret.clone(), policy == AccountPolicy::Open);
        let clips = Clips::new(Objects::open(&config.clips)?, config.folder.join("clips"));
        let videos = (config.video_bytes > 0).then(|| {
            let (folder, limit) = (config.folder.join("unfinished"), config.video_bytes);
            Ok::<_, ObjectError>(FinishedVideos::new(database.clone(), Objects::open(&config.videos)?, folder, limit))
        });
        let cameras = config.cameras.map(|cameras| Cameras::new(cameras, &config.folder)).transpose()?;
        Ok(Self {
            cameras: cameras.map(Arc::new),
            uploads: Uploads::new(config.folder.join("uploads"), config.worker),
            library: Library::new(clips),
            videos: videos.transpose()?,
            database,
            accounts,
            secret: config.secret,
            policy,
            has_local_user: config.has_local_user && !is_needed,
        })
    }

    /// The accounts.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Whether people need accounts.
    #[must_use]
    pub fn policy(&self) -> AccountPolicy {
        self.policy
    }

    /// Changes what an account may do.
    ///
    /// # Errors
    /// When there is no account with this email address, or the database fails.
    pub async fn set_role(&self, email: &str, role: Role) -> Result<(), ServiceError> {
        let user = UserRow { role: role.to_string(), ..self.user(email).await? };
        self.database.update_user(&user).await?;
        Ok(())
    }

    /// Replaces the password of an account, and signs out its devices.
    ///
    /// # Errors
    /// When there is no account with this email address, or the password is too easy to guess.
    pub async fn reset_password(&self, email: &str, password: String) -> Result<(), ServiceError> {
        Ok(self.accounts.reset_password(&self.user(email).await?, password).await?)
    }

    /// All accounts, by their email addresses.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_users(&self) -> Result<Vec<UserRow>, DatabaseError> {
        Ok(self.database.users(Page { offset: 0, limit: i64::MAX }).await?.0)
    }

    /// All exercises, whose clips are on this machine then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn library(&self) -> Result<Arc<Catalogue>, DatabaseError> {
        Ok(self.changed_catalogue().await?.unwrap_or_default())
    }

    /// Decodes the clips of exercises. Blocks. Returns the ids of those that cannot be shown, and why.
    #[must_use]
    pub fn check_clips(&self, exercises: &[Exercise]) -> Vec<(String, String)> {
        let clips: Vec<_> = exercises.iter().map(|exercise| (exercise.id.clone(), exercise.clip.clone())).collect();
        match &self.uploads.worker {
            Some(worker) => inspect_clips(&clips, worker),
            None => Vec::new(),
        }
    }

    /// Writes a consistent copy of a SQLite database into a new file. False for PostgreSQL.
    ///
    /// # Errors
    /// When the copy cannot be written.
    pub async fn back_up(&self, copy: &Path) -> Result<bool, DatabaseError> {
        self.database.back_up(copy).await
    }

    async fn user(&self, email: &str) -> Result<UserRow, ServiceError> {
        let user = self.database.user_by_email(&email.trim().to_lowercase()).await?;
        user.ok_or(ServiceError::NoSuch("account"))
    }

    /// Whether people need accounts.
    #[must_use]
    pub fn has_accounts(&self) -> bool {
        self.policy != AccountPolicy::Off
    }
}

impl Service {
    /// Accounts, the library and saved workouts, where the process has them.
    ///
    /// # Errors
    /// When it has none.
    pub fn coach(&self) -> Result<&Coach, ServiceError> {
        match &self.coach {
            Some(coach) => Ok(coach),
            None if !self.accepts_documents() => Err(ServiceError::SingleSession),
            None => Err(ServiceError::NoCoach),
        }
    }

    /// Who presents this token of the server or of an account. Without one, and without accounts and a token of the server,
    /// it is the user of this machine.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn principal(&self, token: Option<&str>) -> Result<Principal, ServiceError> {
        if token.is_some_and(|token| self.is_operator(token)) {
            return Ok(Principal::Operator);
        }
        let Some(coach) = &self.coach else { return Ok(Principal::Anonymous) };
        match token {
            _ if coach.has_local_user && !self.has_operator() => Ok(Principal::LocalUser),
            Some(token) if coach.has_accounts() => {
                let account: Option<Account> = coach.accounts.account_of(token).await?;
                Ok(account.map_or(Principal::Anonymous, |account| Principal::Account(Arc::new(account))))
            }
            _ => Ok(Principal::Anonymous),
        }
    }
}
