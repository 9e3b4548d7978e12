//! All formats are decoded with the right size, colors, transparency, rotation and pixel aspect ratio, and fitted into their
//! rectangles.
mod color;
mod grading;
mod pictures;

use crate::support;
use serde_json::json;
use support::codecs::{
    Codec, NUMBERED_PNG, PNG_MOV, PRORES_4444, PRORES_4444_XQ, QTRLE_ARGB, STILL_PNG, VP8_WEBM, VP9_WEBM,
};
use support::document::{composition, hex, layer};
use support::ffmpeg::decode;
use support::fixture::fixture;
use support::mp4_patch::turn;
use support::picture::{Picture, Rgba, distance, rgb};
use support::program::render_pictures;

const BACKGROUND: Rgba = [128, 0, 128, 255];
const CORNERS: [Rgba; 4] = [[224, 32, 32, 255], [32, 192, 64, 255], [32, 64, 224, 255], [240, 224, 32, 255]];
/// Size of the test image: four quarters, and a square hole in the center if the format has alpha.
const WIDTH: usize = 96;
const HEIGHT: usize = 64;
const HOLE: usize = 24;

/// Allowed differences in levels: for rounding, and for lossy codecs with chroma subsampling.
const EXACT: f64 = 2.0;
const LOSSY: f64 = 14.0;

/// The quarter of the image that a pixel is in.
fn quarter(x: usize, y: usize) -> usize {
    usize::from(x >= WIDTH / 2) + 2 * usize::from(y >= HEIGHT / 2)
}

fn quarters() -> Picture {
    Picture::draw(WIDTH, HEIGHT, |x, y| CORNERS[quarter(x, y)])
}

fn quarters_with_hole() -> Picture {
    let middle = |at: usize, side: usize| (side / 2 - HOLE / 2..side / 2 + HOLE / 2).contains(&at);
    let in_hole = |x, y| middle(x, WIDTH) && middle(y, HEIGHT);
    Picture::draw(WIDTH, HEIGHT, |x, y| if in_hole(x, y) { [0; 4] } else { CORNERS[quarter(x, y)] })
}

fn assert_color(frame: &Picture, (x, y): (usize, usize), expected: Rgba, tolerance: f64, what: &str) {
    let found = frame.at(x, y);
    assert!(
        distance(found, rgb(expected)) <= tolerance,
        "{what} at ({x}, {y}): found {found:?}, expected {expected:?}"
    );
}

/// Checks an image of [`WIDTH`] x [`HEIGHT`] pixels at `(left, top)`: the pixels inside its four corners and those right outside.
fn check_corners(frame: &Picture, (left, top): (usize, usize), corners: [Rgba; 4], tolerance: f64, what: &str) {
    const INSIDE: usize = 3;
    for (index, color) in corners.into_iter().enumerate() {
        let side = |far: bool, start: usize, length: usize| {
            if far { (start + length - 1 - INSIDE, start + length) } else { (start + INSIDE, start - 1) }
        };
        let (x, outside_x) = side(index % 2 == 1, left, WIDTH);
        let (y, outside_y) = side(index / 2 == 1, top, HEIGHT);
        assert_color(frame, (x, y), color, tolerance, what);
        assert_color(frame, (outside_x, y), BACKGROUND, EXACT, what);
        assert_color(frame, (x, outside_y), BACKGROUND, EXACT, what);
    }
}

/// Renders a file in native size in the center of the canvas and compares corners and hole.
fn check(kind: &str, src: &str, corners: [Rgba; 4], hole: bool, tolerance: f64) {
    const CORNER: (usize, usize) = (16, 16);
    let canvas = (WIDTH + 2 * CORNER.0, HEIGHT + 2 * CORNER.1);
    let layers = vec![layer(kind, src, [0, 0, canvas.0, canvas.1], json!({"fit": "none"}))];
    let frames = render_pictures(&composition(canvas, "30", &hex(BACKGROUND), 2, layers));
    assert_eq!(frames.len(), 2);
    for frame in &frames {
        check_corners(frame, CORNER, corners, tolerance, src);
        if hole {
            let centre = (canvas.0 / 2, canvas.1 / 2);
            assert_color(frame, centre, BACKGROUND, if tolerance > EXACT { 4.0 } else { EXACT }, src);
        }
    }
}

/// A clip in a format that has alpha.
fn check_alpha(codec: Codec) {
    let src = codec.write("quarters-hole", &quarters_with_hole());
    check("clip", &src, CORNERS, true, if codec.loss > 0.0 { LOSSY } else { EXACT });
}

/// A file without alpha, written with these options.
fn opaque(src: &str, args: &[&str]) -> String {
    fixture(src, |out| quarters().encode(3, args, out));
    src.to_owned()
}

const H264: [&str; 10] = [
    "-vf",
    "scale=out_color_matrix=bt709",
    "-c:v",
    "libx264",
    "-crf",
    "8",
    "-pix_fmt",
    "yuv420p",
    "-colorspace",
    "bt709",
];

#[test]
fn animation_of_32_bits() {
    check_alpha(QTRLE_ARGB);
}

#[test]
fn animation_of_24_bits() {
    let src = opaque("quarters-rgb24.mov", &["-c:v", "qtrle", "-pix_fmt", "rgb24"]);
    check("clip", &src, CORNERS, false, EXACT);
}

#[test]
fn animation_of_16_bits() {
    let src = opaque("quarters-rgb555.mov", &["-c:v", "qtrle", "-pix_fmt", "rgb555be"]);
    // Five bits per component have steps of eight levels.
    check("clip", &src, CORNERS, false, 9.0);
}

#[test]
fn animation_of_8_bits_in_gray() {
    let src = opaque("quarters-gray.mov", &["-c:v", "qtrle", "-pix_fmt", "gray"]);
    let path = fixture(&src, |_| unreachable!("the fixture exists"));
    let gray = &decode(&path, &[], Some("rgba"), WIDTH * HEIGHT * 4)[0];
    let gray = Picture { width: WIDTH, height: HEIGHT, rgba: gray.clone() };
    let corners = [(0, 0), (WIDTH - 1, 0), (0, HEIGHT - 1), (WIDTH - 1, HEIGHT - 1)].map(|(x, y)| gray.at(x, y));
    check("clip", &src, corners, false, EXACT);
}

#[test]
fn png_in_mov() {
    check_alpha(PNG_MOV);
}

#[test]
fn prores_4444() {
    check_alpha(PRORES_4444);
}

#[test]
fn prores_4444_xq() {
    check_alpha(PRORES_4444_XQ);
}

#[test]
fn vp8_with_alpha() {
    check_alpha(VP8_WEBM);
}

#[test]
fn vp9_with_alpha() {
    check_alpha(VP9_WEBM);
}

#[test]
fn images_numbered_from_zero() {
    check_alpha(NUMBERED_PNG);
}

#[test]
fn still_png() {
    let src = STILL_PNG.write("quarters-hole", &quarters_with_hole());
    check("image", &src, CORNERS, true, EXACT);
}

#[test]
fn still_jpeg() {
    let src = opaque("quarters.jpg", &["-frames:v", "1", "-q:v", "2", "-pix_fmt", "yuvj444p"]);
    check("image", &src, CORNERS, false, LOSSY);
}

#[test]
fn still_webp() {
    let src = "quarters-hole.webp";
    let args = ["-frames:v", "1", "-c:v", "libwebp", "-lossless", "1", "-pix_fmt", "bgra"];
    fixture(src, |out| quarters_with_hole().encode(1, &args, out));
    check("image", src, CORNERS, true, EXACT);
}

#[test]
fn h264_in_mp4() {
    check("clip", &opaque("quarters-h264.mp4", &H264), CORNERS, false, LOSSY);
}

#[test]
fn h265_in_mp4() {
    let colors = ["-vf", "scale=out_color_matrix=bt709", "-pix_fmt", "yuv420p", "-colorspace", "bt709"];
    let codec = ["-c:v", "libx265", "-crf", "8", "-tag:v", "hvc1", "-x265-params", "log-level=error:colormatrix=bt709"];
    check("clip", &opaque("quarters-h265.mp4", &[colors.as_slice(), &codec].concat()), CORNERS, false, LOSSY);
}

/// The rotated image is 64 x 96: `contain` in a square of 96 leaves 16 pixels at both sides.
#[test]
fn rotated_for_display() {
    let [top_left, top_right, bottom_left, bottom_right] = CORNERS;
    let turned = [
        (1, [bottom_left, top_left, bottom_right, top_right]),
        (2, [bottom_right, bottom_left, top_right, top_left]),
        (3, [top_right, bottom_right, top_left, bottom_left]),
    ];
    for (quarter_turns, corners) in turned {
        let src = format!("quarters-turned-{quarter_turns}.mp4");
        fixture(&src, |out| {
            quarters().encode(3, &H264, out);
            turn(out, WIDTH as u32, HEIGHT as u32, quarter_turns);
        });
        let layers = vec![layer("clip", &src, [16, 16, 96, 96], json!({"fit": "contain"}))];
        let frames = render_pictures(&composition((128, 128), "30", &hex(BACKGROUND), 1, layers));
        let (width, height) = if quarter_turns % 2 == 1 { (HEIGHT, WIDTH) } else { (WIDTH, HEIGHT) };
        let (left, top) = (64 - width / 2, 64 - height / 2);
        for (index, color) in corners.into_iter().enumerate() {
            let x = if index % 2 == 1 { left + width - 5 } else { left + 4 };
            let y = if index / 2 == 1 { top + height - 5 } else { top + 4 };
            assert_color(&frames[0], (x, y), color, LOSSY, &src);
        }
        for outside in [(left - 2, 64), (left + width + 1, 64), (64, top - 2), (64, top + height + 1)] {
            assert_color(&frames[0], outside, BACKGROUND, EXACT, &src);
        }
    }
}

/// A pixel aspect ratio of 2 displays 96 x 64 as 192 x 64.
#[test]
fn wide_pixels() {
    let args = ["-vf", "scale=out_color_matrix=bt709,setsar=2/1"].iter().chain(&H264[2..]).copied().collect::<Vec<_>>();
    let src = opaque("quarters-wide.mp4", &args);
    let layers = vec![layer("clip", &src, [16, 16, 192, 96], json!({"fit": "contain"}))];
    let frames = render_pictures(&composition((224, 128), "30", &hex(BACKGROUND), 1, layers));
    for (index, color) in CORNERS.into_iter().enumerate() {
        let inside = ([20, 203][index % 2], [36, 91][index / 2]);
        let outside = (inside.0, [29, 98][index / 2]);
        assert_color(&frames[0], inside, color, LOSSY, "corner");
        assert_color(&frames[0], outside, BACKGROUND, EXACT, "above or below");
    }
}

/// An enlarged opaque image is opaque up to its edges.
#[test]
fn enlarged_edges() {
    let picture = Picture::flat(8, 8, CORNERS[0]);
    for (codec, kind) in [(STILL_PNG, "image"), (QTRLE_ARGB, "clip")] {
        let src = codec.write("flat-8", &picture);
        let layers = vec![layer(kind, &src, [16, 16, 96, 64], json!({"fit": "fill"}))];
        let frames = render_pictures(&composition((128, 96), "30", &hex(BACKGROUND), 1, layers));
        for (x, y) in [(16, 16), (111, 16), (16, 79), (111, 79), (64, 16), (16, 48), (64, 48)] {
            assert_color(&frames[0], (x, y), CORNERS[0], EXACT, kind);
        }
        for outside in [(15, 48), (112, 48), (64, 15), (64, 80)] {
            assert_color(&frames[0], outside, BACKGROUND, EXACT, kind);
        }
    }
}

/// Placement of an image of 96 x 64 pixels in a rectangle: position and size of the visible part, and whether the outer columns
/// are cropped.
struct Fitted {
    fit: &'static str,
    rect: [usize; 4],
    seen: [usize; 4],
    cut: bool,
}

#[test]
fn fits_of_an_image_and_of_a_clip() {
    // The outermost 12 columns are white, which shows whether they are cropped.
    const WHITE: Rgba = [255; 4];
    const STRIPE: usize = 12;
    let striped = Picture::draw(WIDTH, HEIGHT, |x, y| {
        if (STRIPE..WIDTH - STRIPE).contains(&x) { CORNERS[quarter(x, y)] } else { WHITE }
    });
    let cases = [
        Fitted { fit: "contain", rect: [40, 20, 120, 120], seen: [40, 40, 120, 80], cut: false },
        Fitted { fit: "cover", rect: [240, 20, 120, 120], seen: [240, 20, 120, 120], cut: true },
        Fitted { fit: "fill", rect: [40, 180, 120, 120], seen: [40, 180, 120, 120], cut: false },
        Fitted { fit: "none", rect: [240, 180, 120, 120], seen: [252, 208, 96, 64], cut: false },
        Fitted { fit: "none", rect: [440, 20, 60, 40], seen: [440, 20, 60, 40], cut: true },
        Fitted { fit: "contain", rect: [440, 180, 48, 100], seen: [440, 214, 48, 32], cut: false },
    ];
    for (codec, kind) in [(STILL_PNG, "image"), (QTRLE_ARGB, "clip")] {
        let src = codec.write("striped", &striped);
        let layers =
            cases.iter().map(|Fitted { fit, rect, .. }| layer(kind, &src, *rect, json!({"fit": fit}))).collect();
        let frames = render_pictures(&composition((560, 320), "30", &hex(BACKGROUND), 1, layers));
        for Fitted { fit, rect, seen: [left, top, width, height], cut } in &cases {
            let what = format!("{kind}, {fit} in {rect:?}");
            let (right, bottom) = (left + width, top + height);
            let (middle_x, middle_y) = (left + width / 2, top + height / 2);
            for (index, color) in CORNERS.into_iter().enumerate() {
                let x = if index % 2 == 1 { right - 3 } else { left + 2 };
                let y = if index / 2 == 1 { bottom - 3 } else { top + 2 };
                assert_color(&frames[0], (x, y), if *cut { color } else { WHITE }, EXACT, &what);
                // The quarters meet in the center of the rectangle.
                let offset = |middle: usize, far: bool| if far { middle + 2 } else { middle - 3 };
                let position = (offset(middle_x, index % 2 == 1), offset(middle_y, index / 2 == 1));
                assert_color(&frames[0], position, color, EXACT, &what);
            }
            for outside in [(left - 2, middle_y), (right + 1, middle_y), (middle_x, top - 2), (middle_x, bottom + 1)] {
                assert_color(&frames[0], outside, BACKGROUND, EXACT, &what);
            }
        }
    }
}
