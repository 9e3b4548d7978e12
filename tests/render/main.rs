//! Files that `repcast render` writes: exactness, lanes, reused segments, golden frames, sound, captions.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod captions;
mod exactness;
mod hostile_sound;
mod lanes;
mod pictures;
mod screens;
mod sound;
mod store;
#[path = "../support/mod.rs"]
mod support;
