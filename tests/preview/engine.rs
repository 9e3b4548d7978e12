//! An engine for sessions in the process of a test, and the window of one.

use std::sync::Arc;

use repcast_compositor::Gpu;
use repcast_engine::live::{Capacity, Engine, Ladder, LiveSettings, Stream};
use repcast_gstreamer::encode::Quality;
use repcast_gstreamer::play::SoundDevices;
use repcast_media::Segmentation;
use repcast_model::session::Command;
use repcast_model::time::Rational;
use repcast_preview::{CommandError, JoinLinks, LiveController, SessionCommands};

/// An engine with the named encoder, or with the best one.
pub(crate) fn engine(encoder: Option<&str>) -> Engine {
    let settings = LiveSettings {
        quality: Quality::Crf(23),
        preset: "ultrafast",
        ladder: Ladder::default(),
        segmentation: Segmentation { part_secs: Rational::new(1, 2), parts_per_segment: 4 },
    };
    Engine::new(&Gpu::open(None).unwrap(), encoder, settings, Capacity::new(u64::MAX)).unwrap()
}

/// A session that takes no commands.
struct NoCommands;

impl SessionCommands for NoCommands {
    fn apply(&self, _: &Command) -> Result<(), CommandError> {
        Err("this session takes no commands".into())
    }

    fn viewers(&self) -> u64 {
        0
    }
}

/// The controller of a session's window.
pub(crate) fn controller(stream: &Arc<Stream>, adapter: &str) -> LiveController {
    let (sound, links) = (Arc::new(SoundDevices::system()), JoinLinks::new("http://127.0.0.1/", "http://127.0.0.1/"));
    LiveController::new(stream.clone(), adapter, sound, Arc::new(NoCommands), Vec::new(), links)
}
