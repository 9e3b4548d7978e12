//! `repcast serve` and `repcast live`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use super::args::{EncoderArgs, LiveArgs, PlaylistKind, ServeArgs, ServerArgs};
use super::inputs::{open_catalogue, open_project};
use super::render::{gpu_failure, quality, stop_on_signals, wanted_encoder};
use super::{Failure, capacity, print_json};
use crate::catalogue::Catalogue;
use crate::encode::EncodeError;
use crate::gpu::Gpu;
use crate::hls::Kind;
use crate::live::{Capacity, Count, Engine, Ladder, Settings, Stream};
use crate::preview::{LiveDesk, Preview};
use crate::serve::http::{HttpConfig, ServeError, TlsFiles};
use crate::serve::{Server, ServerConfig};
use crate::time::Rational;

/// Seconds in a segment, or as near to it as whole parts come.
const SEGMENT_SECS: i128 = 2;

/// How often a stop is looked for. A player notices nothing of so little.
const LOOK: Duration = Duration::from_millis(50);

/// How long a session's end can be fetched when the session was all there was.
const LAST_LOOKS: Duration = Duration::from_secs(6);

pub(super) fn run_serve(args: &ServeArgs) -> Result<(), Failure> {
    let catalogue = open_catalogue(args.catalogue.as_deref())?;
    if let Some(media) = args.media.as_deref().filter(|media| !media.is_dir()) {
        return Err(Failure::wrong(format!("--media: there is no folder {}", media.display())));
    }
    let stop = stop_on_signals()?;
    let gpu = Gpu::open(args.adapter.as_deref()).map_err(gpu_failure)?;
    let engine = engine(&gpu, &args.encoder, Some(&args.server), args.capacity, &catalogue)?;
    let config =
        ServerConfig { media: args.media.clone(), requests_per_minute: args.rate_limit, ..config(&args.server) };
    let server = Server::open(config, Arc::new(engine), Arc::new(catalogue), true).map_err(Failure::wrong)?;
    announce(&server, &args.server);
    server.run(stopped(stop)).map_err(Failure::failed)
}

pub(super) fn run_live(args: &LiveArgs) -> Result<(), Failure> {
    let stop = stop_on_signals()?;
    let (project, gpu) = std::thread::scope(|scope| {
        let gpu = scope.spawn(|| Gpu::open(args.document.adapter.as_deref()));
        (open_project(&args.document), gpu.join())
    });
    let project = project?;
    let gpu = gpu.map_err(|_| Failure::failed("the graphics adapter's driver failed"))?.map_err(gpu_failure)?;
    let engine = engine(&gpu, &args.encoder, Some(&args.server), Some(u64::MAX / 1_000_000), &Catalogue::default())?;
    let config = config(&args.server);
    let server = Server::open(config, Arc::new(engine), Arc::default(), false).map_err(Failure::wrong)?;
    let id = server.begin(&project).map_err(Failure::failed)?;
    let address = announce(&server, &args.server);
    eprintln!("player: {address}/live/{id}/ (with ?control=1 for whoever leads)");
    eprintln!("stream: {address}/live/{id}/master.m3u8");
    let sessions = server.sessions();
    let stream = sessions.get(&id);
    let (watched, watched_id) = (sessions.clone(), id.clone());
    let over = async move {
        tokio::select! {
            () = stopped(stop) => {}
            () = async {
                watched.ended(&watched_id).await;
                tokio::time::sleep(LAST_LOOKS).await;
            } => {}
        }
    };
    let stream = stream.ok_or_else(|| Failure::failed("the session was lost"))?;
    if args.preview {
        let desk = LiveDesk::new(stream.clone(), gpu.name(), move || sessions.viewers(&id));
        beside_window(&gpu, &stream, desk, move || server.run(over))?;
    } else {
        server.run(over).map_err(Failure::failed)?;
    }
    if args.document.json {
        print_json(&summary(&stream, gpu.name()), false)?;
    } else {
        report(&stream);
    }
    match stream.report().failure {
        None => Ok(()),
        Some(failure) => Err(Failure::failed(failure)),
    }
}

/// Serves on a thread of its own while the window has the main one, as windowing systems want it. What befalls the window
/// does not touch the session.
fn beside_window(
    gpu: &Arc<Gpu>,
    stream: &Arc<Stream>,
    desk: LiveDesk,
    serve: impl FnOnce() -> Result<(), ServeError> + Send + 'static,
) -> Result<(), Failure> {
    let preview = match Preview::open() {
        Ok(preview) => preview,
        Err(error) => {
            eprintln!("preview: {error}; the session goes on without a window");
            return serve().map_err(Failure::failed);
        }
    };
    let handle = preview.handle();
    stream.monitor().attach(Some(Arc::new(handle.clone())));
    let service = std::thread::Builder::new().name("service".to_owned()).spawn(move || {
        let result = serve();
        handle.quit();
        result
    });
    let service = service.map_err(Failure::failed)?;
    let opened = stream.clone();
    let shown = preview.run(gpu, Box::new(desk), move |is_open| opened.monitor().opened(is_open));
    stream.monitor().attach(None);
    if let Err(error) = shown {
        eprintln!("preview: {error}; the session goes on without a window");
    }
    service.join().map_err(|_| Failure::failed("the server broke down"))?.map_err(Failure::failed)
}

/// What sessions are made with.
pub(super) fn engine(
    gpu: &Arc<Gpu>,
    encoder: &EncoderArgs,
    server: Option<&ServerArgs>,
    megapixels: Option<u64>,
    catalogue: &Catalogue,
) -> Result<Engine, Failure> {
    let (quality, preset) = quality(encoder);
    let (ladder, part) = match server {
        Some(args) => (args.ladder.clone().unwrap_or_default(), args.part),
        None => (Ladder::default(), Rational::new(1, 2)),
    };
    let parts = crate::time::round(Rational::from_integer(SEGMENT_SECS) / part).max(1);
    let settings = Settings { quality, preset, ladder, part, parts_per_segment: parts as u64 };
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

fn config(args: &ServerArgs) -> ServerConfig {
    let tls = args.tls_cert.clone().zip(args.tls_key.clone()).map(|(cert, key)| TlsFiles { cert, key });
    let http = HttpConfig {
        tls,
        max_connections: args.max_connections,
        trusted_proxies: args.trusted_proxy.clone(),
        cors_origins: args.cors.clone(),
        ..ServerConfig::new(args.listen).http
    };
    let kind = match args.playlist {
        PlaylistKind::Sliding => Kind::Sliding,
        PlaylistKind::Event => Kind::Event,
    };
    ServerConfig { http, kind, public_url: args.public_url.clone(), ..ServerConfig::new(args.listen) }
}

/// Says where the server listens, for people and for programs that wait for it.
fn announce(server: &Server, args: &ServerArgs) -> String {
    let scheme = if args.tls_cert.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{}", server.address());
    eprintln!("listening on {address}");
    address
}

/// Resolves when the flag is set.
async fn stopped(stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(LOOK).await;
    }
}

fn summary(stream: &Stream, adapter: &str) -> serde_json::Value {
    let (report, meters) = (stream.report(), stream.meters());
    let stages: serde_json::Map<String, serde_json::Value> =
        meters.percentiles().into_iter().map(|(name, times)| (name.to_owned(), json!(times))).collect();
    json!({
        "frames": meters.read(Count::Frames),
        "late_frames": meters.read(Count::Late),
        "failovers": meters.read(Count::Failovers),
        "bytes": meters.read(Count::Bytes),
        "encoder": report.encoder,
        "adapter": adapter,
        "stages": stages,
        "broken_clips": report.broken,
        "failure": report.failure,
    })
}

/// What became of the session: its frames, and how long each stage took.
fn report(stream: &Stream) {
    let meters = stream.meters();
    let [frames, late, failovers] = [Count::Frames, Count::Late, Count::Failovers].map(|count| meters.read(count));
    eprintln!("{frames} frames, {late} late, {failovers} encoders replaced; {}", stream.report().encoder);
    eprintln!("{:>10} {:>9} {:>9} {:>9}", "stage", "p50 ms", "p95 ms", "p99 ms");
    for (name, times) in meters.percentiles() {
        let [p50, p95, p99] = [times.p50, times.p95, times.p99].map(|micros| micros as f64 / 1000.0);
        eprintln!("{name:>10} {p50:9.2} {p95:9.2} {p99:9.2}");
    }
}
