//! Recordings of cameras: one MP4 file for each, however often the camera, the network or this process goes away meanwhile.
//!
//! ```text
//! Subscription (capture) --> recorder: a thread
//!                              timeline   times of the file; gaps are held or cut
//!                              batch      frames to samples, whose length the next frame gives
//!                              telephone  G.711 to AAC; images are encoded as H.264
//!                              journal    when the last frame arrived, for what a crash has cost
//!                            --> RecordingFile (storage), made durable every second
//! Subscription (capture) --> preview: JPEG images, while someone watches
//! ```

mod batch;
mod disk;
mod journal;
mod preview;
mod probe;
mod recorder;
mod status;
mod telephone;
mod timeline;

pub use disk::free_bytes;
pub use preview::{Preview, PreviewFull, Viewer};
pub use probe::{CameraProbe, probe};
pub use recorder::{Recorder, RecorderError, RecordingLimits, RecordingRequest, Resumed, recover};
pub use repcast_gstreamer::jpeg::{JpegPicture, JpegSettings};
pub use status::{CameraRecordingState, CameraRecordingStatus, Gap};
pub use timeline::GapPolicy;
