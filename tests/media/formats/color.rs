//! Video colors are converted by what the stream signals, or else the container; wide gamut and high dynamic range are mapped to
//! the canvas.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::grading::{BT709, BT2020, Curve, TO_BT2020, TO_P3, light_of, planes, times};
use crate::support::document::{composition, layer};
use crate::support::ffmpeg::{Raw, decode, encode, ffprobe_json};
use crate::support::fixture::{fixture, folder};
use crate::support::picture::{Picture, Rgba, distance, rgb};
use crate::support::program::{render_gray, render_pictures};

/// Grays, primaries, skin tones, and mixtures.
const PATCHES: [[u8; 3]; 12] = [
    [255, 255, 255],
    [0, 0, 0],
    [128, 128, 128],
    [200, 30, 30],
    [30, 200, 30],
    [30, 30, 200],
    [220, 210, 40],
    [40, 200, 210],
    [200, 40, 200],
    [225, 172, 150],
    [64, 90, 120],
    [240, 120, 20],
];
const COLUMNS: usize = 6;
const PATCH: usize = 32;
const SIZE: (usize, usize) = (COLUMNS * PATCH, PATCHES.len() / COLUMNS * PATCH);

fn patch_at(x: usize, y: usize) -> usize {
    y / PATCH * COLUMNS + x / PATCH
}

fn patches() -> Picture {
    Picture::draw(SIZE.0, SIZE.1, |x, y| {
        let [red, green, blue] = PATCHES[patch_at(x, y)];
        [red, green, blue, 255]
    })
}

/// The center of a patch in an image that has the patches below `top`.
fn color_of(picture: &Picture, patch: usize, top: usize) -> Rgba {
    picture.at(patch % COLUMNS * PATCH + PATCH / 2, top + patch / COLUMNS * PATCH + PATCH / 2)
}

/// Signaled colors: the matrix, by the names of ffmpeg's filter and option, and the range.
#[derive(Clone, Copy)]
struct Stated {
    filter: &'static str,
    option: &'static str,
    range: &'static str,
}

const BT709_FULL: Stated = Stated { filter: "bt709", option: "bt709", range: "pc" };
const BT709_LIMITED: Stated = Stated { range: "tv", ..BT709_FULL };
const BT601_625_FULL: Stated = Stated { filter: "bt601", option: "bt470bg", range: "pc" };
const BT601_525_LIMITED: Stated = Stated { filter: "bt601", option: "smpte170m", range: "tv" };
const BT2020_LIMITED: Stated = Stated { filter: "bt2020", option: "bt2020nc", range: "tv" };

/// Patches in a codec and a container, with the colors that the stream and the container signal.
struct Case {
    codec: &'static str,
    ending: &'static str,
    stream: Option<Stated>,
    container: Option<Stated>,
}

impl Case {
    fn name(&self) -> String {
        let name =
            |stated: Option<Stated>| stated.map_or("nothing".to_owned(), |s| format!("{}-{}", s.option, s.range));
        format!("{}-{}-{}.{}", self.codec, name(self.stream), name(self.container), self.ending)
    }

    /// Writes the stream and remuxes it with other signaled colors.
    fn write(&self) -> String {
        let src = self.name();
        let stream = fixture(&format!("{src}.stream.mp4"), |out| self.write_stream(out));
        fixture(&src, |out| {
            let unknown = Stated { filter: "", option: "unknown", range: "unknown" };
            let Stated { option, range, .. } = self.container.unwrap_or(unknown);
            let others = if self.container.is_some() { "bt709" } else { "unknown" };
            let mut command = Command::new("ffmpeg");
            command.args(["-v", "error", "-y", "-i"]).arg(&stream).args(["-c", "copy", "-colorspace", option]);
            command.args(["-color_primaries", others, "-color_trc", others, "-color_range", range]);
            if self.codec == "libx265" && self.ending != "mkv" {
                command.args(["-tag:v", "hvc1"]);
            }
            assert!(command.arg(out).status().unwrap().success(), "ffmpeg makes {src}");
            if self.container.is_none() {
                hide_color_box(out);
            }
        });
        src
    }

    fn write_stream(&self, out: &Path) {
        let Stated { filter, range, .. } = self.stream.or(self.container).unwrap();
        let mut filter = format!("scale=out_color_matrix={filter}:out_range={range},format=yuv420p");
        let Stated { option, range, .. } = self.stream.unwrap_or(Stated { filter: "", option: "undef", range: "tv" });
        let colors = format!("colorprim=bt709:transfer=bt709:colormatrix={option}");
        let parameters = match self.codec {
            "libx264" => format!("{colors}:fullrange={}", if range == "pc" { "on" } else { "off" }),
            _ => format!("{colors}:range={}:log-level=error", if range == "pc" { "full" } else { "limited" }),
        };
        let list = if self.codec == "libx264" { "-x264-params" } else { "-x265-params" };
        let mut args = vec!["-c:v", self.codec, "-crf", "2"];
        match (self.codec, self.stream) {
            ("libx264" | "libx265", Some(_)) => args.extend([list, &parameters]),
            ("libx264", None) => {}
            ("libx265", None) => args.extend([list, "log-level=error"]),
            _ => args.extend(["-b:v", "0", "-cpu-used", "5", "-colorspace", option, "-color_range", range]),
        }
        if self.stream.is_none() {
            filter += ",setparams=range=unspecified:colorspace=unknown";
        }
        args.extend(["-vf", &filter]);
        patches().encode(3, &args, out);
        hide_color_box(out);
    }
}

/// Renames the color box of an MP4 or QuickTime file, so that it is ignored.
fn hide_color_box(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    if let Some(at) = bytes.windows(7).position(|window| window == b"colrncl") {
        bytes[at..at + 4].copy_from_slice(b"free");
        fs::write(path, bytes).unwrap();
    }
}

/// Renders clips in a column, each in its native size.
fn rendered(clips: &[String]) -> Picture {
    let layers = clips.iter().enumerate();
    let layers = layers.map(|(row, src)| layer("clip", src, [0, row * SIZE.1, SIZE.0, SIZE.1], json!({}))).collect();
    render_pictures(&composition((SIZE.0, clips.len() * SIZE.1), "30", "#000000", 1, layers)).swap_remove(0)
}

/// The patches below `top` that differ from the expected colors by more than `tolerance`.
fn wrong(
    picture: &Picture,
    top: usize,
    expected: impl Fn(usize) -> [f64; 3],
    tolerance: f64,
    what: &str,
) -> Vec<String> {
    let patches = 0..PATCHES.len();
    let check = |patch| {
        let (found, expected) = (color_of(picture, patch, top), expected(patch));
        (distance(found, expected) > tolerance).then(|| format!("{what}: found {found:?}, expected {expected:?}"))
    };
    patches.filter_map(check).collect()
}

fn source(patch: usize) -> [f64; 3] {
    PATCHES[patch].map(f64::from)
}

fn check_stated(codec: &'static str) {
    let statements = [
        (Some(BT709_FULL), None),
        (Some(BT601_625_FULL), None),
        (None, Some(BT709_LIMITED)),
        (None, Some(BT2020_LIMITED)),
        (Some(BT2020_LIMITED), Some(BT2020_LIMITED)),
        (Some(BT601_525_LIMITED), Some(BT601_525_LIMITED)),
        (Some(BT709_FULL), Some(BT601_525_LIMITED)),
        (Some(BT601_525_LIMITED), Some(BT709_FULL)),
    ];
    let mut cases = Vec::new();
    for ending in ["mp4", "mov", "mkv"] {
        cases.extend(statements.map(|(stream, container)| Case { codec, ending, stream, container }));
        // The color box of QuickTime has no range, and x265 always signals one.
        if ending != "mov" && codec == "libx264" {
            cases.push(Case { codec, ending, stream: None, container: Some(BT709_FULL) });
        }
    }
    check_cases(&cases);
}

fn check_cases(cases: &[Case]) {
    let clips: Vec<String> = cases.iter().map(Case::write).collect();
    let picture = rendered(&clips);
    let mut failures = Vec::new();
    for (row, (case, clip)) in std::iter::zip(cases, &clips).enumerate() {
        failures.extend(wrong(&picture, row * SIZE.1, source, 4.0, clip));
        // ffprobe ignores what the container signals for H.265.
        if case.codec == "libx265" && case.stream.is_none() {
            continue;
        }
        let path = folder().join(clip);
        let Stated { option, range, .. } = case.stream.or(case.container).unwrap();
        let stream = &ffprobe_json(&path)["streams"][0];
        let stated = [&stream["color_space"], &stream["color_range"]];
        assert!(stated == [option, range] || case.ending == "mov" && stated[0] == option, "{clip}: {stated:?}");
        let rgba = decode(&path, &[], Some("rgba"), SIZE.0 * SIZE.1 * 4).swap_remove(0);
        let theirs = Picture { width: SIZE.0, height: SIZE.1, rgba };
        failures.extend(wrong(&picture, row * SIZE.1, |patch| rgb(color_of(&theirs, patch, 0)), 3.0, clip));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn h264_colors_are_those_of_the_stream_or_else_the_container() {
    check_stated("libx264");
}

#[test]
fn h265_colors_are_those_of_the_stream_or_else_the_container() {
    check_stated("libx265");
}

#[test]
fn vp9_and_av1_colors_are_those_of_the_stream() {
    let statements = [
        (BT709_FULL, None),
        (BT601_525_LIMITED, None),
        (BT709_FULL, Some(BT601_525_LIMITED)),
        (BT601_525_LIMITED, Some(BT709_FULL)),
    ];
    let mut cases = Vec::new();
    for codec in ["libvpx-vp9", "libaom-av1"] {
        for ending in ["mp4", "mkv"] {
            let case = |(stream, container)| Case { codec, ending, stream: Some(stream), container };
            cases.extend(statements.map(case));
        }
    }
    check_cases(&cases);
}

/// Writes colors in BT.2020 or P3 with a transfer curve; `light` returns the linear light of a pixel in BT.709.
fn graded(name: &str, curve: Curve, is_p3: bool, args: &[&str], light: impl Fn(usize, usize) -> [f64; 3]) -> String {
    let (matrix, weights) = if is_p3 { (TO_P3, BT709) } else { (TO_BT2020, BT2020) };
    let depth = if is_p3 { 8 } else { 10 };
    fixture(name, |out| {
        let coded = |x, y| curve.code(times(matrix, light(x, y)).map(|value| value.max(0.0)));
        let frame = planes(SIZE, depth, weights, coded);
        let pix_fmt = if is_p3 { "yuv420p" } else { "yuv420p10le" };
        let raw = Raw { pix_fmt, width: SIZE.0, height: SIZE.1, rate: "30" };
        let transfer = match curve {
            Curve::Video => "bt709",
            Curve::Pq => "smpte2084",
            Curve::Hlg => "arib-std-b67",
        };
        let primaries = if is_p3 { "smpte432" } else { "bt2020" };
        let space = if is_p3 { "bt709" } else { "bt2020nc" };
        let colors =
            ["-color_primaries", primaries, "-color_trc", transfer, "-colorspace", space, "-color_range", "tv"];
        encode(raw, vec![frame; 3], &[args, &colors].concat(), out);
        let stream = &ffprobe_json(out)["streams"][0];
        let stated = ["color_primaries", "color_transfer", "color_space"].map(|field| stream[field].clone());
        assert_eq!(stated, [primaries, transfer, space].map(|name| json!(name)), "{name}");
    });
    name.to_owned()
}

const X264: [&str; 4] = ["-c:v", "libx264", "-crf", "2"];
const X265: [&str; 6] = ["-c:v", "libx265", "-crf", "2", "-x265-params", "log-level=error"];
const HVC1: [&str; 8] = ["-c:v", "libx265", "-crf", "2", "-x265-params", "log-level=error", "-tag:v", "hvc1"];

/// Colors of standard dynamic range in an HDR signal are reproduced up to the knee of the highlights.
#[test]
fn hdr_reproduces_sdr_colors() {
    let light = |x, y| light_of(source(patch_at(x, y)));
    let clips: Vec<String> = [
        graded("hlg.mp4", Curve::Hlg, false, &HVC1, light),
        graded("pq.mp4", Curve::Pq, false, &HVC1, light),
        graded("hlg.mov", Curve::Hlg, false, &HVC1, light),
        graded("pq.mkv", Curve::Pq, false, &X265, light),
        graded("hlg-avc.mp4", Curve::Hlg, false, &X264, light),
        graded("pq.webm", Curve::Pq, false, &["-c:v", "libvpx-vp9", "-crf", "2", "-b:v", "0", "-cpu-used", "5"], light),
    ]
    .to_vec();
    let picture = rendered(&clips);
    let mut failures = Vec::new();
    for (row, clip) in clips.iter().enumerate() {
        let top = row * SIZE.1;
        // Light from which highlights are compressed is 0.75 of white: level 225.
        let is_below = |patch: &usize| PATCHES[*patch].iter().all(|level| *level <= 225);
        let expected = |patch| if is_below(&patch) { source(patch) } else { rgb(color_of(&picture, patch, top)) };
        failures.extend(wrong(&picture, top, expected, 6.0, clip));
        let white = rgb(color_of(&picture, 0, top));
        if white.iter().any(|level| !(235.0..=255.0).contains(level)) {
            failures.push(format!("{clip}: white is {white:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Highlights are distinct from white and from each other; those of 1000 candela per square metre are white.
#[test]
fn highlights_are_compressed_and_not_clipped() {
    const LIGHT: [f64; 12] = [0.0, 0.1, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 1000.0 / 203.0];
    for (name, curve) in [("hlg-ramp.mp4", Curve::Hlg), ("pq-ramp.mp4", Curve::Pq)] {
        let clip = graded(name, curve, false, &HVC1, |x, y| [LIGHT[patch_at(x, y)]; 3]);
        let picture = rendered(&[clip]);
        let levels: Vec<u8> = (0..LIGHT.len()).map(|patch| color_of(&picture, patch, 0)[1]).collect();
        assert!(levels.is_sorted(), "{name}: {levels:?}");
        assert!(levels[4] < levels[6] && levels[6] < levels[8] && levels[11] >= 253, "{name}: {levels:?}");
    }
}

/// BT.2020 colors outside of BT.709 keep their luminance and the order of their components.
#[test]
fn colors_out_of_gamut_keep_luminance_and_hue() {
    // A pure color of BT.2020 has negative components in BT.709.
    let pure = |patch: usize| {
        let mut light = [0.0; 3];
        for (index, value) in light.iter_mut().enumerate() {
            *value = if (patch % 7 + 1) >> index & 1 == 1 { 0.4 } else { 0.02 };
        }
        light
    };
    for (name, curve) in [("hlg-pure.mp4", Curve::Hlg), ("pq-pure.mp4", Curve::Pq), ("sdr-pure.mp4", Curve::Video)] {
        fixture(name, |out| {
            let frame = planes(SIZE, 10, BT2020, |x, y| curve.code(pure(patch_at(x, y))));
            let transfer = ["bt2020-10", "smpte2084", "arib-std-b67"]
                [[Curve::Video, Curve::Pq, Curve::Hlg].iter().position(|of| *of == curve).unwrap()];
            let raw = Raw { pix_fmt: "yuv420p10le", width: SIZE.0, height: SIZE.1, rate: "30" };
            let colors = ["-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc"];
            encode(raw, vec![frame; 3], &[&X264[..], &colors].concat(), out);
        });
        let picture = rendered(&[name.to_owned()]);
        for patch in 0..PATCHES.len() {
            let (found, light) = (rgb(color_of(&picture, patch, 0)), pure(patch));
            let shown =
                if curve == Curve::Video { found.map(|level| (level / 255.0).powf(2.4)) } else { light_of(found) };
            let luminance = 0.2126 * shown[0] + 0.7152 * shown[1] + 0.0722 * shown[2];
            let expected = 0.2627 * light[0] + 0.6780 * light[1] + 0.0593 * light[2];
            assert!((luminance / expected - 1.0).abs() < 0.06, "{name}, {light:?}: {luminance} instead of {expected}");
            let strong = |of: [f64; 3], index: usize| of[index] > of.into_iter().fold(0.0, f64::max) * 0.5;
            for index in 0..3 {
                assert!(!strong(light, index) || strong(shown, index), "{name}, {light:?}: {found:?}");
            }
        }
    }
}

#[test]
fn wide_gamut_is_converted_to_the_canvas() {
    let light = |x, y| source(patch_at(x, y)).map(|level| (level / 255.0).powf(2.4));
    let clips = [
        graded("wide-2020.mp4", Curve::Video, false, &X264, light),
        graded("wide-2020.mkv", Curve::Video, false, &X265, light),
        graded("wide-p3.mp4", Curve::Video, true, &X264, light),
        graded("wide-p3.mov", Curve::Video, true, &HVC1, light),
    ];
    let picture = rendered(&clips);
    let check = |(row, clip): (usize, &String)| wrong(&picture, row * SIZE.1, source, 4.0, clip);
    let failures: Vec<String> = clips.iter().enumerate().flat_map(check).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // Without wide gamut, the samples of this clip would be passed through: 4:2:0 in BT.709, limited range, no layer above.
    let document =
        composition(SIZE, "30", "#000000", 1, vec![layer("clip", &clips[2], [0, 0, SIZE.0, SIZE.1], json!({}))]);
    let gray = &render_gray(&document)[0];
    for (patch, [red, green, blue]) in PATCHES.into_iter().enumerate() {
        let at = (patch / COLUMNS * PATCH + PATCH / 2) * SIZE.0 + patch % COLUMNS * PATCH + PATCH / 2;
        let luma = 0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue);
        let found = f64::from(gray[at]);
        assert!((found - luma).abs() <= 4.0, "patch {patch}: luma {found} instead of {luma}");
    }
}

/// Codecs that store RGB planes.
#[test]
fn rgb_planes_are_in_order() {
    let cases: [(&str, &[&str]); 11] = [
        ("rgb-h264.mp4", &["-c:v", "libx264rgb", "-pix_fmt", "rgb24", "-crf", "2"]),
        ("rgb-h265.mkv", &["-c:v", "libx265", "-pix_fmt", "gbrp", "-crf", "2", "-x265-params", "log-level=error"]),
        (
            "rgb-h265-10.mkv",
            &["-c:v", "libx265", "-pix_fmt", "gbrp10le", "-crf", "2", "-x265-params", "log-level=error"],
        ),
        ("rgb-av1.mp4", &["-c:v", "libaom-av1", "-pix_fmt", "gbrp", "-crf", "2", "-cpu-used", "8"]),
        ("rgb-av1-10.mkv", &["-c:v", "libaom-av1", "-pix_fmt", "gbrp10le", "-crf", "2", "-cpu-used", "8"]),
        ("rgb-vp9.webm", &["-c:v", "libvpx-vp9", "-pix_fmt", "gbrp", "-crf", "2", "-b:v", "0"]),
        ("rgb-vp9-10.webm", &["-c:v", "libvpx-vp9", "-pix_fmt", "gbrp10le", "-crf", "2", "-b:v", "0"]),
        ("rgb-ffv1.mkv", &["-c:v", "ffv1", "-pix_fmt", "bgr0"]),
        ("rgb-ffv1-10.mkv", &["-c:v", "ffv1", "-pix_fmt", "gbrp10le"]),
        ("rgb-raw.mov", &["-c:v", "rawvideo", "-pix_fmt", "rgb24"]),
        ("rgb-cineform.mov", &["-c:v", "cfhd", "-pix_fmt", "gbrp12le"]),
    ];
    let clips = cases.map(|(src, args)| {
        fixture(src, |out| patches().encode(3, args, out));
        src.to_owned()
    });
    let picture = rendered(&clips);
    let check = |(row, clip): (usize, &String)| wrong(&picture, row * SIZE.1, source, 3.0, clip);
    let failures: Vec<String> = clips.iter().enumerate().flat_map(check).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
