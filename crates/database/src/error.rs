//! What can go wrong with a database.

/// Why a statement had no effect.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database cannot be reached or is busy; a retry can help.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// A row with this unique value exists already.
    #[error("there is one with this value already")]
    Exists,
    /// The disk of the database is full.
    #[error("the database's disk is full")]
    Full,
    /// The tables are those of another version of the program.
    #[error("the tables of the database cannot be brought up to date: {0}")]
    Migration(String),
    /// Anything else: a statement that is wrong, a row that cannot be read, a damaged file.
    #[error("the database failed: {0}")]
    Failed(String),
}

/// SQLite's code of a full disk (`SQLITE_FULL`).
const SQLITE_FULL: &str = "13";
/// Its codes of a database that is locked (`SQLITE_BUSY`, `SQLITE_LOCKED`), and of one that cannot be opened.
const SQLITE_BUSY: [&str; 3] = ["5", "6", "14"];

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(reported) if reported.is_unique_violation() => Self::Exists,
            sqlx::Error::Database(reported) => match reported.code().as_deref() {
                // Insufficient resources, operator intervention and connection exceptions (PostgreSQL, appendix A).
                Some("53100" | SQLITE_FULL) => Self::Full,
                Some(code) if ["08", "53", "57"].iter().any(|class| code.len() == 5 && code.starts_with(class)) => {
                    Self::Unavailable(error.to_string())
                }
                Some(code) if SQLITE_BUSY.contains(&code) => Self::Unavailable(error.to_string()),
                _ => Self::Failed(error.to_string()),
            },
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for DatabaseError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            error => Self::Migration(error.to_string()),
        }
    }
}
