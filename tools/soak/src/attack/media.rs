//! Files of the media folder that are made to occupy a decoder.

use std::fs::{self, OpenOptions};
use std::path::Path;

use crate::Result;

/// A WebM with alpha in the media folder, made by `script/soak`.
const ALPHA: &str = "alpha.webm";

/// An ordinary clip in the media folder.
const CLIP: &str = "clip.mov";

/// Length of the sparse file in bytes: hours to read, nothing on disk.
const SPARSE_BYTES: u64 = 100_000_000_000;

/// Ids of EBML elements (RFC 9559): `BlockAdditions`, `BlockMore`.
const BLOCK_ADDITIONS: [u8; 2] = [0x75, 0xa1];
const BLOCK_MORE: u8 = 0xa6;

/// Writes a WebM with an unknown element where a `BlockMore` must be, on which the demuxer of GStreamer 1.22 loops without
/// end. Returns the name of the file.
pub(crate) fn write_broken_block(folder: &Path) -> Result<&'static str> {
    const NAME: &str = "broken-block.webm";
    let path = folder.join(ALPHA);
    let mut bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let at = block_more(&bytes).ok_or(format!("{}: no BlockMore", path.display()))?;
    bytes[at] = 0xf9;
    fs::write(folder.join(NAME), bytes)?;
    Ok(NAME)
}

/// Where the first `BlockMore` starts.
fn block_more(bytes: &[u8]) -> Option<usize> {
    let start = bytes.windows(2).position(|pair| pair == BLOCK_ADDITIONS)? + 2;
    // The length is one byte with the highest bit set, or two.
    let at = start + if bytes.get(start)? & 0x80 == 0 { 2 } else { 1 };
    (*bytes.get(at)? == BLOCK_MORE).then_some(at)
}

/// Writes a clip that is followed by a hole of many gigabytes. Returns the name of the file.
pub(crate) fn write_sparse(folder: &Path) -> Result<&'static str> {
    const NAME: &str = "sparse.mov";
    let path = folder.join(CLIP);
    fs::copy(&path, folder.join(NAME)).map_err(|error| format!("{}: {error}", path.display()))?;
    OpenOptions::new().write(true).open(folder.join(NAME))?.set_len(SPARSE_BYTES)?;
    Ok(NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_is_found_behind_lengths_of_one_and_two_bytes() {
        assert_eq!(block_more(&[0, 0x75, 0xa1, 0x85, 0xa6, 0x83]), Some(4));
        assert_eq!(block_more(&[0x75, 0xa1, 0x40, 0x85, 0xa6]), Some(4));
        assert_eq!(block_more(&[0x75, 0xa1, 0x85, 0xee]), None);
        assert_eq!(block_more(&[0x75, 0xa1]), None);
        assert_eq!(block_more(&[]), None);
    }
}
