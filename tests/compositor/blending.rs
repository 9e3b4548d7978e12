//! Layers are blended by the formula in the space of sRGB bytes: `c a + b (1 - a)` where alpha is straight and
//! `c + b (1 - a)` where it is premultiplied, with the layer's opacity in both color and alpha.
//!
//! Flat patches are rendered to PNG, which is lossless. The expected values of a lossy clip are those that ffmpeg decodes,
//! so that the codec's error is not counted.

use crate::support;
use serde_json::{Value, json};
use support::codecs::{Codec, Decoded, NUMBERED_PNG, PNG_MOV, PRORES_4444, QTRLE_ARGB, STILL_PNG, VP8_WEBM, VP9_WEBM};
use support::document::{composition, hex, layer};
use support::ffmpeg::ffprobe_json;
use support::fixture::fixture;
use support::picture::{Picture, Rgba, distance, rgb};
use support::program::render_pictures;
use support::yuv::{Matrix, Planar};

const ALPHAS: [u8; 6] = [0, 1, 64, 128, 254, 255];
const COLORS: [[u8; 3]; 3] = [[230, 60, 20], [20, 200, 240], [255, 255, 255]];
const BACKGROUNDS: [Rgba; 2] = [[32, 96, 192, 255], [250, 240, 0, 255]];

/// Side of a patch, and the width of its margin that is not compared.
const PATCH: usize = 32;
const MARGIN: usize = 10;
/// Size of an image of patches.
const WIDTH: usize = ALPHAS.len() * PATCH;
const HEIGHT: usize = COLORS.len() * PATCH;

/// Largest allowed differences from the formula, in levels.
const EXACT: f64 = 2.0;
const LOSSY: f64 = 4.0;

const MODES: [&str; 2] = ["straight", "premultiplied"];

/// The color of a layer over a background: `color` and alpha from 0 to 255, opacity from 0 to 1.
fn blend([red, green, blue, alpha]: [f64; 4], mode: &str, opacity: f64, background: [f64; 3]) -> [f64; 3] {
    let alpha = alpha / 255.0;
    let weight = if mode == "straight" { alpha * opacity } else { opacity };
    let over = |color: f64, below: f64| (color * weight + below * (1.0 - alpha * opacity)).min(255.0);
    let [below_red, below_green, below_blue] = background;
    [over(red, below_red), over(green, below_green), over(blue, below_blue)]
}

/// Patches of each color with each alpha.
fn patches(mode: &str) -> Picture {
    Picture::draw(WIDTH, HEIGHT, |x, y| {
        let (alpha, color) = (ALPHAS[x / PATCH], COLORS[y / PATCH]);
        let multiplied = |part: u8| ((u32::from(part) * u32::from(alpha) + 127) / 255) as u8;
        let [red, green, blue] = if mode == "straight" { color } else { color.map(multiplied) };
        [red, green, blue, alpha]
    })
}

/// The largest error inside the patches of a layer whose corner is at `(left, top)`, and its position.
fn worst(frame: &Picture, (left, top): (usize, usize), expected: impl Fn(usize, usize) -> [f64; 3]) -> (f64, String) {
    let inside = |at: &usize| (MARGIN..PATCH - MARGIN).contains(&(at % PATCH));
    let pixels = (0..HEIGHT).filter(inside).flat_map(|y| (0..WIDTH).filter(inside).map(move |x| (x, y)));
    let errors = pixels.map(|(x, y)| {
        let (found, expected) = (frame.at(left + x, top + y), expected(x, y));
        let error = if found[3] == 255 { distance(found, expected) } else { f64::INFINITY };
        (error, format!("at ({x}, {y}): found {found:?}, expected {expected:?}"))
    });
    errors.max_by(|one, other| one.0.total_cmp(&other.0)).unwrap()
}

/// Renders a format with these modes over both backgrounds and compares every patch with the formula.
fn check(codec: Codec, kind: &str, modes: &[&str], tolerance: f64) {
    let canvas = (2 * WIDTH, modes.len() * HEIGHT);
    let backdrop = STILL_PNG.write("backdrop", &Picture::flat(WIDTH, 2 * HEIGHT, BACKGROUNDS[1]));
    let right_half = [WIDTH, 0, WIDTH, canvas.1];
    let mut layers = vec![layer("image", &backdrop, right_half, json!({"fit": "none"}))];
    let mut placed = Vec::new();
    for (row, mode) in modes.iter().enumerate() {
        let src = codec.write(&format!("patches-{mode}"), &patches(mode));
        for (column, background) in BACKGROUNDS.into_iter().enumerate() {
            let (left, top) = (column * WIDTH, row * HEIGHT);
            let fields = if kind == "clip" { json!({"alpha": mode, "loop": true}) } else { json!({}) };
            layers.push(layer(kind, &src, [left, top, WIDTH, HEIGHT], fields));
            placed.push(((left, top), *mode, background, source(codec, &src, mode)));
        }
    }
    let frames = render_pictures(&composition(canvas, "30", &hex(BACKGROUNDS[0]), 2, layers));
    assert_eq!(frames.len(), 2);
    for (number, frame) in frames.iter().enumerate() {
        for (corner, mode, background, decoded) in &placed {
            let formula = |x, y| blend(decoded.rgba_at(x, y), mode, 1.0, rgb(*background));
            let (error, place) = worst(frame, *corner, formula);
            assert!(error <= tolerance, "{}, {mode} over {background:?}, frame {number} {place}", codec.ending);
        }
    }
}

/// Decodes a clip with ffmpeg and checks that it has the colors that were encoded.
fn source(codec: Codec, src: &str, mode: &str) -> Decoded {
    let decoded = codec.read(src, WIDTH, HEIGHT);
    let expected = patches(mode);
    for (x, y) in (0..ALPHAS.len()).flat_map(|x| (0..COLORS.len()).map(move |y| (x, y))) {
        let (x, y) = (x * PATCH + PATCH / 2, y * PATCH + PATCH / 2);
        let differences = std::iter::zip(decoded.rgba_at(x, y), expected.at(x, y));
        let loss = differences.map(|(found, expected)| (found - f64::from(expected)).abs()).fold(0.0, f64::max);
        assert!(
            loss <= codec.loss,
            "{src} at ({x}, {y}): {:?} instead of {:?}",
            decoded.rgba_at(x, y),
            expected.at(x, y)
        );
    }
    decoded
}

#[test]
fn animation_in_mov() {
    check(QTRLE_ARGB, "clip", &MODES, EXACT);
}

#[test]
fn png_in_mov() {
    check(PNG_MOV, "clip", &MODES, EXACT);
}

#[test]
fn prores_4444() {
    check(PRORES_4444, "clip", &MODES, LOSSY);
}

#[test]
fn vp8_with_alpha() {
    check(VP8_WEBM, "clip", &MODES, LOSSY);
}

#[test]
fn vp9_with_alpha() {
    check(VP9_WEBM, "clip", &MODES, LOSSY);
}

#[test]
fn still_image_as_an_image_layer() {
    check(STILL_PNG, "image", &MODES[..1], EXACT);
}

#[test]
fn still_image_as_a_clip_layer() {
    check(STILL_PNG, "clip", &MODES, EXACT);
}

#[test]
fn numbered_images() {
    check(NUMBERED_PNG, "clip", &MODES, EXACT);
}

#[test]
fn opacity_weighs_color_and_alpha() {
    let opacities = [0.5, 0.25, 1.0];
    let kinds = [("image", "straight"), ("clip", "straight"), ("clip", "premultiplied")];
    let mut layers = Vec::new();
    let mut placed = Vec::new();
    for (column, (kind, mode)) in kinds.into_iter().enumerate() {
        let codec = if kind == "image" { STILL_PNG } else { QTRLE_ARGB };
        let src = codec.write(&format!("patches-{mode}"), &patches(mode));
        for (row, opacity) in opacities.into_iter().enumerate() {
            let corner = (column * WIDTH, row * HEIGHT);
            let fields = if kind == "image" { json!({}) } else { json!({"alpha": mode}) };
            let mut layer = layer(kind, &src, [corner.0, corner.1, WIDTH, HEIGHT], fields);
            layer["opacity"] = json!(opacity);
            layers.push(layer);
            placed.push((corner, mode, opacity));
        }
    }
    let canvas = (kinds.len() * WIDTH, opacities.len() * HEIGHT);
    let frames = render_pictures(&composition(canvas, "30", &hex(BACKGROUNDS[0]), 1, layers));
    for (corner, mode, opacity) in placed {
        let expected = patches(mode);
        let formula = |x, y| blend(expected.at(x, y).map(f64::from), mode, opacity, rgb(BACKGROUNDS[0]));
        let (error, place) = worst(&frames[0], corner, formula);
        assert!(error <= EXACT, "{mode} with opacity {opacity} {place}");
    }
}

/// In the layer's frame `k` of `n`, opacity is scaled by `(k / fps) / fade_in` and by `((n - k) / fps) / fade_out`,
/// whichever is less and below 1.
#[test]
fn fades_are_linear_in_frames() {
    const FPS: f64 = 24.0;
    const START: usize = 4;
    const LENGTH: usize = 16;
    let times = json!({"start": format!("{START}/24"), "duration": format!("{LENGTH}/24")});
    let fades = json!({"fade_in": 0.25, "fade_out": "1/6", "opacity": 0.8});
    let color = [230, 60, 20, 255];
    let flat = STILL_PNG.write("flat", &Picture::flat(64, 64, color));
    let clip = QTRLE_ARGB.write("flat", &Picture::flat(64, 64, color));
    let mut layers = vec![
        layer("image", &flat, [0, 0, 64, 64], json!({})),
        layer("clip", &clip, [64, 0, 64, 64], json!({"loop": true})),
    ];
    for layer in &mut layers {
        for fields in [&times, &fades] {
            layer.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        }
    }
    let frames = render_pictures(&composition((128, 64), "24", &hex(BACKGROUNDS[0]), 24, layers));
    assert_eq!(frames.len(), 24);
    for (number, frame) in frames.iter().enumerate() {
        let opacity = match number.checked_sub(START) {
            Some(k) if k < LENGTH => {
                let (rising, falling) = (k as f64 / FPS / 0.25, (LENGTH - k) as f64 / FPS * 6.0);
                0.8 * rising.min(falling).min(1.0)
            }
            _ => 0.0,
        };
        let expected = blend(color.map(f64::from), "straight", opacity, rgb(BACKGROUNDS[0]));
        for (kind, x) in [("image", 32), ("clip", 96)] {
            let found = frame.at(x, 32);
            assert!(
                distance(found, expected) <= EXACT,
                "{kind} in frame {number}: found {found:?}, expected {expected:?}"
            );
        }
    }
}

/// The first layer is the lowest. The result of half-transparent layers depends on their order.
#[test]
fn layers_are_stacked_in_document_order() {
    let colors: [Rgba; 3] = [[255, 0, 0, 128], [0, 255, 0, 128], [0, 0, 255, 64]];
    let orders = [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]];
    let place = |column: usize| [column * 64, 0, 64, 64];
    let draw = |column: usize, which: usize| {
        let (codec, kind) = if which == 1 { (QTRLE_ARGB, "clip") } else { (STILL_PNG, "image") };
        let src = codec.write(&format!("sheet-{which}"), &Picture::flat(64, 64, colors[which]));
        layer(kind, &src, place(column), json!({}))
    };
    let columns = orders.iter().enumerate();
    let layers: Vec<Value> = columns.flat_map(|(column, order)| order.map(|which| draw(column, which))).collect();
    let frames = render_pictures(&composition((256, 64), "30", &hex(BACKGROUNDS[0]), 2, layers));
    for (column, order) in orders.iter().enumerate() {
        let below = rgb(BACKGROUNDS[0]);
        let over = |below, which: &usize| blend(colors[*which].map(f64::from), "straight", 1.0, below);
        let expected = order.iter().fold(below, over);
        for (number, frame) in frames.iter().enumerate() {
            let found = frame.at(column * 64 + 32, 32);
            assert!(
                distance(found, expected) <= EXACT,
                "order {order:?} in frame {number}: found {found:?}, expected {expected:?}"
            );
        }
    }
}

/// An outline consists of copies of the letters, and letters may overlap; a color's alpha applies to their union. A color of
/// alpha `a` covers `a` times what the opaque color covers.
#[test]
fn overlapping_letters_and_outlines_have_one_opacity() {
    const SIZE: (usize, usize) = (400, 260);
    let draw = |text: &str, fields: Value| {
        let mut layer = json!({"type": "text", "text": text, "position": [200, 130], "anchor": "center"});
        layer.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        render_pictures(&composition(SIZE, "30", "#ffffff", 1, vec![layer])).remove(0)
    };
    let darkest = |picture: &Picture| picture.rgba.chunks(4).map(|pixel| pixel[0]).min().unwrap();
    for (text, size, key) in
        [("III", 200, "outline"), ("III", 200, "color"), ("Wo\u{308}AVA", 96, "outline"), ("ffi", 60, "color")]
    {
        let opaque = draw(text, json!({"size": size, key: "#000000"}));
        assert!(darkest(&opaque) < 8, "{text}");
        for (alpha, expected) in [("80", 127), ("40", 191), ("01", 254), ("fe", 1), ("00", 255)] {
            let found = draw(text, json!({"size": size, key: format!("#000000{alpha}")}));
            assert!(darkest(&found).abs_diff(expected) <= 2, "{key} {alpha} of {text}: {}", darkest(&found));
            let part = f64::from(u8::from_str_radix(alpha, 16).unwrap()) / 255.0;
            for (at, (found, opaque)) in std::iter::zip(found.rgba.chunks(4), opaque.rgba.chunks(4)).enumerate() {
                let expected = 255.0 - part * (255.0 - f64::from(opaque[0]));
                let (x, y) = (at % SIZE.0, at / SIZE.0);
                assert!((f64::from(found[0]) - expected).abs() <= 2.0, "{key} {alpha} of {text} at {x}, {y}");
            }
        }
    }
    // Half-transparent red letters over a blue outline, which is also below the letters.
    let found = draw("I", json!({"size": 200, "color": "#ff000080", "outline": "#0000ff"}));
    assert!(distance(found.at(200, 130), [128.0, 0.0, 127.0]) <= 2.0, "{:?}", found.at(200, 130));
}

#[test]
fn h264_is_converted_by_its_stated_matrix_and_range() {
    let cases = [Matrix::Bt601, Matrix::Bt709].map(|matrix| [(matrix, false), (matrix, true)]).concat();
    let picture = Picture::draw(WIDTH, HEIGHT, |x, y| {
        let [red, green, blue] = COLORS[y / PATCH].map(|part| part / (1 + (x / PATCH) as u8));
        [red, green, blue, 255]
    });
    let mut layers = Vec::new();
    let mut decoded = Vec::new();
    for (row, (matrix, full_range)) in cases.iter().copied().enumerate() {
        let range = if full_range { "pc" } else { "tv" };
        let src = format!("opaque-{}-{range}.mp4", matrix.name());
        let path = fixture(&src, |out| {
            let filter = format!("scale=out_color_matrix={}:out_range={range},format=yuv420p", matrix.name());
            let name = matrix.name();
            let tags = ["-colorspace", name, "-color_primaries", name, "-color_trc", name, "-color_range", range];
            let codec = ["-vf", &filter, "-c:v", "libx264", "-preset", "veryfast", "-crf", "8"];
            picture.encode(3, &[&codec[..], &tags].concat(), out);
        });
        let stream = &ffprobe_json(&path)["streams"][0];
        assert_eq!((&stream["color_space"], &stream["color_range"]), (&json!(matrix.name()), &json!(range)));
        let planar =
            Planar { width: WIDTH, height: HEIGHT, depth: 8, chroma_shift: 1, alpha: false, matrix, full_range };
        let frame = planar.first_frame(&path, &[], None);
        let [red, green, blue, _] = frame.rgba_at(PATCH / 2, PATCH / 2);
        assert!(distance(picture.at(0, 0), [red, green, blue]) <= 6.0, "{src} holds {red}, {green}, {blue}");
        layers.push(layer("clip", &src, [0, row * HEIGHT, WIDTH, HEIGHT], json!({})));
        decoded.push(frame);
    }
    let canvas = (WIDTH, cases.len() * HEIGHT);
    let frames = render_pictures(&composition(canvas, "30", &hex(BACKGROUNDS[0]), 1, layers));
    let mut failures = Vec::new();
    for (row, ((matrix, full_range), source)) in std::iter::zip(&cases, &decoded).enumerate() {
        let formula = |x, y| blend(source.rgba_at(x, y), "straight", 1.0, [0.0; 3]);
        let (error, place) = worst(&frames[0], (0, row * HEIGHT), formula);
        if error > LOSSY {
            failures.push(format!("{matrix:?}, full range {full_range}, {place}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
