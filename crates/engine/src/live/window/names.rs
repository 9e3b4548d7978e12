//! The names of a rendition's files in its playlist.

/// The name of an init segment.
#[must_use]
pub fn init_name(number: usize) -> String {
    format!("init-{number}.mp4")
}

/// The name of a segment.
#[must_use]
pub fn segment_name(sequence: u64) -> String {
    format!("{sequence}.m4s")
}

/// The name of a part.
#[must_use]
pub fn part_name(sequence: u64, part: u64) -> String {
    format!("{sequence}.{part}.m4s")
}
