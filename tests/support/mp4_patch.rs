//! Changes single fields of an MP4 file in place, which ffmpeg cannot write.

use std::fs;
use std::path::Path;

/// Moves the start of the only edit by `ticks` in the timescale of the track, `movie_ticks` in that of the movie.
pub(crate) fn trim_start(path: &Path, ticks: u32, movie_ticks: u32) {
    change(path, b"elst", |body| {
        assert_eq!((body[0], word(body, 4)), (0, 1), "one edit of version 0 was expected");
        let (length, media_time) = (word(body, 8), word(body, 12));
        put(body, 8, length - movie_ticks);
        put(body, 12, media_time + ticks);
    });
}

/// Rotates the track clockwise for display, by `quarter_turns` times 90 degrees.
pub(crate) fn turn(path: &Path, width: u32, height: u32, quarter_turns: u32) {
    const ONE: u32 = 1 << 16;
    const MINUS_ONE: u32 = ONE.wrapping_neg();
    let ([a, b, c, d], [x, y]) = match quarter_turns {
        1 => ([0, ONE, MINUS_ONE, 0], [height, 0]),
        2 => ([MINUS_ONE, 0, 0, MINUS_ONE], [width, height]),
        3 => ([0, MINUS_ONE, ONE, 0], [0, width]),
        _ => ([ONE, 0, 0, ONE], [0, 0]),
    };
    change(path, b"tkhd", |body| {
        assert_eq!(body[0], 0, "a track header of version 0 was expected");
        let matrix = [a, b, 0, c, d, 0, x * ONE, y * ONE, 1 << 30];
        for (index, value) in matrix.into_iter().enumerate() {
            put(body, 40 + 4 * index, value);
        }
    });
}

/// Calls `change` with the bytes after the name of the first box called `name`.
fn change(path: &Path, name: &[u8; 4], change: impl FnOnce(&mut [u8])) {
    let mut bytes = fs::read(path).unwrap();
    let moov = bytes.windows(4).position(|window| window == b"moov").unwrap();
    let at = moov + bytes[moov..].windows(4).position(|window| window == name).unwrap();
    change(&mut bytes[at + 4..]);
    fs::write(path, bytes).unwrap();
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn put(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
}
