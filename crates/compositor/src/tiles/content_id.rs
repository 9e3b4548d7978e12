//! Content ids: equal ids stand for equal pixels.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use repcast_media::FrameId;
use repcast_model::chroma_key::ChromaKey;
use repcast_model::clip::AlphaMode;
use repcast_model::geometry::{Placement, Rect};
use repcast_model::timeline::PlannedLayer;

/// Identifies the pixels of a surface in a tile. Never 0.
pub(crate) type ContentId = u64;

/// Size at which a generation of a cache becomes the old one; the cache holds up to twice as many ids.
const GENERATION_IDS: usize = 1 << 14;

/// Cached ids per static item, least recently used first out: a bar differs in every frame, and sessions may have
/// different layers under the same item number.
const CACHED_STATIC_IDS: usize = 128;

/// A static layer with the frame of its image: the file behind a path may change.
type StaticContent = (PlannedLayer, Option<FrameId>);

/// The meaning of a clip's alpha, and the color that becomes transparent.
pub(crate) type ClipColors = (AlphaMode, Option<ChromaKey>);

/// The content ids of the layers of one canvas, the same for all of its compositors.
#[derive(Default)]
pub(crate) struct ContentIdCache {
    clips: TwoGenerations<(FrameId, ClipColors, u16, [u32; 11])>,
    /// By item, most recently used last.
    static_layers: HashMap<usize, VecDeque<(StaticContent, ContentId)>>,
    /// Ids of stacked layers: the id of those below, and of the next.
    stacked: TwoGenerations<(ContentId, ContentId)>,
    last_id: ContentId,
}

/// A cache of ids in two generations: when the newer is full, the older is evicted as a whole.
struct TwoGenerations<K> {
    newer: HashMap<K, ContentId>,
    older: HashMap<K, ContentId>,
}

impl<K> Default for TwoGenerations<K> {
    fn default() -> Self {
        Self { newer: HashMap::new(), older: HashMap::new() }
    }
}

impl<K: Eq + Hash> TwoGenerations<K> {
    fn get_or_assign(&mut self, key: K, last_id: &mut ContentId) -> ContentId {
        if let Some(id) = self.newer.get(&key) {
            return *id;
        }
        if self.newer.len() >= GENERATION_IDS {
            self.older = std::mem::take(&mut self.newer);
        }
        let id = self.older.remove(&key).unwrap_or_else(|| next(last_id));
        self.newer.insert(key, id);
        id
    }
}

impl ContentIdCache {
    /// The id of a clip's frame with these colors, this opacity and placement.
    pub(crate) fn clip_id(&mut self, frame: FrameId, colors: ClipColors, opacity: u16, at: &Placement) -> ContentId {
        self.clips.get_or_assign((frame, colors, opacity, bits(at)), &mut self.last_id)
    }

    /// The id of a static layer; `image` is the frame of an image layer.
    pub(crate) fn static_id(&mut self, layer: &PlannedLayer, image: Option<FrameId>) -> ContentId {
        let cached = self.static_layers.entry(layer.item).or_default();
        let position = cached.iter().rposition(|((known, known_image), _)| known == layer && *known_image == image);
        if let Some(found) = position.and_then(|position| cached.remove(position)) {
            let id = found.1;
            cached.push_back(found);
            return id;
        }
        if cached.len() == CACHED_STATIC_IDS {
            cached.pop_front();
        }
        let id = next(&mut self.last_id);
        cached.push_back(((layer.clone(), image), id));
        id
    }

    /// The id of a layer over the content below it, if there is any.
    pub(crate) fn stacked_id(&mut self, below: Option<ContentId>, above: ContentId) -> ContentId {
        match below {
            None => above,
            Some(below) => self.stacked.get_or_assign((below, above), &mut self.last_id),
        }
    }
}

fn next(last_id: &mut ContentId) -> ContentId {
    *last_id += 1;
    *last_id
}

fn bits(placement: &Placement) -> [u32; 11] {
    let Placement { clip: Rect { x, y, width, height }, stored_from_canvas: [[a, b, c], [d, e, f]], radius } =
        *placement;
    [x, y, width, height, a, b, c, d, e, f, radius].map(f32::to_bits)
}
