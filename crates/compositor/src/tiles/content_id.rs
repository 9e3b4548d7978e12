//! Numbers for what layers look like: the same number, the same pixels.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use crate::layers::clips::ClipLayer;
use repcast_media::FrameId;
use repcast_model::clip::AlphaMode;
use repcast_model::geometry::{Placement, Rect};
use repcast_model::timeline::PlannedLayer;

/// What a surface looks like in a tile. Never zero.
pub(crate) type Look = u64;

/// Looks that are remembered of each kind, those that were asked for last; as many again may still be known.
const REMEMBERED: usize = 1 << 14;

/// Looks that are remembered of an item that stands still, those that were asked for last: a bar has another in every
/// frame, and sessions may have different things in the same place.
const REMEMBERED_STILLS: usize = 128;

/// A layer that stands still, and the picture that it shows: a file may come to hold another.
type Still = (PlannedLayer, Option<FrameId>);

/// The looks of a canvas's layers, the same for all of its compositors.
#[derive(Default)]
pub(crate) struct Looks {
    clips: Known<(FrameId, AlphaMode, u16, [u32; 10])>,
    /// By item, the one asked for last at the end.
    stills: HashMap<usize, VecDeque<(Still, Look)>>,
    /// What layers look like together: the look of those below, and the next.
    stacked: Known<(Look, Look)>,
    last: Look,
}

/// Looks by what they are of: the newer ones, and the older ones that make room all at once.
struct Known<K> {
    newer: HashMap<K, Look>,
    older: HashMap<K, Look>,
}

impl<K> Default for Known<K> {
    fn default() -> Self {
        Self { newer: HashMap::new(), older: HashMap::new() }
    }
}

impl<K: Eq + Hash> Known<K> {
    fn look(&mut self, key: K, last: &mut Look) -> Look {
        if let Some(look) = self.newer.get(&key) {
            return *look;
        }
        if self.newer.len() >= REMEMBERED {
            self.older = std::mem::take(&mut self.newer);
        }
        let look = self.older.remove(&key).unwrap_or_else(|| next(last));
        self.newer.insert(key, look);
        look
    }
}

impl Looks {
    /// The look of a clip.
    pub(crate) fn of_clip(&mut self, layer: &ClipLayer) -> Look {
        let key = (layer.frame.id, layer.alpha, layer.opacity, bits(&layer.placement));
        self.clips.look(key, &mut self.last)
    }

    /// The look of a layer that stands still.
    pub(crate) fn of_still(&mut self, layer: &PlannedLayer, picture: Option<FrameId>) -> Look {
        let known = self.stills.entry(layer.item).or_default();
        if let Some(at) = known.iter().rposition(|((known, shown), _)| known == layer && *shown == picture) {
            let found = known.remove(at);
            let look = found.as_ref().map_or_else(|| next(&mut self.last), |(_, look)| *look);
            known.extend(found);
            return look;
        }
        if known.len() == REMEMBERED_STILLS {
            known.pop_front();
        }
        let look = next(&mut self.last);
        known.push_back(((layer.clone(), picture), look));
        look
    }

    /// The look of a layer over others, which may be none.
    pub(crate) fn over(&mut self, below: Option<Look>, above: Look) -> Look {
        match below {
            None => above,
            Some(below) => self.stacked.look((below, above), &mut self.last),
        }
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
