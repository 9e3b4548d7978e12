//! `repcast live`.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::json;

use super::args::LiveArgs;
use super::class::{SourceOpener, await_start};
use super::inputs::{document_source, open_source};
use super::render::stop_on_signals;
use super::serve::{announce, config, engine, stopped};
use super::window::LiveWindow;
use super::{Failure, print_json};
use repcast_engine::live::Stream;
use repcast_engine::metrics::Counter;
use repcast_gstreamer::decode;
use repcast_model::catalogue::Catalogue;
use repcast_server::{CONTROL_QUERY, Server, ServerConfig};
use repcast_service::{LiveSession, Service, ServiceConfig};

/// How long players can at least fetch the end of the session before the process exits.
const MIN_DRAIN: Duration = Duration::from_secs(6);

/// What the window of a session shows, and by what it controls it.
#[cfg_attr(not(feature = "preview"), expect(dead_code, reason = "builds without the window do not read it"))]
pub(super) struct WindowSession {
    pub(super) service: Weak<Service>,
    pub(super) session: LiveSession,
    /// The exercises that can replace others.
    pub(super) catalogue: Catalogue,
    /// The address of the player page.
    pub(super) player: String,
    /// The address of the page that controls the session, with its secret.
    pub(super) control: String,
}

pub(super) fn run(args: &LiveArgs) -> Result<(), Failure> {
    let stop = stop_on_signals()?;
    let flow = args.flow.flow();
    let source = document_source(&args.document)?;
    let source = if flow.is_waiting { source.as_class() } else { source };
    let (project, gpu) = open_source(&source, args.document.adapter.as_deref())?;
    let engine = engine(&gpu, &args.encoder, Some(&args.server), Some(u64::MAX / 1_000_000), &Catalogue::default())?;
    let config = config(&args.server)?;
    let is_interactive = args.flow.is_interactive();
    // Somebody at a terminal ends the program; until then the page says that the class has ended.
    let linger = if is_interactive { Duration::MAX } else { config.service.linger };
    let service = ServiceConfig { accepts_documents: false, linger, ..config.service };
    let config = ServerConfig { service, ..config };
    let public_url = config.public_url.clone();
    let drain = MIN_DRAIN.max(config.drain_timeout);
    let server = Server::open(config, Arc::new(engine)).map_err(Failure::wrong)?;
    let window = args.preview.then(|| LiveWindow::prepare(&gpu)).transpose()?;
    let catalogue = source.exercises();
    let session = server.service().start_session_of(&project, Arc::new(SourceOpener(source)), flow);
    let session = session.map_err(Failure::failed)?;
    let LiveSession { stream, control, .. } = session.clone();
    let id = stream.id();
    let address = announce(&server, &args.server);
    let address = if public_url.is_empty() { address } else { public_url.trim_end_matches('/').to_owned() };
    let player = format!("{address}/live/{id}/");
    let control = format!("{player}{CONTROL_QUERY}#{}", control.secret());
    eprintln!("player: {player}");
    // For the coach, who may pass it on: the page has the right to control the session from the end of this address.
    eprintln!("control: {control}");
    eprintln!("stream: {address}/live/{id}/master.m3u8");
    if flow.is_waiting {
        await_start(&stream, &project, &player, is_interactive && !args.document.is_piped());
    }
    let mut is_over = stream.over();
    let over = async move {
        tokio::select! {
            () = stopped(stop) => {}
            () = async {
                let _ = is_over.wait_for(|is_over| *is_over).await;
                tokio::time::sleep(drain).await;
                if is_interactive {
                    eprintln!("the session has ended; its page says so until you press Ctrl-C");
                    std::future::pending::<()>().await;
                }
            } => {}
        }
    };
    let (shown, adapter, is_json) = (stream.clone(), gpu.name().to_owned(), args.document.json);
    let service = Arc::downgrade(server.service());
    let serve = move || {
        server.run(over).map_err(Failure::failed)?;
        report(&shown, &adapter, is_json)
    };
    match window {
        None => serve(),
        Some(window) => window.run(&gpu, WindowSession { service, session, catalogue, player, control }, serve),
    }
}

/// Reports how the session ended.
fn report(stream: &Stream, adapter: &str, is_json: bool) -> Result<(), Failure> {
    if is_json {
        print_json(&summary(stream, adapter), false)?;
    } else {
        print_stages(stream);
    }
    stream.report().failure.map_or(Ok(()), |failure| Err(Failure::failed(failure)))
}

fn summary(stream: &Stream, adapter: &str) -> serde_json::Value {
    let (report, metrics) = (stream.report(), stream.metrics());
    let stages: serde_json::Map<String, serde_json::Value> =
        metrics.percentiles().into_iter().map(|(name, times)| (name.to_owned(), json!(times))).collect();
    json!({
        "frames": metrics.get(Counter::Frames),
        "late_frames": metrics.get(Counter::LateFrames),
        "failovers": metrics.get(Counter::Failovers),
        "bytes": metrics.get(Counter::Bytes),
        "encoder": report.encoder.unwrap_or_default(),
        "adapter": adapter,
        "stages": stages,
        "concealed": decode::concealed_count(),
        "broken_clips": report.broken.iter().map(|clip| clip.error.to_string()).collect::<Vec<_>>(),
        "failure": report.failure,
    })
}

/// Prints the frames of the session, and the durations of each stage.
fn print_stages(stream: &Stream) {
    let metrics = stream.metrics();
    let [frames, late, failovers] =
        [Counter::Frames, Counter::LateFrames, Counter::Failovers].map(|counter| metrics.get(counter));
    eprintln!(
        "{frames} frames, {late} late, {failovers} encoders replaced; {}",
        stream.report().encoder.unwrap_or_default()
    );
    eprintln!("{:>10} {:>9} {:>9} {:>9}", "stage", "p50 ms", "p95 ms", "p99 ms");
    for (name, times) in metrics.percentiles() {
        let [p50, p95, p99] = [times.p50, times.p95, times.p99].map(|micros| micros as f64 / 1000.0);
        eprintln!("{name:>10} {p50:9.2} {p95:9.2} {p99:9.2}");
    }
}
