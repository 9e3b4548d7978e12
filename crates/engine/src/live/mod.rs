//! Live sessions: a timeline rendered at the pace of a clock, controlled by commands, for any number of viewers.
//!
//! ```text
//!            thread "decode"                        thread "composite"             threads "package", one per rendition
//! Session -- tick, plan, DecodeStage -- bounded --> Pace, CompositeStage -> RenditionEncoder -- encoder --> Window
//!    ^ commands                                                                                    players <-'
//! ```
//!
//! Recordings and pushes read the windows, as viewers do, and are never waited for (`consumers`).
//!
//! A session stays in real time: late frames are dropped, one that stays behind is ended, a failed encoder is replaced, a failed clip becomes a slate.
//! This module knows nothing of HTTP.

mod audio;
mod capacity;
mod captions;
mod clock;
mod consumers;
mod document_change;
mod encoders;
mod engine;
mod frame_thread;
mod ladder;
mod lag;
mod pace;
mod preview_monitor;
mod rendition_encoder;
mod session_context;
mod session_terms;
mod stages;
mod stream;
mod window;

#[cfg(test)]
mod tests;

pub use audio::AUDIO_NAME;
pub(crate) use audio::{LimitedMix, MusicClock};
pub use capacity::{Capacity, CapacityError, Lease};
pub use captions::CaptionRendition;
pub use clock::{Clock, SimulatedClock, SystemClock};
pub use consumers::{PushState, PushStatus, RecordError, RecordingState, RecordingStatus, StartPushError};
pub use document_change::{ChangeError, ChangePosition};
pub use encoders::Encoders;
pub use engine::{Engine, LiveSettings};
pub use ladder::{Ladder, Rung};
pub use preview_monitor::{PreviewMonitor, PreviewObserver};
pub use session_context::BrokenClip;
pub use session_terms::SessionTerms;
pub use stream::{LiveError, Rendition, Stream, StreamReport};
pub use window::{
    FIRST_SEQUENCE, JointPart, JointReader, Lookup, SegmentFormat, SpooledSegment, StreamPosition, Window,
    WindowConfig, init_name, part_name, segment_name,
};
