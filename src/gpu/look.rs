//! Numbers for what layers look like: the same number, the same pixels.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::clips::ClipLayer;
use crate::geometry::{Placement, Rect};
use crate::media::{AlphaMode, FrameId};
use crate::timeline::PlannedLayer;

/// What a surface looks like in a tile. Never zero.
pub(super) type Look = u32;

/// Looks that are remembered of each kind. Beyond that all are given new numbers, which costs drawing some tiles again.
const REMEMBERED: usize = 1 << 14;

/// Looks that are remembered of an item that stands still: a bar has another in every frame.
const REMEMBERED_STILLS: usize = 32;

/// The looks of a canvas's layers, the same for all of its compositors.
#[derive(Default)]
pub(super) struct Looks {
    clips: HashMap<(FrameId, AlphaMode, u16, [u32; 10]), Look>,
    /// By item, the newest last.
    stills: HashMap<usize, VecDeque<(PlannedLayer, Look)>>,
    /// What layers look like together: the look of those below, and the next.
    stacked: HashMap<(Look, Look), Look>,
    last: Look,
}

impl Looks {
    /// The look of a clip.
    pub(super) fn of_clip(&mut self, layer: &ClipLayer) -> Look {
        let key = (layer.frame.id, layer.alpha, layer.opacity, bits(&layer.placement));
        remembered(&mut self.clips, key, &mut self.last)
    }

    /// The look of a layer that stands still.
    pub(super) fn of_still(&mut self, layer: &PlannedLayer) -> Look {
        let known = self.stills.entry(layer.item).or_default();
        if let Some((_, look)) = known.iter().rev().find(|(known, _)| known == layer) {
            return *look;
        }
        if known.len() == REMEMBERED_STILLS {
            known.pop_front();
        }
        let look = next(&mut self.last);
        known.push_back((layer.clone(), look));
        look
    }

    /// The look of a layer over others, which may be none.
    pub(super) fn over(&mut self, below: Option<Look>, above: Look) -> Look {
        match below {
            None => above,
            Some(below) => remembered(&mut self.stacked, (below, above), &mut self.last),
        }
    }
}

fn remembered<K: Eq + Hash>(known: &mut HashMap<K, Look>, key: K, last: &mut Look) -> Look {
    if known.len() >= REMEMBERED {
        known.clear();
    }
    *known.entry(key).or_insert_with(|| next(last))
}

fn next(last: &mut Look) -> Look {
    *last += 1;
    *last
}

fn bits(placement: &Placement) -> [u32; 10] {
    let Placement { clip: Rect { x, y, width, height }, stored_from_canvas: [[a, b, c], [d, e, f]] } = *placement;
    [x, y, width, height, a, b, c, d, e, f].map(f32::to_bits)
}
