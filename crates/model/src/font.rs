//! A font of a document.

use std::fmt;
use std::sync::{Arc, Weak};

/// A font file that has been read. Copies share its bytes.
#[derive(Clone)]
pub struct Font(Arc<FontFile>);

struct FontFile {
    /// SHA-256 of the bytes.
    digest: [u8; 32],
    bytes: Vec<u8>,
}

impl Font {
    /// A font from the bytes of its file and their SHA-256.
    #[must_use]
    pub fn new(bytes: Vec<u8>, digest: [u8; 32]) -> Self {
        Self(Arc::new(FontFile { digest, bytes }))
    }

    /// A reference that does not keep the bytes.
    #[must_use]
    pub fn downgrade(&self) -> WeakFont {
        WeakFont(Arc::downgrade(&self.0))
    }

    /// SHA-256 of the file.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.0.digest
    }
}

/// A font for as long as something else holds it.
#[derive(Clone)]
pub struct WeakFont(Weak<FontFile>);

impl WeakFont {
    /// The font, if it is still held.
    #[must_use]
    pub fn upgrade(&self) -> Option<Font> {
        self.0.upgrade().map(Font)
    }
}

impl AsRef<[u8]> for Font {
    fn as_ref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl PartialEq for Font {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.digest == other.0.digest
    }
}

impl fmt::Debug for Font {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Font({} bytes)", self.0.bytes.len())
    }
}
