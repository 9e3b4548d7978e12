//! Whether the process can serve requests now. Readiness is apart from health: a part that is away comes back without a
//! restart.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use repcast_database::Database;
use tokio::sync::Mutex;

use super::{Service, ServiceError};

/// How long the database may take to answer a probe. Probes themselves have a timeout of a few seconds.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long the answer of the database is used again: frequent probes, and those of many clients, cost it one statement a
/// second.
const DATABASE_INTERVAL: Duration = Duration::from_secs(1);

/// A part of the process that is not ready, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnreadyPart {
    /// Its name, which programs may compare: `server`, `device` or `database`.
    pub name: &'static str,
    /// Why it is not ready, for people; without the names of hosts.
    pub reason: String,
}

/// Asks the database at most once per interval, however many ask for the result.
#[derive(Debug, Default)]
pub(crate) struct DatabaseProbe {
    /// When it was asked last. Held while it is asked, so that others wait for the same answer.
    asked: Mutex<Option<Instant>>,
    is_ready: AtomicBool,
}

impl DatabaseProbe {
    /// Whether the database answers.
    async fn is_ready(&self, database: &Database) -> bool {
        let mut asked = self.asked.lock().await;
        if asked.is_some_and(|asked| asked.elapsed() < DATABASE_INTERVAL) {
            return self.is_ready.load(Ordering::Relaxed);
        }
        let answer = tokio::time::timeout(DATABASE_TIMEOUT, database.check()).await;
        let is_ready = matches!(answer, Ok(Ok(())));
        let was_ready = self.is_ready.swap(is_ready, Ordering::Relaxed);
        if asked.replace(Instant::now()).is_none() || was_ready != is_ready {
            match answer {
                Ok(Ok(())) => tracing::info!("the database answers"),
                Ok(Err(error)) => tracing::warn!("not ready: {error}"),
                Err(_) => tracing::warn!("not ready: the database did not answer within {DATABASE_TIMEOUT:?}"),
            }
        }
        is_ready
    }
}

impl Service {
    /// The parts that are not ready: none when requests of every kind can be served. Takes two seconds at most.
    pub async fn unready_parts(&self) -> Vec<UnreadyPart> {
        let mut parts = Vec::new();
        match self.check_health() {
            Ok(()) => {}
            Err(error @ ServiceError::DeviceLost) => {
                parts.push(UnreadyPart { name: "device", reason: error.to_string() });
            }
            Err(error) => parts.push(UnreadyPart { name: "server", reason: error.to_string() }),
        }
        if self.is_database_ready().await == Some(false) {
            let reason = "The database does not answer.".to_owned();
            parts.push(UnreadyPart { name: "database", reason });
        }
        parts
    }

    /// Whether the database answers, as it was up to a second ago; `None` without a database. Takes two seconds at most.
    pub async fn is_database_ready(&self) -> Option<bool> {
        let coach = self.coach.as_ref()?;
        Some(self.database_probe.is_ready(&coach.database).await)
    }

    /// The result of the last [`Self::is_database_ready`]; `None` without a database.
    #[must_use]
    pub fn was_database_ready(&self) -> Option<bool> {
        self.coach.as_ref().map(|_| self.database_probe.is_ready.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use repcast_database::DatabaseAddress;

    use super::*;

    #[tokio::test]
    async fn the_database_is_asked_once_per_interval() {
        let folder = std::env::temp_dir().join(format!("repcast-readiness-{}.db", std::process::id()));
        let database = Database::open(DatabaseAddress::Sqlite(folder.clone())).await.unwrap();
        let probe = DatabaseProbe::default();
        assert!(probe.is_ready(&database).await);
        database.close().await;
        // The answer of before.
        assert!(probe.is_ready(&database).await);
        *probe.asked.lock().await = None;
        assert!(!probe.is_ready(&database).await);
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", folder.display()));
        }
    }
}
