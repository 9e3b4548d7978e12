//! Sets of canvas tiles.

use crate::geometry::{Rect, Size};
use crate::media::TILE;

/// A set of the [`TILE`]-sized squares of one canvas.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TileSet {
    across: u32,
    down: u32,
    bits: Vec<u64>,
}

impl TileSet {
    pub(super) fn empty(canvas: Size) -> Self {
        let (across, down) = (canvas.width.div_ceil(TILE), canvas.height.div_ceil(TILE));
        Self { across, down, bits: vec![0; (across * down).div_ceil(64) as usize] }
    }

    pub(super) fn full(canvas: Size) -> Self {
        let mut set = Self::empty(canvas);
        set.insert(Rect::new(0.0, 0.0, canvas.width as f32, canvas.height as f32));
        set
    }

    /// Adds every tile that the rectangle touches.
    pub(super) fn insert(&mut self, rect: Rect) {
        if rect.width <= 0.0 || rect.height <= 0.0 {
            return;
        }
        let tile = TILE as f32;
        let first = |start: f32| (start / tile).floor().max(0.0) as u32;
        let end = |end: f32, limit: u32| ((end / tile).ceil().max(0.0) as u32).min(limit);
        for y in first(rect.y)..end(rect.bottom(), self.down) {
            for x in first(rect.x)..end(rect.right(), self.across) {
                let index = y * self.across + x;
                self.bits[(index / 64) as usize] |= 1 << (index % 64);
            }
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (word, other) in self.bits.iter_mut().zip(&other.bits) {
            *word |= other;
        }
    }

    pub(super) fn keep(&mut self, other: &Self) {
        for (word, other) in self.bits.iter_mut().zip(&other.bits) {
            *word &= other;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    pub(super) fn len(&self) -> u32 {
        self.bits.iter().map(|word| word.count_ones()).sum()
    }

    pub(super) fn clear(&mut self) {
        self.bits.fill(0);
    }

    fn contains(&self, index: u32) -> bool {
        self.bits[(index / 64) as usize] >> (index % 64) & 1 == 1
    }

    /// Each tile as the kernels read it, `x | y << 16`, with a bit for each of `layers` that touches it.
    pub(super) fn records(&self, layers: &[&Self]) -> Vec<[u32; 2]> {
        let mut records = Vec::with_capacity(self.len() as usize);
        for (word_index, word) in self.bits.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let index = word_index as u32 * 64 + rest.trailing_zeros();
                rest &= rest - 1;
                let seen = layers.iter().enumerate().fold(0, |seen, (bit, layer)| seen | u32::from(layer.contains(index)) << bit);
                records.push([index % self.across | (index / self.across) << 16, seen]);
            }
        }
        records
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_touch_tiles() {
        let canvas = Size { width: 100, height: 70 };
        let mut set = TileSet::empty(canvas);
        set.insert(Rect::new(-50.0, 31.5, 51.0, 1.0));
        assert_eq!(set.records(&[]), [[0, 0], [1 << 16, 0]]);
        set.insert(Rect::new(96.0, 64.0, 1000.0, 1000.0));
        let full = TileSet::full(canvas);
        assert_eq!(full.len(), 12);
        assert_eq!(set.records(&[&full, &set]).last(), Some(&[3 | 2 << 16, 3]));
        set.keep(&TileSet::empty(canvas));
        assert!(set.is_empty());
    }
}
