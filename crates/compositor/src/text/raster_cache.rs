//! An LRU cache of drawn texts.

use std::collections::VecDeque;
use std::sync::Arc;

use super::rasterizer::Raster;
use repcast_model::timeline::TextStyle;

/// Capacity in texts, and in pixels of all texts: sessions in step show the same texts, and timers repeat their
/// seconds.
const MAX_TEXTS: usize = 32;
const MAX_PIXELS: u64 = 4 << 20;

/// The texts drawn last, the most recently used at the end.
#[derive(Default)]
pub(super) struct RasterCache(VecDeque<Entry>);

/// A text, its style, and what is visible of it.
type Entry = (Arc<str>, Arc<TextStyle>, Option<Raster>);

impl RasterCache {
    pub(super) fn get(&mut self, text: &Arc<str>, style: &Arc<TextStyle>) -> Option<Option<Raster>> {
        let position = self.0.iter().rposition(|(cached, its_style, _)| cached == text && its_style == style);
        let entry = self.0.remove(position?)?;
        let raster = entry.2.clone();
        self.0.push_back(entry);
        Some(raster)
    }

    pub(super) fn insert(&mut self, text: Arc<str>, style: Arc<TextStyle>, raster: Option<Raster>) {
        self.0.push_back((text, style, raster));
        while self.0.len() > MAX_TEXTS || self.0.iter().map(pixels).sum::<u64>() > MAX_PIXELS {
            self.0.pop_front();
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

fn pixels((_, _, raster): &Entry) -> u64 {
    raster.as_ref().map_or(0, |raster| u64::from(raster.surface.size.width) * u64::from(raster.surface.size.height))
}
