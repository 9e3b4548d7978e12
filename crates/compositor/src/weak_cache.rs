//! Values that compositors of a device share for as long as one of them holds them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// A value's own lock: held while the value is created, so that only callers that need this value wait for it.
type Entry<V> = Arc<Mutex<Weak<V>>>;

/// A cache that does not keep its values alive.
pub(crate) struct WeakCache<K, V>(Mutex<HashMap<K, Entry<V>>>);

impl<K, V> Default for WeakCache<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> WeakCache<K, V> {
    /// The value of a key, created if no caller holds it.
    pub(crate) fn get_or_create(&self, key: K, create: impl FnOnce() -> V) -> Arc<V> {
        let entry = self.entry(key);
        let mut value = lock(&entry);
        if let Some(cached) = value.upgrade() {
            return cached;
        }
        let created = Arc::new(create());
        *value = Arc::downgrade(&created);
        created
    }

    fn entry(&self, key: K) -> Entry<V> {
        let mut entries = lock(&self.0);
        if let Some(entry) = entries.get(&key) {
            return entry.clone();
        }
        // An entry in use is locked or has other holders than the map.
        entries.retain(|_, entry| {
            Arc::strong_count(entry) > 1 || entry.try_lock().is_ok_and(|value| value.strong_count() > 0)
        });
        entries.entry(key).or_default().clone()
    }

    /// Makes the next caller of each key create a new value.
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while a value is created leaves the map and the entry as they were.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_live_as_long_as_they_are_held() {
        let cache = WeakCache::default();
        let first = cache.get_or_create(1, || "first");
        assert_eq!(*cache.get_or_create(1, || "second"), "first");
        // Another key is created inside: no lock of the map is held.
        assert_eq!(*cache.get_or_create(2, || *cache.get_or_create(3, || "inner")), "inner");
        drop(first);
        assert_eq!(*cache.get_or_create(1, || "second"), "second");
        let held = cache.get_or_create(4, || "old");
        cache.clear();
        assert_eq!((*held, *cache.get_or_create(4, || "new")), ("old", "new"));
    }
}
