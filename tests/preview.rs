//! The preview window as somebody before the screen knows it: a display without a screen, real keys and clicks, what the
//! window then shows, and what the session then tells.
//!
//! Each test has an X server of its own (Xvfb) with a window manager (openbox); keys and clicks are xdotool's. Without
//! them tests fail, they are never skipped.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "preview/absence.rs"]
mod absence;
#[path = "preview/bar.rs"]
mod bar;
#[path = "preview/calls.rs"]
mod calls;
#[path = "preview/cost.rs"]
mod cost;
#[path = "preview/desk.rs"]
mod desk;
#[path = "preview/display.rs"]
mod display;
#[path = "preview/engine.rs"]
mod engine;
#[path = "preview/keys.rs"]
mod keys;
#[path = "preview/loss.rs"]
mod loss;
#[path = "preview/mirror.rs"]
mod mirror;
#[path = "preview/program.rs"]
mod program;
#[path = "preview/recorder.rs"]
mod recorder;
#[path = "preview/session.rs"]
mod session;
#[path = "preview/shape.rs"]
mod shape;
#[path = "preview/still.rs"]
mod still;
mod support;
#[path = "preview/window.rs"]
mod window;
