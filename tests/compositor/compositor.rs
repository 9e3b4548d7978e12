//! Random documents: the compositor compared with itself and with its twin on the CPU.
//!
//! Purity: a frame drawn alone, in sequence, and without damage tracking is the same, byte for byte. Twin: it differs by one
//! level at most from the simple version in `twin`.
//!
//! The documents follow from a seed: the environment's `REPCAST_SEED`, or else the clock. A failure prints its seed.

use crate::twin;

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use repcast_compositor::{Compositor, Gpu, Tracking};
use repcast_engine::clips::{ClipOptions, ClipReader};
use repcast_engine::open::OpenDocument;
use repcast_media::{CompositedFrame, FrameFormat};
use repcast_model::catalogue::Catalogue;
use repcast_model::document;

/// Frames of each random document.
const FRAMES: u64 = 12;

fn gpu() -> &'static Arc<Gpu> {
    static GPU: OnceLock<Arc<Gpu>> = OnceLock::new();
    GPU.get_or_init(|| Gpu::open(None).expect("a graphics adapter, if only llvmpipe"))
}

/// A folder with a few small clips and an image, in different pixel layouts.
fn media() -> &'static Path {
    static MEDIA: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = MEDIA.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        // Gradients and a soft disc that moves, so that alpha has every value and coverage changes from frame to frame.
        let pattern = "nullsrc=s=70x50:r=10:d=1,format=rgba,geq=r='X*3':g='Y*5':b='128+127*sin(X/5+N)':\
                       a='clip(400-18*hypot(X-20-3*N,Y-25),0,255)'";
        let make = |arguments: &[&str], name: &str| {
            let mut command = Command::new("ffmpeg");
            command.args(["-v", "error", "-f", "lavfi", "-i", pattern]).args(arguments).arg(folder.path().join(name));
            assert!(command.status().expect("ffmpeg").success(), "ffmpeg makes {name}");
        };
        make(&["-c:v", "qtrle", "-pix_fmt", "argb"], "packed.mov");
        make(&["-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-lossless", "1"], "planar.webm");
        make(&["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"], "deep.mov");
        make(&["-c:v", "libx264", "-pix_fmt", "yuv420p"], "opaque.mp4");
        let wide = ["-color_primaries", "smpte432", "-color_trc", "bt709", "-colorspace", "bt709"];
        make(
            &[&["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"][..], &wide].concat(),
            "wide.mov",
        );
        for (transfer, name) in [("smpte2084", "pq.mp4"), ("arib-std-b67", "hlg.mp4")] {
            let colors = ["-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc"];
            make(&[&["-c:v", "libx264", "-pix_fmt", "yuv420p10le"][..], &colors].concat(), name);
        }
        make(&["-frames:v", "1"], "still.png");
        folder
    });
    folder.path()
}

fn rect() -> impl Strategy<Value = Value> {
    (-60..150_i32, -40..100_i32, 8..200_i32, 8..140_i32, prop::sample::select(vec![0.0, 0.25, 0.5]))
        .prop_map(|(x, y, width, height, part)| json!([f64::from(x) + part, y, width, f64::from(height) + part]))
}

fn timing() -> impl Strategy<Value = Value> {
    (0..6_i32, 1..12_i32, 0..4_i32, 0..4_i32, 0..=4_i32).prop_map(|(start, length, fade_in, fade_out, opacity)| {
        json!({
            "start": f64::from(start) / 10.0, "duration": f64::from(length) / 10.0, "fade_in": f64::from(fade_in) / 10.0,
            "fade_out": f64::from(fade_out) / 10.0, "opacity": f64::from(opacity) / 4.0,
        })
    })
}

fn fit() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["contain", "cover", "fill", "none"])
}

fn color() -> impl Strategy<Value = String> {
    any::<u32>().prop_map(|value| format!("#{value:08x}"))
}

/// Fields of clips and images that are cut out, moved or rounded, or of whole ones.
fn framed() -> impl Strategy<Value = Map<String, Value>> {
    let crop = (0..5_i32, 0..5_i32, 1..=5_i32, 1..=5_i32);
    (any::<bool>(), crop, 0..=10_i32, 0..30_i32).prop_map(|(is_whole, (x, y, width, height), focus, radius)| {
        let tenths = |tenths: i32| f64::from(tenths) / 10.0;
        let fields = json!({
            "crop": [tenths(x), tenths(y), tenths(width), tenths(height)], "focus": [tenths(focus), tenths(10 - focus)],
            "radius": f64::from(radius) / 2.0,
        });
        if is_whole { Map::new() } else { fields.as_object().unwrap().clone() }
    })
}

/// Keys whose matte rises slowly: a steep one turns the rounding of a color into several levels.
fn chroma_key() -> impl Strategy<Value = Option<Value>> {
    let color = prop::sample::select(vec!["#00b140", "#0047bb", "#c0a000", "#ff0000"]);
    let key = (color, 0..8_i32, 5..=10_i32, 0..=2_i32).prop_map(|(color, similarity, smoothness, spill)| {
        json!({
            "color": color, "similarity": f64::from(similarity) / 10.0, "smoothness": f64::from(smoothness) / 10.0,
            "spill": f64::from(spill) / 2.0,
        })
    });
    prop_oneof![2 => Just(None), 1 => key.prop_map(Some)]
}

fn drawn_layer() -> impl Strategy<Value = Value> {
    let sources = vec!["packed.mov", "planar.webm", "deep.mov", "opaque.mp4", "wide.mov", "pq.mp4", "hlg.mp4"];
    let timing = (any::<bool>(), any::<bool>(), 1..30_i32);
    let clip = (prop::sample::select(sources), rect(), fit(), timing, framed(), chroma_key()).prop_map(
        |(src, rect, fit, (premultiplied, looping, speed), framed, key)| {
            let mut layer = json!({
                "type": "clip", "src": src, "rect": rect, "fit": fit, "loop": looping, "speed": f64::from(speed) / 10.0,
                "alpha": if premultiplied { "premultiplied" } else { "straight" },
            });
            layer.as_object_mut().unwrap().extend(framed);
            if let Some(key) = key {
                layer["chroma_key"] = key;
            }
            layer
        },
    );
    let image = (rect(), fit(), framed()).prop_map(|(rect, fit, framed)| {
        let mut layer = json!({"type": "image", "src": "still.png", "rect": rect, "fit": fit});
        layer.as_object_mut().unwrap().extend(framed);
        layer
    });
    let bar = (rect(), color(), color(), 0..30_i32).prop_map(
        |(rect, color, track, radius)| json!({"type": "progress", "rect": rect, "color": color, "track": track, "radius": radius}),
    );
    prop_oneof![3 => clip, 1 => image, 2 => bar]
}

fn text_layer() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec!["Squat", "Ça va", "one two three four", "12", "深蹲"]);
    let text = (words, 8..40_i32, -20..150_i32, 0..100_i32, any::<bool>(), color()).prop_map(
        |(text, size, x, y, boxed, color)| {
            let mut layer = json!({"type": "text", "text": text, "size": size, "position": [x, y], "color": color});
            if boxed {
                layer["box"] = json!("#00000080");
                layer["outline"] = json!("#ff0000");
            }
            layer
        },
    );
    let timer = (0..150_i32, 8..30_i32)
        .prop_map(|(x, size)| json!({"type": "timer", "format": "mm:ss.t", "size": size, "position": [x, 40]}));
    prop_oneof![text, timer]
}

/// A document of up to twelve layers; when more than eight surfaces are visible, the lower ones are flattened first.
fn document(with_text: bool) -> impl Strategy<Value = Value> {
    let layer =
        if with_text { prop_oneof![3 => drawn_layer(), 1 => text_layer()].boxed() } else { drawn_layer().boxed() };
    let layer = (layer, timing()).prop_map(|(mut layer, timing)| {
        for (name, value) in timing.as_object().unwrap() {
            layer[name] = value.clone();
        }
        layer
    });
    let size = (20..75_u32, 20..60_u32).prop_map(|(width, height)| (width * 2, height * 2));
    (size, color(), prop::collection::vec(layer, 1..12)).prop_map(|((width, height), background, layers)| {
        json!({
            "canvas": {"width": width, "height": height, "fps": 10, "background": background},
            "duration": FRAMES as f64 / 10.0, "layers": layers,
        })
    })
}

fn open(document: &Value) -> OpenDocument {
    let parsed = document::parse(document.to_string().as_bytes()).expect("a valid document");
    OpenDocument::open(&parsed, media(), &Catalogue::default()).expect("a document with its files")
}

fn compositor(project: &OpenDocument, format: FrameFormat, tracking: Tracking) -> Compositor {
    let timeline = &project.timeline;
    Compositor::new(gpu(), timeline.canvas, timeline.background, format, tracking).unwrap()
}

/// Draws the frames of these numbers one after the other.
pub(super) fn draw(
    project: &OpenDocument,
    format: FrameFormat,
    tracking: Tracking,
    numbers: &[u64],
) -> Vec<CompositedFrame> {
    let mut compositor = compositor(project, format, tracking);
    let mut feeder = ClipReader::new(project, ClipOptions::offline());
    let mut drawn = Vec::new();
    for number in numbers {
        let plan = project.timeline.plan(*number);
        let frames = feeder.frames(&plan);
        compositor.draw(&plan, &frames).unwrap();
        drawn.extend(compositor.take().unwrap());
    }
    assert_eq!(drawn.len(), numbers.len());
    drawn
}

/// The seed of this run.
fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| match std::env::var("REPCAST_SEED") {
        Ok(text) => text.parse().expect("REPCAST_SEED is a whole number"),
        Err(_) => SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros() as u64,
    })
}

fn check(documents: impl Strategy<Value = Value>, cases: u32, test: impl Fn(&Value)) {
    let seed = seed();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(
        Config { cases, max_shrink_iters: 60, failure_persistence: None, ..Config::default() },
        TestRng::from_seed(RngAlgorithm::ChaCha, &bytes),
    );
    let result = runner.run(&documents, |document| {
        test(&document);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}\nREPCAST_SEED={seed} repeats this failure");
    }
}

#[test]
fn a_frame_does_not_depend_on_the_frames_before_it() {
    check(document(true), 24, assert_pure);
}

/// Six clips and six bars in alternation are twelve surfaces, of which the lower ones are flattened. They appear and
/// disappear, so that the number of flattened surfaces changes from frame to frame.
#[test]
fn a_frame_does_not_depend_on_the_number_of_flattened_surfaces() {
    let layer = |index: u32| {
        let (start, rect) = (f64::from(index * 7 % 8) / 10.0, json!([index * 5, index * 3, 70, 50]));
        if index.is_multiple_of(2) {
            json!({"type": "clip", "src": "packed.mov", "loop": true, "rect": rect, "start": start, "opacity": 0.7})
        } else {
            json!({"type": "progress", "color": "#ff000070", "rect": rect, "start": start})
        }
    };
    let layers: Vec<Value> = (0..12).map(layer).collect();
    let canvas = json!({"width": 160, "height": 96, "fps": 10, "background": "#336699"});
    assert_pure(&json!({"canvas": canvas, "duration": FRAMES as f64 / 10.0, "layers": layers}));
}

/// Where the pixels of two frames of NV12 differ, and how; empty if they are equal. The padding of rows has no meaning.
fn difference(one: &CompositedFrame, other: &CompositedFrame) -> String {
    let (stride, width, height) = (one.stride as usize, one.size.width as usize, one.size.height as usize);
    let pairs = std::iter::zip(one.data.bytes(), other.data.bytes()).enumerate();
    let all: Vec<String> = pairs
        .filter(|(at, (one, other))| at % stride < width && one != other)
        .map(|(at, (one, other))| format!("row {} of {height}, byte {}: {one} {other}", at / stride, at % stride))
        .collect();
    if all.is_empty() { String::new() } else { format!("{} bytes, {}", all.len(), all[..all.len().min(8)].join("; ")) }
}

fn assert_pure(document: &Value) {
    let project = open(document);
    let all: Vec<u64> = (0..FRAMES).collect();
    let tracked = draw(&project, FrameFormat::Nv12, Tracking::On, &all);
    let untracked = draw(&project, FrameFormat::Nv12, Tracking::Off, &all);
    for (number, (tracked, untracked)) in tracked.iter().zip(&untracked).enumerate() {
        let difference = difference(tracked, untracked);
        assert!(difference.is_empty(), "frame {number} depends on damage tracking: {difference}\n{document:#}");
    }
    // Backwards, with gaps, and as the first frame.
    for numbers in [&[7, 2, 10][..], &[5][..], &[11][..]] {
        for (number, frame) in numbers.iter().zip(draw(&project, FrameFormat::Nv12, Tracking::On, numbers)) {
            let difference = difference(&frame, &tracked[*number as usize]);
            assert!(
                difference.is_empty(),
                "frame {number} depends on the frames before it: {difference}\n{document:#}"
            );
        }
    }
}

#[test]
fn frames_agree_with_the_twin() {
    check(document(false), 40, |document| {
        let project = open(document);
        let timeline = &project.timeline;
        let numbers = [0, 3, 4, 9];
        for format in [FrameFormat::Rgba, FrameFormat::Nv12] {
            let frames = draw(&project, format, Tracking::On, &numbers);
            let mut feeder = ClipReader::new(&project, ClipOptions::offline());
            for (number, frame) in numbers.iter().zip(frames) {
                let plan = timeline.plan(*number);
                let canvas =
                    twin::draw(&plan, &feeder.frames(&plan), timeline.canvas, timeline.background.with_alpha(255));
                let (expected, row) = match format {
                    FrameFormat::Rgba => (canvas.rgba(), timeline.canvas.width as usize * 4),
                    FrameFormat::Nv12 => (canvas.nv12(), timeline.canvas.width as usize),
                };
                let stride = frame.stride as usize;
                let found = frame.data.bytes().chunks(stride).flat_map(|line| &line[..row]);
                for (index, (found, expected)) in found.zip(&expected).enumerate() {
                    // One level, and half a level because the twin does not round.
                    let difference = (f64::from(*found) - expected).abs();
                    assert!(
                        difference <= 1.5,
                        "{format:?}, frame {number}, row {} byte {}: found {found}, expected {expected:.2}\n{document:#}",
                        index / row,
                        index % row
                    );
                }
            }
        }
    });
}

/// A bar that grows by a row per frame. Its upload grows by less than the arena's alignment, so that in some frame the arena
/// fills its buffer of 64 or 128 KiB exactly, unless padding is added at its end.
#[test]
fn a_frame_can_fill_the_arena_exactly() {
    const FRAMES: usize = 40;
    for (height, first) in [(640, 384), (896, 816)] {
        for codec in [["libvpx-vp9", "-b:v", "0"], ["libvpx", "-auto-alt-ref", "0"]] {
            let folder = tempfile::tempdir().unwrap();
            let bar = format!("255*between(X,10,57)*between(Y,10,{first}+N)");
            let source = format!(
                "color=0x28a05a:s=128x{height}:r=30,trim=end_frame={FRAMES},format=yuva444p,\
                 geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='{bar}'"
            );
            let [clip, document, out] = ["bar.webm", "bar.json", "out.mp4"].map(|name| folder.path().join(name));
            let mut ffmpeg = Command::new("ffmpeg");
            ffmpeg.args(["-v", "error", "-f", "lavfi", "-i", &source, "-c:v"]).args(codec);
            ffmpeg.args(["-pix_fmt", "yuva420p", "-crf", "20"]).arg(&clip);
            assert!(ffmpeg.status().unwrap().success());
            let canvas = json!({"width": 128, "height": height, "fps": 30, "background": "#101828"});
            let layers = json!([{"type": "clip", "src": "bar.webm"}]);
            let composition = json!({"canvas": canvas, "duration": format!("{FRAMES}/30"), "layers": layers});
            std::fs::write(&document, composition.to_string()).unwrap();
            let mut repcast = Command::new(env!("CARGO_BIN_EXE_repcast"));
            let rendered = repcast.arg("render").arg(&document).arg("-o").arg(&out).output().unwrap();
            assert!(rendered.status.success(), "{codec:?}: {}", String::from_utf8_lossy(&rendered.stderr));
            let gray = ["-f", "rawvideo", "-pix_fmt", "gray", "-"];
            let decoded = Command::new("ffmpeg").args(["-v", "error", "-i"]).arg(&out).args(gray).output().unwrap();
            let frames: Vec<&[u8]> = decoded.stdout.chunks(128 * height).collect();
            assert_eq!(frames.len(), FRAMES);
            for (number, frame) in frames.iter().enumerate() {
                // The bar is brighter than its surroundings.
                let found = (0..height).filter(|row| frame[row * 128 + 32] > 80).count();
                let expected = first + number - 9;
                assert!(found.abs_diff(expected) <= 4, "{codec:?}, frame {number}: {found} rows, expected {expected}");
            }
        }
    }
}
