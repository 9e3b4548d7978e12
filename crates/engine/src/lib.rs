//! The engine: opens documents, and turns their frames into files and live streams.

pub mod clips;
pub mod live;
pub mod metrics;
pub mod offline;
pub mod open;
