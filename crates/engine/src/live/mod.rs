//! Live sessions: a timeline shown at the pace of a clock, steered while it runs, offered to any number of viewers.
//!
//! ```text
//!            thread "plan"                      thread "draw"                    a thread per rendition
//! Session -- tick, plan, Feeder -- bounded --> Pace, Compositor -- Picture --> Lane (encoder, packager) --> Window
//!    ^ commands                                                                                              |
//!    '---- whoever steers                                                            whoever serves viewers -'
//! ```
//!
//! A session keeps its time whatever happens behind it: what cannot be made in time is left out, an encoder that fails
//! is replaced, a clip that breaks becomes a slate. Nothing here knows HTTP.

mod capacity;
mod clock;
mod encoders;
mod engine;
mod ladder;
mod lane;
mod meters;
mod monitor;
mod pace;
mod stream;
mod threads;
mod window;

#[cfg(test)]
mod tests;

pub use capacity::{Capacity, Lease, demand};
pub use clock::{Clock, SimulatedClock, SystemClock};
pub use encoders::Encoders;
pub use engine::{Engine, Settings};
pub use ladder::{Ladder, Rung};
pub use meters::{Count, Meters, Stage};
pub use monitor::{Monitor, Onlooker};
pub use stream::{LiveError, Rendition, Report, Stream};
pub use window::{FIRST_SEQUENCE, Lookup, Place, Spooled, Terms, Window, init_name, part_name, segment_name};
