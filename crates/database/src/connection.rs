//! Opening a database.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, Executor, SqlSafeStr};

use super::DatabaseError;
use super::pool::Pool;

/// How long a statement waits for a connection, after which the client has to try again.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a statement of PostgreSQL may take, waiting for a connection included. Statements take milliseconds; one that takes
/// this long waits for a server that hangs.
const STATEMENT_TIMEOUT: Duration = Duration::from_millis(3500);

/// Connections to PostgreSQL: statements take about a millisecond, and its default limit is 100 for all clients.
const POSTGRES_CONNECTIONS: u32 = 8;

/// Readers of SQLite, each of which has a thread.
const SQLITE_READERS: u32 = 4;

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseAddress {
    /// A file of SQLite, which is created if it does not exist.
    Sqlite(PathBuf),
    /// A URL of PostgreSQL, which can have a password.
    Postgres(String),
}

/// A text that is no address of a database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be postgres://USER:PASSWORD@HOST:PORT/NAME or sqlite:FILE")]
pub struct DatabaseAddressError;

impl FromStr for DatabaseAddress {
    type Err = DatabaseAddressError;

    fn from_str(text: &str) -> Result<Self, DatabaseAddressError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() { Err(DatabaseAddressError) } else { Ok(Self::Sqlite(path.into())) };
        }
        let is_postgres = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        (is_postgres && AnyConnectOptions::from_str(text).is_ok())
            .then(|| Self::Postgres(text.to_owned()))
            .ok_or(DatabaseAddressError)
    }
}

/// Without the password.
impl fmt::Display for DatabaseAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "{}", path.display()),
            Self::Postgres(url) => {
                let place = url.rsplit_once('@').or_else(|| url.split_once("://")).map_or("", |(_, place)| place);
                write!(formatter, "postgres://{}", place.split_once('?').map_or(place, |(place, _)| place))
            }
        }
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

/// An open database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Database {
    pub(crate) readers: Pool,
    /// One connection for SQLite, which has one writer at a time.
    pub(crate) writers: Pool,
    address: DatabaseAddress,
}

impl Database {
    /// Opens a database and brings its tables up to date; other processes wait meanwhile. Must be called within a tokio
    /// runtime.
    ///
    /// # Errors
    /// When it cannot be reached, or has tables of a newer program.
    pub async fn open(address: DatabaseAddress) -> Result<Self, DatabaseError> {
        // The first call alone has an effect.
        sqlx::any::install_default_drivers();
        let (readers, writers) = match &address {
            DatabaseAddress::Sqlite(path) => {
                let writers = sqlite_pool(path, 1).await?;
                (Pool::new(sqlite_pool(path, SQLITE_READERS).await?, None), Pool::new(writers, None))
            }
            DatabaseAddress::Postgres(url) => {
                let options = pool_options(POSTGRES_CONNECTIONS);
                let pool = Pool::new(options.connect_with(parse(url)?).await?, Some(STATEMENT_TIMEOUT));
                (pool.clone(), pool)
            }
        };
        // As long as others change the tables.
        migrator().run(writers.unlimited()).await?;
        Ok(Self { readers, writers, address })
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &DatabaseAddress {
        &self.address
    }

    /// Checks that it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check(&self) -> Result<(), DatabaseError> {
        sqlx::query("SELECT 1").fetch_one(&self.readers).await?;
        Ok(())
    }

    /// Writes a consistent copy of a SQLite database to a file that does not exist yet, while others use the database.
    /// Returns false for PostgreSQL, which has tools of its own.
    ///
    /// # Errors
    /// When the copy cannot be written.
    pub async fn back_up(&self, copy: &Path) -> Result<bool, DatabaseError> {
        if matches!(self.address, DatabaseAddress::Postgres(_)) {
            return Ok(false);
        }
        let copy =
            copy.to_str().ok_or_else(|| DatabaseError::Failed("the path of the copy is not UTF-8".to_owned()))?;
        sqlx::query("VACUUM INTO $1").bind(copy).execute(&self.readers).await?;
        Ok(true)
    }

    /// Waits until statements in flight have ended, and closes all connections.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

fn pool_options(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT)
}

fn parse(url: &str) -> Result<AnyConnectOptions, DatabaseError> {
    AnyConnectOptions::from_str(url).map_err(|_| DatabaseError::Failed(DatabaseAddressError.to_string()))
}

/// Connections to a file. With the write-ahead log readers do not wait for the writer; each commit is on the disk before it
/// returns.
async fn sqlite_pool(path: &Path, connections: u32) -> Result<AnyPool, DatabaseError> {
    let options = pool_options(connections).after_connect(|connection, _| {
        Box::pin(async move {
            let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                            PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF";
            connection.execute(settings).await.map(drop)
        })
    });
    // Characters with a meaning in URLs.
    let path: String = path.to_string_lossy().chars().flat_map(escaped).collect();
    Ok(options.connect_with(parse(&format!("sqlite:{path}?mode=rwc"))?).await?)
}

fn escaped(character: char) -> Vec<char> {
    match character {
        '%' | '?' | '#' => format!("%{:02X}", u32::from(character)).chars().collect(),
        _ => vec![character],
    }
}

/// The changes of the tables in their order. What was released is not edited; new changes are appended.
fn migrator() -> Migrator {
    let texts = [
        ("coach service", include_str!("../migrations/0001_coach_service.sql")),
        ("uploads", include_str!("../migrations/0002_uploads.sql")),
        ("cameras", include_str!("../migrations/0003_cameras.sql")),
    ];
    let migrations = std::iter::zip(1.., texts).map(|(version, (name, sql))| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// A value of a row.
pub(crate) fn get<'r, T>(row: &'r AnyRow, column: &str) -> Result<T, DatabaseError>
where
    T: sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
{
    use sqlx::Row;
    Ok(row.try_get(column)?)
}
