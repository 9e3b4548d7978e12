//! `repcast serve`, and what it shares with `repcast live`.

use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::args::{EncoderArgs, PlaylistKind, ServeArgs, ServerArgs};
use super::check_clips;
use super::inputs::open_catalogue;
use super::render::{gpu_failure, quality, stop_on_signals, wanted_encoder};
use crate::commands::{Failure, capacity, open_files, voices};
use repcast_compositor::Gpu;
use repcast_engine::check::ClipChecker;
use repcast_engine::live::{Capacity, Engine, Ladder, LiveSettings};
use repcast_gstreamer::encode::EncodeError;
use repcast_http::{AllowedHosts, HttpConfig, PublicUrl, TlsFiles};
use repcast_media::Segmentation;
use repcast_model::catalogue::Catalogue;
use repcast_mux::hls::LivePlaylistKind;
use repcast_server::{Server, ServerConfig};
use repcast_service::{ClientQuota, ServiceConfig, Token, TokenError};

/// Most bytes that are read of the file of a token, which has one line.
const MAX_TOKEN_FILE_BYTES: u64 = 4096;

/// How long speaking the texts of a client's document may take. All documents together are spoken on one core.
const SPEECH_LIMIT: Duration = Duration::from_secs(30);

/// How often the stop flag is checked.
const STOP_CHECK_INTERVAL: Duration = Duration::from_millis(50);

pub(super) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let catalogue = open_catalogue(args.catalogue.as_deref())?;
    if let Some(media) = args.media.as_deref().filter(|media| !media.is_dir()) {
        return Err(Failure::wrong(format!("--media: there is no folder {}", media.display())));
    }
    let outputs = args.outputs.config()?;
    let server = config(&args.server)?;
    if !args.server.listen.ip().is_loopback() && server.service.operator.is_none() && !args.open {
        let listen = args.server.listen;
        let advice = "give --token-file FILE, whose token starting and listing sessions then needs, or --open to let everyone start them";
        return Err(Failure::wrong(format!("--listen {listen}: other machines can reach this address; {advice}")));
    }
    let is_forwarded = !args.server.trusted_proxy.is_empty() || args.server.public_url.is_some();
    if is_forwarded && server.service.operator.is_none() && !args.open {
        tracing::warn!(
            "everyone who reaches the proxy may start sessions and videos: give --token-file FILE, or --open"
        );
    }
    let speaker = voices::speaker(&args.voices)?.with_document_limit(SPEECH_LIMIT);
    let segments = args.store.open().map_err(Failure::wrong)?.map(Arc::new);
    let stop = stop_on_signals()?;
    let gpu = Gpu::open(args.adapter.as_deref()).map_err(gpu_failure)?;
    let engine = engine(&gpu, &args.encoder, Some(&args.server), args.capacity, &catalogue)?;
    let service = ServiceConfig {
        catalogue: Arc::new(catalogue),
        media: args.media.clone(),
        // Workers need facilities of Linux.
        checker: cfg!(target_os = "linux").then(|| Arc::new(ClipChecker::start(&check_clips::worker_command()))),
        quota: ClientQuota {
            sessions: args.max_sessions_per_address,
            session_time: Duration::from_secs(args.max_hours_per_address * 3600),
            videos: args.max_videos_per_address,
        },
        segments,
        speaker: Arc::new(speaker),
        outputs,
        ..server.service
    };
    let config = ServerConfig { requests_per_minute: args.rate_limit, service, ..server };
    let server = Server::open(config, Arc::new(engine)).map_err(Failure::wrong)?;
    announce(&server, &args.server);
    server.run(stopped(stop)).map_err(Failure::failed)
}

/// The engine of live sessions.
pub(super) fn engine(
    gpu: &Arc<Gpu>,
    encoder: &EncoderArgs,
    server: Option<&ServerArgs>,
    megapixels: Option<u64>,
    catalogue: &Catalogue,
) -> Result<Engine, Failure> {
    let (quality, preset) = quality(encoder);
    let (ladder, segmentation) = match server {
        Some(args) => (args.ladder.clone().unwrap_or_default(), Segmentation::with_part(args.part)),
        None => (Ladder::default(), Segmentation::default()),
    };
    let settings = LiveSettings { quality, preset, ladder, segmentation };
    let wanted = wanted_encoder(encoder)?;
    let mut engine = Engine::new(gpu, wanted, settings, Capacity::new(u64::MAX)).map_err(|error| match error {
        EncodeError::Unknown(_) => Failure::wrong(error),
        error => Failure::failed(error),
    })?;
    let total = match megapixels {
        Some(megapixels) => megapixels.saturating_mul(1_000_000),
        None => capacity::estimate(&engine, catalogue)?,
    };
    engine.capacity = Capacity::new(total);
    Ok(engine)
}

/// The configuration of the server.
///
/// # Errors
/// When the file of the token cannot be used.
pub(super) fn config(args: &ServerArgs) -> Result<ServerConfig, Failure> {
    let operator = match &args.token_file {
        Some(file) => Some(read_token(file)?),
        None => args.token.as_deref().map(parse_token).transpose()?,
    };
    let names = args.public_url.iter().map(PublicUrl::host).chain(&args.allowed_host).cloned().collect();
    let tls = args.tls_cert.clone().zip(args.tls_key.clone()).map(|(cert, key)| TlsFiles { cert, key });
    let http = HttpConfig {
        tls,
        max_connections: open_files::max_connections(open_files::raise_limit(), args.max_connections),
        max_connections_per_address: Some(args.max_connections_per_address).filter(|max| *max > 0),
        trusted_proxies: args.trusted_proxy.clone(),
        allowed_hosts: AllowedHosts::new(args.listen.ip(), names),
        cors_origins: args.cors.clone(),
        ..ServerConfig::new(args.listen).http
    };
    let playlist = match args.playlist {
        PlaylistKind::Sliding => LivePlaylistKind::Sliding,
        PlaylistKind::Event => LivePlaylistKind::Event,
    };
    let public_url = args.public_url.as_ref().map_or_else(String::new, ToString::to_string);
    let drain_timeout = args.drain_timeout;
    let admin_listen = args.admin_listen;
    let requests_per_minute = ServerConfig::new(args.listen).requests_per_minute;
    let service = ServiceConfig { operator, playlist, ..ServiceConfig::default() };
    Ok(ServerConfig { http, admin_listen, public_url, requests_per_minute, drain_timeout, service })
}

/// A token from the command line or the environment. The message does not contain it.
fn parse_token(text: &str) -> Result<Token, Failure> {
    text.parse().map_err(|error: TokenError| Failure::wrong(format!("--token: {error}")))
}

/// Reads the file of the token.
fn read_token(path: &Path) -> Result<Token, Failure> {
    let wrong = |reason: &dyn Display| Failure::wrong(format!("--token-file: {}: {reason}", path.display()));
    let file = File::open(path).map_err(|error| wrong(&error))?;
    let mut text = String::new();
    file.take(MAX_TOKEN_FILE_BYTES).read_to_string(&mut text).map_err(|error| wrong(&error))?;
    text.trim().parse().map_err(|error: TokenError| wrong(&error))
}

/// Prints the address that the server listens on, for people and for programs that wait for it.
pub(super) fn announce(server: &Server, args: &ServerArgs) -> String {
    let scheme = if args.tls_cert.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{}", server.address());
    eprintln!("listening on {address}");
    if let Some(admin) = server.admin_address() {
        eprintln!("metrics on http://{admin}/metrics");
    }
    address
}

/// Resolves when the flag is set.
pub(super) async fn stopped(stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(STOP_CHECK_INTERVAL).await;
    }
}
