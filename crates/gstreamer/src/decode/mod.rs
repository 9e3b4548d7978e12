//! Decoding: files in, [`ClipFrame`](repcast_media::ClipFrame)s and PCM out.
//!
//! [`probe()`] analyses a file. [`Clip`] then returns the frame shown at any source time, and manages streaming,
//! seeking, looping and decoding ahead. GStreamer decodes on its own threads; a [`Clip`] is used from one thread at a
//! time. [`FileAudioSources`] opens the audio of files, clips or not. This module has no knowledge of timelines, sessions or the GPU.
//!
//! ```text
//! path --probe_audio--> AudioInfo, FileAudioSources::open --> AudioSource (module audio)
//! path --probe--> ProbedClip --Clip::open--> Clip --frame_at(source time)--> ClipFrame
//!         |                                |
//!   file_format, iso, matroska,      loop_cache (frames of loops)
//!   scan, edits, color,              reader (seeking, damage) --> stream (GStreamer) or pictures (image crate)
//!   pictures                         frame (layout, coverage, packing)
//! ```

mod audio;
mod byte_patches;
mod check;
mod clip;
mod color;
mod concealment;
mod container;
mod coverage;
mod decoder;
mod demux;
mod edits;
mod error;
mod file_format;
mod fingerprint;
mod frame;
#[doc(hidden)]
pub mod fuzzing;
mod inspect;
mod iso;
mod layout;
mod limits;
mod loop_cache;
mod matroska;
mod packed;
mod pictures;
mod probe;
mod reader;
mod scan;
mod slate;
mod stream;
mod timing;
mod unsupported;

pub use audio::{AudioFile, FileAudioSources, probe_audio, probe_audio_within};
pub use check::is_movie;
#[cfg(target_os = "linux")]
pub(crate) use check::{decode_samples, load_decoders};
pub use clip::Clip;
pub use concealment::concealed_count;
pub use error::DecodeError;
pub use fingerprint::{audio_fingerprint, fingerprint};
#[cfg(target_os = "linux")]
pub(crate) use inspect::inspect;
pub use inspect::{Inspection, SeenAlpha};
pub use loop_cache::LoopBudget;
pub use pictures::read_picture;
pub use probe::{ProbedClip, probe, probe_within};
pub use slate::slate;
pub use stream::STALL_TIMEOUT;

/// Initialises GStreamer; cheap if it is initialised already.
///
/// # Errors
/// When GStreamer cannot be initialised, which means that its installation is broken.
pub fn init() -> Result<(), DecodeError> {
    gstreamer::init().map_err(|error| DecodeError::Library(error.to_string()))
}

/// Whether a GStreamer element of this name is installed. Call [`init`] first.
#[must_use]
pub fn has_element(name: &str) -> bool {
    gstreamer::ElementFactory::find(name).is_some()
}
