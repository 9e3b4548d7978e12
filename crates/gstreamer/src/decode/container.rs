//! What is known of a file before it is decoded, and how its pipeline is set up.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gstreamer as gst;

use super::DecodeError;
use super::byte_patches::BytePatches;
use super::color::ContainerColor;
use super::file_format::FileFormat;
use crate::stopper::{MAX_ABANDONED_PIPELINES, PipelineOwner, abandoned_pipelines};
use repcast_model::geometry::Size;

/// A video file, with the settings its pipeline needs.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) format: FileFormat,
    /// Bytes in the file.
    pub(super) len: u64,
    /// Whether the file states contents past its end.
    pub(super) truncated: bool,
    /// Color in the container; GStreamer drops some of it.
    pub(super) color: ContainerColor,
    pub(super) start_policy: StartPolicy,
    /// Every frame is scaled to this shape; `None` until the first frame is decoded.
    pub(super) shape: Option<FrameShape>,
    /// Applied to everything the demuxer reads.
    pub(super) patches: Arc<BytePatches>,
    /// How pipelines of this file have behaved.
    pub(super) health: Arc<ClipHealth>,
}

impl Container {
    /// A file of `len` bytes of which nothing but the format is known.
    pub(super) fn unread(format: FileFormat, len: u64, truncated: bool) -> Self {
        Self {
            format,
            len,
            truncated,
            color: ContainerColor::default(),
            start_policy: StartPolicy::AnyPacket,
            shape: None,
            patches: Arc::default(),
            health: Arc::new(ClipHealth::new()),
        }
    }
}

/// How the pipelines of one version of a file have behaved.
#[derive(Debug)]
pub(super) struct ClipHealth {
    pub(super) owner: PipelineOwner,
    /// Whether one has decoded the file to its end.
    pub(super) is_proven: AtomicBool,
}

impl ClipHealth {
    pub(super) fn new() -> Self {
        Self { owner: PipelineOwner::new(), is_proven: AtomicBool::new(false) }
    }

    /// Checks that another pipeline may be started.
    pub(super) fn check(&self, path: &Path) -> Result<(), DecodeError> {
        if self.owner.has_stopping_for(DOES_NOT_STOP_TIMEOUT) {
            return Err(DecodeError::DoesNotStop(path.to_owned()));
        }
        if !self.is_proven.load(Ordering::Relaxed) && abandoned_pipelines() >= MAX_ABANDONED_PIPELINES {
            return Err(DecodeError::TooManyAbandoned(path.to_owned()));
        }
        Ok(())
    }
}

/// After this time a pipeline that is being stopped counts as one that never stops, and its file as damaged. Longer than
/// the owner waits: a busy machine may take seconds for large frames.
const DOES_NOT_STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// The packet at which decoding starts, at the beginning and after a seek, and whether incomplete frames are delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StartPolicy {
    /// The first packet. Decoders drop frames with missing references. For files whose key frames are not known.
    AnyPacket,
    /// The first key frame. Decoders drop frames with missing references.
    KeyFrame,
    /// The first packet, and frames with missing references are delivered: some cameras send no others.
    IncompleteFrames,
}

/// Size and pixel aspect ratio of decoded frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct FrameShape {
    pub(super) size: Size,
    pub(super) pixel_aspect: gst::Fraction,
}
