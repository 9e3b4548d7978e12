//! GStreamer: clips are decoded and frames are encoded here, and nowhere else.

pub mod decode;
pub mod encode;
