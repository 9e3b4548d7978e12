//! Limits of clips of all formats.

/// Largest width or height of a clip in pixels: the largest texture that every supported GPU accepts.
pub(crate) const MAX_CLIP_SIDE: u32 = 8192;
