//! The compositor against its CPU twin, its shaders, and pictures of every format.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod blending;
mod compositor;
mod display;
mod shaders;
mod twin;
#[path = "../support/mod.rs"]
mod support;
