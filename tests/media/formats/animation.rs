//! Animated images: all frames with all disposal methods, compared with ffmpeg, at their times.

use std::borrow::Cow;
use std::path::Path;

use gif::{DisposalMethod, Frame};
use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;
use png::{BlendOp, DisposeOp};
use serde_json::json;

use super::{BACKGROUND, EXACT};
use super::{assert_rejected, frames_by_ffmpeg, write};
use crate::support::document::{composition, hex, layer};
use crate::support::fixture::{fixture, folder};
use crate::support::picture::{Picture, Rgba, distance};
use crate::support::program::render_pictures;

const WIDTH: usize = 24;
const HEIGHT: usize = 16;

/// Frame rate of the output: one frame per tick of a GIF.
const RATE: usize = 100;

/// Left, top, width and height of the parts. The first is the whole canvas, as both standards require.
const RECTS: [[usize; 4]; 8] = [
    [0, 0, WIDTH, HEIGHT],
    [2, 3, 12, 9],
    [8, 1, 10, 12],
    [0, 0, 9, 9],
    [5, 5, 15, 11],
    [11, 2, 13, 7],
    [3, 4, 6, 6],
    [1, 1, 20, 14],
];

/// The color of a pixel, and whether it is opaque: a checkerboard with holes.
fn checker(part: usize, x: usize, y: usize) -> (usize, bool) {
    ((part * 3 + x / 3 + y / 4) % 7, !(x + y * 2 + part).is_multiple_of(4))
}

fn write_gif(out: &Path) {
    use DisposalMethod::{Any, Background, Keep, Previous};
    const DISPOSALS: [DisposalMethod; 8] = [Keep, Background, Previous, Previous, Keep, Background, Previous, Any];
    // Delays in hundredths of a second; 0 and 1 count as ten.
    const DELAYS: [u16; 8] = [10, 0, 1, 2, 5, 30, 7, 3];
    let palette: Vec<u8> = (0..8_u8).flat_map(|index| [index * 36, 255 - index * 30, 128 + index * 9]).collect();
    let mut file = std::fs::File::create(out).unwrap();
    let mut encoder = gif::Encoder::new(&mut file, WIDTH as u16, HEIGHT as u16, &palette).unwrap();
    for (part, [left, top, width, height]) in RECTS.into_iter().enumerate() {
        let index = |at: usize| match checker(part, at % width, at / width) {
            (color, true) => color as u8,
            _ => 7,
        };
        let buffer: Vec<u8> = (0..width * height).map(index).collect();
        let [left, top, width, height] = [left, top, width, height].map(|side| side as u16);
        let (delay, dispose, transparent, buffer) = (DELAYS[part], DISPOSALS[part], Some(7), Cow::Owned(buffer));
        let frame = Frame { delay, dispose, transparent, left, top, width, height, buffer, ..Frame::default() };
        encoder.write_frame(&frame).unwrap();
    }
}

fn write_apng(out: &Path) {
    use BlendOp::{Over, Source};
    use DisposeOp::{Background, None, Previous};
    // Disposal to the previous frame follows disposal to the background, and another one to the previous frame.
    const OPS: [(DisposeOp, BlendOp); 8] = [
        (None, Source),
        (Background, Over),
        (Previous, Over),
        (Previous, Source),
        (None, Over),
        (Previous, Over),
        (Background, Source),
        (None, Over),
    ];
    const DELAYS: [(u16, u16); 8] = [(1, 10), (0, 0), (1, 0), (3, 100), (1, 25), (1, 4), (70, 1000), (1, 50)];
    let mut encoder = png::Encoder::new(std::fs::File::create(out).unwrap(), WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(RECTS.len() as u32, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for (part, [left, top, width, height]) in RECTS.into_iter().enumerate() {
        if part > 0 {
            writer.reset_frame_position().unwrap();
            writer.set_frame_dimension(width as u32, height as u32).unwrap();
            writer.set_frame_position(left as u32, top as u32).unwrap();
        }
        writer.set_frame_delay(DELAYS[part].0, DELAYS[part].1).unwrap();
        writer.set_dispose_op(OPS[part].0).unwrap();
        writer.set_blend_op(OPS[part].1).unwrap();
        let pixel = |at: usize| {
            let (color, is_seen) = checker(part, at % width, at / width);
            let alpha = if is_seen { [255, 255, 160][color % 3] } else { [0, 90][color % 2] };
            [color as u8 * 36, 255 - color as u8 * 30, 128 + color as u8 * 9, alpha]
        };
        writer.write_image_data(&(0..width * height).flat_map(pixel).collect::<Vec<u8>>()).unwrap();
    }
    writer.finish().unwrap();
}

/// A WebP chunk with a lossless image.
fn vp8l(width: usize, height: usize, color: Rgba) -> Vec<u8> {
    let mut file = Vec::new();
    let rgba = Picture::flat(width, height, color).rgba;
    WebPEncoder::new_lossless(&mut file).encode(&rgba, width as u32, height as u32, ExtendedColorType::Rgba8).unwrap();
    let at = file.windows(4).position(|name| name == b"VP8L").unwrap();
    file.split_off(at)
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let padding = &[0][..body.len() % 2];
    [name.as_slice(), &(body.len() as u32).to_le_bytes(), body, padding].concat()
}

fn of_24_bits(number: usize) -> Vec<u8> {
    (number as u32).to_le_bytes()[..3].to_vec()
}

/// An animated WebP (RFC 9649, 2.7) of flat parts: rectangle, color, milliseconds, and flags (2: not blended, 1: cleared).
fn webp(parts: &[([usize; 4], Rgba, usize, u8)]) -> Vec<u8> {
    let canvas = [vec![0x12, 0, 0, 0], of_24_bits(WIDTH - 1), of_24_bits(HEIGHT - 1)].concat();
    // The background color is ignored, as in browsers.
    let mut body = [chunk(b"VP8X", &canvas), chunk(b"ANIM", &[9, 99, 199, 255, 0, 0])].concat();
    for ([left, top, width, height], color, millis, flags) in parts {
        let numbers = [left / 2, top / 2, width - 1, height - 1, *millis].map(of_24_bits).concat();
        body.extend(chunk(b"ANMF", &[numbers, vec![*flags], vp8l(*width, *height, *color)].concat()));
    }
    let size = (body.len() as u32 + 4).to_le_bytes();
    [b"RIFF".as_slice(), &size, b"WEBP", &body].concat()
}

/// Renders this many frames of a file.
fn draw(kind: &str, src: &str, frames: usize, more: serde_json::Value) -> Vec<Picture> {
    let layers = vec![layer(kind, src, [0, 0, WIDTH, HEIGHT], more)];
    render_pictures(&composition((WIDTH, HEIGHT), &RATE.to_string(), &hex(BACKGROUND), frames, layers))
}

/// A straight color over the background.
fn over_background([red, green, blue, alpha]: Rgba) -> [f64; 3] {
    let share = f64::from(alpha) / 255.0;
    let mix = |over: u8, under: u8| f64::from(over) * share + f64::from(under) * (1.0 - share);
    [mix(red, BACKGROUND[0]), mix(green, BACKGROUND[1]), mix(blue, BACKGROUND[2])]
}

/// Compares each output frame with the expected one; times are in hundredths of a second.
fn check(src: &str, starts: &[usize], pictures: &[Picture], end: usize) {
    let drawn = draw("clip", src, end + 5, json!({"loop": true}));
    for (number, found) in drawn.iter().enumerate() {
        let shown = starts.partition_point(|start| *start <= number % end) - 1;
        for (x, y) in (0..WIDTH).flat_map(|x| (0..HEIGHT).map(move |y| (x, y))) {
            let (found, expected) = (found.at(x, y), over_background(pictures[shown].at(x, y)));
            let what = format!("{src}, output {number}, frame {shown} at ({x}, {y})");
            assert!(distance(found, expected) <= EXACT, "{what}: found {found:?}, expected {expected:?}");
        }
    }
}

fn by_ffmpeg(path: &Path) -> Vec<Picture> {
    frames_by_ffmpeg(path, WIDTH, HEIGHT).into_iter().map(|(_, picture)| picture).collect()
}

#[test]
fn an_animated_gif() {
    let path = fixture("animated.gif", write_gif);
    // ffmpeg and browsers replace delays of 0 and 1 by ten.
    let starts: Vec<usize> =
        frames_by_ffmpeg(&path, WIDTH, HEIGHT).iter().map(|(start, _)| (start * 100.0).round() as usize).collect();
    assert_eq!(starts, [0, 10, 20, 30, 32, 37, 67, 74]);
    check("animated.gif", &starts, &by_ffmpeg(&path), 77);
}

#[test]
fn an_animated_png() {
    let path = fixture("animated.png", write_apng);
    // A delay of 0/0 counts as a tenth of a second; a denominator of 0 as 100, which is too short a delay.
    check("animated.png", &[0, 10, 20, 30, 33, 37, 62, 69], &by_ffmpeg(&path), 71);
}

/// The expected colors are those of libwebp (Pillow), at four pixels of each frame.
#[test]
fn an_animated_webp() {
    const NONE: Rgba = [0; 4];
    let (red, green, blue) = ([200, 30, 30, 255], [30, 160, 60, 128], [40, 60, 220, 255]);
    let parts = [
        ([0, 0, WIDTH, HEIGHT], red, 100, 0),
        ([4, 2, 12, 10], green, 40, 1),
        ([8, 4, 8, 8], blue, 70, 1),
        ([2, 2, 10, 6], green, 5, 2),
        ([0, 0, WIDTH, HEIGHT], NONE, 60, 0),
        ([0, 0, 12, HEIGHT], NONE, 50, 2),
    ];
    write("animated.webp", &webp(&parts));
    let mixed = [115, 95, 45, 255];
    // At (1, 1), (5, 3), (9, 5) and (20, 14).
    let expected = [
        [red, red, red, red],
        [red, mixed, mixed, red],
        [red, NONE, blue, red],
        [red, green, green, red],
        [red, green, green, red],
        [NONE, NONE, NONE, red],
    ];
    let drawn = draw("clip", "animated.webp", 45, json!({"loop": true}));
    let starts = [0, 10, 14, 21, 31, 37, 42];
    for (number, picture) in drawn.iter().enumerate() {
        let shown = starts.partition_point(|start| *start <= number % 42) - 1;
        for (at, expected) in std::iter::zip([(1, 1), (5, 3), (9, 5), (20, 14)], expected[shown]) {
            let (found, expected) = (picture.at(at.0, at.1), over_background(expected));
            let what = format!("output {number}, frame {shown} at {at:?}");
            assert!(distance(found, expected) <= EXACT, "{what}: found {found:?}, expected {expected:?}");
        }
    }
}

/// Seeks give the same frames as sequential reading; an image layer shows the first frame.
#[test]
fn animations_with_trim_and_speed_and_as_images() {
    let path = fixture("animated.gif", write_gif);
    let pictures = by_ffmpeg(&path);
    // Every tenth of a second from 0.35 s on.
    let drawn = draw("clip", "animated.gif", 4, json!({"trim": {"in": 0.35}, "speed": 10}));
    let still = draw("image", "animated.gif", 1, json!({}));
    for (frame, shown) in drawn.iter().zip([4, 5, 5, 5]).chain([(&still[0], 0)]) {
        for x in 0..WIDTH {
            let (found, expected) = (frame.at(x, 8), over_background(pictures[shown].at(x, 8)));
            assert!(distance(found, expected) <= EXACT, "frame {shown} at {x}: {found:?}, expected {expected:?}");
        }
    }
}

/// A truncated file shows its complete frames, and is rejected when it has none.
#[test]
fn truncated_animations() {
    let whole = std::fs::read(fixture("animated.gif", write_gif)).unwrap();
    write("cut-early.gif", &whole[..60]);
    assert_rejected("clip", "cut-early.gif", "cannot be decoded");
    write("cut-late.gif", &whole[..whole.len() - 200]);
    let pictures = by_ffmpeg(&folder().join("animated.gif"));
    let drawn = draw("clip", "cut-late.gif", 12, json!({}));
    for (number, shown) in [(0, 0), (9, 0), (10, 1), (11, 1)] {
        let (found, expected) = (drawn[number].at(9, 9), over_background(pictures[shown].at(9, 9)));
        assert!(distance(found, expected) <= EXACT, "output {number}: {found:?}, expected {expected:?}");
    }
}
