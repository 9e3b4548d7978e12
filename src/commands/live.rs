//! `repcast live`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::args::LiveArgs;
use super::inputs::open_both;
use super::link_socket::LinkSocket;
use super::render::stop_on_signals;
use super::serve::{announce, config, engine, stopped};
use super::window::LiveWindow;
use super::{Failure, lan_question, link, print_json};
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
    // Before signals are handled, so that Ctrl-C ends the program here as well.
    if args.server.listen.is_none() && !args.server.lan {
        args.server.lan = lan_question::answer();
    }
    let stop = stop_on_signals()?;
    let (project, gpu) = open_both(&args.document)?;
    let engine = engine(&gpu, &args.encoder, Some(&args.server), Some(u64::MAX / 1_000_000), &Catalogue::default())?;
    let config = config(&args.server)?;
    let config = ServerConfig { service: ServiceConfig { accepts_documents: false, ..config.service }, ..config };
    let drain = MIN_DRAIN.max(config.drain_timeout);
    let server = Server::open(config, Arc::new(engine)).map_err(Failure::wrong)?;
    let window = args.preview.then(|| LiveWindow::prepare(&gpu)).transpose()?;
    let session = server.service().start_session_of(&project).map_err(Failure::failed)?;
    announce(&server, &args.server);
    let links = server.links();
    let name = server.lan_url().filter(|url| *url == links.base()).and_then(|_| lan_name());
    link::print(&links.of(&session), links.is_shared(), name.as_ref());
    let _socket = LinkSocket::open(links);
    let LiveSession { stream, viewers, .. } = session;
    let mut is_over = stream.over();
    let over = async move {
        tokio::select! {
            () = stopped(stop) => {}
            () = async {
                let _ = is_over.wait_for(|is_over| *is_over).await;
                tokio::time::sleep(drain).await;
            } => {}
        }
    };
    let (shown, adapter, is_json) = (stream.clone(), gpu.name().to_owned(), args.document.json);
    let serve = move || {
        server.run(over).map_err(Failure::failed)?;
        report(&shown, &adapter, is_json)
    };
    match window {
        None => serve(),
        Some(window) => window.run(&gpu, &stream, move || viewers.count(), serve),
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
