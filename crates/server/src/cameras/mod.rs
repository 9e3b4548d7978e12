//! Courts with cameras: sessions, recordings and their files.

pub(super) mod files;
pub(super) mod health;
pub(super) mod preview;
pub(super) mod probe;
pub(super) mod recordings;
pub(super) mod sessions;
pub(super) mod terrains;
