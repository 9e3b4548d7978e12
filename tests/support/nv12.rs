//! NV12 (ITU-R BT.709, limited range) and RGB, in floating point: what the window and the saved frames are compared with.

/// Red, green and blue from 0 to 255 of a luma sample from 0 to 255 and two chroma samples, not rounded.
pub(crate) fn to_rgb(luma: f64, cb: f64, cr: f64) -> [f64; 3] {
    let luma = (luma - 16.0) / 219.0;
    let [cb, cr] = [cb, cr].map(|value| (value - 128.0) / 224.0);
    let (red, blue) = (luma + 1.5748 * cr, luma + 1.8556 * cb);
    let green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152;
    [red, green, blue].map(|value| value.clamp(0.0, 1.0) * 255.0)
}

/// What RGB pixels, row by row, become in NV12 without rounding: blocks of two by two pixels share the mean of their chroma.
pub(crate) fn with_shared_chroma(pixels: &[[u8; 3]], width: usize) -> Vec<[f64; 3]> {
    let luma_of = |[red, green, blue]: [f64; 3]| 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    let color = |x: usize, y: usize| pixels[y * width + x].map(|level| f64::from(level) / 255.0);
    let shared = |(index, _): (usize, &[u8; 3])| {
        let (x, y) = (index % width, index / width);
        let (left, top) = (x / 2 * 2, y / 2 * 2);
        let block = [color(left, top), color(left + 1, top), color(left, top + 1), color(left + 1, top + 1)];
        let mean: [f64; 3] = std::array::from_fn(|part| block.iter().map(|pixel| pixel[part]).sum::<f64>() / 4.0);
        let (mean_luma, luma) = (luma_of(mean), luma_of(color(x, y)));
        let (cb, cr) = ((mean[2] - mean_luma) / 1.8556, (mean[0] - mean_luma) / 1.5748);
        to_rgb(16.0 + 219.0 * luma, 128.0 + 224.0 * cb, 128.0 + 224.0 * cr)
    };
    pixels.iter().enumerate().map(shared).collect()
}
