//! Shared by the test programs: fixtures made by ffmpeg, processes, outputs read back.
//!
//! Nothing here uses the program's crates; the program is tested by its files, exit code and outputs. ffmpeg and ffprobe
//! must be installed: without them tests fail instead of being skipped.

#![allow(dead_code, unused_macros, unused_imports, reason = "each test program uses a part of this module")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails fails its test")]

pub(crate) mod block_additions;
pub(crate) mod case;
pub(crate) mod codecs;
pub(crate) mod document;
pub(crate) mod ffmpeg;
pub(crate) mod fixture;
pub(crate) mod mp4_patch;
pub(crate) mod numbered;
pub(crate) mod nv12;
pub(crate) mod object_store;
pub(crate) mod pcm;
pub(crate) mod picture;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod qr;
pub(crate) mod ratio;
pub(crate) mod socket;
pub(crate) mod sources;
pub(crate) mod tools;
pub(crate) mod x264_bin;
pub(crate) mod yuv;
