//! Signed-in devices.

use sqlx::any::AnyRow;

use super::connection::get;
use super::users::user;
use super::{Database, DatabaseError, Timestamp, UserRow};

/// A signed-in device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// The account.
    pub user_id: String,
    /// The hash of its valid refresh token.
    pub refresh_hash: String,
    /// What the device says of itself.
    pub device: String,
    /// The network address that it was used from last.
    pub address: String,
    /// When it was signed in.
    pub created_at: Timestamp,
    /// When it was used last: signed in, or refreshed.
    pub used_at: Timestamp,
    /// When it has to sign in again.
    pub expires_at: Timestamp,
}

impl Database {
    /// Signs a device in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_session(&self, session: &SessionRow) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO sessions (id, user_id, refresh_hash, device, address, created_at, used_at, expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let query = sqlx::query(sql).bind(&session.id).bind(&session.user_id).bind(&session.refresh_hash);
        let query = query.bind(&session.device).bind(&session.address).bind(session.created_at.millis());
        query.bind(session.used_at.millis()).bind(session.expires_at.millis()).execute(&self.writers).await?;
        Ok(())
    }

    /// The signed-in device with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, id: &str) -> Result<Option<SessionRow>, DatabaseError> {
        let sql = "SELECT id, user_id, refresh_hash, device, address, created_at, used_at, expires_at \
                   FROM sessions WHERE id = $1";
        let row = sqlx::query(sql).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(session).transpose()
    }

    /// The devices of an account, the one used last first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions_of(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionRow>, DatabaseError> {
        let sql = "SELECT id, user_id, refresh_hash, device, address, created_at, used_at, expires_at \
                   FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY used_at DESC, id LIMIT 1000";
        let rows = sqlx::query(sql).bind(user_id).bind(now.millis()).fetch_all(&self.readers).await?;
        rows.iter().map(session).collect()
    }

    /// The account of a signed-in device, if both can be used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signed_in_user(&self, session_id: &str, now: Timestamp) -> Result<Option<UserRow>, DatabaseError> {
        let sql = "SELECT users.id, email, name, password, role, language, users.created_at, disabled_at FROM users \
                   JOIN sessions ON sessions.user_id = users.id \
                   WHERE sessions.id = $1 AND sessions.expires_at > $2 AND users.disabled_at IS NULL";
        let row = sqlx::query(sql).bind(session_id).bind(now.millis()).fetch_optional(&self.readers).await?;
        row.as_ref().map(user).transpose()
    }

    /// Replaces the refresh token of a device, if `before` is its hash. Returns whether it was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rotate_session(&self, before: &SessionRow, after: &SessionRow) -> Result<bool, DatabaseError> {
        let sql = "UPDATE sessions SET refresh_hash = $3, device = $4, address = $5, used_at = $6, expires_at = $7 \
                   WHERE id = $1 AND refresh_hash = $2";
        let query = sqlx::query(sql).bind(&before.id).bind(&before.refresh_hash).bind(&after.refresh_hash);
        let query = query.bind(&after.device).bind(&after.address).bind(after.used_at.millis());
        let result = query.bind(after.expires_at.millis()).execute(&self.writers).await?;
        Ok(result.rows_affected() > 0)
    }

    /// Signs a device out. Returns whether it was signed in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(&self, id: &str) -> Result<bool, DatabaseError> {
        let result = sqlx::query("DELETE FROM sessions WHERE id = $1").bind(id).execute(&self.writers).await?;
        Ok(result.rows_affected() > 0)
    }

    /// Removes the devices that have to sign in again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_sessions(&self, now: Timestamp) -> Result<u64, DatabaseError> {
        let query = sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(now.millis());
        Ok(query.execute(&self.writers).await?.rows_affected())
    }
}

fn session(row: &AnyRow) -> Result<SessionRow, DatabaseError> {
    Ok(SessionRow {
        id: get(row, "id")?,
        user_id: get(row, "user_id")?,
        refresh_hash: get(row, "refresh_hash")?,
        device: get(row, "device")?,
        address: get(row, "address")?,
        created_at: Timestamp::from_millis(get(row, "created_at")?),
        used_at: Timestamp::from_millis(get(row, "used_at")?),
        expires_at: Timestamp::from_millis(get(row, "expires_at")?),
    })
}
