//! The window on the machine that makes the picture: a live session's mirror with a cockpit, or a document on the desk.
//!
//! ```text
//! draw thread -- submits frame n --> picture (NV12, on the GPU) <-- reads -- window: display, then cockpit, then present
//!      `---- "a frame is drawn" ----------------------------------> event loop (main thread) -- Action --> Desk
//! ```
//!
//! The window shows the compositor's own picture, converted once, on the same device. It draws when it can and at most so
//! often that whoever makes the picture does not feel it (`budget`); its display may vanish at any time, and takes
//! nothing with it but the window. Nothing here encodes, and nothing of the windowing system is loaded before
//! [`Preview::open`].

mod budget;
mod cockpit;
mod desk;
mod document_desk;
mod event_loop;
mod keys;
mod letterbox;
mod live_desk;
mod painter;
mod pane;
mod player;
mod quiet;
mod screen;
mod still;
mod target;
mod x11;

pub use desk::{Desk, More, Trace, View};
pub use document_desk::DocumentDesk;
pub use event_loop::{Handle, Preview, PreviewError, Tools};
pub use keys::{Action, Kind};
pub use live_desk::LiveDesk;
pub use x11::Leave;
