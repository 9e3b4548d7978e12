//! Makes the smooth edges of a painted frame as narrow as the eye allows.
//!
//! A clip in the QuickTime Animation format holds runs of equal pixels, so its size is mostly that of the blended
//! pixels along the edges. Those that are hardly blended can as well have the colour of the surface that they belong
//! to: nobody sees the difference, and the clip is much smaller.

use std::collections::HashMap;

use tiny_skia::Pixmap;

/// A colour belongs to a surface when at least this many pixels of the frame have it.
const SURFACE: usize = 300;
/// How far apart two colours may be, in steps of their channels, for one to stand in for the other.
const TOLERANCE: i32 = 44;

/// Gives pixels that are nearly of a surface's colour, or nearly transparent, exactly that colour.
pub(crate) fn crispen(pixmap: &mut Pixmap) {
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

/// The surface colour that is nearest to a pixel, if it is near enough. Of two equally near ones it is the smaller one,
/// so that the same frame always comes out the same.
fn nearest(surfaces: &[[u8; 4]], pixel: [u8; 4]) -> Option<[u8; 4]> {
    let distance = |surface: &[u8; 4]| -> i32 {
        surface.iter().zip(pixel).map(|(one, other)| (i32::from(*one) - i32::from(other)).pow(2)).sum()
    };
    let nearest = surfaces.iter().min_by_key(|surface| (distance(surface), **surface))?;
    (distance(nearest) <= TOLERANCE * TOLERANCE).then_some(*nearest)
}
