//! The windowing system's event loop, and the window that it opens and closes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop, EventLoopProxy};
use winit::platform::run_on_demand::EventLoopExtRunOnDemand;
use winit::window::WindowId;

use super::desk::Desk;
use super::keys::Kind;
use super::painter::Painter;
use super::pane::{Pane, Verdict};
use super::quiet::quietly;
use super::x11::{self, Leave};
use repcast_compositor::Gpu;
use repcast_engine::live::Onlooker;

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// No display, or none that answers.
    #[error("there is no display to open a window on: {0}")]
    NoDisplay(String),
    /// The display went away.
    #[error("the display has gone away")]
    DisplayLost,
    /// The window could not be opened, or the display went away in the middle of an answer.
    #[error("the window, or its display, failed: {0}")]
    Failed(String),
}

/// What others tell the event loop.
#[derive(Clone, Copy, Debug)]
enum Wake {
    /// Another frame is drawn.
    Frame,
    /// Open the window, or close it: the handle says which.
    Wanted,
    /// It is over.
    Quit,
}

/// Speaks to a window from any thread.
#[derive(Clone)]
pub struct Handle {
    proxy: EventLoopProxy<Wake>,
    /// A frame has been told and not been heard: there is never more than one in the queue.
    is_told: Arc<AtomicBool>,
    /// What was wanted last and has not been heard.
    wanted: Arc<Mutex<Option<bool>>>,
}

impl Handle {
    /// Closes the window and ends its event loop.
    pub fn quit(&self) {
        // A loop that has ended needs not be told.
        let _ = self.proxy.send_event(Wake::Quit);
    }
}

impl Onlooker for Handle {
    fn frame_drawn(&self) {
        if !self.is_told.swap(true, Ordering::AcqRel) {
            let _ = self.proxy.send_event(Wake::Frame);
        }
    }

    fn wanted(&self, is_open: bool) {
        let before = self.wanted.lock().unwrap_or_else(PoisonError::into_inner).replace(is_open);
        if before.is_none() {
            let _ = self.proxy.send_event(Wake::Wanted);
        }
    }
}

/// What windows are drawn with: made before a stream begins, so that it does not wait for a driver that compiles.
pub struct Tools(Option<Painter>);

impl Tools {
    /// Makes them, and tries them out of sight. Where that fails each window makes its own.
    #[must_use]
    pub fn new(gpu: &Arc<Gpu>) -> Self {
        Self(Painter::tried(gpu).inspect_err(|error| tracing::warn!("{error}")).ok())
    }
}

/// A connection to the display, before there is a window.
pub struct Preview {
    events: EventLoop<Wake>,
    handle: Handle,
}

impl Preview {
    /// Connects to the display; should it go away meanwhile, Xlib leaves no way but `leave`, which is called on this
    /// thread. Once in a process, and on its main thread except on Linux.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(leave: Leave) -> Result<Self, PreviewError> {
        x11::when_lost(Some(leave));
        let mut builder = EventLoop::with_user_event();
        #[cfg(target_os = "linux")]
        {
            use winit::platform::wayland::EventLoopBuilderExtWayland;
            use winit::platform::x11::EventLoopBuilderExtX11;
            EventLoopBuilderExtX11::with_any_thread(&mut builder, true);
            EventLoopBuilderExtWayland::with_any_thread(&mut builder, true);
        }
        // winit expects of a display what not every display has, and that it stays while it is asked.
        let built = quietly(|| {
            let events = builder.build()?;
            x11::outlive(&events);
            x11::when_lost(None);
            Ok::<_, winit::error::EventLoopError>(events)
        });
        let events = match built {
            Ok(built) => built.map_err(|error| PreviewError::NoDisplay(error.to_string()))?,
            Err(panic) => return Err(PreviewError::NoDisplay(panic)),
        };
        let handle = Handle { proxy: events.create_proxy(), is_told: Arc::default(), wanted: Arc::default() };
        Ok(Self { events, handle })
    }

    /// How others reach the window.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Opens the window and keeps it until [`Handle::quit`], or, on a document, until it is closed. `opened` hears
    /// whenever the window is opened and closed.
    ///
    /// # Errors
    /// When the window could not be opened, or its display has gone away.
    pub fn run(
        self,
        gpu: &Arc<Gpu>,
        tools: Tools,
        desk: Box<dyn Desk>,
        opened: impl FnMut(bool),
    ) -> Result<(), PreviewError> {
        let Self { mut events, handle } = self;
        let mut keeper = Keeper { gpu, desk, pane: None, painter: tools.0, handle, opened, failure: None };
        // The libraries of a display that has gone away may do worse than fail; the session is more important.
        let ended = quietly(|| events.run_app_on_demand(&mut keeper));
        let failure = keeper.failure.take();
        if x11::is_lost() || ended.is_err() {
            // Nothing of what is left may speak to the display again. The desk does not; its threads end with it.
            let Keeper { desk, pane, painter, handle, .. } = keeper;
            std::mem::forget((pane, painter, handle, events));
            drop(desk);
            return Err(match ended {
                Err(panic) if !x11::is_lost() => PreviewError::Failed(panic),
                _ => PreviewError::DisplayLost,
            });
        }
        match (failure, ended) {
            (Some(failure), _) => Err(PreviewError::Failed(failure)),
            (None, Ok(Err(error))) => Err(PreviewError::Failed(error.to_string())),
            (None, _) => Ok(()),
        }
    }
}

/// Keeps the window.
struct Keeper<'a, Opened> {
    gpu: &'a Arc<Gpu>,
    desk: Box<dyn Desk>,
    pane: Option<Pane>,
    /// Of the last window, for the next.
    painter: Option<Painter>,
    handle: Handle,
    opened: Opened,
    failure: Option<String>,
}

impl<Opened: FnMut(bool)> Keeper<'_, Opened> {
    fn open(&mut self, events: &ActiveEventLoop) {
        if self.pane.is_some() {
            return;
        }
        match Pane::open(events, self.gpu, &*self.desk, self.painter.take()) {
            Ok(pane) => {
                self.pane = Some(pane);
                (self.opened)(true);
            }
            Err(error) => {
                tracing::warn!("the preview window could not be opened: {error}");
                if self.desk.kind() == Kind::Desk {
                    self.failure = Some(error.to_string());
                    events.exit();
                }
            }
        }
    }

    fn close(&mut self, events: &ActiveEventLoop) {
        if let Some(pane) = self.pane.take() {
            self.painter = Some(pane.into_painter());
            (self.opened)(false);
        }
        match self.desk.kind() {
            Kind::Desk => events.exit(),
            Kind::Live => events.set_control_flow(ControlFlow::Wait),
        }
    }

    fn heed(&mut self, events: &ActiveEventLoop, verdict: Verdict) {
        match verdict {
            Verdict::Stay => {}
            Verdict::Close => self.close(events),
            Verdict::Lost => {
                if !self.pane.as_mut().is_some_and(Pane::renew) {
                    tracing::warn!("the preview window is lost");
                    self.failure = (self.desk.kind() == Kind::Desk).then(|| "its surface is lost".to_owned());
                    self.close(events);
                }
            }
        }
    }

    /// Whether the display is gone, and with it all there is to do.
    fn is_lost(events: &ActiveEventLoop) -> bool {
        let is_lost = x11::is_lost();
        if is_lost {
            events.exit();
        }
        is_lost
    }
}

impl<Opened: FnMut(bool)> ApplicationHandler<Wake> for Keeper<'_, Opened> {
    fn resumed(&mut self, events: &ActiveEventLoop) {
        self.open(events);
    }

    fn user_event(&mut self, events: &ActiveEventLoop, wake: Wake) {
        if Self::is_lost(events) {
            return;
        }
        match wake {
            Wake::Frame => self.handle.is_told.store(false, Ordering::Release),
            Wake::Wanted => {
                let wanted = self.handle.wanted.lock().unwrap_or_else(PoisonError::into_inner).take();
                match wanted {
                    Some(true) => self.open(events),
                    Some(false) => self.close(events),
                    None => {}
                }
            }
            Wake::Quit => events.exit(),
        }
    }

    fn window_event(&mut self, events: &ActiveEventLoop, id: WindowId, event: WindowEvent) {
        if Self::is_lost(events) {
            return;
        }
        let Some(pane) = self.pane.as_mut().filter(|pane| pane.window.id() == id) else { return };
        let verdict = match event {
            WindowEvent::RedrawRequested => pane.paint(&mut *self.desk),
            event => pane.event(&event, &mut *self.desk),
        };
        self.heed(events, verdict);
    }

    fn about_to_wait(&mut self, events: &ActiveEventLoop) {
        if Self::is_lost(events) {
            return;
        }
        let Some(pane) = &self.pane else { return };
        match pane.wants_paint_at(&*self.desk) {
            None => events.set_control_flow(ControlFlow::Wait),
            Some(at) if at <= Instant::now() => pane.window.request_redraw(),
            Some(at) => events.set_control_flow(ControlFlow::WaitUntil(at)),
        }
    }

    fn exiting(&mut self, _events: &ActiveEventLoop) {
        if !x11::is_lost() {
            self.pane = None;
        }
        (self.opened)(false);
    }
}
