//! What all sessions of a process share: the device, the encoders, decoded loops, the capacity.

use std::sync::Arc;
use std::time::Duration;

use super::capacity::{Capacity, Lease};
use super::clock::{Clock, SystemClock};
use super::encoders::Encoders;
use super::ladder::Ladder;
use super::session_terms::SessionTerms;
use super::stream::{LiveError, Stream};
use crate::clips::{LIVE_LOOP_BYTES, SharedClips};
use crate::metrics::PipelineMetrics;
use crate::open::OpenDocument;
use repcast_compositor::Gpu;
use repcast_gstreamer::decode::LoopBudget;
use repcast_gstreamer::encode::{EncodeError, EncoderSettings, Purpose, Quality};
use repcast_media::{Grid, Segmentation};
use repcast_model::geometry::Size;
use repcast_model::time::{FrameRate, Rational};

/// How long an encoder may deliver nothing while it is probed; in a session it has less time.
const PROBE_TIMEOUT: Duration = Duration::from_secs(20);

/// Settings of all sessions.
#[derive(Clone, Debug)]
pub struct LiveSettings {
    /// The rate control of streams.
    pub quality: Quality,
    /// One of x264's presets.
    pub preset: &'static str,
    /// The sizes of the renditions; the document's own alone when empty.
    pub ladder: Ladder,
    /// The lengths of parts and segments.
    pub segmentation: Segmentation,
}

impl LiveSettings {
    /// The settings of a rendition's encoder.
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
            purpose: Purpose::Live { stall: PROBE_TIMEOUT },
            threads: threads(self.preset, size, rate),
        }
    }
}

/// Threads of a live encoder: as few as keep up, because one thread needs no synchronisation, and several sessions use all
/// cores anyway. 0 leaves the number to x264, for slow presets.
fn threads(preset: &str, size: Size, rate: FrameRate) -> usize {
    /// Pixels per second that a slow core encodes at these presets with a margin: more than 720p30.
    const PIXELS: u64 = 1920 * 1080 * 15;
    let pixels = u64::from(size.width) * u64::from(size.height) * u64::from(rate.ceil());
    if ["ultrafast", "superfast", "veryfast"].contains(&preset) { pixels.div_ceil(PIXELS) as usize } else { 0 }
}

/// Starts live sessions.
pub struct Engine {
    /// The device.
    pub gpu: Arc<Gpu>,
    /// Settings of all sessions.
    pub settings: LiveSettings,
    /// The encoders that work on this machine.
    pub encoders: Encoders,
    /// The machine's capacity.
    pub capacity: Capacity,
    /// The metrics of all sessions together.
    pub metrics: Arc<PipelineMetrics>,
    pub(super) budget: LoopBudget,
    /// Loops and images that sessions share.
    pub(super) clips: Arc<SharedClips>,
}

impl Engine {
    /// Probes the encoders with pictures of a common size.
    ///
    /// # Errors
    /// When no encoder works, or the wanted one does not.
    pub fn new(
        gpu: &Arc<Gpu>,
        wanted: Option<&str>,
        settings: LiveSettings,
        capacity: Capacity,
    ) -> Result<Self, EncodeError> {
        let size = Size { width: 1280, height: 720 };
        let rate = FrameRate::from_rational(Rational::from_integer(30)).ok_or(EncodeError::Stopped)?;
        let probe = settings.encoder(size, size, rate, settings.segmentation.grid(rate));
        let encoders = Encoders::find(wanted, &probe)?;
        Ok(Self {
            gpu: gpu.clone(),
            settings,
            encoders,
            capacity,
            metrics: Arc::default(),
            budget: LoopBudget::new(LIVE_LOOP_BYTES),
            clips: Arc::default(),
        })
    }

    /// Starts a session paced by the system clock.
    ///
    /// # Errors
    /// When the device or every encoder fails.
    pub fn start(
        &self,
        id: String,
        project: &OpenDocument,
        terms: impl Into<SessionTerms>,
        lease: Lease,
    ) -> Result<Stream, LiveError> {
        self.start_with_clock(id, project, terms, lease, Arc::new(SystemClock::default()))
    }

    /// Starts a session paced by a clock.
    ///
    /// # Errors
    /// When the device or every encoder fails.
    pub fn start_with_clock(
        &self,
        id: String,
        project: &OpenDocument,
        terms: impl Into<SessionTerms>,
        lease: Lease,
        clock: Arc<dyn Clock>,
    ) -> Result<Stream, LiveError> {
        Stream::start(self, id, project, clock, terms.into(), lease)
    }
}
