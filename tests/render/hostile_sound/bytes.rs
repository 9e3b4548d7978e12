//! Files with damage of a kind: encoded by ffmpeg, then changed byte by byte, or built from nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A second of a sweep from 300 to 1500 Hz, which resembles itself at no other time. Every rate from 8 kHz on holds it.
pub(super) const SWEEP: &str = "aevalsrc=0.5*sin(2*PI*(300*t+600*t*t)):s=48000:d=1";

/// A folder in which files are made.
pub(super) struct Workshop<'a>(pub(super) &'a Path);

impl Workshop<'_> {
    /// The bytes of the file that ffmpeg writes with these arguments; its name decides the container.
    pub(super) fn ffmpeg(&self, name: &str, args: &[&str]) -> Vec<u8> {
        let path = self.0.join(format!("source-{name}"));
        let mut command = Command::new("ffmpeg");
        // Without the version of ffmpeg and the date, equal arguments give equal bytes.
        command.args(["-v", "error", "-nostdin", "-y"]).args(args).args(["-bitexact"]).arg(&path);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        std::fs::read(path).unwrap()
    }

    /// The sweep, encoded with these arguments.
    pub(super) fn sweep(&self, name: &str, codec: &[&str]) -> Vec<u8> {
        self.ffmpeg(name, &[&["-f", "lavfi", "-i", SWEEP][..], codec].concat())
    }

    /// A file of the workshop, for arguments of ffmpeg.
    pub(super) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(format!("input-{name}"));
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// The first part of a file.
pub(super) fn cut(mut bytes: Vec<u8>, len: usize) -> Vec<u8> {
    bytes.truncate(len);
    bytes
}

/// The offset of the first occurrence.
pub(super) fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|window| window == what).unwrap()
}

/// The offsets of all occurrences.
pub(super) fn find_all(bytes: &[u8], what: &[u8]) -> Vec<usize> {
    (0..bytes.len().saturating_sub(what.len())).filter(|at| bytes[*at..].starts_with(what)).collect()
}

/// Overwrites bytes.
pub(super) fn set(mut bytes: Vec<u8>, at: usize, value: &[u8]) -> Vec<u8> {
    bytes[at..at + value.len()].copy_from_slice(value);
    bytes
}

/// Overwrites the bytes at an offset from the first occurrence.
pub(super) fn set_after(bytes: Vec<u8>, what: &[u8], offset: usize, value: &[u8]) -> Vec<u8> {
    let at = find(&bytes, what) + offset;
    set(bytes, at, value)
}

/// Cuts a file at an offset from the first occurrence.
pub(super) fn cut_after(bytes: Vec<u8>, what: &[u8], offset: usize) -> Vec<u8> {
    let at = find(&bytes, what) + offset;
    cut(bytes, at)
}

/// The samples of the sweep.
pub(super) fn sweep_samples(rate: u32) -> impl Iterator<Item = f64> {
    (0..rate).map(move |n| {
        let t = f64::from(n) / f64::from(rate);
        0.5 * (std::f64::consts::TAU * (300.0 * t + 600.0 * t * t)).sin()
    })
}

/// A WAVE file with this format: tag, channels, rate and bits; the block alignment and the rate of bytes follow from them.
pub(super) fn wave([tag, channels, rate, bits]: [u32; 4], data: &[u8]) -> Vec<u8> {
    let align = (channels * bits.div_ceil(8)) as u16;
    let format = [
        &(tag as u16).to_le_bytes()[..],
        &(channels as u16).to_le_bytes(),
        &rate.to_le_bytes(),
        &rate.wrapping_mul(u32::from(align)).to_le_bytes(),
        &align.to_le_bytes(),
        &(bits as u16).to_le_bytes(),
    ];
    riff(&[(b"fmt ", &format.concat()), (b"data", data)])
}

/// A WAVE file with these chunks.
pub(super) fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WAVE".to_vec();
    for (name, data) in chunks {
        body.extend([&name[..], &(data.len() as u32).to_le_bytes(), data].concat());
        // Chunks begin at even offsets.
        body.resize(body.len().next_multiple_of(2), 0);
    }
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}

/// Sixteen-bit samples of the sweep at 48 kHz, on one channel.
pub(super) fn pcm16() -> Vec<u8> {
    sweep_samples(48_000).flat_map(|value| ((value * 32_767.0) as i16).to_le_bytes()).collect()
}

/// Thirty-two-bit floating-point samples, on one channel.
pub(super) fn floats(values: impl Iterator<Item = f32>) -> Vec<u8> {
    wave([3, 1, 48_000, 32], &values.flat_map(f32::to_le_bytes).collect::<Vec<_>>())
}

/// A tag of ID3 version 2.4 with one private frame of `len` bytes.
pub(super) fn id3(len: usize) -> Vec<u8> {
    let synchsafe = |size: usize| [21, 14, 7, 0].map(|shift| (size >> shift & 0x7f) as u8);
    let frame = [b"PRIV", &synchsafe(len)[..], &[0, 0], &vec![0xaa; len]].concat();
    [b"ID3\x04\0\0", &synchsafe(frame.len())[..], &frame].concat()
}

/// A page of Ogg (RFC 3533, 6) with one packet of up to 65,000 bytes.
pub(super) fn ogg_page(flags: u8, granule: i64, serial: u32, number: u32, packet: &[u8]) -> Vec<u8> {
    let mut lacing = vec![255; packet.len() / 255];
    lacing.push((packet.len() % 255) as u8);
    let head = [
        b"OggS\0",
        &[flags][..],
        &granule.to_le_bytes(),
        &serial.to_le_bytes(),
        &number.to_le_bytes(),
        &[0; 4],
        &[lacing.len() as u8],
        &lacing,
    ];
    with_checksum([&head.concat()[..], packet].concat())
}

/// A page with its checksum.
pub(super) fn with_checksum(page: Vec<u8>) -> Vec<u8> {
    let page = set(page, 22, &[0; 4]);
    let checksum = page.iter().fold(0_u32, |sum, byte| {
        (0..8)
            .fold(sum ^ u32::from(*byte) << 24, |sum, _| if sum >> 31 == 1 { sum << 1 ^ 0x04c1_1db7 } else { sum << 1 })
    });
    set(page, 22, &checksum.to_le_bytes())
}

/// The pages of an Ogg file.
pub(super) fn pages(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut pages, mut rest) = (Vec::new(), bytes);
    while rest.starts_with(b"OggS") {
        let segments = usize::from(rest[26]);
        let body: usize = rest[27..27 + segments].iter().map(|length| usize::from(*length)).sum();
        let (page, next) = rest.split_at(27 + segments + body);
        pages.push(page.to_vec());
        rest = next;
    }
    pages
}

/// A FLAC file whose frames of 4096 samples are stored as they are: mono at 48 kHz, with 32 bits a sample.
pub(super) fn flac32() -> Vec<u8> {
    const BLOCK: usize = 4096;
    let samples: Vec<i32> = sweep_samples(48_000).map(|value| (value * f64::from(i32::MAX)) as i32).collect();
    let fields = 48_000_u64 << 44 | 31 << 36 | samples.len() as u64;
    let info = [&[0x10, 0, 0x10, 0, 0, 0, 0, 0, 0, 0][..], &fields.to_be_bytes(), &[0; 16]].concat();
    let mut file = [b"fLaC\x80\0\0\x22", &info[..]].concat();
    for (number, block) in samples.chunks(BLOCK).enumerate() {
        // Sync and fixed block size; the size in 16 bits at the end, 48 kHz; one channel, 32 bits.
        let mut frame = vec![0xff, 0xf8, 0x7a, 0x0e, number as u8];
        frame.extend((block.len() as u16 - 1).to_be_bytes());
        frame.push(checksum(&frame, 8, 0x07) as u8);
        // A subframe whose samples are stored as they are.
        frame.push(2);
        frame.extend(block.iter().flat_map(|sample| sample.to_be_bytes()));
        frame.extend((checksum(&frame, 16, 0x8005) as u16).to_be_bytes());
        file.extend(frame);
    }
    file
}

/// A checksum of 8 or 16 bits.
fn checksum(bytes: &[u8], bits: u32, polynomial: u32) -> u32 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte) << (bits - 8), |sum, _| {
            let shifted = sum << 1;
            (if sum >> (bits - 1) & 1 == 1 { shifted ^ polynomial } else { shifted }) & ((1 << bits) - 1)
        })
    })
}
