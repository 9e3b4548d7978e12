//! The font of a document.

use std::path::Path;

use repcast_compositor::check_font;
use repcast_model::font::Font;
use sha2::{Digest, Sha256};

use super::small_file::{FileFailure, read_small_file};

/// Most bytes of a font: those of all Chinese characters have fewer.
const MAX_FONT_BYTES: usize = 24 << 20;

/// Reads a font and checks that it can be drawn.
pub(super) fn read_font(path: &Path) -> Result<Font, FileFailure> {
    let bytes = read_small_file(path, MAX_FONT_BYTES)?;
    if bytes.len() > MAX_FONT_BYTES {
        return Err(FileFailure::of_content(format!("has more than {} MiB", MAX_FONT_BYTES >> 20)));
    }
    check_font(&bytes).map_err(FileFailure::of_content)?;
    let digest = Sha256::digest(&bytes).into();
    Ok(Font::new(bytes, digest))
}
