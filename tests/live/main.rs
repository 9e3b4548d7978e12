//! Live sessions: encoder fallback, playlists, players in a browser.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod audio_rendition;
mod browser;
mod control_page;
mod failover;
mod long;
mod outputs;
mod players;
mod playlists;
#[path = "../support/mod.rs"]
mod support;
