//! Tiles: content ids, sets of tiles, and the cache of composited tiles.

pub(crate) mod content_id;
pub(crate) mod reservation;
pub(crate) mod shared_cache;
pub(crate) mod tile_cache;
pub(crate) mod tile_page;
pub(crate) mod tile_set;

/// Surfaces that one composite reads, and so content ids in the key of a tile.
pub(crate) const MAX_ENTRIES: usize = 8;
