//! Reduces the antialiased edges of a painted frame, which makes clips smaller.
//!
//! QuickTime Animation stores runs of equal pixels, so that most of a clip's size is due to blended pixels along edges. Pixels
//! that are hardly blended get the colour of their surface: the difference is not visible, and the clip is much smaller.

use std::collections::HashMap;

use tiny_skia::Pixmap;

/// A colour belongs to a surface when at least this many pixels of the frame have it.
const SURFACE: usize = 300;
/// Largest difference between a colour and its replacement, in levels per channel.
const TOLERANCE: i32 = 44;

/// Replaces colours that are close to a surface colour, or nearly transparent, by that colour.
pub(crate) fn snap(pixmap: &mut Pixmap) {
    let (pixels, _) = pixmap.data_mut().as_chunks_mut::<4>();
    let mut counts: HashMap<[u8; 4], usize> = HashMap::new();
    for pixel in pixels.iter() {
        *counts.entry(*pixel).or_default() += 1;
    }
    let surfaces: Vec<[u8; 4]> =
        counts.iter().filter(|(_, count)| **count >= SURFACE).map(|(pixel, _)| *pixel).collect();
    let replacements: HashMap<[u8; 4], [u8; 4]> =
        counts.keys().filter_map(|pixel| Some((*pixel, nearest(&surfaces, *pixel)?))).collect();
    for pixel in pixels {
        if let Some(replacement) = replacements.get(pixel) {
            *pixel = *replacement;
        }
    }
}

/// The nearest surface colour, if it is near enough. Of two equally near ones it is the smaller one, so that the result is
/// deterministic.
fn nearest(surfaces: &[[u8; 4]], pixel: [u8; 4]) -> Option<[u8; 4]> {
    let distance = |surface: &[u8; 4]| -> i32 {
        surface.iter().zip(pixel).map(|(one, other)| (i32::from(*one) - i32::from(other)).pow(2)).sum()
    };
    let nearest = surfaces.iter().min_by_key(|surface| (distance(surface), **surface))?;
    (distance(nearest) <= TOLERANCE * TOLERANCE).then_some(*nearest)
}
