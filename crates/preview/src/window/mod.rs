//! One open window: repaints it and handles its events. Everything runs on the event loop's thread.

mod actions;
mod geometry;
mod input;
mod letterbox;
mod renderer;
mod repaint_budget;
mod repaint_schedule;
mod screenshots;

use std::sync::Arc;
use std::time::{Duration, Instant};

use winit::dpi::{LogicalSize, PhysicalSize};
use winit::event::{ElementState, WindowEvent};
use winit::event_loop::ActiveEventLoop;
use winit::keyboard::{Key, NamedKey};
use winit::window::Window;

use repcast_compositor::{Gpu, GpuError, LatestFrame};
use repcast_model::geometry::Size;

use crate::clipboard::Clipboard;
use crate::cockpit::{Cockpit, CockpitResponse, Dialog, ListCursor};
use crate::cockpit_renderer::CockpitRenderer;
use crate::controller::PreviewController;
use crate::keys::Action;
use crate::present::PresentError;

use geometry::{area_in_pixels, initial_size};
use input::WindowInput;
use letterbox::letterbox;
use renderer::{CockpitShapes, WindowRenderer};
use repaint_schedule::{IDLE_INTERVAL, RepaintSchedule};
use screenshots::Screenshots;

/// Time between two losses of the surface within which the window is closed instead of getting another surface.
const MIN_SURFACE_LIFETIME: Duration = Duration::from_secs(2);

/// Canvas size for the first window size when no frame has been drawn yet.
const DEFAULT_CANVAS: Size = Size { width: 1280, height: 720 };

/// What the event loop has to do with the window after an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WindowOutcome {
    KeepOpen,
    Close,
    /// The surface or the device is lost.
    SurfaceLost,
}

/// An open window.
pub(crate) struct PreviewWindow {
    pub(crate) window: Arc<Window>,
    gpu: Arc<Gpu>,
    renderer: WindowRenderer,
    input: WindowInput,
    cockpit: Cockpit,
    schedule: RepaintSchedule,
    screenshots: Screenshots,
    clipboard: Clipboard,
    /// In pixels, from the last resize event. A query fails once another program has destroyed the window.
    size: PhysicalSize<u32>,
    /// When the surface was last created again.
    surface_recreated_at: Option<Instant>,
}

impl PreviewWindow {
    /// Opens a window. `cockpit` is the renderer of a previous window, if there was one.
    pub(crate) fn open(
        events: &ActiveEventLoop,
        gpu: &Arc<Gpu>,
        controller: &dyn PreviewController,
        cockpit: Option<CockpitRenderer>,
    ) -> Result<Self, GpuError> {
        let canvas = controller.source().map_or(DEFAULT_CANVAS, |source| source.size());
        let monitor = events.primary_monitor().or_else(|| events.available_monitors().next());
        let attributes = Window::default_attributes()
            .with_title(controller.title())
            .with_inner_size(initial_size(canvas, monitor.map(|monitor| (monitor.size(), monitor.scale_factor()))))
            .with_min_inner_size(LogicalSize::new(160.0, 90.0));
        #[cfg(target_os = "linux")]
        let attributes = {
            use winit::platform::x11::WindowAttributesExtX11;
            attributes.with_name("repcast", "repcast")
        };
        let window = events.create_window(attributes).map_err(|error| GpuError::Device(error.to_string()))?;
        let window = Arc::new(window);
        let max_texture_side = gpu.device().limits().max_texture_dimension_2d as usize;
        Ok(Self {
            input: WindowInput::new(events, &window, max_texture_side),
            renderer: gpu.with_error_scope(|| WindowRenderer::new(gpu, &window, cockpit))??,
            cockpit: Cockpit::new(controller.mode()),
            schedule: RepaintSchedule::new(gpu.is_software()),
            screenshots: Screenshots::default(),
            clipboard: Clipboard::default(),
            gpu: gpu.clone(),
            size: window.inner_size(),
            surface_recreated_at: None,
            window,
        })
    }

    /// When the window has to be repainted; `None` while it is hidden.
    pub(crate) fn next_repaint(&self, controller: &dyn PreviewController) -> Option<Instant> {
        self.schedule.next_repaint(controller.source().map(|source| source.changes()))
    }

    /// Repaints the window and carries out what was clicked.
    pub(crate) fn paint(&mut self, controller: &mut dyn PreviewController) -> WindowOutcome {
        let start = Instant::now();
        let notice = self.screenshots.poll().or_else(|| self.clipboard.poll()).or_else(|| controller.take_notice());
        self.show_notice(notice);
        let view = controller.view();
        let raw = self.input.take_events(&self.window, self.size, start);
        let context = self.input.context().clone();
        let mut response = CockpitResponse::default();
        let output = context.run_ui(raw, |ui| response = self.cockpit.show(ui, &view));
        self.input.handle_platform_output(&self.window, output.platform_output);
        let pixels_per_point = output.pixels_per_point;
        let jobs = context.tessellate(output.shapes, pixels_per_point);
        let shapes = CockpitShapes { jobs, textures: output.textures_delta, pixels_per_point };
        let source = drawn_source(controller);
        let changes = source.as_ref().map_or(0, |source| source.changes());
        let frame = source.as_ref().zip(response.frame_area).map(|(source, area)| {
            let area = area_in_pixels(area, pixels_per_point, self.size);
            (source, letterbox(source.size(), area))
        });
        let painted = self.renderer.paint(self.size, frame, &shapes);
        self.schedule.set_metering(self.cockpit.has_bar && view.sound.is_some_and(|sound| sound.levels.is_moving));
        let is_animating = output.viewport_output.values().any(|viewport| viewport.repaint_delay < IDLE_INTERVAL);
        match painted {
            Ok(()) => self.schedule.presented(start, changes, is_animating),
            Err(error) => self.schedule.failed(start, error == PresentError::Retry, is_animating),
        }
        let outcome = self.handle_response(response, controller);
        if painted == Err(PresentError::Lost) { WindowOutcome::SurfaceLost } else { outcome }
    }

    /// Carries out what was clicked, or completed, in the cockpit.
    fn handle_response(&mut self, response: CockpitResponse, controller: &mut dyn PreviewController) -> WindowOutcome {
        self.input.is_message_complete = false;
        if let Some(text) = response.copied {
            let notice = self.clipboard.copy(text);
            self.show_notice(notice);
        }
        if let Some(command) = response.message {
            self.show_notice(controller.command(command));
            self.schedule.request();
        }
        if let (Some(index), Some(cursor)) = (response.chosen, self.cockpit.dialog.cursor()) {
            *cursor = ListCursor::at(index);
            self.schedule.request();
            return self.perform(Action::Confirm, controller);
        }
        let Some(action) = response.action else { return WindowOutcome::KeepOpen };
        self.schedule.request();
        self.perform(action, controller)
    }

    /// Creates the surface again after it was lost. Returns false when that fails, or when the last time was too recent.
    pub(crate) fn recreate_surface(&mut self) -> bool {
        if self.surface_recreated_at.is_some_and(|at| at.elapsed() < MIN_SURFACE_LIFETIME) {
            return false;
        }
        self.surface_recreated_at = Some(Instant::now());
        self.schedule.request();
        self.renderer.recreate_target(&self.window).is_ok()
    }

    /// The cockpit renderer, for the next window.
    pub(crate) fn into_cockpit_renderer(self) -> CockpitRenderer {
        self.renderer.into_cockpit_renderer()
    }

    /// Handles an event of the window.
    pub(crate) fn handle_event(
        &mut self,
        event: &WindowEvent,
        controller: &mut dyn PreviewController,
    ) -> WindowOutcome {
        self.schedule.request();
        match event {
            WindowEvent::CloseRequested | WindowEvent::Destroyed => return WindowOutcome::Close,
            WindowEvent::Resized(size) => self.size = *size,
            WindowEvent::Occluded(is_hidden) => self.schedule.set_hidden(*is_hidden),
            WindowEvent::ModifiersChanged(modifiers) => self.input.modifiers = modifiers.state(),
            // Keys that were pressed before the window got the focus belong to another window.
            WindowEvent::KeyboardInput { is_synthetic: true, .. } => return WindowOutcome::KeepOpen,
            WindowEvent::KeyboardInput { event, .. } if !matches!(self.cockpit.dialog, Dialog::Message(_)) => {
                return self.handle_shortcut(event, controller);
            }
            WindowEvent::KeyboardInput { .. } if self.input.is_message_complete => return WindowOutcome::KeepOpen,
            WindowEvent::KeyboardInput { event, .. } if event.state == ElementState::Pressed => {
                match event.logical_key {
                    Key::Named(NamedKey::Escape) => {
                        self.cockpit.dialog = Dialog::None;
                        self.input.discard_events();
                        return WindowOutcome::KeepOpen;
                    }
                    Key::Named(NamedKey::Enter) => self.input.is_message_complete = true,
                    _ => {}
                }
            }
            _ => {}
        }
        self.input.forward_to_egui(&self.window, event);
        WindowOutcome::KeepOpen
    }
}

/// The controller's source once its first frame is drawn; before, its texture has no contents.
fn drawn_source(controller: &dyn PreviewController) -> Option<LatestFrame> {
    controller.source().filter(|source| source.changes() > 0)
}
