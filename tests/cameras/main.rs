//! Cameras: real ones by RTSP, a network that fails, and the files that come of it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod proxy;
mod recorder;
mod rtsp_camera;
#[path = "../support/mod.rs"]
mod support;
