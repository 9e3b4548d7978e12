//! Images and videos that are made once: a bounded number of bytes, the oldest removed first.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

/// Bytes of all images and videos: those of some hundred exercises.
const MAX_BYTES: usize = 64 << 20;

/// Images and videos by their names, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct KeptImages {
    entries: Mutex<VecDeque<(String, Bytes)>>,
    /// Held while one is made, so that it is made once, and a gallery of all does not take the whole machine.
    pub(crate) making: tokio::sync::Mutex<()>,
}

impl KeptImages {
    pub(crate) fn get(&self, name: &str) -> Option<Bytes> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().find(|(other, _)| other == name).map(|(_, bytes)| bytes.clone())
    }

    /// Forgets all, because what they were made of has changed.
    pub(crate) fn clear(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn insert(&self, name: String, bytes: Bytes) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|(other, _)| *other != name);
        entries.push_back((name, bytes));
        let mut total: usize = entries.iter().map(|(_, bytes)| bytes.len()).sum();
        while total > MAX_BYTES {
            let Some((_, oldest)) = entries.pop_front() else { break };
            total -= oldest.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_removed_when_there_are_too_many_bytes() {
        let kept = KeptImages::default();
        let third = Bytes::from(vec![0; MAX_BYTES / 3]);
        (0..5).for_each(|number| kept.insert(number.to_string(), third.clone()));
        let found: Vec<bool> = (0..5).map(|number| kept.get(&number.to_string()).is_some()).collect();
        assert_eq!(found, [false, false, true, true, true]);
        kept.insert("2".to_owned(), Bytes::from_static(b"new"));
        assert_eq!(kept.get("2").as_deref(), Some(&b"new"[..]));
        kept.insert("large".to_owned(), Bytes::from(vec![0; MAX_BYTES + 1]));
        assert!(kept.get("large").is_none());
    }
}
