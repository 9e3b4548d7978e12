//! Texts that have been drawn: all that any session shows, and the last ones in case they come again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Weak};

use super::rasterizer::Raster;
use repcast_model::timeline::TextStyle;

/// Capacity in texts, and in pixels of all texts: sessions in step show the same texts, and timers repeat their
/// seconds.
const MAX_TEXTS: usize = 32;
const MAX_PIXELS: u64 = 4 << 20;

/// A text that has been drawn in a style, with what is visible of it.
pub(super) struct DrawnText {
    pub(super) text: Arc<str>,
    pub(super) style: Arc<TextStyle>,
    pub(super) raster: Option<Raster>,
}

impl DrawnText {
    pub(super) fn is_of(&self, text: &Arc<str>, style: &Arc<TextStyle>) -> bool {
        self.text == *text && self.style == *style
    }

    fn pixels(&self) -> u64 {
        let size = self.raster.as_ref().map(|raster| raster.surface.size);
        size.map_or(0, |size| u64::from(size.width) * u64::from(size.height))
    }
}

/// The drawn texts of a device.
#[derive(Default)]
pub(super) struct RasterCache {
    /// Those that some caller holds, by their text.
    held: HashMap<Arc<str>, Vec<Weak<DrawnText>>>,
    /// The entries of `held` after the last removal of those without holders.
    held_after_sweep: usize,
    /// The most recently drawn or found at the end.
    recent: VecDeque<Arc<DrawnText>>,
    /// Incremented by [`Self::clear`].
    generation: u64,
}

impl RasterCache {
    pub(super) fn get(&mut self, text: &Arc<str>, style: &Arc<TextStyle>) -> Option<Arc<DrawnText>> {
        let alive = self.held.get(text)?.iter().filter_map(Weak::upgrade);
        let found = alive.into_iter().find(|drawn| drawn.is_of(text, style))?;
        self.recent.retain(|recent| !Arc::ptr_eq(recent, &found));
        self.push_recent(found.clone());
        Some(found)
    }

    /// Adds a text that was drawn when the generation was `generation`. One from before a failure of the device is not kept.
    pub(super) fn insert(&mut self, drawn: &Arc<DrawnText>, generation: u64) {
        if generation != self.generation {
            return;
        }
        let same_text = self.held.entry(drawn.text.clone()).or_default();
        same_text.retain(|held| held.strong_count() > 0);
        same_text.push(Arc::downgrade(drawn));
        self.push_recent(drawn.clone());
        if self.held.len() > 2 * self.held_after_sweep + MAX_TEXTS {
            self.held.retain(|_, same_text| same_text.iter().any(|held| held.strong_count() > 0));
            self.held_after_sweep = self.held.len();
        }
    }

    fn push_recent(&mut self, drawn: Arc<DrawnText>) {
        self.recent.push_back(drawn);
        while self.recent.len() > MAX_TEXTS || self.recent.iter().map(|drawn| drawn.pixels()).sum::<u64>() > MAX_PIXELS
        {
            self.recent.pop_front();
        }
    }

    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.recent.clear();
        self.generation += 1;
    }

    /// The number of times that all texts were evicted.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use repcast_model::color::Color;
    use repcast_model::geometry::Anchor;

    fn style(size: f32) -> Arc<TextStyle> {
        Arc::new(TextStyle {
            size,
            min_size: 4.0,
            weight: 600,
            color: Color::WHITE,
            position: (0.0, 0.0),
            anchor: Anchor::TopLeft,
            max_width: 100.0,
            max_lines: 1,
            backing: None,
            outline: None,
            tabular: false,
            font: None,
        })
    }

    fn drawn(text: &str, size: f32) -> Arc<DrawnText> {
        Arc::new(DrawnText { text: text.into(), style: style(size), raster: None })
    }

    #[test]
    fn held_texts_are_found_however_many_are_drawn() {
        let mut cache = RasterCache::default();
        let held = drawn("held", 10.0);
        cache.insert(&held, 0);
        (0..500).for_each(|index| cache.insert(&drawn(&format!("{index}"), 10.0), 0));
        assert!(Arc::ptr_eq(&cache.get(&"held".into(), &style(10.0)).unwrap(), &held));
        assert!(cache.get(&"held".into(), &style(11.0)).is_none());
        // The last ones are kept, others are not, and neither are their names.
        assert!(cache.get(&"499".into(), &style(10.0)).is_some() && cache.get(&"400".into(), &style(10.0)).is_none());
        assert!(cache.held.len() < 4 * MAX_TEXTS, "{}", cache.held.len());
    }

    #[test]
    fn texts_from_before_a_failure_are_not_found() {
        let mut cache = RasterCache::default();
        let before = drawn("a", 10.0);
        cache.insert(&before, cache.generation());
        let generation = cache.generation();
        cache.clear();
        cache.insert(&drawn("b", 10.0), generation);
        assert!(cache.get(&"a".into(), &style(10.0)).is_none() && cache.get(&"b".into(), &style(10.0)).is_none());
    }
}
