//! Limits of clips of all formats.

/// Largest width or height of a clip in pixels: the largest texture that every supported GPU accepts.
pub(crate) const MAX_CLIP_SIDE: u32 = 8192;

/// Most channels of audio: 7.1.
pub(crate) const MAX_AUDIO_CHANNELS: u32 = 8;

/// The lowest sample rate of audio, that of telephony.
pub(crate) const MIN_AUDIO_RATE: u32 = 8000;

/// The highest sample rate of audio, that of studio recordings.
pub(crate) const MAX_AUDIO_RATE: u32 = 192_000;

/// Longest audio, in seconds: four days. Gaps up to it are silence, which takes time to read but no memory.
pub(crate) const MAX_AUDIO_SECS: u32 = 4 * 86_400;
