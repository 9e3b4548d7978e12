//! Use cases: live sessions and generated videos. No HTTP, no command line.
//!
//! ```text
//! document (bytes) -> Documents -> OpenDocument --> LiveSessions -> LiveSession (stream, viewers)
//!                                        `---> Generations  -> Generation (bytes of a growing MP4)
//! ```
//!
//! [`Service`] holds them together: it admits requests, and shuts everything down in order.

mod access;
mod documents;
mod error;
mod generation;
mod outputs;
mod push_rules;
mod quota;
mod service;
mod sessions;
mod viewers;

pub use access::{Action, Token, TokenError};
pub use documents::AcceptedKind;
pub use error::ServiceError;
pub use generation::{Generation, GenerationCounts};
pub use outputs::{OutputConfig, OutputError};
pub use push_rules::{PushRule, PushRuleError};
pub use quota::{Client, ClientQuota};
pub use service::{Service, ServiceConfig};
pub use sessions::LiveSession;
pub use viewers::{ConnectedViewer, ViewerCounter};
