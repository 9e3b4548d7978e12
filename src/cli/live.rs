//! `repcast live`.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, bounded};
use serde_json::json;

use super::args::LiveArgs;
use super::inputs::open_both;
use super::leave::exit_now;
use super::render::stop_on_signals;
use super::serve::{announce, config, engine, stopped};
use super::{Failure, print_json, tell};
use crate::catalogue::Catalogue;
use crate::decode;
use crate::gpu::Gpu;
use crate::live::{Count, Stream};
use crate::preview::{Handle, LiveDesk, Preview, PreviewError, Tools};
use crate::serve::Server;

/// How long a session's end can at least be fetched when the session was all there was.
const LAST_LOOKS: Duration = Duration::from_secs(6);

/// How long the window may take to close when all else has ended. A display that hangs holds whoever speaks to it.
const WINDOW_PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn run(args: &LiveArgs) -> Result<(), Failure> {
    let stop = stop_on_signals()?;
    let (project, gpu) = open_both(&args.document)?;
    let engine = engine(&gpu, &args.encoder, Some(&args.server), Some(u64::MAX / 1_000_000), &Catalogue::default())?;
    let config = config(&args.server);
    let last_looks = LAST_LOOKS.max(config.farewell);
    let server = Server::open(config, Arc::new(engine), Arc::default(), false).map_err(Failure::wrong)?;
    // What the window draws with is compiled before the stream begins, which then has the machine to itself.
    let tools = args.preview.then(|| Tools::new(&gpu));
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
    let desk = LiveDesk::new(stream.clone(), gpu.name(), viewers);
    let (shown, adapter, is_json) = (stream.clone(), gpu.name().to_owned(), args.document.json);
    let serve = move || {
        server.run(over).map_err(Failure::failed)?;
        report(&shown, &adapter, is_json)
    };
    match tools {
        None => serve(),
        Some(tools) => beside_window(tools, &gpu, &stream, desk, serve),
    }
}

/// Ends the window when it is dropped.
struct Closing(Arc<OnceLock<Handle>>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.get().iter().for_each(|handle| handle.quit());
    }
}

/// Serves on a thread of its own while the window has the main one, as windowing systems want it. What befalls the window
/// does not touch the session: not even a display that never answers.
fn beside_window(
    tools: Tools,
    gpu: &Arc<Gpu>,
    stream: &Arc<Stream>,
    desk: LiveDesk,
    serve: impl FnOnce() -> Result<(), Failure> + Send + 'static,
) -> Result<(), Failure> {
    let handle = Arc::new(OnceLock::new());
    let closing = Closing(handle.clone());
    let (has_window, is_gone) = bounded::<()>(0);
    let service = std::thread::Builder::new().name("service".to_owned()).spawn(move || {
        let result = {
            let _closing = closing;
            serve()
        };
        if is_gone.recv_timeout(WINDOW_PATIENCE) == Err(RecvTimeoutError::Timeout) {
            exit_now(tell(&result));
        }
        result
    });
    let service = service.map_err(Failure::failed)?;
    if let Err(error) = show(tools, gpu, stream, desk, &handle) {
        go_on_without(&error);
    }
    stream.monitor().attach(None);
    drop(has_window);
    service.join().map_err(|_| Failure::failed("the server broke down"))?
}

/// What is left for the thread of a window whose display went away while it was opened: the session has its own.
fn stand_still() -> ! {
    go_on_without(&PreviewError::DisplayLost);
    loop {
        std::thread::park();
    }
}

fn go_on_without(error: &PreviewError) {
    eprintln!("preview: {error}; the session goes on without a window");
}

fn show(
    tools: Tools,
    gpu: &Arc<Gpu>,
    stream: &Arc<Stream>,
    desk: LiveDesk,
    handle: &OnceLock<Handle>,
) -> Result<(), PreviewError> {
    let preview = Preview::open(stand_still)?;
    let window = handle.get_or_init(|| preview.handle());
    stream.monitor().attach(Some(Arc::new(window.clone())));
    // It may have ended before there was anybody to tell.
    if *stream.over().borrow() {
        return Ok(());
    }
    let opened = stream.clone();
    preview.run(gpu, tools, Box::new(desk), move |is_open| opened.monitor().opened(is_open))
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
