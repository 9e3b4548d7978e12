//! Colors of another gamut or a higher dynamic range as colors of the canvas, by the standards' formulas.

use repcast_model::color::{Colorimetry, Transfer};

/// White of standard dynamic range, ITU-R BT.2408.
const WHITE_NITS: f64 = 203.0;

/// Light from which highlights are compressed.
const KNEE: f64 = 0.75;

pub(super) fn mapped(color: [f64; 3], colorimetry: Colorimetry) -> [f64; 3] {
    let (from, peak) = match colorimetry.transfer {
        Transfer::Sdr => (color.map(|value| value.powf(2.4)), 1.0),
        Transfer::Pq { peak_nits } => (color.map(pq), (f64::from(peak_nits) / WHITE_NITS).max(1.0)),
        Transfer::Hlg => (hlg(color), 1000.0 / WHITE_NITS),
    };
    let matrix = colorimetry.primaries.to_bt709();
    let light = matrix.map(|row| row[0] * from[0] + row[1] * from[1] + row[2] * from[2]);
    let gray = (0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]).max(0.0);
    let towards_gray = |light: [f64; 3], share: f64| light.map(|value| gray + (value - gray) * share);
    let low = light.into_iter().fold(f64::MAX, f64::min);
    let light = if low < 0.0 { towards_gray(light, gray / (gray - low)) } else { light };
    let high = light.into_iter().fold(0.0, f64::max);
    if colorimetry.transfer == Transfer::Sdr {
        let light =
            if high > 1.0 { towards_gray(light, (1.0 - gray).max(0.0) / (high - gray).max(1e-6)) } else { light };
        return light.map(|value| value.clamp(0.0, 1.0).powf(1.0 / 2.4));
    }
    let shown = if high <= KNEE {
        high
    } else {
        let (above, most) = ((high.min(peak) - KNEE) / (1.0 - KNEE), (peak - KNEE) / (1.0 - KNEE));
        KNEE + (1.0 - KNEE) * above * (1.0 + above / (most * most)) / (1.0 + above)
    };
    light.map(|value| srgb((value * if high > 0.0 { shown / high } else { 1.0 }).clamp(0.0, 1.0)))
}

/// SMPTE ST 2084, 1 being white.
fn pq(value: f64) -> f64 {
    let (m1, m2) = (2610.0 / 16384.0, 2523.0 / 4096.0 * 128.0);
    let (c1, c2, c3) = (3424.0 / 4096.0, 2413.0 / 4096.0 * 32.0, 2392.0 / 4096.0 * 32.0);
    let root = value.powf(1.0 / m2);
    ((root - c1).max(0.0) / (c2 - c3 * root)).powf(1.0 / m1) * 10000.0 / WHITE_NITS
}

/// ITU-R BT.2100, table 5, on a display of 1000 candela per square metre.
fn hlg(color: [f64; 3]) -> [f64; 3] {
    let (a, b, c) = (0.178_832_77, 0.284_668_92, 0.559_910_73);
    let scene =
        color.map(|value| if value <= 0.5 { value * value / 3.0 } else { (((value - c) / a).exp() + b) / 12.0 });
    let luma = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2];
    scene.map(|value| value * if luma > 0.0 { luma.powf(0.2) } else { 0.0 } * 1000.0 / WHITE_NITS)
}

fn srgb(light: f64) -> f64 {
    if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}
