//! Embedded color profiles. The expected colors were computed with LittleCMS (`ImageCms` of Pillow, relative colorimetric, to
//! its sRGB).

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::{SIDE, draw_row, write};
use crate::support::picture::{Rgba, distance, rgb};

/// Allowed difference between two implementations of the same matrices, in levels.
const TOLERANCE: f64 = 2.0;

fn fixed(value: f64) -> [u8; 4] {
    ((value * 65536.0).round() as i32).to_be_bytes()
}

/// An ICC profile (ICC.1:2022, 7) with these tags.
fn icc(space: &[u8; 4], tags: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let (mut table, mut data) = ((tags.len() as u32).to_be_bytes().to_vec(), Vec::new());
    for (name, body) in tags {
        let at = 132 + 12 * tags.len() + data.len();
        table.extend([name.as_slice(), &(at as u32).to_be_bytes(), &(body.len() as u32).to_be_bytes()].concat());
        data.extend(body);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    let mut header = ((128 + table.len() + data.len()) as u32).to_be_bytes().to_vec();
    header.extend(b"\0\0\0\0\x04\0\0\0mntr");
    header.extend(space);
    header.extend(b"XYZ \0\0\0\0\0\0\0\0\0\0\0\0acspAPPL");
    header.resize(68, 0);
    header.extend([0.9642, 1.0, 0.8249].map(fixed).concat());
    header.resize(128, 0);
    [header, table, data].concat()
}

fn xyz(color: [f64; 3]) -> Vec<u8> {
    [b"XYZ \0\0\0\0".as_slice(), &color.map(fixed).concat()].concat()
}

fn rgb_profile([red, green, blue]: [[f64; 3]; 3], curve: &[u8]) -> Vec<u8> {
    let colorants = [(b"rXYZ", xyz(red)), (b"gXYZ", xyz(green)), (b"bXYZ", xyz(blue))];
    let curves = [b"rTRC", b"gTRC", b"bTRC"].map(|name| (name, curve.to_vec()));
    icc(b"RGB ", &[colorants.as_slice(), &curves, &[(b"wtpt", xyz([0.9642, 1.0, 0.8249]))]].concat())
}

/// The transfer curve of sRGB, also of Display P3.
fn srgb_curve() -> Vec<u8> {
    let numbers = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045].map(fixed).concat();
    [b"para\0\0\0\0\0\x03\0\0".as_slice(), &numbers].concat()
}

/// A gamma curve; the exponent is in units of 1/256.
fn gamma(of_256: u16) -> Vec<u8> {
    [b"curv\0\0\0\0\0\0\0\x01".as_slice(), &of_256.to_be_bytes()].concat()
}

fn display_p3() -> Vec<u8> {
    rgb_profile([[0.51512, 0.2412, -0.00105], [0.29198, 0.69225, 0.04189], [0.1571, 0.06657, 0.78407]], &srgb_curve())
}

fn adobe_rgb() -> Vec<u8> {
    rgb_profile([[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]], &gamma(563))
}

fn srgb() -> Vec<u8> {
    rgb_profile([[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.7141]], &srgb_curve())
}

fn gray_18() -> Vec<u8> {
    icc(b"GRAY", &[(b"kTRC", gamma(461)), (b"wtpt", xyz([0.9642, 1.0, 0.8249]))])
}

/// Writes an image of one pixel value, in the format of the file extension.
fn write_flat(name: &str, pixel: &[u8], color: ExtendedColorType, profile: &[u8]) {
    let (side, samples) = (SIDE as u32, pixel.repeat(SIDE * SIDE));
    let mut bytes = Vec::new();
    match name.rsplit_once('.').unwrap().1 {
        "png" => {
            let mut encoder = PngEncoder::new(&mut bytes);
            encoder.set_icc_profile(profile.to_vec()).unwrap();
            encoder.write_image(&samples, side, side, color).unwrap();
        }
        "webp" => {
            let mut encoder = WebPEncoder::new_lossless(&mut bytes);
            encoder.set_icc_profile(profile.to_vec()).unwrap();
            encoder.write_image(&samples, side, side, color).unwrap();
        }
        _ => {
            JpegEncoder::new_with_quality(&mut bytes, 100).write_image(&samples, side, side, color).unwrap();
            // ICC.1, B.4: the profile is split into segments; here there are two.
            let parts: Vec<&[u8]> = profile.chunks(profile.len().div_ceil(2)).collect();
            let segments: Vec<u8> = parts
                .iter()
                .enumerate()
                .flat_map(|(index, part)| {
                    let length = (16 + part.len()) as u16;
                    let head = [b"ICC_PROFILE\0".as_slice(), &[index as u8 + 1, parts.len() as u8]].concat();
                    [[0xff, 0xe2].as_slice(), &length.to_be_bytes(), &head, part].concat()
                })
                .collect();
            bytes.splice(2..2, segments);
        }
    }
    write(name, &bytes);
}

/// File name, pixel value and type, profile, and expected color.
type Case<'a> = (&'a str, &'a [u8], ExtendedColorType, &'a [u8], Rgba);

#[test]
fn color_profiles_are_converted() {
    use ExtendedColorType::{L8, La8, Rgb8, Rgb16, Rgba8};
    let (p3, adobe, gray) = (display_p3(), adobe_rgb(), gray_18());
    let deep = |color: [u8; 3]| color.map(|level| (u16::from(level) * 257).to_ne_bytes()).concat();
    let cases: [Case; 19] = [
        ("p3-1.png", &[184, 50, 41], Rgb8, &p3, [200, 30, 29, 255]),
        ("p3-1.jpg", &[184, 50, 41], Rgb8, &p3, [200, 30, 29, 255]),
        ("p3-1.webp", &[184, 50, 41], Rgb8, &p3, [200, 30, 29, 255]),
        ("p3-2.png", &[30, 200, 60], Rgb8, &p3, [0, 204, 13, 255]),
        ("p3-3.png", &[32, 64, 224], Rgb8, &p3, [18, 65, 233, 255]),
        ("p3-4.png", &[250, 240, 20], Rgb8, &p3, [252, 240, 0, 255]),
        ("p3-deep.png", &deep([184, 50, 41]), Rgb16, &p3, [200, 30, 29, 255]),
        ("adobe-1.png", &[184, 50, 41], Rgb8, &adobe, [214, 46, 36, 255]),
        ("adobe-2.jpg", &[32, 64, 224], Rgb8, &adobe, [0, 62, 229, 255]),
        ("adobe-3.webp", &[10, 10, 12], Rgb8, &adobe, [3, 3, 4, 255]),
        ("gray-1.png", &[72], L8, &gray, [90, 90, 90, 255]),
        ("gray-2.jpg", &[180], L8, &gray, [193, 193, 193, 255]),
        ("gray-3.png", &[36, 255], La8, &gray, [48, 48, 48, 255]),
        ("srgb.png", &[184, 50, 41], Rgb8, &srgb(), [184, 50, 41, 255]),
        // A profile for another sample type, an empty one, and a truncated one are ignored.
        ("gray-on-rgb.png", &[184, 50, 41], Rgb8, &gray, [184, 50, 41, 255]),
        ("noise.png", &[184, 50, 41], Rgb8, &[7; 300], [184, 50, 41, 255]),
        ("cut.png", &[184, 50, 41], Rgb8, &p3[..200], [184, 50, 41, 255]),
        ("cut-icc.webp", &[184, 50, 41], Rgb8, &p3[..140], [184, 50, 41, 255]),
        // Half transparent over the background; the profile does not apply to alpha.
        ("p3-alpha.png", &[184, 50, 41, 128], Rgba8, &p3, [164, 15, 79, 255]),
    ];
    for (name, pixel, color, profile, _) in &cases {
        write_flat(&format!("icc/{name}"), pixel, *color, profile);
    }
    let names: Vec<String> = cases.iter().map(|(name, ..)| format!("icc/{name}")).collect();
    let row = draw_row(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for (index, (name, .., expected)) in cases.iter().enumerate() {
        let found = row.at(index * SIDE + SIDE / 2, SIDE / 2);
        assert!(distance(found, rgb(*expected)) <= TOLERANCE, "{name}: found {found:?}, expected {expected:?}");
    }
}
