//! What compositors of one canvas remember together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::look::Looks;
use super::shared::Shared;
use super::tile_store::TileStore;
use crate::color::Color;
use crate::geometry::Size;
use crate::media::PictureFormat;

/// The looks of layers, and tiles as they were drawn.
#[derive(Clone)]
pub(super) struct Memory(Arc<Mutex<Remembered>>);

pub(super) struct Remembered {
    pub(super) looks: Looks,
    pub(super) store: TileStore,
}

impl Remembered {
    fn new(store: TileStore) -> Mutex<Self> {
        Mutex::new(Self { looks: Looks::default(), store })
    }
}

/// All that the tiles of a canvas have in common.
pub(super) type Canvas = (Size, PictureFormat, Color);

/// The memories of a device: sessions and lanes that draw on equal canvases have one together.
pub(super) type Memories = Shared<Canvas, Mutex<Remembered>>;

impl Memory {
    /// The memory for a canvas, which is made with this store if there is none.
    pub(super) fn of(memories: &Memories, canvas: Canvas, store: impl FnOnce() -> TileStore) -> Self {
        Self(memories.get(canvas, || Remembered::new(store())))
    }

    /// A memory that nobody else has.
    pub(super) fn alone(store: TileStore) -> Self {
        Self(Arc::new(Remembered::new(store)))
    }

    /// How many compositors have it.
    pub(super) fn compositors(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(|poisoned| {
            // Whoever panicked may have reserved places and not have written them.
            let mut remembered = PoisonError::into_inner(poisoned);
            remembered.store.clear();
            self.0.clear_poison();
            remembered
        })
    }
}
