//! Encoded H.264 frames in; MP4 files, fragmented MP4 and HLS folders out.
//!
//! ```text
//! EncodedFrame (decode order)
//!    |  intake: is the order possible?
//!    +--> cmaf: parts and segments of a live stream
//!    +--> mp4         NAME.mp4, moov in front         (sample_table, partial)
//!    +--> grouper --> fragment: moof + mdat
//!                        +--> stream      any writer, standard output
//!                        +--> hls_folder  NAME.m3u8 and NAME/  (hls, partial)
//! ```
//!
//! `boxes` builds what every shape of MP4 shares. Time is a frame number everywhere and becomes ticks in `timebase`
//! alone. Nothing here knows how frames are encoded, decoded or drawn, and no thread is started: a sink works on the
//! thread that pushes.

pub mod boxes;
pub mod cmaf;
pub mod codec;
mod error;
pub mod fragment;
pub mod grouper;
pub mod hls;
pub mod intake;
pub mod muxer;
pub mod sample_table;
pub mod sink;
pub mod stream;
pub mod timebase;

pub use error::{Fault, PackageError};
