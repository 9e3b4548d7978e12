//! Cameras: real ones by RTSP, a network that fails, and the files that come of it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "../serve/client.rs"]
mod client;
mod http_camera;
mod liars;
mod matrix;
mod proxy;
mod recorder;
mod rtsp_camera;
#[path = "../serve/server.rs"]
mod server;
mod service;
#[path = "../support/mod.rs"]
mod support;
#[path = "../coach/users.rs"]
mod users;
