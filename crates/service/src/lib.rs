//! Use cases: live sessions and generated videos. No HTTP, no command line.
//!
//! ```text
//! document (bytes) -> Documents -> OpenDocument --> LiveSessions -> LiveSession (stream, viewers)
//!                                        `---> Generations  -> Generation (bytes of a growing MP4)
//!                                        `---> Frames -> image
//! ```
//!
//! [`Service`] holds them together: it admits requests, and shuts everything down in order.

mod access;
mod blocking;
mod documents;
mod editing;
mod error;
mod frames;
mod generation;
mod image_service;
mod join_code;
mod outputs;
mod push_rules;
mod quota;
mod service;
mod sessions;
mod video_service;
mod viewers;

pub use access::{Action, Token, TokenError};
pub use blocking::blocking;
pub use documents::AcceptedKind;
pub use editing::{DocumentOpener, Editor};
pub use error::ServiceError;
pub use frames::{FrameRequest, SessionImage};
pub use generation::{Generation, GenerationCounts};
pub use image_service::ExerciseMedia;
pub use join_code::{JoinCode, JoinCodeError};
pub use outputs::{OutputConfig, OutputError};
pub use push_rules::{PushRule, PushRuleError};
pub use quota::{Client, ClientQuota};
pub use service::{Reloaded, Service, ServiceConfig, SessionFlow};
pub use sessions::LiveSession;
pub use viewers::{ConnectedViewer, ViewerCounter};
