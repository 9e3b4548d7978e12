//! The coach service: database, accounts, library, workouts.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod accounts;
mod app;
mod assistant;
#[path = "../serve/client.rs"]
mod client;
mod databases;
mod language_models;
mod matrix;
mod model_server;
mod repositories;
#[path = "../serve/server.rs"]
mod server;
#[path = "../support/mod.rs"]
mod support;
mod users;
mod workouts;
