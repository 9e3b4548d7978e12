//! Listening and accepting, from the first connection to the end of the last.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use prometheus_client::metrics::gauge::Gauge;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

use super::client::{AddressGroup, ClientAddr};
use super::config::HttpConfig;
use super::connection::Server;
use super::metrics::HttpMetrics;
use super::slots::Slots;
use super::tls::{self, TlsError};
use super::watchdog::Limits;

/// Connections that wait for the server to accept them; a flood of slow ones must not make the others wait for a second
/// try.
const BACKLOG: i32 = 1024;

/// How long to leave accepting when it fails, which it does when the process has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why the server cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Nobody can listen there.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// Why: another program listens there, or it takes more rights, or the address is not this machine's.
        source: io::Error,
    },
    /// The certificate or its key is of no use.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The runtime does not take the listener.
    #[error("cannot accept connections: {0}")]
    Accept(io::Error),
}

/// A server that listens and does not accept yet: connections wait.
#[derive(Debug)]
pub struct Bound {
    listener: StdListener,
    address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    config: HttpConfig,
}

/// Listens as `config` says. Needs no runtime.
///
/// # Errors
/// When nobody can listen there, or the TLS files are of no use.
pub fn bind(config: HttpConfig) -> Result<Bound, ServeError> {
    let tls = config.tls.as_ref().map(tls::server_config).transpose()?;
    let failed = |source| ServeError::Bind { address: config.listen, source };
    let listener = listener(config.listen).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound { listener, address, tls, config })
}

fn listener(address: SocketAddr) -> io::Result<StdListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Otherwise a server that starts again has to wait until the connections of the last one are forgotten.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

impl Bound {
    /// Where it listens, with the port that was free if none was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `router` until `shutdown` resolves; then accepts nothing more, lets what is being answered go on for the
    /// configured grace, and ends.
    ///
    /// # Errors
    /// When connections cannot be accepted at all.
    pub async fn serve(
        self,
        router: Router,
        metrics: &HttpMetrics,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ServeError> {
        let listener = TcpListener::from_std(self.listener).map_err(ServeError::Accept)?;
        let tls = self.tls.map(TlsAcceptor::from);
        let server = Server { router, tls, limits: Limits::new(&self.config), ending: CancellationToken::new() };
        let slots = Slots::new(self.config.max_connections, self.config.max_connections_per_address);
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(ended) = connections.join_next() => report(ended),
                accepted = accept(&listener) => {
                    let (stream, peer) = accepted;
                    let Some(slot) = slots.take(counted(&self.config, peer)) else {
                        metrics.connections_refused.inc();
                        tracing::debug!(%peer, "too many connections");
                        continue;
                    };
                    let (server, open) = (server.clone(), Open::new(&metrics.connections));
                    connections.spawn(async move {
                        let _held = (slot, open);
                        server.serve(stream, peer).await;
                    });
                }
            }
        }
        drop(listener);
        server.ending.cancel();
        let all = async {
            while let Some(ended) = connections.join_next().await {
                report(ended);
            }
        };
        if tokio::time::timeout(self.config.shutdown_grace, all).await.is_err() {
            tracing::info!(connections = connections.len(), "closing connections that do not end");
            connections.shutdown().await;
        }
        Ok(())
    }
}

/// The next connection. What goes wrong with one says nothing about the next.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Whom a connection is counted for. A trusted proxy holds those of many clients.
fn counted(config: &HttpConfig, peer: SocketAddr) -> Option<AddressGroup> {
    let is_proxy = config.trusted_proxies.iter().any(|range| range.contains(peer.ip()));
    (!is_proxy).then(|| ClientAddr(peer.ip()).group())
}

/// A panic in a connection, outside of any handler, ends that connection only.
fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection panicked");
    }
}

/// One open connection, as long as it lives.
struct Open(Gauge);

impl Open {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}
