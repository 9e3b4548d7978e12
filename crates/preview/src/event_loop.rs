//! The windowing system's event loop. It opens, repaints and closes the window, and is the one thread that uses the display.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop, EventLoopProxy};
use winit::platform::run_on_demand::EventLoopExtRunOnDemand;
use winit::window::WindowId;

use repcast_compositor::Gpu;
use repcast_engine::live::PreviewObserver;

use super::catch_panic::catch_panic;
use super::cockpit_renderer::CockpitRenderer;
use super::controller::PreviewController;
use super::keys::WindowMode;
use super::window::{PreviewWindow, WindowOutcome};
use super::x11_errors::{self, DisplayLostHandler};

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// There is no display, or the connection to it failed.
    #[error("there is no display to open a window on: {0}")]
    NoDisplay(String),
    /// The connection to the display broke.
    #[error("the connection to the display was lost")]
    DisplayLost,
    /// The window could not be opened, or a windowing library failed.
    #[error("the window, or its display, failed: {0}")]
    Failed(String),
}

/// Why there is no display. Messages of libraries name the place in their sources, which helps no user: they are logged.
fn no_display_reason(message: &str) -> String {
    tracing::debug!("no display: {message}");
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let set: Vec<String> = ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .filter_map(|name| variable(name).map(|value| format!("{name} is {value}")))
        .collect();
    if set.is_empty() {
        return "DISPLAY and WAYLAND_DISPLAY are not set".to_owned();
    }
    format!("{}, which does not answer, is not permitted, or lacks what a window needs", set.join(", "))
}

/// What other threads send to the event loop.
#[derive(Clone, Copy, Debug)]
enum UserEvent {
    /// A frame was drawn.
    FrameDrawn,
    /// The window is to be opened or closed; see [`PreviewHandle::requested`].
    VisibilityRequested,
    /// The event loop is to end.
    Quit,
}

/// Controls the window from any thread.
#[derive(Clone)]
pub struct PreviewHandle {
    proxy: EventLoopProxy<UserEvent>,
    /// A `FrameDrawn` event is queued. At most one is, however slow the window is.
    is_frame_queued: Arc<AtomicBool>,
    /// Whether the window is to be open; `None` once the event loop has handled the request.
    requested: Arc<Mutex<Option<bool>>>,
}

impl PreviewHandle {
    /// Closes the window and ends its event loop.
    pub fn quit(&self) {
        // Fails when the event loop has ended already.
        let _ = self.proxy.send_event(UserEvent::Quit);
    }
}

impl PreviewObserver for PreviewHandle {
    fn frame_composited(&self) {
        if !self.is_frame_queued.swap(true, Ordering::AcqRel) {
            let _ = self.proxy.send_event(UserEvent::FrameDrawn);
        }
    }

    fn set_open(&self, is_open: bool) {
        let before = self.requested.lock().unwrap_or_else(PoisonError::into_inner).replace(is_open);
        if before.is_none() {
            let _ = self.proxy.send_event(UserEvent::VisibilityRequested);
        }
    }
}

/// The compiled pipelines of the cockpit. Created before a session starts, so that the session does not wait for a driver
/// that compiles shaders.
pub struct CockpitPipelines(Option<CockpitRenderer>);

impl CockpitPipelines {
    /// Compiles the pipelines by drawing off screen. When that fails, the window compiles its own.
    #[must_use]
    pub fn new(gpu: &Arc<Gpu>) -> Self {
        Self(CockpitRenderer::warmed_up(gpu).inspect_err(|error| tracing::warn!("{error}")).ok())
    }
}

/// A connection to the display, and its event loop before it runs.
pub struct PreviewEventLoop {
    events: EventLoop<UserEvent>,
    handle: PreviewHandle,
}

impl PreviewEventLoop {
    /// Connects to the display. If the connection breaks meanwhile, `on_lost` is called on this thread. May be called once
    /// per process, and on the main thread only, except on Linux.
    ///
    /// # Errors
    /// When there is no display.
    pub fn open(on_lost: DisplayLostHandler) -> Result<Self, PreviewError> {
        x11_errors::set_lost_handler(Some(on_lost));
        let mut builder = EventLoop::with_user_event();
        #[cfg(target_os = "linux")]
        {
            use winit::platform::wayland::EventLoopBuilderExtWayland;
            use winit::platform::x11::EventLoopBuilderExtX11;
            EventLoopBuilderExtX11::with_any_thread(&mut builder, true);
            EventLoopBuilderExtWayland::with_any_thread(&mut builder, true);
        }
        // winit panics when the display lacks an extension or disappears during a request.
        let built = catch_panic(|| {
            let events = builder.build()?;
            x11_errors::survive_display(&events);
            x11_errors::set_lost_handler(None);
            Ok::<_, winit::error::EventLoopError>(events)
        });
        let events = match built {
            Ok(built) => built.map_err(|error| PreviewError::NoDisplay(no_display_reason(&error.to_string())))?,
            Err(panic) => return Err(PreviewError::NoDisplay(no_display_reason(&panic))),
        };
        let handle =
            PreviewHandle { proxy: events.create_proxy(), is_frame_queued: Arc::default(), requested: Arc::default() };
        Ok(Self { events, handle })
    }

    /// A handle that controls the window from other threads.
    #[must_use]
    pub fn handle(&self) -> PreviewHandle {
        self.handle.clone()
    }

    /// Opens the window and runs the event loop until [`PreviewHandle::quit`], or, with a document, until the window is closed.
    /// `on_visibility` is called with true when the window opens and with false when it closes.
    ///
    /// # Errors
    /// When the window could not be opened, or the connection to the display broke.
    pub fn run(
        self,
        gpu: &Arc<Gpu>,
        tools: CockpitPipelines,
        controller: Box<dyn PreviewController>,
        on_visibility: impl FnMut(bool),
    ) -> Result<(), PreviewError> {
        let Self { mut events, handle } = self;
        let mut app =
            PreviewApp { gpu, controller, window: None, cockpit: tools.0, handle, on_visibility, failure: None };
        // Windowing libraries may panic when the display disappears; the session must survive that.
        let ended = catch_panic(|| events.run_app_on_demand(&mut app));
        let failure = app.failure.take();
        if x11_errors::is_lost() || ended.is_err() {
            // Dropping these would use the broken connection again. The controller has none; dropping it joins its threads.
            let PreviewApp { controller, window, cockpit, handle, .. } = app;
            std::mem::forget((window, cockpit, handle, events));
            drop(controller);
            return Err(match ended {
                Err(panic) if !x11_errors::is_lost() => PreviewError::Failed(panic),
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

/// The state of the running event loop.
struct PreviewApp<'a, OnVisibility> {
    gpu: &'a Arc<Gpu>,
    controller: Box<dyn PreviewController>,
    window: Option<PreviewWindow>,
    /// The cockpit renderer while no window is open.
    cockpit: Option<CockpitRenderer>,
    handle: PreviewHandle,
    on_visibility: OnVisibility,
    /// Why the event loop ends, if it fails.
    failure: Option<String>,
}

impl<OnVisibility: FnMut(bool)> PreviewApp<'_, OnVisibility> {
    fn open(&mut self, events: &ActiveEventLoop) {
        if self.window.is_some() {
            return;
        }
        match PreviewWindow::open(events, self.gpu, &*self.controller, self.cockpit.take()) {
            Ok(window) => {
                self.window = Some(window);
                self.controller.window_opened();
                (self.on_visibility)(true);
            }
            Err(error) => {
                tracing::warn!("the preview window could not be opened: {error}");
                if self.controller.mode() == WindowMode::Document {
                    self.failure = Some(error.to_string());
                    events.exit();
                }
            }
        }
    }

    fn close(&mut self, events: &ActiveEventLoop) {
        if let Some(window) = self.window.take() {
            self.cockpit = Some(window.into_cockpit_renderer());
            self.controller.window_closed();
            (self.on_visibility)(false);
        }
        match self.controller.mode() {
            WindowMode::Document => events.exit(),
            WindowMode::Live => events.set_control_flow(ControlFlow::Wait),
        }
    }

    /// Opens or closes the window if another thread has requested it.
    fn apply_request(&mut self, events: &ActiveEventLoop) {
        let requested = self.handle.requested.lock().unwrap_or_else(PoisonError::into_inner).take();
        match requested {
            Some(true) => self.open(events),
            Some(false) => self.close(events),
            None => {}
        }
    }

    fn apply(&mut self, events: &ActiveEventLoop, outcome: WindowOutcome) {
        match outcome {
            WindowOutcome::KeepOpen => {}
            WindowOutcome::Close => self.close(events),
            WindowOutcome::SurfaceLost => {
                if !self.window.as_mut().is_some_and(PreviewWindow::recreate_surface) {
                    tracing::warn!("the preview window is closed because its surface was lost");
                    self.failure =
                        (self.controller.mode() == WindowMode::Document).then(|| "its surface was lost".to_owned());
                    self.close(events);
                }
            }
        }
    }

    /// Ends the event loop when the connection to the display is broken; returns whether it is.
    fn exit_if_lost(events: &ActiveEventLoop) -> bool {
        let is_lost = x11_errors::is_lost();
        if is_lost {
            events.exit();
        }
        is_lost
    }
}

impl<OnVisibility: FnMut(bool)> ApplicationHandler<UserEvent> for PreviewApp<'_, OnVisibility> {
    fn resumed(&mut self, events: &ActiveEventLoop) {
        self.open(events);
    }

    fn user_event(&mut self, events: &ActiveEventLoop, event: UserEvent) {
        if Self::exit_if_lost(events) {
            return;
        }
        match event {
            UserEvent::FrameDrawn => self.handle.is_frame_queued.store(false, Ordering::Release),
            UserEvent::VisibilityRequested => self.apply_request(events),
            UserEvent::Quit => events.exit(),
        }
    }

    fn window_event(&mut self, events: &ActiveEventLoop, id: WindowId, event: WindowEvent) {
        if Self::exit_if_lost(events) {
            return;
        }
        // The windowing system's events overtake those of other threads: a request from before this event is applied first.
        // Otherwise it would open the window again that this event closes.
        self.apply_request(events);
        let Some(window) = self.window.as_mut().filter(|window| window.window.id() == id) else { return };
        let outcome = match event {
            WindowEvent::RedrawRequested => window.paint(&mut *self.controller),
            event => window.handle_event(&event, &mut *self.controller),
        };
        self.apply(events, outcome);
    }

    fn about_to_wait(&mut self, events: &ActiveEventLoop) {
        if Self::exit_if_lost(events) {
            return;
        }
        let Some(window) = &self.window else { return };
        match window.next_repaint(&*self.controller) {
            None => events.set_control_flow(ControlFlow::Wait),
            Some(at) if at <= Instant::now() => window.window.request_redraw(),
            Some(at) => events.set_control_flow(ControlFlow::WaitUntil(at)),
        }
    }

    fn exiting(&mut self, _events: &ActiveEventLoop) {
        if !x11_errors::is_lost() {
            self.window = None;
        }
        (self.on_visibility)(false);
    }
}
