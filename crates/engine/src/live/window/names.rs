//! The names of a rendition's files in its playlist.

/// The format of a rendition's segments and parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SegmentFormat {
    /// Fragmented MP4: video and audio.
    Mp4,
    /// WebVTT: captions.
    WebVtt,
}

impl SegmentFormat {
    /// What the names of its segments and parts end with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Mp4 => "m4s",
            Self::WebVtt => "vtt",
        }
    }
}

/// The name of an init segment.
#[must_use]
pub fn init_name(number: usize) -> String {
    format!("init-{number}.mp4")
}

/// The name of a segment.
#[must_use]
pub fn segment_name(sequence: u64, format: SegmentFormat) -> String {
    format!("{sequence}.{}", format.extension())
}

/// The name of a part.
#[must_use]
pub fn part_name(sequence: u64, part: u64, format: SegmentFormat) -> String {
    format!("{sequence}.{part}.{}", format.extension())
}
