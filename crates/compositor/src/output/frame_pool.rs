//! Pictures in memory, each put together of the one before it and the tiles that changed.
//!
//! A picture that has been handed out is never touched again. Its memory comes back when the last holder lets go, and is
//! brought up to date by copying only what has changed since it was a picture.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::error::GpuError;
use crate::layers::passthrough::Plain;
use crate::tiles::tile_set::TileSet;
use repcast_media::{Bytes, Picture, PictureFormat, TILE};
use repcast_model::geometry::Size;

/// Pictures in memory at once. An encoder holds on to them for as long as it looks ahead: x264's slowest preset for 60
/// frames and 17 B-frames, and one for each of its up to 64 threads; some wait in its queue. Memory is made when it is
/// needed, so that fast presets on small machines have a few of them.
const PICTURES: usize = 60 + 17 + 64 + 16;

/// How long memory may be waited for to come back.
const PATIENCE: Duration = Duration::from_secs(120);

/// Pictures back to which it is known what changed. Older memory is copied as a whole.
const HISTORY: usize = 32;

/// How tiles lie in a picture, and one after the other when they are on their way.
#[derive(Clone, Copy)]
pub(crate) struct TileLayout {
    format: PictureFormat,
    size: Size,
    stride: usize,
}

impl TileLayout {
    pub(crate) fn new(format: PictureFormat, size: Size) -> Self {
        Self { format, size, stride: Picture::stride_of(format, size.width) as usize }
    }

    /// Bytes of a tile alone: its rows without gaps, for NV12 first luma and then chroma.
    pub(crate) const fn tile_bytes(self) -> usize {
        let luma = self.row_bytes() * TILE as usize;
        match self.format {
            PictureFormat::Nv12 => luma + luma / 2,
            PictureFormat::Rgba => luma,
        }
    }

    /// Bytes in the row of a tile.
    const fn row_bytes(self) -> usize {
        match self.format {
            PictureFormat::Nv12 => TILE as usize,
            PictureFormat::Rgba => 4 * TILE as usize,
        }
    }

    /// The pieces of a span of tiles: for each row of pixels its place in the picture and its length.
    fn rows(self, (row, first, end): (u32, u32, u32)) -> impl Iterator<Item = (usize, usize)> {
        let start = first as usize * self.row_bytes();
        let len = (end as usize * self.row_bytes()).min(self.stride) - start;
        let rows = |rows_per_tile: u32, rows: u32, offset: usize| {
            let top = row * rows_per_tile;
            let of_tile =
                (top..(top + rows_per_tile).min(rows)).map(move |y| offset + y as usize * self.stride + start);
            of_tile.map(move |at| (at, len))
        };
        let height = self.size.height;
        let chroma_rows = if self.format == PictureFormat::Nv12 { height / 2 } else { 0 };
        rows(TILE, height, 0).chain(rows(TILE / 2, chroma_rows, self.stride * height as usize))
    }
}

/// The pictures of one compositor.
pub(crate) struct Assembly {
    layout: TileLayout,
    made: usize,
    free: Receiver<Memory>,
    give_back: Sender<Memory>,
    latest: Option<Picture>,
    /// Pictures assembled so far.
    count: u64,
    /// What changed with each of the latest pictures, the newest last.
    history: VecDeque<TileSet>,
}

/// The bytes of a picture that nobody reads any more, or that is being assembled.
struct Memory {
    bytes: Vec<u8>,
    /// Which picture it is or was, counted from 1; 0 for none.
    picture: u64,
}

impl Assembly {
    pub(crate) fn new(format: PictureFormat, size: Size) -> Self {
        // Unbounded in type only: there are never more than `PICTURES` to give back.
        let (give_back, free) = unbounded();
        let layout = TileLayout::new(format, size);
        Self { layout, made: 0, free, give_back, latest: None, count: 0, history: VecDeque::new() }
    }

    /// The newest picture.
    pub(crate) fn latest(&self) -> Option<&Picture> {
        self.latest.as_ref()
    }

    /// Makes the next picture: the one before, but for the tiles in `changed`, which `draw` writes. Waits for memory
    /// while whoever took earlier pictures holds all there is.
    pub(crate) fn next(&mut self, changed: TileSet, draw: impl FnOnce(&mut Draft<'_>)) -> Result<Picture, GpuError> {
        let mut memory = self.memory()?;
        self.bring_up(&mut memory, &changed);
        draw(&mut Draft { layout: self.layout, bytes: &mut memory.bytes });
        self.count += 1;
        memory.picture = self.count;
        self.history.push_back(changed);
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
        let TileLayout { format, size, stride } = self.layout;
        let data = Arc::new(Lent { memory: Some(memory), give_back: self.give_back.clone() });
        let picture = Picture { format, size, stride: stride as u32, data };
        self.latest = Some(picture.clone());
        Ok(picture)
    }

    fn memory(&mut self) -> Result<Memory, GpuError> {
        if let Ok(memory) = self.free.try_recv() {
            return Ok(memory);
        }
        if self.made < PICTURES {
            self.made += 1;
            let len = Picture::len_of(self.layout.format, self.layout.size);
            return Ok(Memory { bytes: vec![0; len], picture: 0 });
        }
        let holders = "whoever takes the pictures holds all of them";
        self.free.recv_timeout(PATIENCE).map_err(|_| GpuError::Device(format!("{holders}: {PICTURES}")))
    }

    /// Makes memory equal to the latest picture, outside the tiles that are about to be written.
    fn bring_up(&self, memory: &mut Memory, changed: &TileSet) {
        let Some(latest) = &self.latest else { return };
        let latest = latest.data.bytes();
        let behind = (self.count - memory.picture) as usize;
        if memory.picture == 0 || behind > self.history.len() {
            memory.bytes.copy_from_slice(latest);
            return;
        }
        let mut stale = TileSet::empty(self.layout.size);
        self.history.iter().rev().take(behind).for_each(|tiles| stale.add(tiles));
        stale.remove(changed);
        for span in stale.spans() {
            for (at, len) in self.layout.rows(span) {
                memory.bytes[at..at + len].copy_from_slice(&latest[at..at + len]);
            }
        }
    }
}

/// A picture being assembled.
pub(crate) struct Draft<'a> {
    layout: TileLayout,
    bytes: &'a mut [u8],
}

impl Draft<'_> {
    /// Copies the samples of a clip into these tiles.
    pub(crate) fn copy(&mut self, plain: &Plain, tiles: &TileSet) {
        let TileLayout { size, stride, .. } = self.layout;
        for span in tiles.spans() {
            plain.copy(tiles.span_pixels(span), self.bytes, stride, size.height as usize);
        }
    }

    /// Puts the tile of this number into its place.
    pub(crate) fn put(&mut self, number: u32, tile: &[u8]) {
        let across = self.layout.size.width.div_ceil(TILE);
        let (row, column) = (number / across, number % across);
        let pieces = tile.chunks_exact(self.layout.row_bytes());
        let rows = self.layout.rows((row, column, column + 1));
        if (row + 1) * TILE <= self.layout.size.height {
            rows.zip(pieces).for_each(|((at, len), piece)| self.bytes[at..at + len].copy_from_slice(&piece[..len]));
            return;
        }
        // At the lower edge luma ends early, and chroma begins in its own place all the same.
        let luma_rows = (self.layout.size.height - row * TILE) as usize;
        let kept = pieces.enumerate().filter(|(index, _)| *index < luma_rows || *index >= TILE as usize);
        rows.zip(kept).for_each(|((at, len), (_, piece))| self.bytes[at..at + len].copy_from_slice(&piece[..len]));
    }
}

/// Memory that is a picture now; letting go of it returns it.
struct Lent {
    memory: Option<Memory>,
    give_back: Sender<Memory>,
}

impl Bytes for Lent {
    fn bytes(&self) -> &[u8] {
        self.memory.as_ref().map_or(&[], |memory| &memory.bytes)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // When the compositor is gone the memory is simply freed.
        let _ = self.memory.take().map(|memory| self.give_back.send(memory));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Where each byte of a picture belongs: its tile, and its place in the tile's bytes.
    fn place(format: PictureFormat, size: Size, stride: usize, at: usize) -> Option<(u32, usize)> {
        let (row, x) = (at / stride, at % stride);
        let (height, side) = (size.height as usize, TILE as usize);
        let across = size.width.div_ceil(TILE);
        let tile = |y: usize, x: usize| (y / side) as u32 * across + (x / side) as u32;
        match format {
            PictureFormat::Rgba => {
                let column = x / 4;
                (column < size.width as usize).then(|| (tile(row, column), row % side * 4 * side + x % (4 * side)))
            }
            PictureFormat::Nv12 if x >= size.width as usize => None,
            PictureFormat::Nv12 if row < height => Some((tile(row, x), row % side * side + x % side)),
            PictureFormat::Nv12 => {
                let row = row - height;
                Some((tile(2 * row, x), side * side + row % (side / 2) * side + x % side))
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        /// Tiles lie in a picture where its format says, at whatever size, and nowhere beside it.
        #[test]
        fn tiles_are_put_where_they_belong(
            width in 1..100_u32, height in 1..100_u32, is_nv12: bool, chosen in prop::collection::vec(any::<bool>(), 64)
        ) {
            let format = if is_nv12 { PictureFormat::Nv12 } else { PictureFormat::Rgba };
            let size = Size { width: 2 * width, height: 2 * height };
            let layout = TileLayout::new(format, size);
            let mut assembly = Assembly::new(format, size);
            let all = TileSet::full(size);
            let is_changed = |tile: u32| chosen[tile as usize % chosen.len()];
            let byte = |tile: u32, at: usize, time: u8| (tile as usize * 31 + at * 7) as u8 ^ time;
            let pixels = |tile: u32, time: u8| (0..layout.tile_bytes()).map(|at| byte(tile, at, time)).collect::<Vec<_>>();
            let mut changed = TileSet::empty(size);
            all.indices().filter(|tile| is_changed(*tile)).for_each(|tile| changed.put(tile));
            // The second picture has new memory, the third that of the first, which is behind by two.
            let mut pictures = Vec::new();
            for (time, tiles) in [&all, &changed, &changed].into_iter().enumerate() {
                let draw = |draft: &mut Draft<'_>| {
                    tiles.indices().for_each(|tile| draft.put(tile, &pixels(tile, time as u8)));
                };
                pictures.push(assembly.next(tiles.clone(), draw).unwrap());
                if time == 1 {
                    pictures.remove(0);
                }
            }
            for (time, picture) in [1, 2].into_iter().zip(&pictures) {
                let bytes = picture.data.bytes();
                prop_assert_eq!(bytes.len(), Picture::len_of(format, size));
                for (at, found) in bytes.iter().enumerate() {
                    if let Some((tile, offset)) = place(format, size, layout.stride, at) {
                        let time = if is_changed(tile) { time } else { 0 };
                        prop_assert_eq!(*found, byte(tile, offset, time), "byte {} of {:?}", at, size);
                    }
                }
            }
        }
    }
}
