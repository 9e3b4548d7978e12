//! Binding, accepting and graceful shutdown.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use prometheus_client::metrics::gauge::Gauge;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::client::{AddressGroup, ClientAddr};
use crate::config::HttpConfig;
use crate::connection::ConnectionContext;
use crate::connection_limit::ConnectionLimit;
use crate::metrics::HttpMetrics;
use crate::tls::{Certificates, TlsError};
use crate::watchdog::Timeouts;

/// Connections that wait to be accepted. When the queue is full, clients retry only after a second, so that it must have
/// room for a flood.
const BACKLOG: i32 = 1024;

/// Pause after a failed accept, which fails for as long as the process has no free file descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why the server cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be bound.
    #[error("cannot listen on {address}: {}", bind_reason(source))]
    Bind {
        /// The configured address.
        address: SocketAddr,
        /// The address is in use, is not local, or needs privileges.
        source: io::Error,
    },
    /// Certificate or key is invalid.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The runtime cannot register the listener.
    #[error("cannot accept connections: {0}")]
    Accept(io::Error),
}

/// Why an address cannot be bound, in plain words.
fn bind_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "the address is in use; another program, or another repcast, listens there".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => "this machine does not have this address".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied; ports below 1024 need privileges".to_owned(),
        _ => error.to_string(),
    }
}

/// A server that is bound to its address. Connections queue in the system until [`BoundServer::serve`] accepts them.
#[derive(Debug)]
pub struct BoundServer {
    listener: StdListener,
    address: SocketAddr,
    certificates: Option<Certificates>,
    config: HttpConfig,
}

/// Binds the configured address and loads the TLS files. Needs no runtime.
///
/// # Errors
/// If the address cannot be bound or the TLS files are invalid.
pub fn bind(config: HttpConfig) -> Result<BoundServer, ServeError> {
    let certificates = config.tls.as_ref().map(Certificates::load).transpose()?;
    let bind_error = |source| ServeError::Bind { address: config.listen, source };
    let listener = listener(config.listen).map_err(bind_error)?;
    let address = listener.local_addr().map_err(bind_error)?;
    Ok(BoundServer { listener, address, certificates, config })
}

fn listener(address: SocketAddr) -> io::Result<StdListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Otherwise the address of a server that has just stopped cannot be bound while its connections are in TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

impl BoundServer {
    /// The bound address, with the selected port if the configured one was 0.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate and key that connections get, unless they are in clear text.
    #[must_use]
    pub fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_ref()
    }

    /// Serves `router` until `shutdown` resolves; then closes the listener and idle connections, waits for requests in
    /// flight, and aborts those that exceed [`HttpConfig::shutdown_grace`].
    ///
    /// # Errors
    /// If the runtime cannot register the listener.
    pub async fn serve(
        self,
        router: Router,
        metrics: &HttpMetrics,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ServeError> {
        let listener = TcpListener::from_std(self.listener).map_err(ServeError::Accept)?;
        let context = ConnectionContext {
            router,
            certificates: self.certificates,
            timeouts: Timeouts::new(&self.config),
            shutdown: CancellationToken::new(),
        };
        let limit = ConnectionLimit::new(self.config.max_connections, self.config.max_connections_per_address);
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(ended) = connections.join_next() => log_panic(ended),
                (stream, peer) = accept(&listener, &limit) => {
                    let activity = context.new_activity();
                    let Some(permit) = limit.try_acquire(limited_address(&self.config, peer), &activity) else {
                        metrics.connections_refused.inc();
                        tracing::debug!(%peer, "too many connections");
                        continue;
                    };
                    let (context, gauge) = (context.clone(), GaugeGuard::new(&metrics.connections));
                    connections.spawn(async move {
                        let _guards = (permit, gauge);
                        context.serve(stream, peer, activity).await;
                    });
                }
            }
        }
        drop(listener);
        context.shutdown.cancel();
        let drained = async {
            while let Some(ended) = connections.join_next().await {
                log_panic(ended);
            }
        };
        if tokio::time::timeout(self.config.shutdown_grace, drained).await.is_err() {
            tracing::info!(connections = connections.len(), "aborting connections that exceed the shutdown timeout");
            connections.shutdown().await;
        }
        Ok(())
    }
}

/// The next connection. An error of one accept does not affect the next.
async fn accept(listener: &TcpListener, limit: &ConnectionLimit) -> (TcpStream, SocketAddr) {
    let mut is_first_failure = true;
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                // Once, not for each attempt.
                if std::mem::take(&mut is_first_failure) {
                    tracing::warn!(%error, "cannot accept a connection; idle ones are closed");
                }
                limit.evict_one();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// The address whose connections are limited. A trusted proxy has none: it holds connections of many clients.
fn limited_address(config: &HttpConfig, peer: SocketAddr) -> Option<AddressGroup> {
    let is_proxy = config.trusted_proxies.iter().any(|range| range.contains(peer.ip()));
    (!is_proxy).then(|| ClientAddr(peer.ip()).group())
}

/// Logs a panic outside of handlers, which ends only its own connection.
fn log_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection panicked");
    }
}

/// Increments a gauge until it is dropped.
struct GaugeGuard(Gauge);

impl GaugeGuard {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}
