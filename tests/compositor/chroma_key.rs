//! Chroma keys of clips, held to the matte that the clips were made with instead of to the formula.

use std::process::Command;

use crate::support;
use serde_json::{Value, json};
use support::codecs::QTRLE_ARGB;
use support::document::{composition, layer};
use support::fixture::fixture;
use support::picture::{Picture, distance};
use support::program::render_pictures;

/// The color of the screen.
const SCREEN: [f64; 3] = [0.0, 177.0, 64.0];
/// A gray in front of it.
const GRAY: f64 = 200.0;
const BACKGROUND: [f64; 3] = [255.0, 0.0, 255.0];
const SIZE: (usize, usize) = (128, 64);

fn key(similarity: f64, smoothness: f64, spill: f64) -> Value {
    json!({"color": "#00b140", "similarity": similarity, "smoothness": smoothness, "spill": spill})
}

/// The fraction of a pixel of the ramp that is gray, the rest being screen.
fn share(x: usize) -> f64 {
    x as f64 / (SIZE.0 - 1) as f64
}

/// A ramp from the screen to gray; the lower half of the clip is half transparent.
fn ramp() -> String {
    let picture = Picture::draw(SIZE.0, SIZE.1, |x, y| {
        let mixed = SCREEN.map(|screen| (GRAY * share(x) + screen * (1.0 - share(x))).round() as u8);
        [mixed[0], mixed[1], mixed[2], if y < SIZE.1 / 2 { 255 } else { 128 }]
    });
    QTRLE_ARGB.write("chroma-ramp", &picture)
}

fn drawn(src: &str, key: Option<Value>) -> Picture {
    let fields = key.map_or_else(|| json!({}), |key| json!({ "chroma_key": key }));
    let clip = layer("clip", src, [0, 0, SIZE.0, SIZE.1], fields);
    render_pictures(&composition(SIZE, "30", "#ff00ff", 1, vec![clip])).remove(0)
}

/// A gray pixel is at distance 1 from the screen and the screen at 0, so that the distance of a mixture is its share of
/// gray. With all spill removed, what is left of the screen in it is its luma.
#[test]
fn the_matte_of_a_mixture_is_its_share() {
    let src = ramp();
    let luma = 0.2126 * SCREEN[0] + 0.7152 * SCREEN[1] + 0.0722 * SCREEN[2];
    for (similarity, smoothness) in [(0.0, 1.0), (0.2, 0.6), (0.5, 0.5)] {
        let frame = drawn(&src, Some(key(similarity, smoothness, 1.0)));
        for (y, alpha) in [(16, 1.0), (48, 128.0 / 255.0)] {
            for x in 0..SIZE.0 {
                let matte = ((share(x) - similarity) / smoothness).clamp(0.0, 1.0) * alpha;
                let kept = GRAY * share(x) + luma * (1.0 - share(x));
                let expected = BACKGROUND.map(|below| kept * matte + below * (1.0 - matte));
                // Half a level of the stored color is up to three levels of the matte.
                let found = frame.at(x, y);
                assert!(
                    distance(found, expected) <= 4.0,
                    "{similarity} at ({x}, {y}): {found:?}, expected {expected:?}"
                );
            }
        }
    }
    // Without spill removal a half gray pixel keeps its green.
    let green = drawn(&src, Some(key(0.0, 0.1, 0.0))).at(64, 16);
    assert!(distance(green, [100.0, 188.5, 132.0]) <= 4.0, "{green:?}");
    assert_eq!(drawn(&src, None).at(0, 16), [0, 177, 64, 255]);
}

/// A disc in front of a screen, as a camera would store it: 4:2:0, with compression.
#[test]
fn a_filmed_disc_stands_on_the_background() {
    let (radius, center) = (24.0, (64.0, 32.0));
    let src = fixture("chroma-disc.mp4", |out| {
        let inside = format!("lt(hypot(X+0.5-{},Y+0.5-{}),{radius})", center.0, center.1);
        let plane = |name: &str, disc: u8, screen: u8| format!("{name}='if({inside},{disc},{screen})'");
        let planes = [plane("r", 224, 0), plane("g", 160, 177), plane("b", 128, 64)].join(":");
        let source = format!("nullsrc=s={}x{}:r=30:d=0.2,format=gbrp,geq={planes}", SIZE.0, SIZE.1);
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-y", "-f", "lavfi", "-i", &source]);
        ffmpeg.args([
            "-vf",
            "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
            "-c:v",
            "libx264",
            "-crf",
            "18",
        ]);
        ffmpeg.args(["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]);
        assert!(ffmpeg.arg(out).status().unwrap().success());
    });
    let frame = drawn(src.file_name().unwrap().to_str().unwrap(), Some(json!({"color": "#00b140"})));
    for (x, y) in (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y))) {
        let from_edge = (x as f64 + 0.5 - center.0).hypot(y as f64 + 0.5 - center.1) - radius;
        let found = frame.at(x, y);
        match from_edge {
            inside if inside < -4.0 => assert!(distance(found, [224.0, 160.0, 128.0]) <= 12.0, "({x}, {y}): {found:?}"),
            outside if outside > 4.0 => assert!(distance(found, BACKGROUND) <= 2.0, "({x}, {y}): {found:?}"),
            _ => {}
        }
    }
}
