//! Containers as people have them: trimmed without encoding, in fragments, turned, damaged, begun in the middle. Each is
//! compared with what ffmpeg presents of it, frame by frame.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "containers/boxes.rs"]
mod boxes;
#[path = "containers/clips.rs"]
mod clips;
#[path = "containers/damage.rs"]
mod damage;
#[path = "containers/edits.rs"]
mod edits;
#[path = "containers/mutations.rs"]
mod mutations;
mod support;
#[path = "containers/sweep.rs"]
mod sweep;
