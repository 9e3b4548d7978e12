//! The command line: exit codes, messages, output files.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod bad_input;
mod doctor;
mod files;
mod format;
mod package;
mod results;
mod standard_output;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
