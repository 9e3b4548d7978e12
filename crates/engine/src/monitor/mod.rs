//! The sound of a preview window: the mix of its session or document, on a sound device, and its level.
//!
//! ```text
//! mix, frame by frame ------> MixFeed -- levels --> LevelMeter, in the window
//! when each frame is shown --'     `--- samples --> thread "monitor" --> AudioOutput
//! ```
//!
//! The mix never waits: the feed keeps the newest seconds, and the thread takes from it what is heard next. A device
//! that stalls, fails or never answers affects this thread alone.

mod document_mix;
mod feed;
mod meter;
mod playback;
mod sound_monitor;

pub use document_mix::DocumentMix;
pub use feed::{MixFeed, MixLevels};
pub use meter::{LevelMeter, MeterReading};
pub use sound_monitor::{MonitorState, SoundMonitor};

pub(crate) use feed::FeedWriter;
