//! The font of a document.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use repcast_compositor::check_font;
use repcast_media::FileIdentity;
use repcast_model::font::{Font, WeakFont};
use sha2::{Digest, Sha256};

use super::small_file::{FileFailure, read_small_file};

/// Most bytes of a font: those of all Chinese characters have fewer.
const MAX_FONT_BYTES: usize = 24 << 20;

/// The fonts of the documents that are open: each file is read and checked once, and its bytes are shared.
static OPEN_FONTS: Mutex<Vec<(FileIdentity, WeakFont)>> = Mutex::new(Vec::new());

/// Reads a font and checks that it can be drawn.
pub(super) fn read_font(path: &Path) -> Result<Font, FileFailure> {
    let version = FileIdentity::of(&path.metadata()?);
    if let Some(font) = open_font(version) {
        return Ok(font);
    }
    let bytes = read_small_file(path, MAX_FONT_BYTES)?;
    if bytes.len() > MAX_FONT_BYTES {
        return Err(FileFailure::of_content(format!("has more than {} MiB", MAX_FONT_BYTES >> 20)));
    }
    check_font(&bytes).map_err(FileFailure::of_content)?;
    let digest = Sha256::digest(&bytes).into();
    let font = Font::new(bytes, digest);
    // A panic leaves complete entries.
    let mut open = OPEN_FONTS.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|(known, font)| *known != version && font.upgrade().is_some());
    open.push((version, font.downgrade()));
    Ok(font)
}

fn open_font(version: FileIdentity) -> Option<Font> {
    let open = OPEN_FONTS.lock().unwrap_or_else(PoisonError::into_inner);
    open.iter().find(|(known, _)| *known == version).and_then(|(_, font)| font.upgrade())
}

#[cfg(test)]
mod tests {
    use repcast_compositor::FONTS;

    use super::*;

    #[test]
    fn a_font_is_read_once_while_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.otf");
        std::fs::write(&path, FONTS[0]).unwrap();
        let first = read_font(&path).ok().unwrap();
        let second = read_font(&path).ok().unwrap();
        assert!(std::ptr::eq(first.as_ref().as_ptr(), second.as_ref().as_ptr()));
        std::fs::write(&path, FONTS[1]).unwrap();
        assert!(read_font(&path).ok().unwrap() != first);
        std::fs::write(&path, &FONTS[0][..5000]).unwrap();
        assert!(read_font(&path).is_err());
    }
}
