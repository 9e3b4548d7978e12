//! Tiles: content ids, sets of tiles, and the cache of composited tiles.

pub(crate) mod content_id;
pub(crate) mod shared_cache;
pub(crate) mod tile_cache;
pub(crate) mod tile_set;
