//! The engine: opens documents and renders their frames into files and live streams.
//!
//! ```text
//! open: document -> OpenDocument (timeline, soundtrack, probed files), with a check of unknown files in worker processes
//!         -> frame: plan, decode (clips), composite, read back
//!         -> audio: mix, limit, encode
//!              -> offline: lanes, encoders, one output file
//!              -> live: one pipeline per session, at the pace of a clock
//!              -> monitor: the sound of a preview window
//!         -> price: what the document costs the machine per second
//! ```

pub mod audio;
pub mod check;
pub mod clips;
pub mod frame;
pub mod live;
pub mod metrics;
pub mod monitor;
pub mod offline;
pub mod open;
pub mod price;
