//! The HTTP server as its clients know it: the program is started, and everything else is requests and answers.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]


mod addresses;
mod bodies;
mod caching;
mod client;
mod commands;
mod ending;
mod generate;
mod hostile;
mod ladder;
mod media;
mod metrics;
mod options;
mod playlist;
mod protocols;
mod ranges;
mod reload;
mod server;
mod session;
mod stream;
mod surface;
