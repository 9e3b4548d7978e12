//! Decoded clips: for each frame plan, the frames of its clips and images.

pub mod feeder;

pub use feeder::{Common, Feeder};
pub use feeder::LOOP_BYTES;
