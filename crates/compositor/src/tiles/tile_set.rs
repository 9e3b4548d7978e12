//! Sets of canvas tiles, as bit sets.

use repcast_media::{PixelRect, TILE};
use repcast_model::geometry::{Rect, Size};

/// A set of the [`TILE`]-sized squares of one canvas.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TileSet {
    canvas: Size,
    across: u32,
    down: u32,
    bits: Vec<u64>,
}

impl TileSet {
    pub(crate) fn empty(canvas: Size) -> Self {
        let (across, down) = (canvas.width.div_ceil(TILE), canvas.height.div_ceil(TILE));
        Self { canvas, across, down, bits: vec![0; (across * down).div_ceil(64) as usize] }
    }

    pub(crate) fn full(canvas: Size) -> Self {
        let mut set = Self::empty(canvas);
        set.insert(Rect::new(0.0, 0.0, canvas.width as f32, canvas.height as f32));
        set
    }

    /// Adds every tile that the rectangle touches.
    pub(crate) fn insert(&mut self, rect: Rect) {
        if rect.width <= 0.0 || rect.height <= 0.0 {
            return;
        }
        let tile = TILE as f32;
        let first = |start: f32| (start / tile).floor().max(0.0) as u32;
        let end = |end: f32, limit: u32| ((end / tile).ceil().max(0.0) as u32).min(limit);
        for y in first(rect.y)..end(rect.bottom(), self.down) {
            for x in first(rect.x)..end(rect.right(), self.across) {
                self.put(y * self.across + x);
            }
        }
    }

    /// Adds the tiles of another set of the same canvas.
    pub(crate) fn add(&mut self, other: &Self) {
        for (word, other) in self.bits.iter_mut().zip(&other.bits) {
            *word |= other;
        }
    }

    /// Removes the tiles that are not in another set.
    pub(crate) fn retain(&mut self, other: &Self) {
        for (word, other) in self.bits.iter_mut().zip(&other.bits) {
            *word &= other;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    pub(crate) fn len(&self) -> u32 {
        self.bits.iter().map(|word| word.count_ones()).sum()
    }

    /// Removes the tiles of another set.
    pub(crate) fn remove(&mut self, other: &Self) {
        for (word, other) in self.bits.iter_mut().zip(&other.bits) {
            *word &= !other;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.bits.fill(0);
    }

    /// Adds a tile by its number.
    pub(crate) fn put(&mut self, index: u32) {
        self.bits[(index / 64) as usize] |= 1 << (index % 64);
    }

    /// The canvas pixels of a tile.
    pub(crate) fn pixels(&self, index: u32) -> PixelRect {
        let column = index % self.across;
        self.span_pixels((index / self.across, column, column + 1))
    }

    /// The canvas pixels of a span of adjacent tiles: row, first tile, one past the last.
    pub(crate) fn span_pixels(&self, (row, first, end): (u32, u32, u32)) -> PixelRect {
        let (x, y) = (first * TILE, row * TILE);
        let (width, height) = ((end * TILE).min(self.canvas.width) - x, TILE.min(self.canvas.height - y));
        PixelRect { x, y, width, height }
    }

    /// Whether the set contains a tile; tiles are numbered row by row.
    pub(crate) fn contains(&self, index: u32) -> bool {
        self.bits[(index / 64) as usize] >> (index % 64) & 1 == 1
    }

    /// The numbers of its tiles in ascending order.
    pub(crate) fn indices(&self) -> impl Iterator<Item = u32> {
        self.bits.iter().enumerate().flat_map(|(word_index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros());
                rest &= rest.wrapping_sub(1);
                bit.map(|bit| word_index as u32 * 64 + bit)
            })
        })
    }

    /// Spans of adjacent tiles: row, first tile, one past the last.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (u32, u32, u32)> {
        let mut indices = self.indices().peekable();
        std::iter::from_fn(move || {
            let first = indices.next()?;
            let mut end = first + 1;
            // Tile numbers continue across rows; spans do not.
            while !end.is_multiple_of(self.across) && indices.next_if_eq(&end).is_some() {
                end += 1;
            }
            let (row, column) = (first / self.across, first % self.across);
            Some((row, column, column + end - first))
        })
    }

    /// The tile as the kernels read it, `x | y << 16` in tiles.
    pub(crate) fn record(&self, index: u32) -> u32 {
        (index % self.across) | ((index / self.across) << 16)
    }

    /// All tiles as the kernels read them.
    pub(crate) fn records(&self) -> Vec<u32> {
        self.indices().map(|index| self.record(index)).collect()
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
        assert_eq!(set.records(), [0, 1 << 16]);
        set.insert(Rect::new(96.0, 64.0, 1000.0, 1000.0));
        let full = TileSet::full(canvas);
        assert_eq!(full.len(), 12);
        assert_eq!(full.spans().collect::<Vec<_>>(), [(0, 0, 4), (1, 0, 4), (2, 0, 4)]);
        assert_eq!(set.spans().collect::<Vec<_>>(), [(0, 0, 1), (1, 0, 1), (2, 3, 4)]);
        let mut rest = full.clone();
        rest.remove(&set);
        assert_eq!((rest.len(), rest.spans().next()), (9, Some((0, 1, 4))));
        set.retain(&TileSet::empty(canvas));
        assert!(set.is_empty());
    }
}
