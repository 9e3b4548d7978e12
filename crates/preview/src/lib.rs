//! The preview window: the frames of a live session or of a document, with a cockpit (timeline, status, dialogs) over them.
//!
//! ```text
//! draw thread -- submits frame n --> frame (NV12, on the GPU) <-- reads -- window: display, then cockpit, then present
//!      `---- frame_composited() -----------------------------------> event loop (main thread) -- Action --> PreviewController
//! ```
//!
//! The sound is that of `repcast_engine::monitor`, on a thread of its own.
//!
//! The window shows the frame that the compositor drew, converted on the same device. It repaints within a time budget
//! (`window::repaint_budget`), so that the session keeps its speed. The display may disappear at any time; only the window is lost
//! with it. This crate encodes nothing, and loads no library of the windowing system before [`PreviewEventLoop::open`].

mod catch_panic;
mod clipboard;
mod cockpit;
mod cockpit_renderer;
mod controller;
mod document_controller;
mod document_player;
mod document_sound;
mod event_loop;
mod file_watch;
mod join_links;
mod keys;
mod live_controller;
mod present;
mod session_commands;
mod stage_times;
mod window;
mod window_sound;
mod x11_errors;

pub use controller::{ExerciseChoice, ModeView, PreviewController, PreviewView};
pub use document_controller::DocumentController;
pub use event_loop::{CockpitPipelines, PreviewError, PreviewEventLoop, PreviewHandle};
pub use join_links::JoinLinks;
pub use keys::{Action, WindowMode};
pub use live_controller::LiveController;
pub use session_commands::{CommandError, SessionCommands};
pub use stage_times::StageTrace;
pub use window_sound::SoundView;
pub use x11_errors::DisplayLostHandler;
