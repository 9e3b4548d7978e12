//! The preview window as somebody before the screen knows it: a display without a screen, real keys and clicks, what the
//! window then shows, and what the session then tells.
//!
//! Each test has an X server of its own (Xvfb) with a window manager (openbox); keys and clicks are xdotool's. Without
//! them tests fail, they are never skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#![cfg(target_os = "linux")]

mod absence;
mod bar;
mod calls;
mod cost;
mod desk;
mod display;
mod engine;
mod keys;
mod loss;
mod mirror;
mod program;
mod recorder;
mod session;
mod shape;
mod still;
#[path = "../support/mod.rs"]
mod support;
mod window;
