//! Accounts: registration, sign-in, and who a request comes from.
//!
//! An access token names a device; the device's row and its account are read for each request, so that a device that was
//! signed out, and a role that was changed, count at once.

mod keys;
mod passwords;
mod role;
mod throttle;
mod tokens;

use std::time::{Duration, Instant};

use repcast_database::{ClubRow, Database, DatabaseError, NewUser, SessionRow, Timestamp, UserRow};
use uuid::Uuid;

pub use keys::{MIN_SECRET_BYTES, SecretError, ServerSecret};
pub use role::{Role, RoleError};
pub use tokens::{ACCESS_TIME, REFRESH_TIME};

use passwords::{Passwords, check_strength};
use throttle::LoginThrottle;

/// Longest email address (RFC 5321, 4.5.3.1.3).
const MAX_EMAIL_BYTES: usize = 254;

/// Longest name for people.
const MAX_NAME_CHARS: usize = 100;

/// Longest text that a device says of itself; the rest is cut off.
const MAX_DEVICE_CHARS: usize = 200;

/// The languages of accounts.
const LANGUAGES: [&str; 2] = ["en", "fr"];

/// Why something about an account was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// A value cannot be used; the place is its field.
    #[error("{1}")]
    Invalid(&'static str, &'static str),
    /// The password is too easy to guess.
    #[error("{0}")]
    Weak(String),
    /// There is an account with this email address.
    #[error("There is an account with this email address already.")]
    Exists,
    /// Email address or password are wrong, or the account is disabled.
    #[error("The email address or the password is wrong.")]
    WrongPassword,
    /// A refresh token is not valid, or not any more.
    #[error("This device is signed out; sign in again.")]
    SignedOut,
    /// Too many attempts.
    #[error("There were too many attempts to sign in to this account.")]
    TooMany(Duration),
    /// The server does not register accounts.
    #[error("New accounts are made by the administrator of this server.")]
    NoRegistration,
    /// Too many passwords are being checked.
    #[error("Too many people sign in at this moment.")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The service failed.
    #[error("{0}")]
    Internal(&'static str),
}

/// Someone with an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// The address that its owner signs in with.
    pub email: String,
    /// The name for people.
    pub name: String,
    /// What its owner may do.
    pub role: Role,
    /// The language of its owner.
    pub language: String,
    /// The clubs that its owner belongs to.
    pub clubs: Vec<ClubRow>,
    /// The signed-in device.
    pub session_id: String,
}

/// A device that has just signed in or refreshed.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// For requests, valid for [`ACCESS_TIME`].
    pub access_token: String,
    /// For the next tokens, valid once within [`REFRESH_TIME`].
    pub refresh_token: String,
}

/// What is asked for in a registration.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "as the fields of Account")]
pub struct Registration {
    pub email: String,
    pub password: String,
    pub name: String,
    pub language: String,
}

/// The device of a request.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// What it says of itself.
    pub agent: String,
    /// Its network address.
    pub address: String,
}

/// Accounts and signed-in devices.
#[derive(Debug)]
pub struct Accounts {
    database: Database,
    secret: ServerSecret,
    passwords: Passwords,
    throttle: LoginThrottle,
    /// Whether everyone may register.
    is_open: bool,
}

impl Accounts {
    /// The accounts of a database.
    #[must_use]
    pub fn new(database: Database, secret: ServerSecret, is_open: bool) -> Self {
        Self { database, secret, passwords: Passwords::new(), throttle: LoginThrottle::default(), is_open }
    }

    /// Creates an account for someone else, as an administrator.
    ///
    /// # Errors
    /// When a value cannot be used, or there is one with this email address.
    pub async fn create(&self, registration: Registration, role: Role) -> Result<UserRow, AccountError> {
        let Registration { email, password, name, language } = registration;
        let (email, name) = (checked_email(&email)?, checked_name(&name)?);
        let language = if language.is_empty() { LANGUAGES[0] } else { checked_language(&language)? };
        check_strength(&password, &email, name)?;
        let hash = self.passwords.hash(password).await?;
        let (id, role) = (Uuid::new_v4().simple().to_string(), role.to_string());
        let user = NewUser { id: &id, email: &email, name, password: &hash, role: &role, language };
        self.database.insert_user(user, Timestamp::now()).await.map_err(|error| match error {
            DatabaseError::Exists => AccountError::Exists,
            error => error.into(),
        })?;
        self.database.user(&id).await?.ok_or(AccountError::Internal("an account has vanished"))
    }

    /// Creates an account of a player, and signs the device in.
    ///
    /// # Errors
    /// As [`Self::create`], or when only administrators make accounts.
    pub async fn register(&self, registration: Registration, device: Device) -> Result<SignedIn, AccountError> {
        if !self.is_open {
            return Err(AccountError::NoRegistration);
        }
        let user = self.create(registration, Role::Player).await?;
        self.sign_in(user, device).await
    }

    /// Signs a device in.
    ///
    /// # Errors
    /// When email address or password are wrong, or there were too many attempts.
    pub async fn log_in(&self, email: &str, password: String, device: Device) -> Result<SignedIn, AccountError> {
        let email = email.trim().to_lowercase();
        if email.len() > MAX_EMAIL_BYTES || password.len() > 4 * MAX_EMAIL_BYTES {
            return Err(AccountError::WrongPassword);
        }
        self.throttle.attempt(&email, Instant::now()).map_err(AccountError::TooMany)?;
        let user = self.database.user_by_email(&email).await?;
        let hash = user.as_ref().map(|user| user.password.clone());
        let is_right = self.passwords.verify(password, hash).await?;
        let user = user.filter(|user| is_right && user.disabled_at.is_none()).ok_or(AccountError::WrongPassword)?;
        self.throttle.succeeded(&email);
        self.sign_in(user, device).await
    }

    /// Exchanges a refresh token for new tokens. One that was exchanged before signs its device out: someone has a copy.
    ///
    /// # Errors
    /// When the token is not valid.
    pub async fn refresh(&self, token: &str, device: Device) -> Result<SignedIn, AccountError> {
        let (id, hash) = tokens::parse_refresh_token(token).ok_or(AccountError::SignedOut)?;
        let now = Timestamp::now();
        let before = self.database.session(id).await?.ok_or(AccountError::SignedOut)?;
        let user = self.database.signed_in_user(id, now).await?.ok_or(AccountError::SignedOut)?;
        let (refresh_token, refresh_hash) = tokens::refresh_token(id);
        let before = SessionRow { refresh_hash: hash, ..before };
        let after = SessionRow { refresh_hash, ..session(id, &user.id, String::new(), device, now) };
        if !self.database.rotate_session(&before, &after).await? {
            tracing::warn!(user = user.id, "a refresh token was used twice; its device is signed out");
            self.database.delete_session(id).await?;
            return Err(AccountError::SignedOut);
        }
        self.signed_in(user, id, refresh_token, now).await
    }

    /// Signs out the device of a refresh token. One that is not valid changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log_out(&self, token: &str) -> Result<(), AccountError> {
        let Some((id, hash)) = tokens::parse_refresh_token(token) else { return Ok(()) };
        let is_valid = self.database.session(id).await?.is_some_and(|session| session.refresh_hash == hash);
        if is_valid {
            self.database.delete_session(id).await?;
        }
        Ok(())
    }

    /// Who presents an access token; none if it is not valid.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account_of(&self, access_token: &str) -> Result<Option<Account>, AccountError> {
        let Some(session_id) = tokens::session_of(&self.secret, access_token) else { return Ok(None) };
        let user = self.database.signed_in_user(&session_id, Timestamp::now()).await?;
        match user {
            Some(user) => Ok(Some(self.account(user, session_id).await?)),
            None => Ok(None),
        }
    }

    /// The signed-in devices of an account, the one used last first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn devices(&self, account: &Account) -> Result<Vec<SessionRow>, AccountError> {
        Ok(self.database.sessions_of(&account.id, Timestamp::now()).await?)
    }

    /// Signs out a device of an account. Returns whether the account has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_out(&self, account: &Account, session_id: &str) -> Result<bool, AccountError> {
        let is_own = self.database.session(session_id).await?.is_some_and(|session| session.user_id == account.id);
        Ok(is_own && self.database.delete_session(session_id).await?)
    }

    /// Changes the password of an account, and signs out its other devices.
    ///
    /// # Errors
    /// When the present password is wrong, or the new one too easy to guess.
    pub async fn change_password(
        &self,
        account: &Account,
        present: String,
        wanted: String,
    ) -> Result<(), AccountError> {
        self.throttle.attempt(&account.email, Instant::now()).map_err(AccountError::TooMany)?;
        let user = self.database.user(&account.id).await?.ok_or(AccountError::SignedOut)?;
        if !self.passwords.verify(present, Some(user.password)).await? {
            return Err(AccountError::WrongPassword);
        }
        self.throttle.succeeded(&account.email);
        self.set_password(&user.id, &user.email, &user.name, wanted, Some(&account.session_id)).await
    }

    /// Replaces the password of an account, as an administrator, and signs out all its devices.
    ///
    /// # Errors
    /// When the password is too easy to guess.
    pub async fn reset_password(&self, user: &UserRow, wanted: String) -> Result<(), AccountError> {
        self.set_password(&user.id, &user.email, &user.name, wanted, None).await
    }

    async fn set_password(
        &self,
        id: &str,
        email: &str,
        name: &str,
        wanted: String,
        kept: Option<&str>,
    ) -> Result<(), AccountError> {
        check_strength(&wanted, email, name)?;
        let hash = self.passwords.hash(wanted).await?;
        Ok(self.database.set_password(id, &hash, kept).await?)
    }

    async fn sign_in(&self, user: UserRow, device: Device) -> Result<SignedIn, AccountError> {
        let now = Timestamp::now();
        let id = Uuid::new_v4().simple().to_string();
        let (refresh_token, refresh_hash) = tokens::refresh_token(&id);
        self.database.insert_session(&session(&id, &user.id, refresh_hash, device, now)).await?;
        self.signed_in(user, &id, refresh_token, now).await
    }

    async fn signed_in(
        &self,
        user: UserRow,
        session_id: &str,
        refresh_token: String,
        now: Timestamp,
    ) -> Result<SignedIn, AccountError> {
        let access_token = tokens::access_token(&self.secret, &user.id, session_id, now)?;
        let account = self.account(user, session_id.to_owned()).await?;
        Ok(SignedIn { account, access_token, refresh_token })
    }

    async fn account(&self, user: UserRow, session_id: String) -> Result<Account, AccountError> {
        let role = user.role.parse().map_err(|_| AccountError::Internal("an account has an unknown role"))?;
        let clubs = self.database.clubs_of(&user.id).await?;
        let UserRow { id, email, name, language, .. } = user;
        Ok(Account { id, email, name, role, language, clubs, session_id })
    }
}

fn session(id: &str, user_id: &str, refresh_hash: String, device: Device, now: Timestamp) -> SessionRow {
    let visible = device.agent.chars().filter(|character| !character.is_control());
    SessionRow {
        id: id.to_owned(),
        user_id: user_id.to_owned(),
        refresh_hash,
        device: visible.take(MAX_DEVICE_CHARS).collect(),
        address: device.address,
        created_at: now,
        used_at: now,
        expires_at: now.after(REFRESH_TIME),
    }
}

/// An email address in lower case. Whether it exists is not checked: only a letter could tell.
fn checked_email(text: &str) -> Result<String, AccountError> {
    let email = text.trim().to_lowercase();
    let is_email = email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !host.starts_with('.') && !host.ends_with('.')
    });
    let is_plain = !email.chars().any(|character| character.is_whitespace() || character.is_control());
    (is_email && is_plain && email.len() <= MAX_EMAIL_BYTES)
        .then_some(email)
        .ok_or(AccountError::Invalid("email", "must be an email address"))
}

pub(crate) fn checked_name(text: &str) -> Result<&str, AccountError> {
    let name = text.trim();
    let is_line = !name.chars().any(char::is_control);
    (!name.is_empty() && is_line && name.chars().count() <= MAX_NAME_CHARS)
        .then_some(name)
        .ok_or(AccountError::Invalid("name", "must be a line of 1 to 100 characters"))
}

pub(crate) fn checked_language(text: &str) -> Result<&'static str, AccountError> {
    let found = LANGUAGES.into_iter().find(|language| *language == text);
    found.ok_or(AccountError::Invalid("language", "must be en or fr"))
}
