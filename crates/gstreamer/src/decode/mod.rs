//! Clips in: files become [`ClipFrame`](repcast_media::ClipFrame)s.
//!
//! [`probe()`] looks at a file once and says what it is. [`Clip`] then answers one question, "which frame is shown at this
//! source time?", and hides streaming, seeking, looping and reading ahead. GStreamer decodes on threads of its own; a
//! `Clip` is used from one thread. This module knows nothing of timelines, sessions or the GPU.

mod clip;
mod color;
mod coverage;
mod damage;
mod demux;
mod edits;
mod error;
mod foreign;
mod frame;
mod iso;
mod layout;
mod loops;
mod matroska;
mod packed;
mod pictures;
mod probe;
mod reader;
mod scan;
mod slate;
mod sniff;
mod stream;
mod timing;

pub use clip::Clip;
pub use damage::concealed;
pub use error::DecodeError;
pub use loops::LoopBudget;
pub use pictures::{is_numbered, read_picture};
pub use probe::{Probed, probe};
pub use slate::slate;
pub use stream::STALL;

/// Starts the media library; cheap when it runs already.
///
/// # Errors
/// When GStreamer cannot start, which means that its installation is broken.
pub fn init() -> Result<(), DecodeError> {
    gstreamer::init().map_err(|error| DecodeError::Library(error.to_string()))
}

/// Whether GStreamer has an element of this name.
#[must_use]
pub fn has_element(name: &str) -> bool {
    gstreamer::ElementFactory::find(name).is_some()
}

/// What turns files into frames on this machine: the library, and its decoders in the order in which they are asked.
#[must_use]
pub fn identity() -> String {
    use gstreamer::prelude::*;
    let kinds = gstreamer::ElementFactoryType::DECODER | gstreamer::ElementFactoryType::MEDIA_VIDEO;
    let found = gstreamer::ElementFactory::factories_with_type(kinds, gstreamer::Rank::MARGINAL);
    let mut decoders: Vec<String> = found
        .iter()
        .map(|factory| {
            let version = factory.plugin().map(|plugin| plugin.version().to_string());
            format!("{} {:?} {}", factory.name(), factory.rank(), version.unwrap_or_default())
        })
        .collect();
    decoders.sort_unstable();
    format!("{} {decoders:?}", gstreamer::version_string())
}

/// Largest width or height of a clip, in pixels: what every GPU accepts as a texture.
pub const MAX_CLIP_SIDE: u32 = 8192;
