//! An engine for sessions in the process of a test.

use repcast_compositor::Gpu;
use repcast_engine::live::{Capacity, Engine, Ladder, LiveSettings};
use repcast_gstreamer::encode::Quality;
use repcast_media::Segmentation;
use repcast_model::time::Rational;

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
