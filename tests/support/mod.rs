//! What the end-to-end tests share: fixtures made by ffmpeg, the program run as its users run it, pictures read back.
//!
//! Nothing here knows the program's insides; it is judged by its files, its exit code and its output alone. ffmpeg and
//! ffprobe must be installed: without them tests fail, they are never skipped.

#![allow(dead_code, reason = "each test binary uses a part of this module")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails fails its test")]

pub(crate) mod case;
pub(crate) mod codecs;
pub(crate) mod document;
pub(crate) mod ffmpeg;
pub(crate) mod fixture;
pub(crate) mod invocation;
pub(crate) mod mp4_patch;
pub(crate) mod numbered;
pub(crate) mod picture;
pub(crate) mod program;
pub(crate) mod ratio;
pub(crate) mod sources;
pub(crate) mod tools;
pub(crate) mod yuv;
