//! The GStreamer adapter: decodes clips into frames and PCM, encodes pictures to H.264 and PCM to AAC, plays PCM, and sends what is encoded to receivers.
//!
//! No other crate names GStreamer. [`decode`], [`encode`], [`jpeg`], [`jpeg_transcoder`], [`play`] and [`push`] are independent of each other; all run their pipelines on
//! GStreamer's own threads and poll them from the caller's thread. A pipeline that does not stop is abandoned
//! ([`abandoned_pipelines`]), so that it never blocks the caller.

mod bit_reader;
pub mod decode;
pub mod encode;
pub mod jpeg;
pub mod jpeg_transcoder;
mod pcm;
pub mod play;
mod plugin;
pub mod push;
mod stall;
mod stopper;
#[cfg(test)]
mod test_audio;
pub mod worker;

pub use stopper::{MAX_ABANDONED_PIPELINES, abandoned_pipelines, is_any_pipeline_stopping};
