//! Both systems, for tests that hold for each of them.

use std::sync::{Mutex, OnceLock, PoisonError};

use repcast_database::{Database, DatabaseAddress};

use super::support::postgres::Postgres;

/// The server of PostgreSQL that the tests of this program share. Nothing drops it: it ends with the process.
fn postgres() -> &'static Mutex<Postgres> {
    static SERVER: OnceLock<Mutex<Postgres>> = OnceLock::new();
    SERVER.get_or_init(|| Mutex::new(Postgres::start()))
}

/// The URL of a new database of PostgreSQL.
pub(crate) fn postgres_url() -> String {
    postgres().lock().unwrap_or_else(PoisonError::into_inner).new_database()
}

/// Runs a test on an empty database of each system.
pub(crate) fn on_both(test: impl AsyncFn(Database)) {
    let folder = tempfile::tempdir().unwrap();
    // Characters that mean something in URLs.
    let sqlite = DatabaseAddress::Sqlite(folder.path().join("a b%20?#é.db"));
    let postgres: DatabaseAddress = postgres_url().parse().unwrap();
    for address in [sqlite, postgres] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let database = Database::open(address).await.unwrap();
            test(database.clone()).await;
            database.close().await;
        });
    }
}
