//! The index of a QuickTime movie whose frames are PNG images, one after the other (QuickTime File Format, "Movie Atoms").

use repcast_model::geometry::Size;

/// Ticks of a second in which frames are counted.
const TIMESCALE: u32 = 600;

/// Pixels per inch as a number of 16.16 bits.
const RESOLUTION: u32 = 72 << 16;

/// The head of the file: its type, and the beginning of the data of `bytes` bytes, which follow.
#[must_use]
pub fn picture_movie_head(bytes: u64) -> Vec<u8> {
    let kind = atom(*b"ftyp", &[b"qt  ", &[0; 4][..], b"qt  "]);
    // With the 64-bit form of the size.
    [&kind[..], &1_u32.to_be_bytes(), b"mdat", &(bytes + 16).to_be_bytes()].concat()
}

/// The index, which follows the data: frames of these sizes in bytes, each shown for `ticks` of 1/600 s, the first at byte
/// `start` of the file.
#[must_use]
pub fn picture_movie_index(size: Size, frames: &[u32], ticks: u32, start: u64) -> Vec<u8> {
    let count = u32::try_from(frames.len()).unwrap_or(u32::MAX);
    let duration = count.saturating_mul(ticks);
    let (width, height) = (size.width, size.height);
    let short = |value: u32| u16::try_from(value).unwrap_or(u16::MAX).to_be_bytes();
    let matrix = [1_u32 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30].map(u32::to_be_bytes).concat();
    let movie_header = atom(
        *b"mvhd",
        &[
            &[0; 12],
            &TIMESCALE.to_be_bytes(),
            &duration.to_be_bytes(),
            &[0, 1, 0, 0, 1, 0],
            &[0; 10],
            &matrix,
            &[0; 24],
            &words(&[2]),
        ],
    );
    let track_header = atom(
        *b"tkhd",
        &[
            // Enabled, and part of the movie.
            &words(&[0x0000_0003, 0, 0, 1, 0, duration, 0, 0, 0, 0]),
            &matrix,
            &words(&[width << 16, height << 16]),
        ],
    );
    let media_header = atom(*b"mdhd", &[&words(&[0, 0, 0, TIMESCALE, duration, 0])]);
    let handler =
        |kind: &[u8; 4], name: &[u8; 4]| atom(*b"hdlr", &[&words(&[0]), kind, name, &words(&[0, 0, 0]), &[0]]);
    let video_header = atom(*b"vmhd", &[&words(&[1, 0x0040_8000, 0x8000_8000])]);
    let data = atom(*b"dinf", &[&atom(*b"dref", &[&words(&[0, 1]), &atom(*b"url ", &[&words(&[1])])])]);
    let description = atom(
        *b"png ",
        &[
            &[0, 0, 0, 0, 0, 0, 0, 1],
            &words(&[0, 0, 0, 512]),
            &short(width),
            &short(height),
            &words(&[RESOLUTION, RESOLUTION, 0]),
            // One frame a sample, the name of the codec as text with its length, 32 bits a pixel with alpha.
            &[0, 1, 3, b'P', b'N', b'G'],
            &[0; 28],
            &[0, 32, 0xff, 0xff],
        ],
    );
    let sizes: Vec<u8> = frames.iter().flat_map(|bytes| bytes.to_be_bytes()).collect();
    let table = atom(
        *b"stbl",
        &[
            &atom(*b"stsd", &[&words(&[0, 1]), &description]),
            &atom(*b"stts", &[&words(&[0, 1, count, ticks])]),
            &atom(*b"stsc", &[&words(&[0, 1, 1, count, 1])]),
            &atom(*b"stsz", &[&words(&[0, 0, count]), &sizes]),
            &atom(*b"co64", &[&words(&[0, 1]), &start.to_be_bytes()]),
        ],
    );
    let information = atom(*b"minf", &[&video_header, &handler(b"dhlr", b"url "), &data, &table]);
    let media = atom(*b"mdia", &[&media_header, &handler(b"mhlr", b"vide"), &information]);
    atom(*b"moov", &[&movie_header, &atom(*b"trak", &[&track_header, &media])])
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn atom(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let size = u32::try_from(content.len() + 8).unwrap_or(u32::MAX);
    [&size.to_be_bytes()[..], &kind, &content].concat()
}
