//! Frames that show their number as black and white blocks, and the reader of the number.
//!
//! Twelve blocks in a row are the bits, the highest on the left, white for 1; a second row below holds their inverse.
//! Blocks are large enough for lossy codecs at half the chroma resolution, and neither a blend of two frames nor a
//! shifted or partly covered frame reads as a number.

/// Width of a numbered frame.
pub(crate) const WIDTH: usize = 192;
/// Height of a numbered frame.
pub(crate) const HEIGHT: usize = 64;

const BITS: usize = 12;
const BLOCK_WIDTH: usize = WIDTH / BITS;
const BLOCK_HEIGHT: usize = HEIGHT / 2;
/// Margin of a block that is not read, because compression blurs it.
const MARGIN: usize = 4;

/// A background that is read as no number: halfway between black and white.
pub(crate) const BACKGROUND: &str = "#808080";

/// What is read at the position of a numbered frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reading {
    /// This frame.
    Number(u32),
    /// [`BACKGROUND`].
    Background,
    /// Neither of them, for example a mixture of two frames.
    Unclear,
}

/// The frame with this number, as gray samples.
pub(crate) fn gray_frame(number: u32) -> Vec<u8> {
    assert!(number < 1 << BITS, "{number} does not fit {BITS} bits");
    let white = |x: usize, y: usize| (number >> (BITS - 1 - x / BLOCK_WIDTH) & 1 == 1) == (y < BLOCK_HEIGHT);
    (0..WIDTH * HEIGHT).map(|at| if white(at % WIDTH, at / WIDTH) { 255 } else { 0 }).collect()
}

/// Reads the frame whose top left corner is at `(left, top)` in gray samples of this width.
pub(crate) fn read(gray: &[u8], stride: usize, left: usize, top: usize) -> Reading {
    let level = |bit: usize, row: usize| {
        let columns = left + bit * BLOCK_WIDTH + MARGIN..left + (bit + 1) * BLOCK_WIDTH - MARGIN;
        let rows = top + row * BLOCK_HEIGHT + MARGIN..top + (row + 1) * BLOCK_HEIGHT - MARGIN;
        let count = columns.len() * rows.len();
        let sum: usize =
            rows.flat_map(|y| &gray[y * stride..][columns.clone()]).map(|&sample| usize::from(sample)).sum();
        match sum / count {
            0..=70 => Some(0),
            185..=255 => Some(1),
            _ => None,
        }
    };
    let levels: Vec<_> = (0..BITS).map(|bit| (level(bit, 0), level(bit, 1))).collect();
    if levels.iter().all(|level| *level == (None, None)) {
        return Reading::Background;
    }
    let mut number = 0;
    for level in levels {
        number = match level {
            (Some(bit), Some(inverse)) if bit + inverse == 1 => number << 1 | bit,
            _ => return Reading::Unclear,
        };
    }
    Reading::Number(number)
}
