//! One open window: its screen, its cockpit, its input.

use std::sync::Arc;
use std::time::{Duration, Instant};

use winit::dpi::{LogicalSize, PhysicalSize};
use winit::event::{ElementState, KeyEvent, WindowEvent};
use winit::event_loop::ActiveEventLoop;
use winit::keyboard::{Key, ModifiersState, NamedKey};
use winit::window::{Fullscreen, Window};

use super::budget::Budget;
use super::cockpit::{self, BAR_HEIGHT, Cockpit, Dialog};
use super::desk::Desk;
use super::keys::{self, Action};
use super::letterbox::letterbox;
use super::painter::Painter;
use super::screen::{Overlay, Screen};
use super::still::Stills;
use super::target::Refused;
use repcast_model::geometry::{Rect, Size};
use repcast_compositor::{Gpu, GpuError, PictureSource};

/// Share of the monitor that a new window takes at most, across and down.
const MONITOR_SHARE: f64 = 0.85;

/// How often the cockpit is drawn again when the picture stands still.
const IDLE: Duration = Duration::from_millis(250);

/// How long to wait where a picture could not be drawn just now.
const AGAIN: Duration = Duration::from_millis(30);

/// How long a new surface has to hold, so that one that is lost again and again is given up.
const RENEWAL: Duration = Duration::from_secs(2);

/// What an event means to whoever keeps the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// It stays.
    Stay,
    /// It is to be closed.
    Close,
    /// Its surface or its device is lost.
    Lost,
}

/// An open window.
pub(crate) struct Pane {
    pub(crate) window: Arc<Window>,
    screen: Screen,
    /// In pixels, as the window has told it: to ask for it is of no use once somebody has destroyed the window.
    size: PhysicalSize<u32>,
    input: egui_winit::State,
    cockpit: Cockpit,
    budget: Budget,
    stills: Stills,
    gpu: Arc<Gpu>,
    modifiers: ModifiersState,
    opened: Instant,
    /// When its surface was last made anew.
    renewed: Option<Instant>,
    /// The picture's changes that are on the screen, and when it was last drawn.
    shown_changes: u64,
    painted: Option<Instant>,
    /// Something has happened that is to be seen.
    is_due: bool,
    is_hidden: bool,
    /// The message that is being written has come to its end.
    is_written: bool,
}

impl Pane {
    /// Opens a window for a desk.
    pub(crate) fn open(
        events: &ActiveEventLoop,
        gpu: &Arc<Gpu>,
        desk: &dyn Desk,
        painter: Option<Painter>,
    ) -> Result<Self, GpuError> {
        let canvas = desk.source().map_or(Size { width: 1280, height: 720 }, |source| source.size());
        let monitor = events.primary_monitor().or_else(|| events.available_monitors().next());
        let attributes = Window::default_attributes()
            .with_title(desk.title())
            .with_inner_size(first_size(canvas, monitor.map(|monitor| (monitor.size(), monitor.scale_factor()))))
            .with_min_inner_size(LogicalSize::new(160.0, 90.0));
        #[cfg(target_os = "linux")]
        let attributes = {
            use winit::platform::x11::WindowAttributesExtX11;
            attributes.with_name("repcast", "repcast")
        };
        let window = events.create_window(attributes).map_err(|error| GpuError::Device(error.to_string()))?;
        let window = Arc::new(window);
        let context = egui::Context::default();
        cockpit::dress(&context);
        let limit = gpu.device().limits().max_texture_dimension_2d as usize;
        let scale = Some(window.scale_factor() as f32);
        Ok(Self {
            screen: gpu.beside(|| Screen::new(gpu, &window, painter))??,
            input: egui_winit::State::new(context, egui::ViewportId::ROOT, events, scale, None, Some(limit)),
            cockpit: Cockpit::new(desk.kind()),
            budget: Budget::new(gpu.is_software()),
            stills: Stills::default(),
            gpu: gpu.clone(),
            modifiers: ModifiersState::empty(),
            shown_changes: 0,
            opened: Instant::now(),
            renewed: None,
            size: window.inner_size(),
            painted: None,
            is_due: true,
            is_hidden: false,
            is_written: false,
            window,
        })
    }

    /// When it wants to be drawn; `None` when there is nothing to see.
    pub(crate) fn wants_paint_at(&self, desk: &dyn Desk) -> Option<Instant> {
        if self.is_hidden {
            return None;
        }
        let is_new = desk.source().is_some_and(|source| source.changes() != self.shown_changes);
        let (ready, now) = (self.budget.ready_at(), Instant::now());
        let wanted = if is_new || self.is_due { now } else { self.painted.map_or(now, |painted| painted + IDLE) };
        Some(ready.map_or(wanted, |ready| ready.max(wanted)))
    }

    /// Draws it.
    pub(crate) fn paint(&mut self, desk: &mut dyn Desk) -> Verdict {
        let began = Instant::now();
        let size = self.size;
        let told = self.stills.told();
        self.tell(told);
        let view = desk.view();
        let raw = self.raw_input(began);
        let context = self.input.egui_ctx().clone();
        let mut response = cockpit::Response::default();
        let output = context.run_ui(raw, |ui| response = self.cockpit.show(ui, &view));
        self.input.handle_platform_output(&self.window, output.platform_output);
        let pixels_per_point = output.pixels_per_point;
        let jobs = context.tessellate(output.shapes, pixels_per_point);
        let overlay = Overlay { jobs, textures: output.textures_delta, pixels_per_point };
        let source = drawn(desk);
        let changes = source.as_ref().map_or(0, |source| source.changes());
        let picture = source.as_ref().zip(response.picture_area).map(|(source, area)| {
            let area = pixels(area, pixels_per_point, size);
            (source, letterbox(source.size(), area))
        });
        let painted = self.screen.paint(size, picture, &overlay);
        let is_moving = output.viewport_output.values().any(|viewport| viewport.repaint_delay < IDLE);
        self.is_due = is_moving || painted == Err(Refused::Later);
        if painted.is_ok() {
            self.shown_changes = changes;
        }
        self.painted = Some(began);
        self.budget.spend(began, began.elapsed());
        if painted == Err(Refused::Later) {
            self.budget.wait_until(began + AGAIN);
        }
        self.is_written = false;
        if let Some(text) = response.message {
            self.cockpit.dialog = Dialog::None;
            self.is_due = true;
            if !text.is_empty() {
                self.tell(desk.say(&text));
            }
        }
        if let Some(action) = response.action {
            self.is_due = true;
            self.tell(desk.act(action));
        }
        if painted == Err(Refused::Lost) { Verdict::Lost } else { Verdict::Stay }
    }

    /// What has come in since the last picture.
    fn raw_input(&mut self, now: Instant) -> egui::RawInput {
        let scale = self.window.scale_factor() as f32;
        let (zoom, size) = (self.input.egui_ctx().zoom_factor(), self.size);
        let raw = self.input.egui_input_mut();
        raw.time = Some((now - self.opened).as_secs_f64());
        let points = egui::vec2(size.width as f32, size.height as f32) / (scale * zoom);
        raw.screen_rect = Some(egui::Rect::from_min_size(egui::Pos2::ZERO, points));
        raw.viewports.entry(egui::ViewportId::ROOT).or_default().native_pixels_per_point = Some(scale);
        raw.take()
    }

    /// Makes a new surface for the window in the place of one that was lost; false when that was no use lately.
    pub(crate) fn renew(&mut self) -> bool {
        if self.renewed.is_some_and(|renewed| renewed.elapsed() < RENEWAL) {
            return false;
        }
        self.renewed = Some(Instant::now());
        self.is_due = true;
        self.screen.renew(&self.window).is_ok()
    }

    /// What is left of it for the next window.
    pub(crate) fn into_painter(self) -> Painter {
        self.screen.into_painter()
    }

    /// Takes an event of the window.
    pub(crate) fn event(&mut self, event: &WindowEvent, desk: &mut dyn Desk) -> Verdict {
        self.is_due = true;
        match event {
            WindowEvent::CloseRequested | WindowEvent::Destroyed => return Verdict::Close,
            WindowEvent::Resized(size) => self.size = *size,
            WindowEvent::Occluded(is_hidden) => self.is_hidden = *is_hidden,
            WindowEvent::ModifiersChanged(modifiers) => self.modifiers = modifiers.state(),
            // Keys that were down already when the window came to the front are not meant for it.
            WindowEvent::KeyboardInput { is_synthetic: true, .. } => return Verdict::Stay,
            WindowEvent::KeyboardInput { event, .. } if !matches!(self.cockpit.dialog, Dialog::Message(_)) => {
                return self.key(event, desk);
            }
            // The message is complete, and shown with the next picture.
            WindowEvent::KeyboardInput { .. } if self.is_written => return Verdict::Stay,
            WindowEvent::KeyboardInput { event, .. } if event.state == ElementState::Pressed => {
                match event.logical_key {
                    Key::Named(NamedKey::Escape) => {
                        self.cockpit.dialog = Dialog::None;
                        self.input.egui_input_mut().events.clear();
                        return Verdict::Stay;
                    }
                    Key::Named(NamedKey::Enter) => self.is_written = true,
                    _ => {}
                }
            }
            _ => {}
        }
        let _ = self.input.on_window_event(&self.window, event);
        Verdict::Stay
    }

    fn key(&mut self, event: &KeyEvent, desk: &mut dyn Desk) -> Verdict {
        if event.state == ElementState::Released {
            return Verdict::Stay;
        }
        let Some(action) = keys::action(desk.kind(), &event.logical_key, self.modifiers) else { return Verdict::Stay };
        // A key that is held steps, and does nothing else over and over.
        let may_repeat = matches!(action, Action::Step(_) | Action::Nudge(_) | Action::Faster | Action::Slower);
        if event.repeat && !may_repeat {
            return Verdict::Stay;
        }
        self.act(action, desk)
    }

    fn act(&mut self, action: Action, desk: &mut dyn Desk) -> Verdict {
        let is_asked = self.cockpit.dialog == Dialog::Quit;
        let answers = [Action::Quit, Action::Confirm, Action::Cancel, Action::ToggleBar, Action::FullScreen];
        if is_asked && !answers.contains(&action) {
            return Verdict::Stay;
        }
        match action {
            Action::CloseWindow => return Verdict::Close,
            Action::ToggleBar => self.cockpit.has_bar = !self.cockpit.has_bar,
            Action::FullScreen => self.toggle_full_screen(),
            Action::ActualSize => self.actual_size(desk),
            Action::Help if self.cockpit.dialog == Dialog::Help => self.cockpit.dialog = Dialog::None,
            Action::Help => self.cockpit.dialog = Dialog::Help,
            Action::Still => {
                let secs = desk.view().status.position_secs;
                let told = self.stills.save(&self.gpu, drawn(desk).as_ref(), secs);
                self.tell(told);
            }
            Action::Message => self.cockpit.begin_message(self.input.egui_ctx()),
            Action::Quit if desk.kind() == keys::Kind::Desk => return Verdict::Close,
            Action::Quit | Action::Confirm if is_asked => {
                self.cockpit.dialog = Dialog::None;
                let told = desk.act(Action::Quit);
                self.tell(told);
            }
            Action::Quit => self.cockpit.dialog = Dialog::Quit,
            Action::Confirm => {}
            Action::Cancel if self.cockpit.dialog != Dialog::None => self.cockpit.dialog = Dialog::None,
            Action::Cancel if self.window.fullscreen().is_some() => self.toggle_full_screen(),
            Action::Cancel => {}
            _ => {
                let told = desk.act(action);
                self.tell(told);
            }
        }
        Verdict::Stay
    }

    /// Tells something, if there is something to tell.
    pub(crate) fn tell(&mut self, text: Option<String>) {
        if let Some(text) = text {
            self.is_due = true;
            self.cockpit.tell(text);
        }
    }

    fn toggle_full_screen(&self) {
        let is_full = self.window.fullscreen().is_some();
        self.window.set_fullscreen((!is_full).then_some(Fullscreen::Borderless(None)));
    }

    /// Makes the window as large as the picture needs to be shown pixel by pixel.
    fn actual_size(&self, desk: &dyn Desk) {
        let Some(source) = desk.source() else { return };
        if self.window.fullscreen().is_some() {
            self.window.set_fullscreen(None);
        }
        let bar = if self.cockpit.has_bar { BAR_HEIGHT * self.input.egui_ctx().pixels_per_point() } else { 0.0 };
        let Size { width, height } = source.size();
        let _ = self.window.request_inner_size(PhysicalSize::new(width, height + bar.round() as u32));
    }
}

/// The desk's picture; one that has never been drawn is none.
fn drawn(desk: &dyn Desk) -> Option<PictureSource> {
    desk.source().filter(|source| source.changes() > 0)
}

/// A rectangle of the cockpit in pixels of a window.
fn pixels(area: egui::Rect, pixels_per_point: f32, size: PhysicalSize<u32>) -> Rect {
    let at = |points: f32, most: u32| (points * pixels_per_point).round().clamp(0.0, most as f32);
    let (x, y) = (at(area.left(), size.width), at(area.top(), size.height));
    Rect { x, y, width: at(area.right(), size.width) - x, height: at(area.bottom(), size.height) - y }
}

/// The picture with the bar below it, within the monitor.
fn first_size(canvas: Size, monitor: Option<(PhysicalSize<u32>, f64)>) -> PhysicalSize<u32> {
    let bar = f64::from(BAR_HEIGHT) * monitor.map_or(1.0, |(_, scale)| scale);
    let monitor = monitor.map(|(size, _)| size);
    let (width, height) = (f64::from(canvas.width), f64::from(canvas.height));
    let scale = monitor.filter(|monitor| monitor.width > 0 && monitor.height > 0).map_or(0.5, |monitor| {
        let across = f64::from(monitor.width) * MONITOR_SHARE / width;
        let down = (f64::from(monitor.height) * MONITOR_SHARE - bar) / height;
        across.min(down).clamp(0.05, 1.0)
    });
    PhysicalSize::new((width * scale).round() as u32, (height * scale + bar).round() as u32)
}
