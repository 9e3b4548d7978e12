//! The coach service: database, accounts, library, workouts.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod accounts;
mod app;
mod assistant;
#[path = "../serve/client.rs"]
mod client;
mod database_outage;
mod databases;
mod full_disk;
mod hostile_files;
mod language_models;
mod library;
mod matrix;
mod model_server;
mod readiness;
mod repositories;
#[path = "../serve/server.rs"]
mod server;
#[path = "../support/mod.rs"]
mod support;
mod uploads;
mod users;
mod workouts;
