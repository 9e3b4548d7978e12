//! `repcast live`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::args::LiveArgs;
use super::inputs::open_both;
use super::render::stop_on_signals;
use super::serve::{announce, config, engine, stopped};
use super::window::LiveWindow;
use super::{Failure, print_json};
use repcast_model::catalogue::Catalogue;
use repcast_gstreamer::decode;
use repcast_engine::live::{Count, Stream};
use repcast_server::Server;

/// How long a session's end can at least be fetched when the session was all there was.
const LAST_LOOKS: Duration = Duration::from_secs(6);

pub(super) fn run(args: &LiveArgs) -> Result<(), Failure> {
    let stop = stop_on_signals()?;
    let (project, gpu) = open_both(&args.document)?;
    let engine = engine(&gpu, &args.encoder, Some(&args.server), Some(u64::MAX / 1_000_000), &Catalogue::default())?;
    let config = config(&args.server);
    let last_looks = LAST_LOOKS.max(config.farewell);
    let server = Server::open(config, Arc::new(engine), Arc::default(), false).map_err(Failure::wrong)?;
    let window = args.preview.then(|| LiveWindow::prepare(&gpu)).transpose()?;
    let id = server.begin(&project).map_err(Failure::failed)?;
    let address = announce(&server, &args.server);
    eprintln!("player: {address}/live/{id}/ (with ?control=1 for whoever leads)");
    eprintln!("stream: {address}/live/{id}/master.m3u8");
    let sessions = server.sessions();
    let stream = sessions.get(&id).ok_or_else(|| Failure::failed("the session was lost"))?;
    let viewers = {
        let (sessions, id) = (sessions.clone(), id.clone());
        move || sessions.viewers(&id)
    };
    let over = async move {
        tokio::select! {
            () = stopped(stop) => {}
            () = async {
                sessions.ended(&id).await;
                tokio::time::sleep(last_looks).await;
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
        Some(window) => window.run(&gpu, &stream, viewers, serve),
    }
}

/// Says what became of the session.
fn report(stream: &Stream, adapter: &str, is_json: bool) -> Result<(), Failure> {
    if is_json {
        print_json(&summary(stream, adapter), false)?;
    } else {
        print_stages(stream);
    }
    stream.report().failure.map_or(Ok(()), |failure| Err(Failure::failed(failure)))
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
        "concealed": decode::concealed(),
        "broken_clips": report.broken,
        "failure": report.failure,
    })
}

/// What became of the session: its frames, and how long each stage took.
fn print_stages(stream: &Stream) {
    let meters = stream.meters();
    let [frames, late, failovers] = [Count::Frames, Count::Late, Count::Failovers].map(|count| meters.read(count));
    eprintln!("{frames} frames, {late} late, {failovers} encoders replaced; {}", stream.report().encoder);
    eprintln!("{:>10} {:>9} {:>9} {:>9}", "stage", "p50 ms", "p95 ms", "p99 ms");
    for (name, times) in meters.percentiles() {
        let [p50, p95, p99] = [times.p50, times.p95, times.p99].map(|micros| micros as f64 / 1000.0);
        eprintln!("{name:>10} {p50:9.2} {p95:9.2} {p99:9.2}");
    }
}
