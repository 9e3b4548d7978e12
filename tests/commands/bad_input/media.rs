//! Clips and images, most of which are broken in one way each.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::tools::{tool, truncate_with_index};

/// A valid clip: one second of 64x64 pixels with alpha.
pub(crate) const GOOD: &str = "good.mov";

/// Writes every clip and image that the cases name into `folder`.
pub(crate) fn make(folder: &Path) {
    let at = |name: &str| folder.join(name);
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    let read = |name: &str| fs::read(folder.join(name)).unwrap();

    tool(folder, &format!("ffmpeg -v error -f lavfi -i testsrc2=s=64x64:r=30:d=1,format=argb -c:v qtrle {GOOD}"));
    tool(folder, "ffmpeg -v error -f lavfi -i sine=d=1 -c:a pcm_s16le sound.mov");
    tool(folder, "ffmpeg -v error -f lavfi -i testsrc2=s=320x180 -frames:v 1 good.png");
    tool(folder, "ffmpeg -v error -f lavfi -i testsrc2=s=320x180 -frames:v 1 good.jpg");

    fs::create_dir(at("folder.mov")).unwrap();
    tool(folder, "mkfifo fifo.mov");
    symlink("nowhere.mov", at("dangling.mov")).unwrap();
    symlink("circle.mov", at("circle.mov")).unwrap();
    write("empty.mov", b"");
    write("text.mov", b"This is not a video.\n");
    write("playlist.mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\ngood.mov\n#EXT-X-ENDLIST\n");
    write("header.mov", &read(GOOD)[..100]);

    // ffmpeg writes the index after the frames, so that the first half of the file has none.
    let clip = read(GOOD);
    write("no_index.mov", &clip[..clip.len() / 2]);
    write("huge.mov", &with_huge_sides(clip));

    let mut png = read("good.png");
    let middle = png.len() / 2;
    png[middle..middle + 64].fill(0);
    write("corrupt.png", &png);
    let jpeg = read("good.jpg");
    write("half.jpg", &jpeg[..jpeg.len() / 2]);
    write("huge.jpg", &with_huge_frame(jpeg));
}

/// Writes a clip that opens, plays and then breaks.
pub(crate) fn make_truncated(folder: &Path, name: &str, source: &str, codec: &str) {
    let whole = format!("whole_{name}");
    tool(folder, &format!("ffmpeg -v error -f lavfi -i {source} {codec} {whole}"));
    truncate_with_index(&folder.join(&whole), &folder.join(name));
}

/// Changes the size in a clip's sample description (QuickTime File Format, "Video sample description"): width and
/// height are 28 bytes after the name of the codec.
fn with_huge_sides(mut clip: Vec<u8>) -> Vec<u8> {
    let codec = clip.windows(4).rposition(|window| window == b"rle ").expect("a sample description");
    let sides = &mut clip[codec + 28..codec + 32];
    assert_eq!(sides, [0, 64, 0, 64], "the size is at the expected offset");
    sides.copy_from_slice(&huge_sides());
    clip
}

/// Changes the size in a JPEG's frame header (ITU-T T.81, B.2.2): height and width are 5 bytes after the marker.
fn with_huge_frame(mut jpeg: Vec<u8>) -> Vec<u8> {
    let marker = jpeg.windows(2).position(|window| window == [0xff, 0xc0]).expect("a frame header");
    let sides = &mut jpeg[marker + 5..marker + 9];
    assert_eq!(sides, [0, 180, 1, 64], "the size is at the expected offset");
    sides.copy_from_slice(&huge_sides());
    jpeg
}

/// Two sides of 60,000 pixels: 14 GB a frame.
fn huge_sides() -> [u8; 4] {
    let [high, low] = 60_000_u16.to_be_bytes();
    [high, low, high, low]
}
