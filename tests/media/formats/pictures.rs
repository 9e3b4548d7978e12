//! Images with trailing data, truncated images, unusual file names, numbered sequences with gaps, animations, and formats that
//! are not supported.

use std::fs;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};
use serde_json::{Value, json};

use super::{BACKGROUND, EXACT};
use crate::support::document::{composition, hex, layer};
use crate::support::ffmpeg::{decode, ffprobe_json};
use crate::support::fixture::{fixture, folder};
use crate::support::picture::{Picture, Rgba, distance, rgb};
use crate::support::process::{Exit, ProcessOutput};
use crate::support::program::{render, render_pictures};

#[path = "animation.rs"]
mod animation;
#[path = "profile.rs"]
mod profile;

const SIDE: usize = 32;
const RED: Rgba = [200, 30, 30, 255];
const GREEN: Rgba = [30, 160, 60, 255];

/// A JPEG of noise around one color: its scan is large enough to be truncated.
fn noisy_jpeg(color: Rgba) -> Vec<u8> {
    let picture = Picture::draw(SIDE, SIDE, |x, y| {
        let noise = ((x * 7 + y * 13) % 16) as u8;
        [color[0] - noise, color[1] + noise, color[2], 255]
    });
    let rgb: Vec<u8> = picture.rgba.chunks_exact(4).flat_map(|pixel| pixel[..3].to_vec()).collect();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95)
        .write_image(&rgb, SIDE as u32, SIDE as u32, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

/// Renders images in a row.
fn draw_row(sources: &[&str]) -> Picture {
    let place =
        |(index, src): (usize, &&str)| layer("image", src, [index * SIDE, 0, SIDE, SIDE], json!({"fit": "fill"}));
    let layers = sources.iter().enumerate().map(place).collect();
    let canvas = (sources.len() * SIDE, SIDE);
    render_pictures(&composition(canvas, "30", &hex(BACKGROUND), 1, layers)).swap_remove(0)
}

/// Renders a file that must be rejected.
fn render_rejected(kind: &str, src: &str) -> ProcessOutput {
    let layers = vec![layer(kind, src, [0, 0, SIDE, SIDE], json!({}))];
    let document: Value = composition((SIDE, SIDE), "30", &hex(BACKGROUND), 1, layers);
    let output = render(&document, &folder().join("refused.mp4"), &[]);
    assert_eq!(output.exit, Exit::Code(2), "{src}: {}", output.stderr);
    output
}

fn assert_rejected(kind: &str, src: &str, says: &str) {
    let output = render_rejected(kind, src);
    let stderr = output.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(stderr.contains(says), "{src}: expected `{says}` in:\n{stderr}");
}

fn write(name: &str, bytes: &[u8]) {
    fixture(name, |out| fs::write(out, bytes).unwrap());
}

/// Phones append videos, gain maps and padding; browsers show JPEGs without an EOI marker.
#[test]
fn data_after_a_jpeg_is_ignored() {
    let (red, green) = (noisy_jpeg(RED), noisy_jpeg(GREEN));
    // All byte pairs, including the start of a scan.
    let anything: Vec<u8> = (0..=u16::MAX).flat_map(|pair| pair.wrapping_mul(40503).to_be_bytes()).collect();
    let tails: [(&str, Vec<u8>); 7] = [
        ("behind-zeros.jpg", [vec![0; 1000], vec![0xff, 0xda]].concat()),
        ("behind-anything.jpg", anything),
        ("behind-a-film.jpg", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x0cmdat\xff\xda\xff\xd8".to_vec()),
        ("behind-a-picture.jpg", green.clone()),
        ("behind-a-cut-picture.jpg", green[..green.len() - 300].to_vec()),
        ("behind-nothing.jpg", Vec::new()),
        ("behind-a-mark.jpg", vec![0xff]),
    ];
    for (name, tail) in &tails {
        write(name, &[red.as_slice(), tail].concat());
    }
    write("without-eoi.jpg", &red[..red.len() - 2]);
    write("with-half-an-eoi.jpg", &red[..red.len() - 1]);
    let mut names: Vec<&str> = tails.iter().map(|(name, _)| *name).collect();
    names.extend(["without-eoi.jpg", "with-half-an-eoi.jpg"]);
    let row = draw_row(&names);
    let whole = names.iter().position(|name| *name == "behind-nothing.jpg").unwrap();
    for (index, name) in names.iter().enumerate() {
        for (x, y) in (0..SIDE).flat_map(|x| (0..SIDE).map(move |y| (x, y))) {
            assert_eq!(row.at(index * SIDE + x, y), row.at(whole * SIDE + x, y), "{name} at ({x}, {y})");
        }
    }
    let found = row.at(whole * SIDE + SIDE / 2, SIDE / 2);
    assert!(distance(found, rgb(RED)) < 24.0, "{found:?}");
}

#[test]
fn a_jpeg_truncated_in_its_scan_is_rejected() {
    let whole = noisy_jpeg(RED);
    let scan = whole.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
    let half = &whole[..(scan + whole.len()) / 2];
    let cuts: [(&str, Vec<u8>); 4] = [
        ("cut-half.jpg", half.to_vec()),
        ("cut-by-8.jpg", whole[..whole.len() - 8].to_vec()),
        // An incomplete download into a preallocated file.
        ("cut-and-zeros.jpg", [half, &vec![0; whole.len() / 2]].concat()),
        ("cut-in-its-tables.jpg", whole[..200].to_vec()),
    ];
    for (name, bytes) in &cuts {
        write(name, bytes);
        assert_rejected("image", name, "cannot be decoded");
    }
    assert_rejected("image", "cut-half.jpg", "the file is cut short");
}

#[test]
fn data_after_a_png_or_a_webp_is_ignored() {
    let rgba = Picture::flat(SIDE, SIDE, GREEN).rgba;
    let (mut png, mut webp) = (Vec::new(), Vec::new());
    PngEncoder::new(&mut png).write_image(&rgba, SIDE as u32, SIDE as u32, ExtendedColorType::Rgba8).unwrap();
    WebPEncoder::new_lossless(&mut webp).encode(&rgba, SIDE as u32, SIDE as u32, ExtendedColorType::Rgba8).unwrap();
    write("behind.png", &[png.as_slice(), &[0xff; 700]].concat());
    write("without-iend.png", &png[..png.len() - 12]);
    write("behind.webp", &[webp.as_slice(), &[0xff; 700]].concat());
    let names = ["behind.png", "without-iend.png", "behind.webp"];
    let row = draw_row(&names);
    for (index, name) in names.iter().enumerate() {
        assert!(distance(row.at(index * SIDE + 9, 9), rgb(GREEN)) <= EXACT, "{name}");
    }
    write("cut.png", &png[..png.len() - 30]);
    write("cut.webp", &webp[..webp.len() / 2]);
    assert_rejected("image", "cut.png", "cannot be decoded");
    assert_rejected("image", "cut.webp", "cannot be decoded");
}

/// A name with a percent sign is a pattern only if there is no file with that name.
#[test]
fn a_percent_sign_in_a_name() {
    let (red, green) = (Picture::flat(SIDE, SIDE, RED), Picture::flat(SIDE, SIDE, GREEN));
    for name in ["100%done.png", "50%d.png", "%03d.png"] {
        fixture(name, |out| fs::copy(fixture("red.png", |red_png| red.write_png(red_png)), out).map(drop).unwrap());
    }
    // A pattern after another percent sign, and one whose literal name is not a file.
    fixture("5%off_1.png", |out| fs::copy(fixture("green.png", |png| green.write_png(png)), out).map(drop).unwrap());
    let mut layers: Vec<Value> = ["100%done.png", "50%d.png", "%03d.png"]
        .iter()
        .enumerate()
        .map(|(index, src)| layer("image", src, [index * SIDE, 0, SIDE, SIDE], json!({"fit": "fill"})))
        .collect();
    layers.push(layer("clip", "5%off_%d.png", [3 * SIDE, 0, SIDE, SIDE], json!({"fit": "fill"})));
    let row = render_pictures(&composition((4 * SIDE, SIDE), "30", &hex(BACKGROUND), 1, layers)).swap_remove(0);
    for (index, expected) in [RED, RED, RED, GREEN].into_iter().enumerate() {
        assert!(distance(row.at(index * SIDE + 9, 9), rgb(expected)) <= EXACT, "{index}");
    }
}

/// Compositing programs number from 1001, editors from the time of day. A missing image repeats the one before it, so that the
/// others keep their times.
#[test]
fn numbered_images_from_any_number_with_a_gap() {
    let gray = |number: usize| [(number * 20) as u8, 0, 0, 255];
    for number in [0, 1, 2, 5, 6] {
        let name = format!("day/a{:08}.png", 86_400 + number);
        fixture(&name, |out| Picture::flat(SIDE, SIDE, gray(number)).write_png(out));
    }
    // After a gap of more than a thousand numbers, the images belong to another sequence.
    fixture("day/a00099999.png", |out| Picture::flat(SIDE, SIDE, GREEN).write_png(out));
    let layers = vec![layer("clip", "day/a%08d.png", [0, 0, SIDE, SIDE], json!({"fit": "fill"}))];
    let document = composition((SIDE, SIDE), "30", &hex(BACKGROUND), 8, layers);
    let frames = render_pictures(&document);
    let shown = [0, 1, 2, 2, 2, 5, 6].map(gray);
    for (number, expected) in shown.into_iter().chain([BACKGROUND]).enumerate() {
        let found = frames[number].at(9, 9);
        assert!(distance(found, rgb(expected)) <= EXACT, "frame {number}: {found:?}, expected {expected:?}");
    }
    let output = render(&document, &folder().join("day.mp4"), &[]);
    let stderr = &output.stderr;
    assert!(stderr.contains("number 86403 is missing (2 in all)"), "{stderr}");
    assert!(stderr.contains("99999"), "{stderr}");
    assert_rejected("clip", "day/b%08d.png", "b%08d.png: no such file");
}

#[test]
fn unsupported_formats_are_named_in_errors() {
    let cases: [(&str, &[u8], &str); 8] = [
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "this is a HEIC picture"),
        ("photo.png", b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "this is an AVIF picture"),
        ("scan.jpg", b"II*\0\x08\0\0\0", "this is a TIFF or a camera's raw picture"),
        ("drawing.png", b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "this is an SVG drawing"),
        ("missing.png", b"<!DOCTYPE html>\n<html><title>404</title></html>", "this is a web page"),
        ("film.mp4", b"RIFF\x20\0\0\0AVI LIST\0\0\0\0hdrl", "this is an AVI video"),
        ("song.mov", b"ID3\x04\0\0\0\0\0\0", "this is an MP3 sound"),
        ("pointer.mov", b"version https://git-lfs.github.com/spec/v1\n", "this is a pointer of Git LFS"),
    ];
    for (name, bytes, says) in cases {
        write(name, bytes);
        let kind = if name.ends_with(".mp4") || name.ends_with(".mov") { "clip" } else { "image" };
        assert_rejected(kind, name, says);
    }
    assert_rejected("image", "photo.heic", "convert it to PNG, JPEG or WebP");
}

/// The frames of a file according to ffmpeg, each with its start in seconds.
fn frames_by_ffmpeg(path: &Path, width: usize, height: usize) -> Vec<(f64, Picture)> {
    let packets = ffprobe_json(path);
    let starts = packets["packets"].as_array().unwrap().iter();
    let starts = starts.map(|packet| packet["pts_time"].as_str().unwrap().parse().unwrap());
    let frames = decode(path, &[], Some("rgba"), width * height * 4);
    starts.zip(frames.into_iter().map(|rgba| Picture { width, height, rgba })).collect()
}
