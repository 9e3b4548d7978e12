//! The HTTP server from its clients' side: the program is started, and tested by requests and responses.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod api_surface;
mod blocking_reload;
mod byte_ranges;
mod changes;
mod client;
mod commands;
mod configuration;
mod connections;
mod containers;
mod damaged_clips;
mod deployment;
mod disclosure;
mod error_reports;
mod frames;
mod generated_video;
mod hostile_clients;
mod http_caching;
mod ladder;
mod metrics;
mod options;
mod outputs;
mod playlist;
mod probe;
mod protocols;
mod request_bodies;
mod request_targets;
mod rights;
mod server;
mod session;
mod share;
mod shutdown;
mod stream;
#[path = "../support/mod.rs"]
mod support;
mod typed_client;
mod unfinished_video;
