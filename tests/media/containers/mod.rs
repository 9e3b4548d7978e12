//! Containers as people have them: trimmed without encoding, in fragments, turned, damaged, begun in the middle. Each is
//! compared with what ffmpeg presents of it, frame by frame.

mod boxes;
mod clips;
mod damage;
mod edits;
mod mutations;
mod sweep;
use crate::support;
