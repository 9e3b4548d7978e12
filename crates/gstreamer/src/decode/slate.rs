//! The placeholder for a broken clip.

use super::pictures::rgba_frame;
use repcast_media::{ClipFrame, FrameId};
use repcast_model::geometry::Size;

/// Draws a placeholder of this size: dark diagonal stripes and a warning sign, without text, so that nothing needs
/// translation.
#[must_use]
pub fn slate(size: Size) -> ClipFrame {
    let (width, height) = (size.width as f32, size.height as f32);
    let unit = width.min(height);
    let mut bytes = Vec::with_capacity(size.width as usize * size.height as usize * 4);
    for y in 0..size.height {
        for x in 0..size.width {
            let (across, down) = ((x as f32 + 0.5 - width / 2.0) / unit, (y as f32 + 0.5 - height / 2.0) / unit);
            let stripe = ((across + down) * 12.0).rem_euclid(2.0) < 1.0;
            let background = if stripe { [31, 41, 55, 255] } else { [17, 24, 39, 255] };
            bytes.extend_from_slice(&sign(across, down).unwrap_or(background));
        }
    }
    let id = FrameId { clip: super::stream::next_clip_number(), start_nanos: 0 };
    rgba_frame(id, size, bytes)
}

/// The sign's color at a point, in fractions of the shorter side from the center; `None` outside of the sign.
fn sign(across: f32, down: f32) -> Option<[u8; 4]> {
    const AMBER: [u8; 4] = [245, 158, 11, 255];
    const DARK: [u8; 4] = [17, 24, 39, 255];
    let half_width = (down + 0.2) * 0.56;
    let in_triangle = (-0.2..0.2).contains(&down) && across.abs() < half_width;
    let in_stroke = across.abs() < 0.022 && (-0.08..0.07).contains(&down);
    let in_dot = across.hypot(down - 0.125) < 0.028;
    in_triangle.then_some(if in_stroke || in_dot { DARK } else { AMBER })
}
