//! BlockAdditions elements of WebM files (RFC 9559, 5.1.3.5.2), which hold the frames of alpha.

/// The offsets of all elements.
pub(crate) fn block_additions(bytes: &[u8]) -> Vec<usize> {
    const ADDITIONS: [u8; 2] = [0x75, 0xa1];
    /// The first child, whose identifier follows a size of one to eight bytes.
    const MORE: u8 = 0xa6;
    let is_element = |at: &usize| bytes[*at..].starts_with(&ADDITIONS) && bytes[at + 3..at + 11].contains(&MORE);
    (0..bytes.len() - 11).filter(is_element).collect()
}

/// Overwrites the header of the first frame of alpha. Its decoder delivers nothing, and that of color waits for it.
pub(crate) fn damage_first_alpha(bytes: &mut [u8]) {
    let first = block_additions(bytes)[0];
    bytes[first + 15..first + 31].fill(0xff);
}
