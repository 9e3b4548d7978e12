//! The preview window as a user sees it: real keys and clicks on a virtual display, screenshots of the window, and the
//! status of the session.
//!
//! Each test starts its own X server (Xvfb) with a window manager (openbox); xdotool sends keys and clicks. Without these
//! programs tests fail instead of being skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

mod buttons;
mod display;
mod display_loss;
mod document;
mod engine;
mod http_calls;
mod join;
mod keys;
mod lists;
mod no_display;
mod program;
mod recording_encoder;
mod resizing;
mod screenshots;
mod session;
mod sound;
#[path = "../support/mod.rs"]
mod support;
mod timeline_bar;
mod window;
mod window_cost;
mod window_pixels;
