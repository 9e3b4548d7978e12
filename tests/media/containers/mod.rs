//! Containers that were trimmed without encoding, fragmented, rotated, damaged, or recorded from the middle of a stream. Each
//! is compared with ffmpeg, frame by frame.

mod boxes;
pub(crate) mod clips;
mod damage;
mod edits;
mod mutations;
mod sweep;
