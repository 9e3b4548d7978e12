//! What keys and buttons do: on the dialogs, on the window, or through the controller.

use std::sync::Arc;

use winit::dpi::PhysicalSize;
use winit::event::{ElementState, KeyEvent};
use winit::window::Fullscreen;

use repcast_model::session::Command;

use super::geometry::{actual_size, position_within, room_of};
use super::{PreviewWindow, WindowOutcome, drawn_source};
use crate::cockpit::{BAR_HEIGHT, Dialog, ListCursor};
use crate::controller::{ExerciseChoice, ModeView, PreviewController};
use crate::keys::{self, Action, WindowMode};

impl PreviewWindow {
    pub(super) fn handle_shortcut(
        &mut self,
        event: &KeyEvent,
        controller: &mut dyn PreviewController,
    ) -> WindowOutcome {
        let is_repeat = self.input.is_repeat(event);
        if event.state == ElementState::Released {
            return WindowOutcome::KeepOpen;
        }
        let action = keys::action(controller.mode(), &event.logical_key, self.input.modifiers);
        match action.filter(|action| !is_repeat || action.is_repeatable()) {
            // In an open list, the keys for the speed move the cursor.
            Some(action @ (Action::Faster | Action::Slower)) if self.cockpit.dialog.cursor().is_some() => {
                self.move_cursor(action == Action::Slower, controller);
                WindowOutcome::KeepOpen
            }
            Some(action) => self.perform(action, controller),
            None => WindowOutcome::KeepOpen,
        }
    }

    /// Carries out an action: on the dialogs, on the window, or through the controller.
    pub(super) fn perform(&mut self, action: Action, controller: &mut dyn PreviewController) -> WindowOutcome {
        if self.cockpit.dialog == Dialog::Quit && !action.is_allowed_during_quit_question() {
            return WindowOutcome::KeepOpen;
        }
        match action {
            Action::Quit
            | Action::Confirm
            | Action::Cancel
            | Action::Help
            | Action::Message
            | Action::Chapters
            | Action::ReplaceNext
            | Action::Join => return self.perform_on_dialog(action, controller),
            Action::NextButton => self.cockpit.focus.advance(true),
            Action::PreviousButton => self.cockpit.focus.advance(false),
            Action::CloseWindow => return WindowOutcome::Close,
            Action::ToggleBar => self.cockpit.has_bar = !self.cockpit.has_bar,
            Action::FullScreen => self.toggle_full_screen(),
            Action::ActualSize => self.request_actual_size(controller),
            Action::Screenshot => {
                let secs = controller.view().status.position_secs;
                let notice = self.screenshots.save(&self.gpu, drawn_source(controller).as_ref(), secs);
                self.show_notice(notice);
            }
            _ => self.show_notice(controller.dispatch(action)),
        }
        WindowOutcome::KeepOpen
    }

    fn perform_on_dialog(&mut self, action: Action, controller: &mut dyn PreviewController) -> WindowOutcome {
        match (action, &self.cockpit.dialog) {
            (Action::Message, _) => self.cockpit.open_message_field(self.input.context()),
            (Action::Quit, _) if controller.mode() == WindowMode::Document => return WindowOutcome::Close,
            (Action::Quit | Action::Confirm, Dialog::Quit) => {
                self.cockpit.dialog = Dialog::None;
                self.show_notice(controller.dispatch(Action::Quit));
            }
            (Action::Quit, _) => self.cockpit.dialog = Dialog::Quit,
            (Action::Help, Dialog::Help) => self.cockpit.dialog = Dialog::None,
            (Action::Help, _) => self.cockpit.dialog = Dialog::Help,
            (Action::Join, Dialog::Join)
            | (Action::Chapters, Dialog::Chapters(_))
            | (Action::ReplaceNext, Dialog::Replacement(_)) => self.cockpit.dialog = Dialog::None,
            (Action::Join, _) => self.cockpit.dialog = Dialog::Join,
            (Action::Chapters, _) => {
                let current = controller.view().status.current;
                let index = current.map_or(0, |current| current.index);
                self.cockpit.dialog = Dialog::Chapters(ListCursor::at(index));
            }
            (Action::ReplaceNext, _) => self.cockpit.dialog = Dialog::Replacement(ListCursor::at(0)),
            (Action::Confirm, Dialog::Chapters(cursor)) => {
                let start = controller.view().chapters.get(cursor.index).map(|chapter| chapter.start_secs);
                let notice = start.and_then(|start| controller.dispatch(Action::Seek(start)));
                self.show_notice(notice);
            }
            (Action::Confirm, Dialog::Replacement(cursor)) => {
                let index = cursor.index;
                self.cockpit.dialog = Dialog::None;
                let chosen = exercises(controller).get(index).map(|exercise| exercise.id.clone());
                let notice = chosen.and_then(|id| controller.command(Command::ReplaceNext { id }));
                self.show_notice(notice);
            }
            (Action::Confirm, Dialog::None) => match self.cockpit.focus.action() {
                Some(chosen) => return self.perform(chosen, controller),
                None => self.show_notice(controller.dispatch(Action::Confirm)),
            },
            (Action::Cancel, Dialog::None) if self.cockpit.focus.clear() => {}
            (Action::Cancel, Dialog::None) if self.window.fullscreen().is_some() => self.toggle_full_screen(),
            (Action::Cancel, _) => self.cockpit.dialog = Dialog::None,
            _ => {}
        }
        WindowOutcome::KeepOpen
    }

    /// Moves the cursor of the open list.
    fn move_cursor(&mut self, is_down: bool, controller: &mut dyn PreviewController) {
        let count = match self.cockpit.dialog {
            Dialog::Chapters(_) => controller.view().chapters.len(),
            _ => exercises(controller).len(),
        };
        if let Some(cursor) = self.cockpit.dialog.cursor() {
            cursor.advance(is_down, count);
        }
    }

    pub(super) fn show_notice(&mut self, text: Option<String>) {
        if let Some(text) = text {
            self.schedule.request();
            self.cockpit.show_notice(text);
        }
    }

    fn toggle_full_screen(&self) {
        let is_full = self.window.fullscreen().is_some();
        self.window.set_fullscreen((!is_full).then_some(Fullscreen::Borderless(None)));
    }

    /// Resizes the window so that the frame is shown pixel by pixel, or as large as the screen allows.
    fn request_actual_size(&mut self, controller: &dyn PreviewController) {
        let Some(source) = controller.source() else { return };
        if self.window.fullscreen().is_some() {
            self.window.set_fullscreen(None);
        }
        let bar = if self.cockpit.has_bar { BAR_HEIGHT * self.input.context().pixels_per_point() } else { 0.0 };
        let (outer, inner) = (self.window.outer_size(), self.window.inner_size());
        let edges =
            PhysicalSize::new(outer.width.saturating_sub(inner.width), outer.height.saturating_sub(inner.height));
        let monitor = self.window.current_monitor();
        let room = monitor.as_ref().map(|monitor| room_of(monitor.size(), monitor.scale_factor(), edges));
        let (size, scale) = actual_size(source.size(), bar.round() as u32, room);
        if let (Some(monitor), Ok(at)) = (monitor, self.window.outer_position()) {
            // Otherwise a window that grows may reach beyond the screen. Wayland knows no positions.
            let outer = PhysicalSize::new(size.width + edges.width, size.height + edges.height);
            let moved = position_within(at, outer, monitor.position(), monitor.size());
            if moved != at {
                self.window.set_outer_position(moved);
            }
        }
        let _ = self.window.request_inner_size(size);
        if scale < 1.0 {
            self.show_notice(Some(format!("the screen has room for {:.0} % of the actual size", scale * 100.0)));
        }
    }
}

/// The exercises that can replace the next one.
fn exercises(controller: &mut dyn PreviewController) -> Arc<[ExerciseChoice]> {
    match controller.view().mode {
        ModeView::Live { exercises, .. } => exercises,
        ModeView::Document { .. } => Arc::default(),
    }
}
