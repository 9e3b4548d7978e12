//! Clips and pictures, most of them broken, each in one way.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::tools::tool;

/// A clip that is right: a second of 64x64 pixels with alpha, as coaching clips are made.
pub(crate) const GOOD: &str = "good.mov";

/// Writes every clip and picture that the cases name into `folder`.
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
    write("text.mov", b"This is not a film.\n");
    write("playlist.mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\ngood.mov\n#EXT-X-ENDLIST\n");
    write("header.mov", &read(GOOD)[..100]);

    // ffmpeg writes the index behind the frames, so that half of the file has none.
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

/// A clip with its index in front and the second half of its bytes missing: it opens, plays and then breaks.
pub(crate) fn make_cut(folder: &Path, name: &str, source: &str, codec: &str) {
    let whole = format!("whole_{name}");
    tool(folder, &format!("ffmpeg -v error -f lavfi -i {source} {codec} -movflags +faststart {whole}"));
    let bytes = fs::read(folder.join(&whole)).unwrap();
    fs::write(folder.join(name), &bytes[..bytes.len() / 2]).unwrap();
}

/// Changes the size in a clip's sample description (QuickTime File Format, "Video sample description"): width and
/// height stand 28 bytes behind the name of the codec.
fn with_huge_sides(mut clip: Vec<u8>) -> Vec<u8> {
    let codec = clip.windows(4).rposition(|window| window == b"rle ").expect("a sample description");
    let sides = &mut clip[codec + 28..codec + 32];
    assert_eq!(sides, [0, 64, 0, 64], "the size stands where it is looked for");
    sides.copy_from_slice(&huge_sides());
    clip
}

/// Changes the size in a JPEG's frame header (ITU-T T.81, B.2.2): height and width stand 5 bytes behind its marker.
fn with_huge_frame(mut jpeg: Vec<u8>) -> Vec<u8> {
    let marker = jpeg.windows(2).position(|window| window == [0xff, 0xc0]).expect("a frame header");
    let sides = &mut jpeg[marker + 5..marker + 9];
    assert_eq!(sides, [0, 180, 1, 64], "the size stands where it is looked for");
    sides.copy_from_slice(&huge_sides());
    jpeg
}

/// Two sides of 60,000 pixels: 14 GB a frame.
fn huge_sides() -> [u8; 4] {
    let [high, low] = 60_000_u16.to_be_bytes();
    [high, low, high, low]
}
