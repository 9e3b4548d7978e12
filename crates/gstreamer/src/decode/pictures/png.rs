//! Color spaces in PNG chunks other than an ICC profile (PNG, third edition, 11.3.2), and files without an end.

use std::io::{Read, Seek, SeekFrom};

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, MatrixCoefficients, ToneReprCurve,
    TransferCharacteristics,
};

/// Most chunks that are read before the image data.
const MAX_CHUNKS: usize = 1000;

/// Most chunks that are read in all: encoders write 8 KiB or more in each.
const MAX_ALL_CHUNKS: usize = 1_000_000;

/// Largest file without an IEND chunk that is read into memory, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// Relative deviation up to which a gamma of 1/2.2 means the sRGB curve, as in libpng: most files that state 1/2.2 are
/// sRGB.
const GAMMA_TOLERANCE: f64 = 0.05;

/// The chunks that describe the color space.
#[derive(Default)]
struct ColorChunks {
    cicp: Option<[u8; 4]>,
    has_profile: bool,
    is_srgb: bool,
    /// The exponent with which the samples were encoded.
    gamma: Option<f64>,
    /// CIE x and y of white, red, green and blue.
    chromaticities: Option<[f64; 8]>,
}

/// The color space of a PNG stated in numbers. `None` if it is sRGB, unknown, or stated by an ICC profile. Chunks take
/// precedence in the order of the standard (4.3): cICP, iCCP, sRGB, and gAMA with cHRM.
pub(super) fn named_space(file: impl Read + Seek) -> Option<ColorProfile> {
    // The decoder reports damage.
    let chunks = read_chunks(file).ok()?;
    match chunks.cicp {
        Some(cicp) => profile_from_cicp(cicp),
        None if chunks.has_profile || chunks.is_srgb => None,
        None => profile_from_chromaticities(chunks.gamma, chunks.chromaticities),
    }
}

/// The bytes of a PNG up to its last complete chunk, with an IEND chunk appended. `None` if the file has one, and can
/// be read as it is. Whether the image data is complete is checked by the decoder.
pub(super) fn with_end(file: &mut (impl Read + Seek)) -> std::io::Result<Option<Vec<u8>>> {
    const IEND: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";
    let len = file.seek(SeekFrom::End(0))?;
    let mut end = file.seek(SeekFrom::Start(8))?;
    for _ in 0..MAX_ALL_CHUNKS {
        let mut header = [0; 8];
        if end + 8 > len {
            break;
        }
        file.read_exact(&mut header)?;
        let [a, b, c, d, name @ ..] = header;
        if &name == b"IEND" {
            return Ok(None);
        }
        let length = u32::from_be_bytes([a, b, c, d]);
        if end + 12 + u64::from(length) > len {
            break;
        }
        end += 12 + u64::from(length);
        file.seek_relative(i64::from(length) + 4)?;
    }
    if end > MAX_BYTES {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.take(end).read_to_end(&mut bytes)?;
    bytes.extend_from_slice(IEND);
    Ok(Some(bytes))
}

fn read_chunks(mut file: impl Read + Seek) -> std::io::Result<ColorChunks> {
    let mut chunks = ColorChunks::default();
    file.seek(SeekFrom::Start(8))?;
    for _ in 0..MAX_CHUNKS {
        let mut header = [0; 8];
        file.read_exact(&mut header)?;
        let [a, b, c, d, name @ ..] = header;
        let length = u32::from_be_bytes([a, b, c, d]);
        let mut data = [0; 32];
        let read_bytes = length.min(32) as usize;
        file.read_exact(&mut data[..read_bytes])?;
        // Stored in units of 1/100,000.
        let number = |at: usize| {
            f64::from(u32::from_be_bytes([data[4 * at], data[4 * at + 1], data[4 * at + 2], data[4 * at + 3]])) / 1e5
        };
        match (&name, length) {
            (b"cICP", 4) => chunks.cicp = Some([data[0], data[1], data[2], data[3]]),
            (b"iCCP", _) => chunks.has_profile = true,
            (b"sRGB", _) => chunks.is_srgb = true,
            (b"gAMA", 4) => chunks.gamma = Some(number(0)),
            (b"cHRM", 32) => chunks.chromaticities = Some(std::array::from_fn(number)),
            (b"IDAT" | b"IEND", _) => break,
            _ => {}
        }
        // The rest of the data, and the checksum.
        file.seek_relative(i64::from(length) - read_bytes as i64 + 4)?;
    }
    Ok(chunks)
}

/// The transfers of BT.709, BT.601 and BT.2020 are treated as sRGB, as in video.
fn profile_from_cicp([primaries, transfer, _, is_full_range]: [u8; 4]) -> Option<ColorProfile> {
    const SDR: [u8; 6] = [1, 2, 6, 13, 14, 15];
    let transfer_characteristics = match transfer {
        transfer if SDR.contains(&transfer) => TransferCharacteristics::Srgb,
        // Gamma 2.2 and 2.8, linear.
        4 => TransferCharacteristics::Bt470M,
        5 => TransferCharacteristics::Bt470Bg,
        8 => TransferCharacteristics::Linear,
        _ => {
            tracing::warn!(
                "a PNG with the transfer {transfer} of ITU-T H.273 (16 is PQ, 18 HLG) is not supported; its samples are \
                 shown as sRGB"
            );
            return None;
        }
    };
    let color_primaries = match CicpColorPrimaries::try_from(primaries).ok()? {
        CicpColorPrimaries::Unspecified => CicpColorPrimaries::Bt709,
        known => known,
    };
    // Narrow-range samples are not expanded, so that no profile fits them.
    (is_full_range == 1).then(|| {
        ColorProfile::new_from_cicp(CicpProfile {
            color_primaries,
            transfer_characteristics,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        })
    })
}

fn profile_from_chromaticities(gamma: Option<f64>, chromaticities: Option<[f64; 8]>) -> Option<ColorProfile> {
    let exponent = gamma.filter(|gamma| (0.1..=10.0).contains(gamma)).filter(|gamma| {
        let ratio = gamma * 2.2;
        (ratio - 1.0).abs() > GAMMA_TOLERANCE
    });
    // Chromaticities outside of the diagram, or with no luminance, are damage.
    let are_valid = |numbers: &[f64; 8]| numbers.chunks_exact(2).all(|xy| xy[0] + xy[1] <= 1.0 && xy[1] > 0.001);
    let chromaticities = chromaticities.filter(are_valid);
    if exponent.is_none() && chromaticities.is_none() {
        return None;
    }
    let mut space = ColorProfile::new_srgb();
    if let Some([white_x, white_y, numbers @ ..]) = chromaticities {
        let [red, green, blue] = [0, 2, 4].map(|at| Chromaticity { x: numbers[at] as f32, y: numbers[at + 1] as f32 });
        let white = Chromaticity { x: white_x as f32, y: white_y as f32 };
        space.update_rgb_colorimetry(white.to_xyyb(), ColorPrimaries { red, green, blue });
    }
    if let Some(exponent) = exponent {
        let curve = ToneReprCurve::Parametric(vec![(1.0 / exponent) as f32]);
        (space.red_trc, space.green_trc, space.blue_trc) = (Some(curve.clone()), Some(curve.clone()), Some(curve));
        space.cicp = None;
    }
    Some(space)
}
