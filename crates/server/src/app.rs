//! What all handlers share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::registry::Registry;

use repcast_http::{ClientAddr, Fault, Problem, RateLimit};
use super::hub::Hub;
use repcast_model::catalogue::Catalogue;
use repcast_mux::hls::Kind;
use repcast_engine::live::Engine;
use repcast_storage::SegmentStore;

/// The server's shared state.
pub(super) struct App {
    pub(super) engine: Arc<Engine>,
    pub(super) catalogue: Arc<Catalogue>,
    /// The folder whose files documents from outside may name.
    pub(super) media: Option<PathBuf>,
    pub(super) hub: Hub,
    /// What becomes of old segments.
    pub(super) kind: Kind,
    /// Whether sessions and videos are made for whoever asks, or one session is all there is.
    pub(super) is_open: bool,
    /// What addresses in answers begin with; nothing for addresses on this server.
    pub(super) public_url: String,
    pub(super) limit: RateLimit,
    pub(super) generation_patience: Duration,
    /// Where videos that are generated find what was encoded before.
    pub(super) segments: Option<Arc<SegmentStore>>,
    /// Videos being generated now, and all that ever were, and those that failed.
    pub(super) generations: Generations,
    /// Set when the server is about to end.
    pub(super) is_ending: AtomicBool,
    /// Set when videos that are not finished by now are given up.
    pub(super) is_over: AtomicBool,
    pub(super) registry: Registry,
}

/// Counts of generated videos.
#[derive(Debug, Default)]
pub(super) struct Generations {
    pub(super) running: AtomicU64,
    pub(super) begun: AtomicU64,
    pub(super) failed: AtomicU64,
}

impl App {
    /// Lets a client begin something that costs, or says why not.
    pub(super) fn admit(&self, client: ClientAddr) -> Result<(), Problem> {
        if !self.is_open {
            return Err(Problem::new(Fault::MethodNotAllowed, "This server shows one session and makes no others."));
        }
        if self.is_ending.load(Ordering::Relaxed) {
            return Err(Problem::new(Fault::Unavailable, "The server is about to end.").retry_after(RESTART));
        }
        if self.engine.gpu.is_lost() {
            return Err(Problem::new(Fault::Unavailable, "The graphics device is lost.").retry_after(RESTART));
        }
        self.limit.check(client.group()).map_err(|wait| {
            Problem::new(Fault::TooMany, "Too many videos and sessions were asked for from this address.")
                .retry_after(wait)
        })
    }

    /// Takes one of the places for videos: each holds a decoder, pictures and an encoder, however slowly it is read.
    pub(super) fn place(self: &Arc<Self>) -> Result<Running, Problem> {
        let take = |running: u64| (running < MAX_GENERATIONS).then_some(running + 1);
        let taken = self.generations.running.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken
            .map(|_| Running(self.clone()))
            .map_err(|_| Problem::new(Fault::Unavailable, "Too many videos are being made now.").retry_after(BUSY))
    }

    /// Takes a part of the machine for something that makes so many pixels a second.
    pub(super) fn reserve(&self, pixels: u64) -> Result<repcast_engine::live::Lease, Problem> {
        self.engine.capacity.take(pixels).ok_or_else(|| {
            let detail = "This machine has no room for another stream now.";
            Problem::new(Fault::Unavailable, detail).retry_after(BUSY)
        })
    }
}

/// A video that is being made.
pub(super) struct Running(Arc<App>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.generations.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Videos that are made at a time.
const MAX_GENERATIONS: u64 = 32;

/// When a server that ends is worth asking again.
const RESTART: Duration = Duration::from_secs(30);

/// When a machine that is full is worth asking again.
const BUSY: Duration = Duration::from_secs(20);
