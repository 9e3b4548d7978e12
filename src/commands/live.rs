//! `repcast live`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::args::LiveArgs;
use super::class::{SourceOpener, await_start};
use super::inputs::{document_source, open_source};
use super::link_socket::LinkSocket;
use super::live_line::LiveLine;
use super::reload;
use super::serve::{announce, config, engine};
use super::session_outputs::{
    finished_recordings, print_pushes, print_recordings, pushes_json, recording_failure, recordings_json,
};
use super::signals::ServerSignals;
use super::window::{LiveWindow, WindowSession};
use super::{Failure, lan_question, link, log, print_json, question};
use repcast_engine::live::Stream;
use repcast_engine::metrics::Counter;
use repcast_gstreamer::decode;
use repcast_http::lan_name;
use repcast_model::catalogue::Catalogue;
use repcast_server::{Server, ServerConfig};
use repcast_service::{LiveSession, ServiceConfig};

/// How long players can at least fetch the end of the session before the process exits.
const MIN_DRAIN: Duration = Duration::from_secs(6);

pub(super) fn run(args: &mut LiveArgs) -> Result<(), Failure> {
    let started = Instant::now();
    // Before signals are handled, so that Ctrl-C ends the program here as well.
    if args.server.listen.is_none() && !args.server.lan {
        args.server.lan = lan_question::answer();
    }
    let outputs = args.outputs.check()?;
    let signals = ServerSignals::handle()?;
    let flow = args.flow.flow();
    let source = document_source(&args.document)?;
    let source = if flow.is_waiting { source.as_class() } else { source };
    let (project, gpu) = open_source(&source, args.document.adapter.as_deref())?;
    let engine = engine(&gpu, &args.encoder, Some(&args.server), Some(u64::MAX / 1_000_000), &Catalogue::default())?;
    let config = config(&args.server)?;
    let is_interactive = question::is_interactive();
    // A person at a terminal ends the program; until then the page says that the class has ended.
    let linger = if is_interactive { Duration::MAX } else { config.service.linger };
    // Of which the coach chooses another exercise.
    let catalogue = Arc::new(source.exercises());
    let service = ServiceConfig { accepts_documents: false, linger, catalogue, ..config.service };
    let config = ServerConfig { service, ..config };
    let drain = MIN_DRAIN.max(config.drain_timeout);
    let server = Server::open(config, Arc::new(engine)).map_err(Failure::wrong)?;
    let window = args.preview.then(|| LiveWindow::prepare(&gpu)).transpose()?;
    let session = server.service().start_session_of(&project, Arc::new(SourceOpener(source)), flow);
    let session = session.map_err(Failure::failed)?;
    outputs.start(&session.stream)?;
    announce(&server, &args.server);
    let links = server.links();
    let name = server.lan_url().filter(|url| *url == links.base()).and_then(|_| lan_name());
    let session_links = links.of(&session);
    link::print(&session_links, links.is_shared(), name.as_ref());
    let LiveSession { stream, viewers, .. } = session.clone();
    if flow.is_waiting {
        await_start(&stream, &session_links.join_url, is_interactive && !args.document.is_piped());
    }
    let _socket = LinkSocket::open(links);
    let engine = server.service().engine();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        adapter = engine.gpu.name(),
        encoder = engine.encoders.current(),
        title = stream.title(),
        "started"
    );
    let mut is_over = stream.over();
    let reload = reload::of_session(&args.server, server.reloader());
    let waiting = signals.clone();
    let over = async move {
        tokio::select! {
            () = waiting.stopped(reload) => {}
            () = async {
                let _ = is_over.wait_for(|is_over| *is_over).await;
                tokio::time::sleep(drain).await;
                if is_interactive {
                    log::message("the session has ended; its page says so until you press Ctrl-C");
                    std::future::pending::<()>().await;
                }
            } => {}
        }
    };
    let (shown, adapter, is_json) = (stream.clone(), gpu.name().to_owned(), args.result.json);
    let service = server.service().clone();
    let shown_session = WindowSession::new(&service, session, &session_links);
    let serve = move || {
        let line = LiveLine::start(&shown, move || viewers.count());
        let result = server.run(over);
        drop(line);
        let reason = signals.reason().unwrap_or(if result.is_ok() { "end" } else { "failure" });
        let (sessions, uptime_secs) = (service.sessions_started(), started.elapsed().as_secs());
        tracing::info!(reason, sessions, uptime_secs, "stopped");
        result.map_err(Failure::failed)?;
        report(&shown, &adapter, is_json)
    };
    match window {
        None => serve(),
        Some(window) => window.run(&gpu, shown_session, serve),
    }
}

/// Reports how the session ended.
fn report(stream: &Stream, adapter: &str, is_json: bool) -> Result<(), Failure> {
    let recordings = finished_recordings(stream);
    if is_json {
        let mut summary = summary(stream, adapter);
        summary["recordings"] = recordings_json(&recordings);
        summary["pushes"] = pushes_json(&stream.pushes());
        print_json(&summary, false)?;
    } else {
        print_stages(stream);
        print_recordings(&recordings);
        print_pushes(&stream.pushes());
    }
    stream.report().failure.map_or(Ok(()), |failure| Err(Failure::failed(failure)))?;
    recording_failure(&recordings)
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
    log::message(&format!(
        "{frames} frames, {late} late, {failovers} encoders replaced; {}",
        stream.report().encoder.unwrap_or_default()
    ));
    log::message(&format!("{:>10} {:>9} {:>9} {:>9}", "stage", "p50 ms", "p95 ms", "p99 ms"));
    for (name, times) in metrics.percentiles() {
        let [p50, p95, p99] = [times.p50, times.p95, times.p99].map(|micros| micros as f64 / 1000.0);
        log::message(&format!("{name:>10} {p50:9.2} {p95:9.2} {p99:9.2}"));
    }
}
