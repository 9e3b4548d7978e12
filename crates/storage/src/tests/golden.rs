//! Outputs of video alone, pinned by their SHA-256, so that a change of the muxers changes them only on purpose.
//!
//! The access units are pseudorandom, so that no encoder's version matters: a muxer reads their lengths, never their
//! content.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{SharedBuffer, names_in};
use crate::hls_folder::HlsFolder;
use crate::mp4_file::Mp4File;
use repcast_media::Grid;
use repcast_media::{EncodedFrame, StreamConfig, VideoSampler};
use repcast_model::geometry::Size;
use repcast_model::time::{FrameRate, Rational};
use repcast_mux::cmaf::Segmenter;
use repcast_mux::sink::Sink;
use repcast_mux::stream::FragmentedStream;

const AVCC: [u8; 19] = [1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x28, 1, 0, 4, 0x68, 0xeb, 0xec, 0xb2];

fn config((numerator, denominator): (u32, u32)) -> StreamConfig {
    let rate = FrameRate::new(numerator, denominator).unwrap();
    StreamConfig { size: Size { width: 1280, height: 720 }, rate, avcc: AVCC.to_vec() }
}

/// Five seconds and one frame with a key frame every two seconds: in order, or each second frame decoded after the one
/// that follows it.
fn frames(rate: FrameRate, is_reordered: bool) -> Vec<EncodedFrame> {
    let (count, key_distance) = (u64::from(5 * rate.ceil() + 1), u64::from(2 * rate.ceil()));
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut frame = |number: u64| {
        let len = 1 + (random >> 55) as usize;
        let mut data = (len as u32).to_be_bytes().to_vec();
        data.extend((0..len).map(|_| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random as u8
        }));
        EncodedFrame { frame: number, is_key: number.is_multiple_of(key_distance), data }
    };
    let decode_order = |index: u64| match index % key_distance {
        0 => index,
        _ if !is_reordered => index,
        // The last frame of a group or of the stream has no successor to be swapped with.
        odd if odd % 2 == 1 && odd + 1 < key_distance && index + 1 < count => index + 1,
        even if even % 2 == 0 => index - 1,
        _ => index,
    };
    (0..count).map(|index| frame(decode_order(index))).collect()
}

fn write(mut sink: Box<dyn Sink>, config: &StreamConfig, frames: &[EncodedFrame]) {
    let mut sampler = VideoSampler::new(config.clone()).unwrap();
    sink.begin(&[sampler.track().clone()]).unwrap();
    frames.iter().for_each(|frame| sink.push(sampler.sample(frame.clone())).unwrap());
    sink.finish().unwrap();
}

fn sha256(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let mut hash = Sha256::new();
    parts.into_iter().for_each(|part| hash.update(part));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn file(folder: &Path, config: &StreamConfig, frames: &[EncodedFrame]) -> String {
    let path = folder.join("out.mp4");
    let sink = Mp4File::create(&path, frames.len() as u64).unwrap().with_title("Title");
    write(Box::new(sink), config, frames);
    sha256([fs::read(&path).unwrap()])
}

fn stream(config: &StreamConfig, frames: &[EncodedFrame]) -> String {
    let written = SharedBuffer::default();
    write(Box::new(FragmentedStream::new(written.clone())), config, frames);
    sha256([written.bytes()])
}

fn hls(folder: &Path, config: &StreamConfig, frames: &[EncodedFrame]) -> String {
    write(Box::new(HlsFolder::create(&folder.join("out.m3u8")).unwrap()), config, frames);
    let media = folder.join("out");
    let mut parts = vec![fs::read(folder.join("out.m3u8")).unwrap()];
    for name in names_in(&media) {
        parts.push(fs::read(media.join(&name)).unwrap());
        parts.push(name.into_bytes());
    }
    sha256(parts)
}

/// The chunks of a live stream in which some frames are dropped and the configuration changes once.
fn live(config: &StreamConfig, frames: &[EncodedFrame]) -> String {
    let grid = Grid::new(config.rate, Rational::new(1, 2), 4);
    let other =
        StreamConfig { avcc: AVCC.map(|byte| if byte == 0x28 { 0x29 } else { byte }).to_vec(), ..config.clone() };
    let mut segmenter = Segmenter::new(grid);
    let mut parts = Vec::new();
    let mut chunk = |chunk: repcast_mux::cmaf::Chunk| {
        parts.extend(chunk.init.map(|init| [init.data, init.codecs.into_bytes()].concat()));
        let facts = format!("{}-{} {} {}", chunk.start, chunk.end, chunk.begins_segment, chunk.ends_segment);
        parts.extend([facts.into_bytes(), chunk.data]);
    };
    let replaced_at = 2 * grid.part + 3;
    for frame in frames {
        let number = frame.frame;
        if number % 7 == 5 && number % grid.part != 0 && number != replaced_at {
            continue;
        }
        let is_key = grid.begins_segment(number) || number == replaced_at;
        let config = if number < replaced_at { config } else { &other };
        segmenter.push(config, EncodedFrame { is_key, ..frame.clone() }, &mut chunk).unwrap();
    }
    segmenter.finish(frames.len() as u64).unwrap().into_iter().for_each(&mut chunk);
    sha256(parts)
}

#[test]
fn video_outputs_keep_their_bytes() {
    let mut found = Vec::new();
    for rate in [(30, 1), (30000, 1001), (24, 1), (60, 1)] {
        let config = config(rate);
        for is_reordered in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let frames = frames(config.rate, is_reordered);
            found.push(file(folder.path(), &config, &frames));
            found.push(stream(&config, &frames));
            found.push(hls(folder.path(), &config, &frames));
        }
        found.push(live(&config, &frames(config.rate, false)));
    }
    let expected: Vec<&str> = include_str!("golden.txt").lines().collect();
    assert_eq!(found, expected, "\n{}\n", found.join("\n"));
}
