//! Numbers for what layers look like: the same number, the same pixels.

use std::collections::HashMap;

use super::clips::ClipLayer;
use crate::geometry::{Placement, Rect};
use crate::media::{AlphaMode, FrameId};

/// What a surface looks like in a tile. Never zero.
pub(super) type Look = u32;

/// Looks that are remembered. Beyond that all are given new numbers, which costs drawing some tiles again.
const REMEMBERED: usize = 1 << 14;

/// The looks of one compositor's layers.
#[derive(Default)]
pub(super) struct Looks {
    known: HashMap<(FrameId, AlphaMode, u16, [u32; 10]), Look>,
    last: Look,
}

impl Looks {
    /// The number of a clip layer's look.
    pub(super) fn of(&mut self, layer: &ClipLayer) -> Look {
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let key = (layer.frame.id, layer.alpha, layer.opacity, bits(&layer.placement));
        let Self { known, last } = self;
        *known.entry(key).or_insert_with(|| next(last))
    }

    /// A look that nothing has had yet.
    pub(super) fn another(&mut self) -> Look {
        next(&mut self.last)
    }
}

fn next(last: &mut Look) -> Look {
    *last += 1;
    *last
}

fn bits(placement: &Placement) -> [u32; 10] {
    let Placement { clip: Rect { x, y, width, height }, stored_from_canvas: [[a, b, c], [d, e, f]] } = *placement;
    [x, y, width, height, a, b, c, d, e, f].map(f32::to_bits)
}
