//! Input media: containers, formats, seeking.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod containers;
mod formats;
mod jumps;
#[path = "../support/mod.rs"]
mod support;
mod worker;
