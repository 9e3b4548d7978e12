//! The GStreamer adapter: decodes clips into frames and PCM, and encodes pictures to H.264 and PCM to AAC.
//!
//! No other crate names GStreamer. [`decode`] and [`encode`] are independent of each other; both run their pipelines on
//! GStreamer's own threads and poll them from the caller's thread. A pipeline that does not stop is abandoned
//! ([`abandoned_pipelines`]), so that it never blocks the caller.

mod bit_reader;
pub mod decode;
pub mod encode;
mod plugin;
mod stall;
mod stopper;
#[cfg(test)]
mod test_audio;
pub mod worker;

pub use stopper::{MAX_ABANDONED_PIPELINES, abandoned_pipelines, is_any_pipeline_stopping};
