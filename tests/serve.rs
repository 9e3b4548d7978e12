//! The HTTP server as its clients know it: the program is started, and everything else is requests and answers.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "serve/addresses.rs"]
mod addresses;
#[path = "serve/bodies.rs"]
mod bodies;
#[path = "serve/caching.rs"]
mod caching;
#[path = "serve/client.rs"]
mod client;
#[path = "serve/commands.rs"]
mod commands;
#[path = "serve/ending.rs"]
mod ending;
#[path = "serve/generate.rs"]
mod generate;
#[path = "serve/hostile.rs"]
mod hostile;
#[path = "serve/ladder.rs"]
mod ladder;
#[path = "serve/media.rs"]
mod media;
#[path = "serve/metrics.rs"]
mod metrics;
#[path = "serve/options.rs"]
mod options;
#[path = "serve/playlist.rs"]
mod playlist;
#[path = "serve/protocols.rs"]
mod protocols;
#[path = "serve/ranges.rs"]
mod ranges;
#[path = "serve/reload.rs"]
mod reload;
#[path = "serve/server.rs"]
mod server;
#[path = "serve/session.rs"]
mod session;
#[path = "serve/stream.rs"]
mod stream;
#[path = "serve/surface.rs"]
mod surface;
