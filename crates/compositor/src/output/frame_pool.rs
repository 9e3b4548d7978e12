//! Frames in pooled memory, each assembled from the one before it and the tiles that changed.
//!
//! A frame is immutable once it is returned. Its buffer returns to the pool when the last holder drops it, and is then
//! updated by copying only the tiles that have changed since.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::error::GpuError;
use crate::layers::passthrough::PassthroughClip;
use crate::tiles::tile_set::TileSet;
use repcast_media::{CompositedFrame, FrameBytes, FrameFormat, TILE};
use repcast_model::geometry::Size;

/// Largest number of frames. An encoder holds the frames of its lookahead: with x264's slowest preset 60 frames and 17
/// B-frames, one for each of its up to 64 threads, and some in its queue. Buffers are allocated on demand: fast presets
/// on small machines need a few.
const MAX_FRAMES: usize = 60 + 17 + 64 + 16;

/// Longest wait for a buffer to return to the pool.
const FREE_BUFFER_TIMEOUT: Duration = Duration::from_secs(120);

/// Frames for which the changed tiles are recorded. Older buffers are copied as a whole.
const HISTORY_FRAMES: usize = 32;

/// Layout of tiles in a frame, and in the read-back, where they are consecutive.
#[derive(Clone, Copy)]
pub(crate) struct TileLayout {
    format: FrameFormat,
    size: Size,
    stride: usize,
}

impl TileLayout {
    pub(crate) fn new(format: FrameFormat, size: Size) -> Self {
        Self { format, size, stride: CompositedFrame::stride_of(format, size.width) as usize }
    }

    /// Bytes of a tile in the read-back: rows without padding, for NV12 luma and then chroma.
    pub(crate) const fn tile_bytes(self) -> usize {
        let luma = self.row_bytes() * TILE as usize;
        match self.format {
            FrameFormat::Nv12 => luma + luma / 2,
            FrameFormat::Rgba => luma,
        }
    }

    /// Bytes per row of a tile.
    const fn row_bytes(self) -> usize {
        match self.format {
            FrameFormat::Nv12 => TILE as usize,
            FrameFormat::Rgba => 4 * TILE as usize,
        }
    }

    /// The rows of a span of tiles: for each row of pixels its offset in the frame and its length in bytes.
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
        let chroma_rows = if self.format == FrameFormat::Nv12 { height / 2 } else { 0 };
        rows(TILE, height, 0).chain(rows(TILE / 2, chroma_rows, self.stride * height as usize))
    }
}

/// The frames of one compositor.
pub(crate) struct FramePool {
    layout: TileLayout,
    allocated: usize,
    free: Receiver<FrameBuffer>,
    returns: Sender<FrameBuffer>,
    latest: Option<CompositedFrame>,
    /// Frames assembled so far.
    count: u64,
    /// Changed tiles of the latest frames, the newest last.
    history: VecDeque<TileSet>,
}

/// The bytes of a frame that is being assembled, held by receivers, or free.
struct FrameBuffer {
    bytes: Vec<u8>,
    /// The number of the frame that it holds, counted from 1; 0 for none.
    number: u64,
}

impl FramePool {
    pub(crate) fn new(format: FrameFormat, size: Size) -> Self {
        // Bounded by `MAX_FRAMES`, the number of buffers that can return.
        let (returns, free) = bounded(MAX_FRAMES);
        let layout = TileLayout::new(format, size);
        Self { layout, allocated: 0, free, returns, latest: None, count: 0, history: VecDeque::new() }
    }

    /// The latest frame.
    pub(crate) fn latest(&self) -> Option<&CompositedFrame> {
        self.latest.as_ref()
    }

    /// Assembles the next frame: the latest one, except for the tiles in `changed`, which `write` writes. Waits for a
    /// buffer while the receivers of earlier frames hold all of them.
    ///
    /// # Errors
    /// When no buffer returns in time, or with the error of `write`, which leaves the latest frame as it was.
    pub(crate) fn assemble(
        &mut self,
        changed: TileSet,
        write: impl FnOnce(&mut FrameWriter<'_>) -> Result<(), GpuError>,
    ) -> Result<CompositedFrame, GpuError> {
        let mut buffer = self.acquire()?;
        self.copy_stale_tiles(&mut buffer, &changed);
        if let Err(error) = write(&mut FrameWriter { layout: self.layout, bytes: &mut buffer.bytes }) {
            // The incomplete buffer is freed.
            self.allocated -= 1;
            return Err(error);
        }
        self.count += 1;
        buffer.number = self.count;
        self.history.push_back(changed);
        if self.history.len() > HISTORY_FRAMES {
            self.history.pop_front();
        }
        let TileLayout { format, size, stride } = self.layout;
        let data = Arc::new(PooledFrame { buffer: Some(buffer), returns: self.returns.clone() });
        let frame = CompositedFrame { format, size, stride: stride as u32, data };
        self.latest = Some(frame.clone());
        Ok(frame)
    }

    fn acquire(&mut self) -> Result<FrameBuffer, GpuError> {
        if let Ok(buffer) = self.free.try_recv() {
            return Ok(buffer);
        }
        if self.allocated < MAX_FRAMES {
            self.allocated += 1;
            let len = CompositedFrame::len_of(self.layout.format, self.layout.size);
            return Ok(FrameBuffer { bytes: vec![0; len], number: 0 });
        }
        let exhausted = GpuError::PoolExhausted { frames: MAX_FRAMES, timeout: FREE_BUFFER_TIMEOUT };
        self.free.recv_timeout(FREE_BUFFER_TIMEOUT).map_err(|_| exhausted)
    }

    /// Makes a buffer equal to the latest frame, except for the tiles that are about to be written.
    fn copy_stale_tiles(&self, buffer: &mut FrameBuffer, changed: &TileSet) {
        let Some(latest) = &self.latest else { return };
        let latest = latest.data.bytes();
        let age = (self.count - buffer.number) as usize;
        if buffer.number == 0 || age > self.history.len() {
            buffer.bytes.copy_from_slice(latest);
            return;
        }
        let mut stale = TileSet::empty(self.layout.size);
        self.history.iter().rev().take(age).for_each(|tiles| stale.add(tiles));
        stale.remove(changed);
        for span in stale.spans() {
            for (at, len) in self.layout.rows(span) {
                buffer.bytes[at..at + len].copy_from_slice(&latest[at..at + len]);
            }
        }
    }
}

/// Writes the tiles of a frame that is being assembled.
pub(crate) struct FrameWriter<'a> {
    layout: TileLayout,
    bytes: &'a mut [u8],
}

impl FrameWriter<'_> {
    /// Copies the samples of a clip into these tiles.
    pub(crate) fn copy(&mut self, clip: &PassthroughClip, tiles: &TileSet) {
        let TileLayout { size, stride, .. } = self.layout;
        for span in tiles.spans() {
            clip.copy(tiles.span_pixels(span), self.bytes, stride, size.height as usize);
        }
    }

    /// Writes the tile of this number, as it was read back.
    pub(crate) fn write(&mut self, number: u32, tile: &[u8]) {
        let across = self.layout.size.width.div_ceil(TILE);
        let (row, column) = (number / across, number % across);
        let tile_rows = tile.chunks_exact(self.layout.row_bytes());
        let rows = self.layout.rows((row, column, column + 1));
        if (row + 1) * TILE <= self.layout.size.height {
            rows.zip(tile_rows).for_each(|((at, len), row)| self.bytes[at..at + len].copy_from_slice(&row[..len]));
            return;
        }
        // At the lower edge, rows of luma outside the frame are skipped; chroma starts at its fixed offset.
        let luma_rows = (self.layout.size.height - row * TILE) as usize;
        let kept = tile_rows.enumerate().filter(|(index, _)| *index < luma_rows || *index >= TILE as usize);
        rows.zip(kept).for_each(|((at, len), (_, row))| self.bytes[at..at + len].copy_from_slice(&row[..len]));
    }
}

/// The buffer of a returned frame, which returns to the pool when it is dropped.
struct PooledFrame {
    /// `None` only while it is dropped.
    buffer: Option<FrameBuffer>,
    returns: Sender<FrameBuffer>,
}

impl FrameBytes for PooledFrame {
    fn bytes(&self) -> &[u8] {
        self.buffer.as_ref().map_or(&[], |buffer| &buffer.bytes)
    }
}

impl Drop for PooledFrame {
    fn drop(&mut self) {
        // Without a pool, the buffer is freed.
        let _ = self.buffer.take().map(|buffer| self.returns.send(buffer));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The tile of a byte of a frame, and its offset in the tile's bytes.
    fn tile_of(format: FrameFormat, size: Size, stride: usize, at: usize) -> Option<(u32, usize)> {
        let (row, x) = (at / stride, at % stride);
        let (height, side) = (size.height as usize, TILE as usize);
        let across = size.width.div_ceil(TILE);
        let tile = |y: usize, x: usize| (y / side) as u32 * across + (x / side) as u32;
        match format {
            FrameFormat::Rgba => {
                let column = x / 4;
                (column < size.width as usize).then(|| (tile(row, column), row % side * 4 * side + x % (4 * side)))
            }
            FrameFormat::Nv12 if x >= size.width as usize => None,
            FrameFormat::Nv12 if row < height => Some((tile(row, x), row % side * side + x % side)),
            FrameFormat::Nv12 => {
                let row = row - height;
                Some((tile(2 * row, x), side * side + row % (side / 2) * side + x % side))
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        /// For any size, tiles are written to the bytes that the format assigns to them, and to no others.
        #[test]
        fn tiles_are_written_to_their_bytes(
            width in 1..100_u32, height in 1..100_u32, is_nv12: bool, chosen in prop::collection::vec(any::<bool>(), 64)
        ) {
            let format = if is_nv12 { FrameFormat::Nv12 } else { FrameFormat::Rgba };
            let size = Size { width: 2 * width, height: 2 * height };
            let layout = TileLayout::new(format, size);
            let mut pool = FramePool::new(format, size);
            let all = TileSet::full(size);
            let is_changed = |tile: u32| chosen[tile as usize % chosen.len()];
            let byte = |tile: u32, at: usize, time: u8| (tile as usize * 31 + at * 7) as u8 ^ time;
            let pixels = |tile: u32, time: u8| (0..layout.tile_bytes()).map(|at| byte(tile, at, time)).collect::<Vec<_>>();
            let mut changed = TileSet::empty(size);
            all.indices().filter(|tile| is_changed(*tile)).for_each(|tile| changed.put(tile));
            // The second frame has a new buffer, the third that of the first, which is two frames old.
            let mut pictures = Vec::new();
            for (time, tiles) in [&all, &changed, &changed].into_iter().enumerate() {
                let write = |writer: &mut FrameWriter<'_>| {
                    tiles.indices().for_each(|tile| writer.write(tile, &pixels(tile, time as u8)));
                    Ok(())
                };
                pictures.push(pool.assemble(tiles.clone(), write).unwrap());
                if time == 1 {
                    pictures.remove(0);
                }
            }
            for (time, picture) in [1, 2].into_iter().zip(&pictures) {
                let bytes = picture.data.bytes();
                prop_assert_eq!(bytes.len(), CompositedFrame::len_of(format, size));
                for (at, found) in bytes.iter().enumerate() {
                    if let Some((tile, offset)) = tile_of(format, size, layout.stride, at) {
                        let time = if is_changed(tile) { time } else { 0 };
                        prop_assert_eq!(*found, byte(tile, offset, time), "byte {} of {:?}", at, size);
                    }
                }
            }
        }
    }
}
