//! What all sessions of a process share: the device, the encoders, the memory for loops, the capacity.

use std::sync::Arc;
use std::time::Duration;

use super::capacity::{Capacity, Lease};
use super::clock::{Clock, SystemClock};
use super::encoders::Encoders;
use super::ladder::Ladder;
use super::meters::Meters;
use super::stream::{LiveError, Stream};
use repcast_gstreamer::decode::LoopBudget;
use repcast_gstreamer::encode::{EncodeError, EncoderSettings, Purpose, Quality};
use repcast_model::geometry::Size;
use repcast_compositor::Gpu;
use repcast_mux::hls::Kind;
use repcast_mux::cmaf::Grid;
use crate::open::Project;
use crate::clips::Common;
use repcast_model::time::{FrameRate, Rational};

/// Memory for the decoded frames of looping clips, of all sessions together, in bytes.
const LOOP_BYTES: usize = 256 << 20;

/// How long an encoder may take in its trial; in a session it gets less.
const TRIAL_PATIENCE: Duration = Duration::from_secs(20);

/// How sessions are made.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How large streams may become.
    pub quality: Quality,
    /// One of x264's presets.
    pub preset: &'static str,
    /// The sizes offered; the document's own alone when empty.
    pub ladder: Ladder,
    /// Seconds in a part.
    pub part: Rational,
    /// Parts in a segment.
    pub parts_per_segment: u64,
}

impl Settings {
    /// What an encoder of a rendition is asked for.
    #[must_use]
    pub fn encoder(&self, source: Size, size: Size, rate: FrameRate, grid: Grid) -> EncoderSettings {
        EncoderSettings {
            source,
            size,
            rate,
            quality: self.quality,
            preset: self.preset,
            key_interval: u32::try_from(grid.segment).unwrap_or(u32::MAX),
            reorder: false,
            purpose: Purpose::Live { stall: TRIAL_PATIENCE },
            threads: threads(self.preset, size, rate),
        }
    }
}

/// Threads of a live encoder: as few as keep up, because one alone spends nothing on agreeing with others, and a machine
/// that has several sessions has work for all cores anyway. 0 leaves their number to x264, where a preset is slow.
fn threads(preset: &str, size: Size, rate: FrameRate) -> usize {
    /// Pixels a second that a slow core encodes at these presets, with time to spare: more than 720p30.
    const PIXELS: u64 = 1920 * 1080 * 15;
    let pixels = u64::from(size.width) * u64::from(size.height) * u64::from(rate.ceil());
    if ["ultrafast", "superfast", "veryfast"].contains(&preset) { pixels.div_ceil(PIXELS) as usize } else { 0 }
}

/// Makes sessions.
pub struct Engine {
    /// The device.
    pub gpu: Arc<Gpu>,
    /// How sessions are made.
    pub settings: Settings,
    /// The encoders that work here.
    pub encoders: Encoders,
    /// What the machine can carry.
    pub capacity: Capacity,
    /// What all sessions have counted together.
    pub meters: Arc<Meters>,
    pub(super) budget: LoopBudget,
    /// What sessions read together.
    pub(super) common: Arc<Common>,
}

impl Engine {
    /// Tries the encoders on a picture of common size.
    ///
    /// # Errors
    /// When none works, or the one that is wanted does not.
    pub fn new(
        gpu: &Arc<Gpu>,
        wanted: Option<&str>,
        settings: Settings,
        capacity: Capacity,
    ) -> Result<Self, EncodeError> {
        let size = Size { width: 1280, height: 720 };
        let rate = FrameRate::from_rational(Rational::from_integer(30)).ok_or(EncodeError::Stopped)?;
        let trial = settings.encoder(size, size, rate, Grid::new(rate, settings.part, settings.parts_per_segment));
        let encoders = Encoders::find(wanted, &trial)?;
        Ok(Self {
            gpu: gpu.clone(),
            settings,
            encoders,
            capacity,
            meters: Arc::default(),
            budget: LoopBudget::new(LOOP_BYTES),
            common: Arc::default(),
        })
    }

    /// Starts a session at the pace of the machine's clock.
    ///
    /// # Errors
    /// When the device or every encoder refuses.
    pub fn start(&self, id: String, project: &Project, kind: Kind, lease: Lease) -> Result<Stream, LiveError> {
        self.start_with_clock(id, project, kind, lease, Arc::new(SystemClock::default()))
    }

    /// Starts a session at the pace of a clock.
    ///
    /// # Errors
    /// When the device or every encoder refuses.
    pub fn start_with_clock(
        &self,
        id: String,
        project: &Project,
        kind: Kind,
        lease: Lease,
        clock: Arc<dyn Clock>,
    ) -> Result<Stream, LiveError> {
        Stream::start(self, id, project, clock, kind, lease)
    }
}
