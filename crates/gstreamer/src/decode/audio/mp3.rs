//! The samples of a file of MPEG audio (ISO/IEC 11172-3, 2.4.2.3): encoder delay and padding in the header that LAME and
//! others write, and the number of its frames.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

/// Samples by which every decoder of layer III is late.
const DECODER_DELAY: u64 = 529;

/// Bytes among which the first frame is searched for.
const MAX_JUNK: u64 = 64 << 10;

/// Most ID3 tags at the beginning: each program that tags files without reading them adds one.
pub(super) const MAX_TAGS: usize = 16;

/// Most frames that are counted: those of four days.
const MAX_FRAMES: u64 = 20_000_000;

/// Bytes of the first frame that are read: its header, side information, and the encoder's header.
const FIRST_BYTES: u64 = 400;

/// What is heard of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct MpegLength {
    /// Samples per second.
    pub(super) rate: u32,
    /// Decoded samples that come before the first one heard.
    pub(super) delay: u64,
    /// Samples that are heard.
    pub(super) samples: u64,
}

/// The fields of a frame header.
#[derive(Clone, Copy)]
struct FrameHeader {
    bytes: u64,
    samples: u64,
    rate: u32,
    /// Offset of the encoder's header in a frame of layer III.
    info_offset: usize,
}

impl FrameHeader {
    fn parse(bytes: [u8; 4]) -> Option<Self> {
        /// kbit/s by index: MPEG-1 layers I, II and III, then MPEG-2 layer I, and II and III.
        const BIT_RATES: [[u16; 14]; 5] = [
            [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
            [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
            [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
            [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
            [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        ];
        let bits = u32::from_be_bytes(bytes);
        let field = |shift: u32, mask: u32| (bits >> shift & mask) as usize;
        let (version, layer) = (field(19, 3), 4 - field(17, 3));
        if field(21, 0x7ff) != 0x7ff || version == 1 || layer == 4 {
            return None;
        }
        let is_first_version = version == 3;
        let table = if is_first_version { layer - 1 } else { 2 + layer.min(2) };
        let rate_kbps = u64::from(*BIT_RATES[table].get(field(12, 15).checked_sub(1)?)?);
        let base = [44_100, 48_000, 32_000].get(field(10, 3)).copied()?;
        // Version 2 halves the rates, version 2.5 quarters them.
        let rate: u32 = base >> [2, 0, 1, 0][version];
        let samples = match layer {
            1 => 384,
            3 if !is_first_version => 576,
            _ => 1152,
        };
        // A slot is four bytes in layer I and one in the others.
        let slot = if layer == 1 { 4 } else { 1 };
        let padding = field(9, 1) as u64;
        let bytes = (samples / 8 / slot * rate_kbps * 1000 / u64::from(rate) + padding) * slot;
        let is_mono = field(6, 3) == 3;
        let side = match (is_first_version, is_mono) {
            (true, false) => 32,
            (true, true) | (false, false) => 17,
            (false, true) => 9,
        };
        Some(Self { bytes, samples, rate, info_offset: 4 + side })
    }
}

/// What is heard of the file at `path`; `None` when no frame is found.
pub(super) fn read_length(path: &Path) -> io::Result<Option<MpegLength>> {
    let mut file = BufReader::new(File::open(path)?);
    skip_tags(&mut file)?;
    let Some(first) = find_frame(&mut file)? else { return Ok(None) };
    let start = file.stream_position()?;
    let mut bytes = Vec::new();
    file.by_ref().take(FIRST_BYTES.min(first.bytes)).read_to_end(&mut bytes)?;
    let info = bytes.get(first.info_offset..).and_then(EncoderHeader::parse);
    let is_frame_heard = info.is_none();
    let (delay, padding) = info.and_then(|info| info.gapless).unwrap_or((0, 0));
    let frames = match info.and_then(|info| info.frames) {
        Some(frames) => u64::from(frames),
        None => {
            file.seek(io::SeekFrom::Start(start))?;
            count_frames(&mut file)?.saturating_sub(u64::from(!is_frame_heard))
        }
    };
    let decoded = frames * first.samples;
    // Without the header of an encoder nothing is known of a delay, and none is removed.
    let delay = if delay > 0 || padding > 0 { u64::from(delay) + DECODER_DELAY } else { 0 };
    // The padding includes the samples that the decoder is late.
    let end = (decoded + DECODER_DELAY).saturating_sub(u64::from(padding)).min(decoded);
    let samples = if delay > 0 { end.saturating_sub(delay) } else { decoded };
    Ok((samples > 0).then_some(MpegLength { rate: first.rate, delay, samples }))
}

/// The header that encoders write into a first frame that is not heard.
#[derive(Clone, Copy)]
struct EncoderHeader {
    frames: Option<u32>,
    /// Delay and padding in samples.
    gapless: Option<(u32, u32)>,
}

impl EncoderHeader {
    /// Reads `Xing` or `Info`: flags, then a field of four bytes for each of the first two flags, a table of 100 bytes, and
    /// four bytes of quality; then the version of the encoder, and 21 bytes after its start, delay and padding.
    fn parse(bytes: &[u8]) -> Option<Self> {
        const FIELD_BYTES: [usize; 4] = [4, 4, 100, 4];
        let body = bytes.strip_prefix(b"Xing").or_else(|| bytes.strip_prefix(b"Info"))?;
        let (flags, rest) = body.split_first_chunk::<4>()?;
        let flags = u32::from_be_bytes(*flags);
        let frames = (flags & 1 != 0).then(|| rest.first_chunk().map(|frames| u32::from_be_bytes(*frames))).flatten();
        let skipped = (0..4).filter(|bit| flags >> bit & 1 != 0).map(|bit| FIELD_BYTES[bit]).sum::<usize>();
        let version = rest.get(skipped..).unwrap_or_default();
        let is_known = [b"LAME", b"Lavf", b"Lavc"].iter().any(|name| version.starts_with(*name));
        let gapless = version.get(21..24).filter(|_| is_known).map(|delays| {
            let delays = u32::from_be_bytes([0, delays[0], delays[1], delays[2]]);
            (delays >> 12, delays & 0xfff)
        });
        Some(Self { frames: frames.filter(|frames| *frames > 0), gapless })
    }
}

/// Skips ID3 tags of version 2 (ID3v2.4, 3.1).
fn skip_tags(file: &mut BufReader<File>) -> io::Result<()> {
    for _ in 0..MAX_TAGS {
        let start = file.stream_position()?;
        let mut header = [0; 10];
        if file.read_exact(&mut header).is_err() || !header.starts_with(b"ID3") {
            file.seek(io::SeekFrom::Start(start))?;
            break;
        }
        // Seven bits in each byte; a footer repeats the header.
        let size = header[6..].iter().fold(0_i64, |size, byte| size << 7 | i64::from(byte & 0x7f));
        file.seek_relative(size + if header[5] & 0x10 != 0 { 10 } else { 0 })?;
    }
    Ok(())
}

/// Advances to the first frame that another one follows, or the end of the file.
fn find_frame(file: &mut BufReader<File>) -> io::Result<Option<FrameHeader>> {
    let start = file.stream_position()?;
    let mut bytes = Vec::new();
    file.by_ref().take(MAX_JUNK).read_to_end(&mut bytes)?;
    let header_at = |at: usize| bytes.get(at..)?.first_chunk().copied().and_then(FrameHeader::parse);
    let is_frame = |at: usize, header: FrameHeader| {
        let next = at + header.bytes as usize;
        next + 4 > bytes.len() || header_at(next).is_some_and(|next| next.rate == header.rate)
    };
    let found = (0..bytes.len()).find_map(|at| Some((at, header_at(at).filter(|header| is_frame(at, *header))?)));
    let at = found.map_or(0, |(at, _)| at as u64);
    file.seek(io::SeekFrom::Start(start + at))?;
    Ok(found.map(|(_, header)| header))
}

/// The number of whole frames that follow one another.
fn count_frames(file: &mut BufReader<File>) -> io::Result<u64> {
    let len = file.get_ref().metadata()?.len();
    let mut at = file.stream_position()?;
    let mut count = 0;
    let mut header = [0; 4];
    while count < MAX_FRAMES && file.read_exact(&mut header).is_ok() {
        let Some(frame) = FrameHeader::parse(header) else { break };
        at += frame.bytes;
        if at > len {
            break;
        }
        count += 1;
        file.seek_relative(frame.bytes as i64 - 4)?;
    }
    Ok(count)
}
