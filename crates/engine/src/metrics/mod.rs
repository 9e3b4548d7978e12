//! How long stages take.

pub mod histogram;

pub use histogram::{Histogram, Percentiles};
