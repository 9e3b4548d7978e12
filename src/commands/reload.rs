//! SIGHUP: reads the configuration again, and applies what can change while a server runs.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Parser;

use super::args::{Cli, Command, ServeArgs, ServerArgs};
use super::configuration::{self, Origins};
use super::inputs::open_catalogue;
use super::serve::{check_access, config};
use super::{Failure, log};
use repcast_http::TlsFiles;
use repcast_server::{ReloadedServer, Reloader};
use repcast_service::{ClientQuota, Reloaded};

/// Options that take effect with a reload; others need a restart.
const RELOADED: [&str; 7] = [
    "catalogue",
    "max-hours-per-address",
    "max-sessions-per-address",
    "max-videos-per-address",
    "rate-limit",
    "token",
    "token-file",
];

/// Options of a certificate that takes the place of another; TLS is not turned on or off.
const RELOADED_WITH_TLS: [&str; 2] = ["tls-cert", "tls-key"];

/// What a SIGHUP does with `serve`, which listens on this address, with TLS or without.
pub(super) fn of_server(
    line: &[OsString],
    origins: &Origins,
    (listen, has_tls): (SocketAddr, bool),
    reloader: Reloader,
) -> Arc<dyn Fn() + Send + Sync> {
    let (line, before) = (line.to_vec(), Mutex::new(origins.clone()));
    Arc::new(move || {
        let mut before = before.lock().unwrap_or_else(PoisonError::into_inner);
        let reloaded = read(&line).and_then(|args| apply(&args, listen, &reloader).map(|()| args.server));
        match reloaded {
            Ok(server) => {
                let other_certificate = has_tls && tls_files(&server).is_some();
                let is_reloaded =
                    |name: &str| RELOADED.contains(&name) || other_certificate && RELOADED_WITH_TLS.contains(&name);
                let origins = server.origins;
                let changed = origins.changed(&before);
                let restart: Vec<&str> = changed.into_iter().filter(|name| !is_reloaded(name)).collect();
                if !restart.is_empty() {
                    let names = restart.join(", ");
                    tracing::warn!(target: log::ALWAYS, "these options take effect after a restart only: {names}");
                }
                *before = origins;
                tracing::info!(target: log::ALWAYS, "the configuration was reloaded");
            }
            Err(failure) => report(&failure),
        }
    })
}

/// What a SIGHUP does with `live`: the certificate is loaded again.
pub(super) fn of_session(args: &ServerArgs, reloader: Reloader) -> Arc<dyn Fn() + Send + Sync> {
    let files = tls_files(args);
    Arc::new(move || match files.as_ref().map(|files| reloader.reload_certificate(files)) {
        None => {}
        Some(Ok(())) => tracing::info!(target: log::ALWAYS, "the certificate was reloaded"),
        Some(Err(error)) => report(&Failure::wrong(error)),
    })
}

/// The files of the certificate.
pub(super) fn tls_files(args: &ServerArgs) -> Option<TlsFiles> {
    args.tls_cert.clone().zip(args.tls_key.clone()).map(|(cert, key)| TlsFiles { cert, key })
}

/// The quota of each client.
pub(super) fn quota(args: &ServeArgs) -> ClientQuota {
    ClientQuota {
        sessions: args.quota.max_sessions_per_address,
        session_time: Duration::from_secs(args.quota.max_hours_per_address * 3600),
        videos: args.quota.max_videos_per_address,
    }
}

fn report(failure: &Failure) {
    tracing::error!(target: log::ALWAYS, "the configuration was not reloaded, and stays as it was");
    failure.lines().into_iter().for_each(|line| tracing::error!(target: log::ALWAYS, "{line}"));
}

/// The options of the command line that the server was started with, and what environment and file say now.
fn read(line: &[OsString]) -> Result<ServeArgs, Failure> {
    let line = configuration::complete(line, |name| std::env::var_os(name))?;
    let cli = Cli::try_parse_from(&line.args).map_err(|error| Failure::wrong(error.to_string().trim()))?;
    match cli.command {
        Command::Serve(mut args) => {
            args.server.origins = line.origins;
            Ok(*args)
        }
        _ => Err(Failure::wrong("the command has changed")),
    }
}

fn apply(args: &ServeArgs, listen: SocketAddr, reloader: &Reloader) -> Result<(), Failure> {
    let catalogue = Arc::new(open_catalogue(args.catalogue.as_deref())?);
    let server = config(&args.server)?;
    // The address stays that of the start, whatever the options say now.
    check_access(args, listen, &server)?;
    let service = Reloaded { catalogue, operator: server.service.operator, quota: quota(args) };
    let reloaded = ReloadedServer { tls: tls_files(&args.server), requests_per_minute: args.rate_limit, service };
    reloader.reload(reloaded).map_err(Failure::wrong)
}
