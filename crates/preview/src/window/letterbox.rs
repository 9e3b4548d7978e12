//! Where the frame is placed in the window. Pure.

use repcast_model::geometry::{Rect, Size};

/// The largest centered rectangle of the frame's aspect ratio in `area`, with edges on whole pixels. An area of exactly
/// the frame's size is filled pixel by pixel.
pub(crate) fn letterbox(frame: Size, area: Rect) -> Rect {
    let scale = (area.width / frame.width as f32).min(area.height / frame.height as f32);
    // Within a pixel of its native size the frame is not scaled, because scaling would blur it.
    let fits = |length: u32, room: f32| (room - length as f32 * scale).abs() < 1.0 && length as f32 <= room;
    let is_native_size = scale >= 1.0
        && (scale - 1.0) * (frame.width.max(frame.height) as f32) < 1.0
        && (fits(frame.width, area.width) || fits(frame.height, area.height));
    let scale = if is_native_size { 1.0 } else { scale };
    let width = (frame.width as f32 * scale).round().min(area.width.floor()).max(0.0);
    let height = (frame.height as f32 * scale).round().min(area.height.floor()).max(0.0);
    let x = (area.x + (area.width - width) / 2.0).floor();
    let y = (area.y + (area.height - height) / 2.0).floor();
    Rect { x, y, width, height }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bars_are_equal_on_both_sides() {
        let frame = Size { width: 1920, height: 1080 };
        let area = |width, height| Rect { x: 0.0, y: 0.0, width, height };
        assert_eq!(letterbox(frame, area(1920.0, 1080.0)), area(1920.0, 1080.0));
        assert_eq!(letterbox(frame, area(960.0, 1000.0)), Rect { x: 0.0, y: 230.0, width: 960.0, height: 540.0 });
        assert_eq!(letterbox(frame, area(2000.0, 1080.0)), Rect { x: 40.0, y: 0.0, width: 1920.0, height: 1080.0 });
        assert_eq!(letterbox(frame, area(0.0, 0.0)).width, 0.0);
    }

    proptest! {
        #[test]
        fn the_frame_keeps_its_aspect_ratio_and_stays_inside(
            (width, height) in (2_u32..4000, 2_u32..4000), (x, y) in (0_u32..100, 0_u32..100),
            (across, down) in (1_u32..5000, 1_u32..5000),
        ) {
            let area = Rect { x: x as f32, y: y as f32, width: across as f32, height: down as f32 };
            let rect = letterbox(Size { width, height }, area);
            prop_assert!(rect.x >= area.x && rect.y >= area.y, "{rect:?}");
            prop_assert!(rect.right() <= area.right() && rect.bottom() <= area.bottom(), "{rect:?}");
            prop_assert_eq!((rect.x.fract(), rect.y.fract(), rect.width.fract(), rect.height.fract()), (0.0, 0.0, 0.0, 0.0));
            // One dimension is filled, and the other is exact to a pixel.
            prop_assert!(area.width - rect.width < 1.5 || area.height - rect.height < 1.5, "{rect:?}");
            let expected = rect.width * height as f32 / width as f32;
            prop_assert!((rect.height - expected).abs() <= 1.0 + 0.5 * height as f32 / width as f32, "{rect:?}");
        }
    }
}
