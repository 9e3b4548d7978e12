//! Encodes sRGB colors in other color systems, by the formulas of the standards.

/// Luminance of SDR white in HDR, in candela per square metre (ITU-R BT.2408).
pub(crate) const WHITE_NITS: f64 = 203.0;

/// Transfer functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Curve {
    /// ITU-R BT.1886.
    Video,
    /// SMPTE ST 2084.
    Pq,
    /// ITU-R BT.2100, hybrid log-gamma, graded on a display of 1000 candela per square metre.
    Hlg,
}

/// Rows from linear light of BT.709 to that of BT.2020: ITU-R BT.2087, 2.2.
pub(crate) const TO_BT2020: [[f64; 3]; 3] =
    [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]];

/// Rows from linear light of BT.709 to that of Display P3, from the chromaticities of SMPTE EG 432-1.
pub(crate) const TO_P3: [[f64; 3]; 3] = [[0.8225, 0.1775, 0.0], [0.0332, 0.9668, 0.0], [0.0171, 0.0724, 0.9105]];

/// Kr and Kb.
pub(crate) type Weights = (f64, f64);
pub(crate) const BT709: Weights = (0.2126, 0.0722);
pub(crate) const BT2020: Weights = (0.2627, 0.0593);

pub(crate) fn times(matrix: [[f64; 3]; 3], color: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * color[0] + row[1] * color[1] + row[2] * color[2])
}

/// Linear light of an sRGB color (IEC 61966-2-1), where white is 1.
pub(crate) fn light_of(color: [f64; 3]) -> [f64; 3] {
    color.map(|level| {
        let value = level / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

impl Curve {
    /// Encodes linear light in the primaries of the signal, where white is 1.
    pub(crate) fn code(self, light: [f64; 3]) -> [f64; 3] {
        match self {
            Self::Video => light.map(|value| value.powf(1.0 / 2.4)),
            Self::Pq => light.map(|value| {
                let root = (value * WHITE_NITS / 10000.0).powf(2610.0 / 16384.0);
                let (c1, c2, c3) = (3424.0 / 4096.0, 2413.0 / 128.0, 2392.0 / 128.0);
                ((c1 + c2 * root) / (1.0 + c3 * root)).powf(2523.0 / 32.0)
            }),
            Self::Hlg => {
                let display = light.map(|value| value * WHITE_NITS / 1000.0);
                let luminance: f64 = 0.2627 * display[0] + 0.6780 * display[1] + 0.0593 * display[2];
                let scene = display.map(|value| value * luminance.max(1e-9).powf((1.0 - 1.2) / 1.2));
                scene.map(|value| {
                    let (a, b, c) = (0.178_832_77, 0.284_668_92, 0.559_910_73);
                    if value <= 1.0 / 12.0 { (3.0 * value).sqrt() } else { a * (12.0 * value - b).ln() + c }
                })
            }
        }
    }
}

/// The planes of a frame in 4:2:0, limited range; `color` returns the encoded RGB of a pixel. Above eight bits, a sample is two
/// bytes, little endian.
pub(crate) fn planes(
    (width, height): (usize, usize),
    depth: u32,
    (kr, kb): Weights,
    color: impl Fn(usize, usize) -> [f64; 3],
) -> Vec<u8> {
    let unit = f64::from(1 << (depth - 8));
    let luma = |[r, g, b]: [f64; 3]| kr * r + (1.0 - kr - kb) * g + kb * b;
    let mut samples: Vec<f64> =
        (0..width * height).map(|at| (16.0 + 219.0 * luma(color(at % width, at / width))) * unit).collect();
    for index in [2, 0] {
        let weight = if index == 2 { kb } else { kr };
        for at in 0..width * height / 4 {
            let found = color(at % (width / 2) * 2, at / (width / 2) * 2);
            samples.push((128.0 + 224.0 * (found[index] - luma(found)) / (2.0 * (1.0 - weight))) * unit);
        }
    }
    let bytes = if depth > 8 { 2 } else { 1 };
    samples.iter().flat_map(|sample| (sample.round() as u16).to_le_bytes().into_iter().take(bytes)).collect()
}
