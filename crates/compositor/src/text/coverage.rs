//! The characters that the faces of a font database have glyphs for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use glyphon::cosmic_text::fontdb::{self, FaceInfo, ID};
use glyphon::cosmic_text::skrifa::MetadataProvider;
use glyphon::cosmic_text::skrifa::raw::FontRef;

use crate::text::document_font;
use crate::text::fonts::PRIMARY_FAMILY;
use crate::text::spans::family;

/// Capacity of the cache of characters. Texts of one language have a few hundred, of Chinese a few thousand.
const CHARACTERS: usize = 8192;

/// The characters of the faces examined so far, shared by all copies of a font database, so that a font file is examined
/// once. Its locks are held for bookkeeping.
#[derive(Default)]
pub(crate) struct FontCoverage {
    faces: Mutex<HashMap<ID, Arc<Characters>>>,
    /// Whether any face has a character.
    characters: Mutex<HashMap<char, bool>>,
}

/// The characters that a face has glyphs for: ascending inclusive ranges that do not touch.
pub(crate) struct Characters(Vec<(u32, u32)>);

impl FontCoverage {
    /// Whether any face has a glyph for a character. Inter is examined first, and then the faces of the system; that of a
    /// document is in no other copy of the database.
    pub(crate) fn has(&self, database: &fontdb::Database, char: char) -> bool {
        let lock = || self.characters.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(&char).copied();
        known.unwrap_or_else(|| {
            let is_primary = |face: &&FaceInfo| family(face) == PRIMARY_FAMILY;
            let primary = database.faces().filter(is_primary);
            let others = database.faces().filter(|face| !is_primary(face) && family(face) != document_font::FAMILY);
            let mut faces = primary.chain(others);
            let found = faces.any(|face| self.of(database, face.id).contains(char));
            let mut characters = lock();
            if characters.len() >= CHARACTERS {
                characters.clear();
            }
            characters.insert(char, found);
            found
        })
    }

    /// The characters of a face. Two callers may examine it at the same time, neither waits for the other.
    pub(crate) fn of(&self, database: &fontdb::Database, id: ID) -> Arc<Characters> {
        // A panic leaves complete entries.
        let lock = || self.faces.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(&id).cloned();
        known.unwrap_or_else(|| {
            let examined = Arc::new(Characters::of(database, id));
            lock().entry(id).or_insert(examined).clone()
        })
    }
}

impl Characters {
    /// The characters of a face; empty if its file cannot be read.
    fn of(database: &fontdb::Database, id: ID) -> Self {
        database.with_face_data(id, Self::of_font).unwrap_or(Self(Vec::new()))
    }

    /// The characters of a face of a font file; empty if it cannot be read.
    pub(crate) fn of_font(data: &[u8], index: u32) -> Self {
        let font = FontRef::from_index(data, index).ok();
        let mappings = font.iter().flat_map(|font| font.charmap().mappings());
        let mut all: Vec<u32> = mappings.filter(|(_, glyph)| glyph.to_u32() != 0).map(|(char, _)| char).collect();
        all.sort_unstable();
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for char in all {
            match ranges.last_mut() {
                Some((_, last)) if char <= last.saturating_add(1) => *last = char,
                _ => ranges.push((char, char)),
            }
        }
        Self(ranges)
    }

    pub(crate) fn contains(&self, char: char) -> bool {
        let char = u32::from(char);
        let index = self.0.partition_point(|(_, last)| *last < char);
        self.0.get(index).is_some_and(|(first, _)| *first <= char)
    }
}
