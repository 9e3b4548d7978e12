//! Chroma keys on the CPU: the formula of `model/src/chroma_key.rs`, in the numbers of ITU-R BT.709.

use repcast_model::chroma_key::ChromaKey;
use repcast_model::time::to_f64;

/// Luma, and (Cb, Cr) from -0.5 to 0.5.
fn luma_chroma([red, green, blue]: [f64; 3]) -> (f64, [f64; 2]) {
    let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    (luma, [(blue - luma) / 1.8556, (red - luma) / 1.5748])
}

/// The color of a pixel without what the screen spills onto it, and its matte.
pub(super) fn keyed(color: [f64; 3], key: &ChromaKey) -> ([f64; 3], f64) {
    let screen = [key.color.red, key.color.green, key.color.blue].map(|value| f64::from(value) / 255.0);
    let ((screen_luma, [screen_cb, screen_cr]), (_, [cb, cr])) = (luma_chroma(screen), luma_chroma(color));
    let reach = screen_cb.hypot(screen_cr);
    let distance = (cb - screen_cb).hypot(cr - screen_cr) / reach;
    let [similarity, smoothness, spill] = [key.similarity, key.smoothness, key.spill].map(to_f64);
    let matte = ((distance - similarity) / smoothness.max(1e-4)).clamp(0.0, 1.0);
    let amount = spill * (cb * screen_cb + cr * screen_cr).max(0.0) / (reach * reach);
    (std::array::from_fn(|part| (color[part] - amount * (screen[part] - screen_luma)).clamp(0.0, 1.0)), matte)
}
