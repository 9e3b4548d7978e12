//! What administrators did.

use super::connection::get;
use super::{Database, DatabaseError, Page, Timestamp};

/// An entry of the audit log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEntry {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// The account that did it.
    pub user_id: String,
    /// What was done, such as `user.role`.
    pub action: String,
    /// The id of what it was done to.
    pub object: String,
    /// What changed.
    pub detail: String,
}

impl Database {
    /// Appends an entry.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn append_audit(&self, entry: &AuditEntry) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO audit_log (id, at, user_id, action, object, detail) VALUES ($1, $2, $3, $4, $5, $6)";
        let query = sqlx::query(sql).bind(&entry.id).bind(entry.at.millis()).bind(&entry.user_id);
        query.bind(&entry.action).bind(&entry.object).bind(&entry.detail).execute(&self.writers).await?;
        Ok(())
    }

    /// Entries, the newest first, and how many there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&self, page: Page) -> Result<(Vec<AuditEntry>, i64), DatabaseError> {
        let sql =
            "SELECT id, at, user_id, action, object, detail FROM audit_log ORDER BY at DESC, id LIMIT $1 OFFSET $2";
        let rows = sqlx::query(sql).bind(page.limit).bind(page.offset).fetch_all(&self.readers).await?;
        let entry = |row| {
            Ok(AuditEntry {
                id: get(row, "id")?,
                at: Timestamp::from_millis(get(row, "at")?),
                user_id: get(row, "user_id")?,
                action: get(row, "action")?,
                object: get(row, "object")?,
                detail: get(row, "detail")?,
            })
        };
        let count = sqlx::query("SELECT COUNT(*) AS count FROM audit_log").fetch_one(&self.readers).await?;
        Ok((rows.iter().map(entry).collect::<Result<_, DatabaseError>>()?, get(&count, "count")?))
    }
}
