//! What compositors of one canvas remember together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::look::Looks;
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

/// All that the tiles of a canvas have in common.
pub(super) type Canvas = (Size, PictureFormat, Color);

/// The memories of a device: sessions and lanes that draw on equal canvases have one together, for as long as there are
/// any.
#[derive(Default)]
pub(super) struct Memories(Mutex<HashMap<Canvas, Weak<Mutex<Remembered>>>>);

impl Memories {
    /// The memory for a canvas, which is made with this store if there is none.
    pub(super) fn of(&self, canvas: Canvas, store: impl FnOnce() -> TileStore) -> Memory {
        let mut memories = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memories.retain(|_, memory| memory.strong_count() > 0);
        let known = memories.get(&canvas).and_then(Weak::upgrade).map(Memory);
        known.unwrap_or_else(|| {
            let memory = Memory::new(store());
            memories.insert(canvas, Arc::downgrade(&memory.0));
            memory
        })
    }
}

impl Memory {
    pub(super) fn new(store: TileStore) -> Self {
        Self(Arc::new(Mutex::new(Remembered { looks: Looks::default(), store })))
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
