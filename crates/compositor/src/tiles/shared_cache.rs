//! What compositors of one canvas remember together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::layers::weak_cache::Shared;
use crate::tiles::content_id::Looks;
use crate::tiles::tile_cache::TileStore;
use repcast_media::PictureFormat;
use repcast_model::color::Color;
use repcast_model::geometry::Size;

/// The looks of layers, and tiles as they were drawn.
#[derive(Clone)]
pub(crate) struct Memory(Arc<Mutex<Remembered>>);

pub(crate) struct Remembered {
    pub(crate) looks: Looks,
    pub(crate) store: TileStore,
}

impl Remembered {
    fn new(store: TileStore) -> Mutex<Self> {
        Mutex::new(Self { looks: Looks::default(), store })
    }
}

/// All that the tiles of a canvas have in common.
pub(crate) type Canvas = (Size, PictureFormat, Color);

/// The memories of a device: sessions and lanes that draw on equal canvases have one together.
pub(crate) type Memories = Shared<Canvas, Mutex<Remembered>>;

impl Memory {
    /// The memory for a canvas, which is made with this store if there is none.
    pub(crate) fn of(memories: &Memories, canvas: Canvas, store: impl FnOnce() -> TileStore) -> Self {
        Self(memories.get(canvas, || Remembered::new(store())))
    }

    /// A memory that nobody else has.
    pub(crate) fn alone(store: TileStore) -> Self {
        Self(Arc::new(Remembered::new(store)))
    }

    /// How many compositors have it.
    pub(crate) fn compositors(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(|poisoned| {
            // Whoever panicked may have reserved places and not have written them.
            let mut remembered = PoisonError::into_inner(poisoned);
            remembered.store.clear();
            self.0.clear_poison();
            remembered
        })
    }
}
