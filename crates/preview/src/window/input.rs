//! Input of one window: converts winit's events for egui and keeps the modifier keys.

use std::time::Instant;

use winit::dpi::PhysicalSize;
use winit::event::{ElementState, KeyEvent, WindowEvent};
use winit::event_loop::ActiveEventLoop;
use winit::keyboard::{ModifiersState, PhysicalKey};
use winit::window::Window;

/// The input state of a window.
pub(super) struct WindowInput {
    state: egui_winit::State,
    pub(super) modifiers: ModifiersState,
    /// Keys that were pressed in this window and not released.
    held: Vec<PhysicalKey>,
    /// The origin of egui's time.
    opened_at: Instant,
    /// Enter has completed the message; key presses are ignored until the next repaint closes the field.
    pub(super) is_message_complete: bool,
}

impl WindowInput {
    pub(super) fn new(events: &ActiveEventLoop, window: &Window, max_texture_side: usize) -> Self {
        let context = egui::Context::default();
        crate::cockpit::apply_theme(&context);
        let scale = Some(window.scale_factor() as f32);
        let state =
            egui_winit::State::new(context, egui::ViewportId::ROOT, events, scale, None, Some(max_texture_side));
        Self {
            state,
            modifiers: ModifiersState::empty(),
            held: Vec::new(),
            opened_at: Instant::now(),
            is_message_complete: false,
        }
    }

    pub(super) fn context(&self) -> &egui::Context {
        self.state.egui_ctx()
    }

    /// The events since the last repaint. `size` is that of the window, in pixels.
    pub(super) fn take_events(&mut self, window: &Window, size: PhysicalSize<u32>, now: Instant) -> egui::RawInput {
        let scale = window.scale_factor() as f32;
        let zoom = self.state.egui_ctx().zoom_factor();
        let raw = self.state.egui_input_mut();
        raw.time = Some((now - self.opened_at).as_secs_f64());
        let points = egui::vec2(size.width as f32, size.height as f32) / (scale * zoom);
        raw.screen_rect = Some(egui::Rect::from_min_size(egui::Pos2::ZERO, points));
        raw.viewports.entry(egui::ViewportId::ROOT).or_default().native_pixels_per_point = Some(scale);
        raw.take()
    }

    /// Whether a press repeats one in this window. winit never sees the release of a key that has closed a window, and then
    /// takes its next press, in another window, for a repetition.
    pub(super) fn is_repeat(&mut self, event: &KeyEvent) -> bool {
        let held = self.held.iter().position(|key| *key == event.physical_key);
        match (event.state, held) {
            (ElementState::Pressed, None) => self.held.push(event.physical_key),
            (ElementState::Released, Some(index)) => _ = self.held.swap_remove(index),
            _ => {}
        }
        event.repeat && held.is_some()
    }

    /// Discards the events since the last repaint.
    pub(super) fn discard_events(&mut self) {
        self.state.egui_input_mut().events.clear();
    }

    pub(super) fn forward_to_egui(&mut self, window: &Window, event: &WindowEvent) {
        let _ = self.state.on_window_event(window, event);
    }

    /// Applies egui's requests, such as the shape of the pointer.
    pub(super) fn handle_platform_output(&mut self, window: &Window, output: egui::PlatformOutput) {
        self.state.handle_platform_output(window, output);
    }
}
