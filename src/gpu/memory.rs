//! What compositors of one canvas remember together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::look::Looks;
use super::tile_store::TileStore;

/// The looks of layers, and tiles as they were drawn.
#[derive(Clone)]
pub(super) struct Memory(Arc<Mutex<Remembered>>);

pub(super) struct Remembered {
    pub(super) looks: Looks,
    pub(super) store: TileStore,
}

impl Memory {
    pub(super) fn new(store: TileStore) -> Self {
        Self(Arc::new(Mutex::new(Remembered { looks: Looks::default(), store })))
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
