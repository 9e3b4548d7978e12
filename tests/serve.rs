//! The HTTP server as its clients know it: the program is started, and everything else is requests and answers.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "serve/client.rs"]
mod client;
#[path = "serve/media.rs"]
mod media;
#[path = "serve/playlist.rs"]
mod playlist;
#[path = "serve/server.rs"]
mod server;
#[path = "serve/session.rs"]
mod session;

#[path = "serve/bodies.rs"]
mod bodies;
#[path = "serve/generate.rs"]
mod generate;
#[path = "serve/metrics.rs"]
mod metrics;
#[path = "serve/surface.rs"]
mod surface;
