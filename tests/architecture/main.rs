//! The structure of the sources: purity of the lower layers, third-party crates by layer, lengths, words.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod law;
