//! The coach service: database, accounts, library, workouts.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod databases;
mod repositories;
#[path = "../support/mod.rs"]
mod support;
