//! Connections whose statements have a time limit, so that a database that stops answering in the middle of one costs a request
//! some seconds.

use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, StreamExt, unfold};
use sqlx::any::{Any, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::{AnyPool, Either, Error, Execute, Executor, SqlStr, Transaction};
use tokio::time::{Instant, timeout_at};

/// A pool of connections. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    connections: AnyPool,
    /// How long a statement may take, waiting for a connection included; without a limit where the database is in this process.
    limit: Option<Duration>,
}

impl Pool {
    pub(crate) fn new(connections: AnyPool, limit: Option<Duration>) -> Self {
        Self { connections, limit }
    }

    /// The connections, without the limit.
    pub(crate) fn unlimited(&self) -> &AnyPool {
        &self.connections
    }

    /// Begins a transaction. Its statements have no limit of their own.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Any>, Error> {
        self.within(self.connections.begin()).await
    }

    pub(crate) async fn close(&self) {
        self.connections.close().await;
    }

    /// When a statement that begins now has to have ended.
    fn deadline(&self) -> Option<Instant> {
        self.limit.map(|limit| Instant::now() + limit)
    }

    async fn within<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        until(self.deadline(), work).await.unwrap_or(Err(Error::PoolTimedOut))
    }
}

/// The result of work that has ended before a deadline.
async fn until<T>(deadline: Option<Instant>, work: impl Future<Output = T>) -> Option<T> {
    match deadline {
        Some(deadline) => timeout_at(deadline, work).await.ok(),
        None => Some(work.await),
    }
}

impl<'p> Executor<'p> for &'p Pool {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let deadline = self.deadline();
        let steps = unfold(Some(self.connections.fetch_many(query)), move |rows| async move {
            let mut rows = rows?;
            match until(deadline, rows.next()).await {
                Some(step) => step.map(|step| (step, Some(rows))),
                None => Some((Err(Error::PoolTimedOut), None)),
            }
        });
        Box::pin(steps)
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        Box::pin(self.within(self.connections.fetch_optional(query)))
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [AnyTypeInfo]) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'p: 'e,
    {
        Box::pin(self.within(self.connections.prepare_with(sql, parameters)))
    }
}
