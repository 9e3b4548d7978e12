//! The compositor: compared with a second one on the CPU and with its definitions; its shaders; blending of all formats.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod blending;
mod chroma_key;
mod compositor;
mod display;
mod emoji;
mod filtering;
mod lights;
mod shaders;
#[path = "../support/mod.rs"]
mod support;
mod twin;
