//! What passes between the adapters: decoded, composited and encoded frames, tracks and samples, the lengths that
//! streams are cut into, and the identity of files. Types only.
//!
//! ```text
//! live window -> Sample -> PushConnection (a receiver)
//! decoder -> ClipFrame -> compositor -> CompositedFrame -> encoder -> EncodedFrame -> Sample -> muxers
//!            (layout)                                         (timebase)      (track, segmentation)
//! text -----> SpokenText --\
//! decoder -> AudioSource -> mixer -> Stereo ------------------> encoder -----> Sample
//!                                      `-> AudioOutput (a sound device)
//! ```

mod audio;
mod backoff;
mod cidr;
mod clip_frame;
mod composited;
mod encoded;
mod file_identity;
mod io_reason;
mod layout;
mod push;
mod segmentation;
mod special_addresses;
mod speech;
mod timebase;
mod track;

pub use audio::{AudioOutput, AudioOutputError, AudioOutputs, AudioSource, AudioSourceError, AudioSources, Stereo};
pub use backoff::Backoff;
pub use cidr::{Cidr, CidrError};
pub use clip_frame::{ClipFrame, FrameId, PixelData, PlaneRows, Rows};
pub use composited::{CompositedFrame, FrameBytes, FrameFormat};
pub use encoded::{EncodedFrame, StreamConfig, VideoSampler};
pub use file_identity::FileIdentity;
pub use io_reason::io_reason;
pub use layout::{ColorModel, Component, Coverage, PixelLayout, PixelRect, Plane, TILE};
pub use push::{PushConnection, PushConnector, PushError, PushProgress, PushProtocol, PushTarget, PushTargetError};
pub use segmentation::{
    DEFAULT_PART_SECS, Grid, SEGMENT_SECS, Segmentation, fragment_frames, key_frame_distance, min_segment_frames,
};
pub use special_addresses::{is_local_network, is_public};
pub use speech::{Speech, SpeechError, SpokenText, Voice};
pub use timebase::{Timebase, TimescaleError};
pub use track::{AAC_FRAME_SAMPLES, AacConfig, CodecConfig, HevcConfig, Sample, Track, TrackId, TrackKind};
