//! repcast turns a workout, or any timed composition of clips, into video.
//!
//! ```text
//! document -> timeline -> plan(frame n) -> decode -> composite -> read back -> encode -> package -> file or player
//!                ^ session: commands, when it is shown live                                  serve, over HTTP
//! ```
//!
//! Modules stand in layers and use only what stands below them; `tests/law.rs` holds them to it.

// Words: what every module speaks.
pub mod color;
pub mod geometry;
pub mod media;
pub mod time;

// Domain: pure; no I/O, no thread, no clock.
pub mod catalogue;
pub mod document;
pub mod hls;
pub mod session;
pub mod timeline;
pub mod wording;
pub mod workout;

// Adapters: one for each thing outside. They never use each other; what passes between them is in `media`.
pub mod decode;
pub mod encode;
pub mod gpu;
pub mod package;
pub mod storage;

// Edges: the ways in.
pub mod cli;
pub mod live;
pub mod preview;
pub mod project;
pub mod render;
pub mod serve;
