//! What compositors of a device share, apart from kernels.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use crate::device::surface::Surface;
use crate::tiles::shared_cache::SharedTileCaches;
use crate::tiles::tile_cache::TILE_CACHE_BYTES;
use crate::weak_cache::WeakCache;
use repcast_media::FrameId;
use repcast_model::geometry::Size;

/// Caches of a device.
pub(crate) struct Caches {
    /// Bytes that cached tiles may still take.
    pub(crate) tile_budget: Arc<AtomicUsize>,
    pub(crate) tiles: SharedTileCaches,
    /// Blend targets by canvas size. The device executes submissions in order, and each submission resolves all that it
    /// blends, so that compositors can share one.
    pub(crate) scratch: WeakCache<Size, wgpu::TextureView>,
    /// Surfaces of images.
    pub(crate) images: WeakCache<FrameId, Surface>,
}

impl Default for Caches {
    fn default() -> Self {
        Self {
            tile_budget: Arc::new(AtomicUsize::new(TILE_CACHE_BYTES)),
            tiles: SharedTileCaches::default(),
            scratch: WeakCache::default(),
            images: WeakCache::default(),
        }
    }
}

impl Caches {
    /// Evicts surfaces, whose contents may be incomplete after a failure of the device.
    pub(crate) fn clear_surfaces(&self) {
        self.images.clear();
        self.scratch.clear();
    }
}
