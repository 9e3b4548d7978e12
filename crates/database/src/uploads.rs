//! Clips that are being received and checked.

use sqlx::any::AnyRow;

use super::connection::get;
use super::{Database, DatabaseError, Timestamp};

/// An upload.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UploadRow {
    /// Its id.
    pub id: String,
    /// The account that it belongs to.
    pub owner_id: String,
    /// The name of the file at its origin.
    pub filename: String,
    /// Bytes of the whole file.
    pub length: i64,
    /// How far it is.
    pub state: String,
    /// What checking it has shown.
    pub report: Option<String>,
    /// Why it cannot be used.
    pub error: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it is removed.
    pub expires_at: Timestamp,
}

/// A statement that reads uploads, with this end.
macro_rules! select {
    ($end:literal) => {
        concat!(
            "SELECT id, owner_id, filename, length, state, report, error, created_at, expires_at FROM uploads ",
            $end
        )
    };
}

impl Database {
    /// Begins an upload.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_upload(&self, row: &UploadRow) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO uploads (id, owner_id, filename, length, state, report, error, created_at, expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let query = sqlx::query(sql).bind(&row.id).bind(&row.owner_id).bind(&row.filename).bind(row.length);
        let query = query.bind(&row.state).bind(row.report.as_deref()).bind(row.error.as_deref());
        let query = query.bind(row.created_at.millis()).bind(row.expires_at.millis());
        query.execute(&self.writers).await?;
        Ok(())
    }

    /// The upload with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn upload(&self, id: &str) -> Result<Option<UploadRow>, DatabaseError> {
        let row = sqlx::query(select!("WHERE id = $1")).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(upload).transpose()
    }

    /// The uploads of an account, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn uploads_of(&self, owner_id: &str) -> Result<Vec<UploadRow>, DatabaseError> {
        let sql = select!("WHERE owner_id = $1 ORDER BY created_at DESC, id");
        sqlx::query(sql).bind(owner_id).fetch_all(&self.readers).await?.iter().map(upload).collect()
    }

    /// All uploads in a state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn uploads_in(&self, state: &str) -> Result<Vec<UploadRow>, DatabaseError> {
        sqlx::query(select!("WHERE state = $1"))
            .bind(state)
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(upload)
            .collect()
    }

    /// The uploads whose time is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expired_uploads(&self, now: Timestamp) -> Result<Vec<UploadRow>, DatabaseError> {
        sqlx::query(select!("WHERE expires_at <= $1"))
            .bind(now.millis())
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(upload)
            .collect()
    }

    /// States how far an upload is. Returns whether there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_upload_state(
        &self,
        id: &str,
        state: &str,
        report: Option<&str>,
        error: Option<&str>,
    ) -> Result<bool, DatabaseError> {
        let query = sqlx::query("UPDATE uploads SET state = $2, report = $3, error = $4 WHERE id = $1");
        let query = query.bind(id).bind(state).bind(report).bind(error);
        Ok(query.execute(&self.writers).await?.rows_affected() > 0)
    }

    /// States how long the file of an upload is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_upload_length(&self, id: &str, length: i64) -> Result<(), DatabaseError> {
        let query = sqlx::query("UPDATE uploads SET length = $2 WHERE id = $1").bind(id).bind(length);
        query.execute(&self.writers).await?;
        Ok(())
    }

    /// Forgets an upload. Returns whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_upload(&self, id: &str) -> Result<bool, DatabaseError> {
        let query = sqlx::query("DELETE FROM uploads WHERE id = $1").bind(id);
        Ok(query.execute(&self.writers).await?.rows_affected() > 0)
    }
}

fn upload(row: &AnyRow) -> Result<UploadRow, DatabaseError> {
    Ok(UploadRow {
        id: get(row, "id")?,
        owner_id: get(row, "owner_id")?,
        filename: get(row, "filename")?,
        length: get(row, "length")?,
        state: get(row, "state")?,
        report: get(row, "report")?,
        error: get(row, "error")?,
        created_at: Timestamp::from_millis(get(row, "created_at")?),
        expires_at: Timestamp::from_millis(get(row, "expires_at")?),
    })
}
