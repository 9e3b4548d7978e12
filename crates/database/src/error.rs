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
const SQLITE_FULL: u32 = 13;
/// Its codes of a database that is locked (`SQLITE_BUSY`, `SQLITE_LOCKED`), of a disk that fails (`SQLITE_IOERR`), and of a file
/// that cannot be opened (`SQLITE_CANTOPEN`).
const SQLITE_BUSY: [u32; 4] = [5, 6, 10, 14];

/// The primary code of a result code of SQLite, whose extended codes add to it from the ninth bit on. `None` for a code of
/// PostgreSQL, which has five characters.
fn sqlite_code(code: &str) -> Option<u32> {
    (code.len() < 5).then(|| code.parse::<u32>().ok()).flatten().map(|code| code & 0xff)
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            // Part of a message, when the connection is cut.
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(reported) if reported.is_unique_violation() => Self::Exists,
            sqlx::Error::Database(reported) => {
                let code = reported.code().unwrap_or_default();
                let sqlite = sqlite_code(&code);
                // Insufficient resources, operator intervention and connection exceptions (PostgreSQL, appendix A).
                let is_away = code.len() == 5 && ["08", "53", "57"].iter().any(|class| code.starts_with(class));
                if code == "53100" || sqlite == Some(SQLITE_FULL) {
                    Self::Full
                } else if is_away || sqlite.is_some_and(|code| SQLITE_BUSY.contains(&code)) {
                    Self::Unavailable(error.to_string())
                } else {
                    Self::Failed(error.to_string())
                }
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_codes_of_sqlite_have_a_primary_one() {
        let codes = ["13", "5", "517", "778", "14", "53100", "57P01", "", "x"];
        assert_eq!(codes.map(sqlite_code), [Some(13), Some(5), Some(5), Some(10), Some(14), None, None, None, None]);
    }
}
