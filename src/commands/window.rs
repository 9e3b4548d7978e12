//! The preview window of a live session. The main thread runs the window, because windowing systems demand it; another
//! thread runs the server.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, bounded};
use repcast_compositor::Gpu;
use repcast_engine::live::Stream;
use repcast_gstreamer::play::SoundDevices;
use repcast_model::catalogue::Exercise;
use repcast_model::session::{Command, CommandRejection};
use repcast_preview::{
    CockpitPipelines, CommandError, ExerciseChoice, JoinLinks, LiveController, PreviewError, PreviewEventLoop,
    PreviewHandle, SessionCommands,
};
use repcast_server::SessionLinks;
use repcast_service::{LiveSession, Service};

use super::exit::exit_now;
use super::{Failure, log, print_result};

/// How long the window may take to close after the server has stopped. A display that hangs blocks the main thread.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// The window of a live session, before it is opened.
pub(super) struct LiveWindow {
    tools: CockpitPipelines,
}

/// A session, for its window.
pub(super) struct WindowSession {
    commands: ServiceCommands,
    exercises: Vec<ExerciseChoice>,
    links: JoinLinks,
}

impl WindowSession {
    /// `links` are what the window shows to those who join.
    pub(super) fn new(service: &Arc<Service>, session: LiveSession, links: &SessionLinks) -> Self {
        let choice = |exercise: &Exercise| ExerciseChoice { id: exercise.id.clone(), name: exercise.name.clone() };
        Self {
            exercises: service.catalogue().exercises().iter().map(choice).collect(),
            commands: ServiceCommands { service: Arc::downgrade(service), session },
            links: JoinLinks::new(&links.join_url, &links.control_url),
        }
    }
}

/// The use cases by which the window controls its session, as long as the server runs.
struct ServiceCommands {
    service: Weak<Service>,
    session: LiveSession,
}

impl SessionCommands for ServiceCommands {
    fn apply(&self, command: &Command) -> Result<(), CommandError> {
        let service = self.service.upgrade().ok_or(CommandRejection::Ended)?;
        Ok(service.command(&self.session, command)?)
    }

    fn viewers(&self) -> u64 {
        self.session.viewers.count()
    }
}

/// Closes the window when it is dropped.
struct CloseOnDrop(Arc<OnceLock<PreviewHandle>>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.get().iter().for_each(|handle| handle.quit());
    }
}

impl LiveWindow {
    /// Compiles what the window draws with. Done before the session starts, which then has the machine to itself.
    #[expect(clippy::unnecessary_wraps, reason = "builds without the window return an error here")]
    pub(super) fn prepare(gpu: &Arc<Gpu>) -> Result<Self, Failure> {
        Ok(Self { tools: CockpitPipelines::new(gpu) })
    }

    /// Opens the window and runs `serve` on another thread until it returns. A fault of the window or of its display, even
    /// one that never answers, does not affect the session.
    pub(super) fn run(
        self,
        gpu: &Arc<Gpu>,
        shown: WindowSession,
        serve: impl FnOnce() -> Result<(), Failure> + Send + 'static,
    ) -> Result<(), Failure> {
        let handle = Arc::new(OnceLock::new());
        let close = CloseOnDrop(handle.clone());
        let (window_is_open, window_is_closed) = bounded::<()>(0);
        let server = std::thread::Builder::new().name("server".to_owned()).spawn(move || {
            let result = {
                let _close = close;
                serve()
            };
            if window_is_closed.recv_timeout(CLOSE_TIMEOUT) == Err(RecvTimeoutError::Timeout) {
                exit_now(print_result(&result));
            }
            result
        });
        let server = server.map_err(Failure::failed)?;
        let WindowSession { commands, exercises, links } = shown;
        let stream = commands.session.stream.clone();
        let outputs = Arc::new(SoundDevices::system());
        let desk = LiveController::new(stream.clone(), gpu.name(), outputs, Arc::new(commands), exercises, links);
        if let Err(error) = show(self.tools, gpu, &stream, desk, &handle) {
            warn_without_window(&error);
        }
        stream.monitor().attach(None);
        drop(window_is_open);
        server.join().map_err(|_| Failure::failed("the server thread panicked"))?
    }
}

/// Parks the main thread when the display disappears while the window is being opened; the session has its own thread.
fn park_forever() -> ! {
    warn_without_window(&PreviewError::DisplayLost);
    loop {
        std::thread::park();
    }
}

fn warn_without_window(error: &PreviewError) {
    log::message(&format!("preview: {error}; the session continues without a window"));
}

fn show(
    tools: CockpitPipelines,
    gpu: &Arc<Gpu>,
    stream: &Arc<Stream>,
    desk: LiveController,
    handle: &OnceLock<PreviewHandle>,
) -> Result<(), PreviewError> {
    let preview = PreviewEventLoop::open(park_forever)?;
    let window = handle.get_or_init(|| preview.handle());
    stream.monitor().attach(Some(Arc::new(window.clone())));
    // The session may have ended before the observer was attached.
    if stream.is_over() {
        return Ok(());
    }
    let opened = stream.clone();
    preview.run(gpu, tools, Box::new(desk), move |is_open| opened.monitor().opened(is_open))
}
