//! `repcast serve`, and what it shares with `repcast live`.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::args::{AuthArgs, AuthMode, EncoderArgs, PlaylistKind, Registration, ServeArgs, ServerArgs};
use super::check_clips;
use super::configuration::Origins;
use super::data_folder::DataFolder;
use super::inputs::{catalogue_folder, open_catalogue};
use super::language_model;
use super::link_socket::LinkSocket;
use super::reload::{self, tls_files};
use super::render::{gpu_failure, quality, wanted_encoder};
use super::signals::ServerSignals;
use crate::commands::{Failure, capacity, log, open_files, print_line, voices};
use repcast_compositor::Gpu;
use repcast_engine::check::ClipChecker;
use repcast_engine::live::{Capacity, Engine, Ladder, LiveSettings};
use repcast_gstreamer::encode::EncodeError;
use repcast_http::{AllowedHosts, Certificates, HttpConfig, PublicUrl, lan_address, lan_name};
use repcast_media::Segmentation;
use repcast_media::io_reason;
use repcast_model::catalogue::Catalogue;
use repcast_mux::hls::LivePlaylistKind;
use repcast_server::{Server, ServerConfig};
use repcast_service::{AccountPolicy, CoachConfig, ServiceConfig, Token, TokenError};

/// Most bytes that are read of the file of a token, which has one line.
const MAX_TOKEN_FILE_BYTES: u64 = 4096;

/// How long speaking the texts of a client's document may take. All documents together are spoken on one core.
const SPEECH_LIMIT: Duration = Duration::from_secs(30);

pub(super) fn run(args: &ServeArgs, line: &[OsString]) -> Result<(), Failure> {
    let started = Instant::now();
    let catalogue = open_catalogue(args.catalogue.as_deref())?;
    let origins = &args.server.origins;
    if let Some(media) = args.media.as_deref().filter(|media| !media.is_dir()) {
        return Err(Failure::wrong(format!("{}: there is no folder {}", origins.place("media"), media.display())));
    }
    let outputs = args.outputs.config()?;
    let server = config(&args.server)?;
    check_access(args, args.server.address(), &server)?;
    let speaker = voices::speaker(&args.voices)?.with_document_limit(SPEECH_LIMIT);
    let is_forwarded = !args.server.trusted_proxy.is_empty() || args.server.public_url.is_some();
    let is_local = args.server.address().ip().is_loopback() && !is_forwarded;
    let folder = DataFolder::open(&args.data)?;
    let coach = coach(args, &folder, is_local)?;
    let language_model = language_model::open(&args.assistant, origins, |name| std::env::var(name).ok())?;
    if args.check_config {
        return check_config(args);
    }
    if is_forwarded && server.service.operator.is_none() && !args.open && args.accounts.auth.is_none() {
        tracing::warn!(
            "everyone who reaches the proxy may start sessions and videos: give --auth on, --token-file FILE, or --open"
        );
    }
    let (data, database) = (folder.path().to_owned(), coach.database.clone());
    let segments = args.store.open().map_err(Failure::wrong)?.map(Arc::new);
    let signals = ServerSignals::handle()?;
    let gpu = Gpu::open(args.adapter.as_deref()).map_err(gpu_failure)?;
    let engine = engine(&gpu, &args.encoder, Some(&args.server), args.capacity, &catalogue)?;
    let exercises = catalogue.exercises().len();
    let service = ServiceConfig {
        catalogue: Arc::new(catalogue),
        media: args.media.clone(),
        // Workers need facilities of Linux.
        checker: cfg!(target_os = "linux").then(|| Arc::new(ClipChecker::start(&check_clips::worker_command()))),
        quota: reload::quota(args),
        generation_stall_timeout: Duration::from_secs(args.generation.generation_stall),
        generation_memory: args.generation.generation_memory * 1_000_000,
        segments,
        speaker: Arc::new(speaker),
        outputs,
        language_model: language_model.clone(),
        ..server.service
    };
    let config = ServerConfig { requests_per_minute: args.rate_limit, service, coach: Some(coach), ..server };
    let server = Server::open(config, Arc::new(engine)).map_err(Failure::wrong)?;
    announce(&server, &args.server);
    let folder =
        |folder: Option<PathBuf>| folder.map_or_else(|| "none".to_owned(), |folder| folder.display().to_string());
    let engine = server.service().engine();
    tracing::info!(
        target: log::ALWAYS,
        version = env!("CARGO_PKG_VERSION"),
        listen = %server.address(),
        tls = args.server.tls_cert.is_some(),
        adapter = engine.gpu.name(),
        encoder = engine.encoders.current(),
        capacity_mpixels = engine.capacity.total() / 1_000_000,
        catalogue = folder(catalogue_folder(args.catalogue.as_deref()).ok()),
        exercises,
        media = folder(args.media.clone()),
        data = data.display().to_string(),
        database = database.to_string(),
        store = folder(args.store.store.clone()),
        assistant = language_model.map_or_else(|| "planner".to_owned(), |model| model.to_string()),
        config = folder(origins.file().map(Path::to_owned)),
        "started"
    );
    let _socket = LinkSocket::open(server.links());
    let service = server.service().clone();
    let has_tls = reload::tls_files(&args.server).is_some();
    let reload = reload::of_server(line, origins, (server.address(), has_tls), server.reloader());
    let waiting = signals.clone();
    let result = server.run(async move { waiting.stopped(reload).await }).map_err(Failure::failed);
    let (reason, sessions) = (signals.reason().unwrap_or("failure"), service.sessions_started());
    tracing::info!(target: log::ALWAYS, reason, sessions, uptime_secs = started.elapsed().as_secs(), "stopped");
    result
}

/// Checks that not everyone may start sessions by accident.
///
/// # Errors
/// When other machines can reach the server, and neither a token nor `--open` is given.
pub(super) fn check_access(args: &ServeArgs, listen: SocketAddr, server: &ServerConfig) -> Result<(), Failure> {
    if listen.ip().is_loopback() || server.service.operator.is_some() || args.open || args.accounts.auth.is_some() {
        return Ok(());
    }
    let advice = "give --auth on, so that people sign in, --token-file FILE, whose token starting and listing sessions then needs, \
                  or --open to let everyone start them";
    let option = match args.server.lan {
        true => args.server.origins.place("lan"),
        false => format!("{} {listen}", args.server.origins.place("listen")),
    };
    Err(Failure::wrong(format!("{option}: other machines can reach this address; {advice}")))
}

/// Accounts, the library and saved workouts. The user of this machine, to which the server listens alone then, needs no
/// account.
fn coach(args: &ServeArgs, folder: &DataFolder, is_local: bool) -> Result<CoachConfig, Failure> {
    let AuthArgs { auth, registration, jwt_key_file } = &args.accounts;
    let with_accounts = match registration {
        Registration::Open => AccountPolicy::Open,
        Registration::Closed => AccountPolicy::Closed,
    };
    let (clips, videos) = folder.stores(&args.storage)?;
    Ok(CoachConfig {
        database: folder.database(&args.data),
        folder: folder.path().to_owned(),
        clips,
        videos,
        video_bytes: args.storage.videos_mb.saturating_mul(1_000_000),
        worker: cfg!(target_os = "linux").then(check_clips::worker_command),
        secret: folder.secret(jwt_key_file.as_deref())?,
        with_accounts,
        auth: auth.map(|mode| mode == AuthMode::On),
        cameras: Some(args.cameras.config()),
        has_local_user: *auth == Some(AuthMode::Off) || (is_local && !args.open),
    })
}

/// Checks what [`run`] would find out later, and reports that everything is right.
fn check_config(args: &ServeArgs) -> Result<(), Failure> {
    wanted_encoder(&args.encoder)?;
    tls_files(&args.server).map_or(Ok(()), |files| Certificates::load(&files).map(drop)).map_err(Failure::wrong)?;
    let name = args.server.origins.file().map_or_else(|| "options".to_owned(), |file| file.display().to_string());
    print_line(&format!("{name}: everything is valid"))
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
        Some(file) => Some(read_token(file, &args.origins)?),
        None => args.token.as_deref().map(|token| parse_token(token, &args.origins)).transpose()?,
    };
    let listen = args.address();
    let lan_name = args.lan.then(lan_name).flatten();
    let names = args.public_url.iter().map(PublicUrl::host).chain(&args.allowed_host).chain(&lan_name).cloned();
    let allowed_hosts = match AllowedHosts::new(listen.ip(), names.collect()) {
        // All addresses and no names: devices of the network use the former.
        AllowedHosts::Any if args.lan => AllowedHosts::Public(Vec::new()),
        hosts => hosts,
    };
    let http = HttpConfig {
        tls: tls_files(args),
        max_connections: open_files::max_connections(open_files::raise_limit(), args.max_connections),
        max_connections_per_address: Some(args.max_connections_per_address).filter(|max| *max > 0),
        trusted_proxies: args.trusted_proxy.clone(),
        allowed_hosts,
        cors_origins: args.cors.clone(),
        ..ServerConfig::new(listen).http
    };
    let playlist = match args.playlist {
        PlaylistKind::Sliding => LivePlaylistKind::Sliding,
        PlaylistKind::Event => LivePlaylistKind::Event,
    };
    let public_url = args.public_url.as_ref().map_or_else(String::new, ToString::to_string);
    let drain_timeout = args.drain_timeout;
    let admin_listen = args.admin_listen;
    let requests_per_minute = ServerConfig::new(listen).requests_per_minute;
    let lan = args.lan.then(lan_address).flatten();
    if args.lan && lan.is_none() {
        tracing::warn!("--lan: this machine has no address in a network; links name the machine itself");
    }
    let service = ServiceConfig { operator, playlist, ..ServiceConfig::default() };
    let coach = None;
    Ok(ServerConfig { http, admin_listen, public_url, lan, requests_per_minute, drain_timeout, service, coach })
}

/// A token that was given itself. The message does not contain it.
fn parse_token(text: &str, origins: &Origins) -> Result<Token, Failure> {
    text.parse().map_err(|error: TokenError| Failure::wrong(format!("{}: {error}", origins.place("token"))))
}

/// Reads the file of the token.
fn read_token(path: &Path, origins: &Origins) -> Result<Token, Failure> {
    let place = origins.place("token-file");
    let wrong = |reason: &dyn Display| Failure::wrong(format!("{place}: {}: {reason}", path.display()));
    let file = File::open(path).map_err(|error| wrong(&io_reason(&error)))?;
    let mut text = String::new();
    file.take(MAX_TOKEN_FILE_BYTES).read_to_string(&mut text).map_err(|error| wrong(&io_reason(&error)))?;
    text.trim().parse().map_err(|error: TokenError| wrong(&error))
}

/// Prints the address that the server listens on, for people and for programs that wait for it.
pub(super) fn announce(server: &Server, args: &ServerArgs) {
    let scheme = if args.tls_cert.is_some() { "https" } else { "http" };
    match server.lan_url() {
        Some(url) => log::message(&format!("listening on {url}")),
        None => log::message(&format!("listening on {scheme}://{}", server.address())),
    }
    if let Some(admin) = server.admin_address() {
        log::message(&format!("metrics on http://{admin}/metrics"));
    }
}
