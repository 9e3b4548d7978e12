//! The part of a canvas that changes from frame to frame, on a coarse grid.

use repcast_media::TILE;
use repcast_model::geometry::{Rect, Size};

/// Most cells along a side: fewer than tiles on the largest canvases, so that pricing any document takes milliseconds.
const MAX_CELLS: u32 = 32;

/// Cells of a canvas, each with the share of frames at which it changes, from 0 to 1.
///
/// Rectangles are added to a difference array in constant time; [`Self::integrate`] turns it into sums over rectangles.
pub(super) struct ChangeGrid {
    cell: f32,
    across: usize,
    down: usize,
    /// One more row and column than cells.
    values: Vec<f32>,
}

/// Cells from the first to one past the last, horizontally and vertically.
type CellRange = (usize, usize, usize, usize);

impl ChangeGrid {
    pub(super) fn new(canvas: Size) -> Self {
        let cell = canvas.width.max(canvas.height).div_ceil(MAX_CELLS).max(TILE);
        let [across, down] = [canvas.width, canvas.height].map(|side| side.div_ceil(cell) as usize);
        Self { cell: cell as f32, across, down, values: vec![0.0; (across + 1) * (down + 1)] }
    }

    pub(super) fn clear(&mut self) {
        self.values.fill(0.0);
    }

    /// The cells that a rectangle touches; `None` outside the canvas.
    fn range(&self, rect: Rect) -> Option<CellRange> {
        let first = |start: f32| (start / self.cell).floor().max(0.0) as usize;
        let end = |end: f32, limit: usize| ((end / self.cell).ceil().max(0.0) as usize).min(limit);
        let (left, right) = (first(rect.x), end(rect.right(), self.across));
        let (top, bottom) = (first(rect.y), end(rect.bottom(), self.down));
        (left < right && top < bottom).then_some((left, right, top, bottom))
    }

    fn at(&mut self, x: usize, y: usize) -> &mut f32 {
        &mut self.values[y * (self.across + 1) + x]
    }

    /// Adds a rectangle that changes at a share of the frames. Shares of several rectangles add up, as if they changed at
    /// different frames.
    pub(super) fn add(&mut self, rect: Rect, share: f32) {
        let Some((left, right, top, bottom)) = self.range(rect).filter(|_| share > 0.0) else { return };
        *self.at(left, top) += share;
        *self.at(right, top) -= share;
        *self.at(left, bottom) -= share;
        *self.at(right, bottom) += share;
    }

    /// Replaces the difference array by sums over all rectangles that start at the top left, of shares up to 1.
    pub(super) fn integrate(&mut self) {
        let row = self.across + 1;
        for index in 0..self.values.len() {
            let (x, y) = (index % row, index / row);
            let left = if x > 0 { self.values[index - 1] } else { 0.0 };
            let above = if y > 0 { self.values[index - row] } else { 0.0 };
            let corner = if x > 0 && y > 0 { self.values[index - row - 1] } else { 0.0 };
            self.values[index] += left + above - corner;
        }
        // Now each value is the share of a cell. From the end, because a sum stands one cell after those it contains.
        let shares = self.values.clone();
        for y in 0..=self.down {
            let mut in_row = 0.0;
            for x in 0..=self.across {
                let above = if y > 0 { self.values[(y - 1) * row + x] } else { 0.0 };
                if x > 0 && y > 0 {
                    // Differences of fractions leave a rounding error where nothing changes.
                    let share = shares[(y - 1) * row + x - 1];
                    in_row += if share < 1e-3 { 0.0 } else { share.min(1.0) };
                }
                self.values[y * row + x] = if y > 0 { above + in_row } else { 0.0 };
            }
        }
    }

    /// Pixels of a rectangle that change per frame, on average. Only after [`Self::integrate`].
    pub(super) fn changed_pixels(&self, rect: Rect) -> f32 {
        let Some((left, right, top, bottom)) = self.range(rect) else { return 0.0 };
        let sum = |x: usize, y: usize| self.values[y * (self.across + 1) + x];
        let cells = sum(right, bottom) - sum(left, bottom) - sum(right, top) + sum(left, top);
        cells.max(0.0) * self.cell * self.cell
    }

    /// Pixels of a cell.
    pub(super) fn cell_pixels(&self) -> f32 {
        self.cell * self.cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_one_and_are_summed_over_rectangles() {
        let mut grid = ChangeGrid::new(Size { width: 640, height: 360 });
        grid.add(Rect::new(0.0, 0.0, 64.0, 32.0), 0.25);
        grid.add(Rect::new(33.0, 1.0, 10.0, 10.0), 0.5);
        grid.add(Rect::new(320.0, 300.0, 1e6, 1e6), 0.75);
        grid.add(Rect::new(320.0, 300.0, 1e6, 1e6), 0.75);
        grid.add(Rect::new(-500.0, -500.0, 100.0, 100.0), 1.0);
        grid.integrate();
        let cells = |x: f32, y: f32, width: f32, height: f32| {
            grid.changed_pixels(Rect::new(x, y, width, height)) / grid.cell_pixels()
        };
        assert_eq!(cells(0.0, 0.0, 32.0, 32.0), 0.25);
        assert_eq!(cells(40.0, 20.0, 1.0, 1.0), 0.75);
        assert_eq!(cells(0.0, 0.0, 640.0, 32.0), 1.0);
        // Ten columns from 320 on, three rows from 288 on.
        assert!((cells(0.0, 0.0, 640.0, 360.0) - 31.0).abs() < 1e-3);
        assert_eq!(cells(700.0, 0.0, 50.0, 50.0), 0.0);
    }

    #[test]
    fn the_largest_canvas_has_a_bounded_grid() {
        let grid = ChangeGrid::new(Size { width: 7680, height: 16 });
        assert_eq!((grid.across, grid.down, grid.cell), (32, 1, 240.0));
    }
}
