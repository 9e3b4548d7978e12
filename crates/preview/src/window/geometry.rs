//! Sizes and areas of the window in physical pixels. Pure.

use repcast_model::geometry::{Rect, Size};
use winit::dpi::{PhysicalPosition, PhysicalSize};

use crate::cockpit::BAR_HEIGHT;

/// Largest share of the monitor that a new window covers, in each direction.
const MAX_MONITOR_SHARE: f64 = 0.85;

/// Scale of the canvas where the monitor's size is unknown.
const DEFAULT_SCALE: f64 = 0.5;

/// Converts an area from egui points to pixels of the window, with edges on whole pixels.
pub(super) fn area_in_pixels(area: egui::Rect, pixels_per_point: f32, window: PhysicalSize<u32>) -> Rect {
    let to_pixels = |points: f32, max: u32| (points * pixels_per_point).round().clamp(0.0, max as f32);
    let (x, y) = (to_pixels(area.left(), window.width), to_pixels(area.top(), window.height));
    let (right, bottom) = (to_pixels(area.right(), window.width), to_pixels(area.bottom(), window.height));
    Rect { x, y, width: right - x, height: bottom - y }
}

/// The size of a new window: the canvas, scaled to fit the monitor, and the bar below it. `monitor` is its size and its
/// scale factor.
pub(super) fn initial_size(canvas: Size, monitor: Option<(PhysicalSize<u32>, f64)>) -> PhysicalSize<u32> {
    let bar = f64::from(BAR_HEIGHT) * monitor.map_or(1.0, |(_, scale)| scale);
    let (width, height) = (f64::from(canvas.width), f64::from(canvas.height));
    let known = monitor.map(|(size, _)| size).filter(|size| size.width > 0 && size.height > 0);
    let scale = known.map_or(DEFAULT_SCALE, |monitor| {
        let horizontal = f64::from(monitor.width) * MAX_MONITOR_SHARE / width;
        let vertical = (f64::from(monitor.height) * MAX_MONITOR_SHARE - bar) / height;
        horizontal.min(vertical).clamp(0.05, 1.0)
    });
    PhysicalSize::new((width * scale).round() as u32, (height * scale + bar).round() as u32)
}

/// Height that a desktop's panels may take of a screen, in points. The window system does not say which part is free.
const PANEL_HEIGHT: f64 = 48.0;

/// The room for a window's contents on a monitor of this size and scale factor. `edges` is what the window manager draws
/// around the contents.
pub(super) fn room_of(monitor: PhysicalSize<u32>, scale_factor: f64, edges: PhysicalSize<u32>) -> PhysicalSize<u32> {
    let panel = (PANEL_HEIGHT * scale_factor).round() as u32;
    PhysicalSize::new(
        monitor.width.saturating_sub(edges.width),
        monitor.height.saturating_sub(edges.height).saturating_sub(panel),
    )
}

/// The size of a window that shows the canvas pixel by pixel with a bar of this height below it, or as large as fits into
/// `room`; and the scale of the canvas, at most 1.
pub(super) fn actual_size(canvas: Size, bar: u32, room: Option<PhysicalSize<u32>>) -> (PhysicalSize<u32>, f64) {
    let (width, height) = (f64::from(canvas.width), f64::from(canvas.height));
    let known = room.filter(|room| room.width > 0 && room.height > bar);
    let scale = known.map_or(1.0, |room| {
        (f64::from(room.width) / width).min(f64::from(room.height - bar) / height).clamp(0.05, 1.0)
    });
    let scaled = |length: f64| (length * scale).floor() as u32;
    (PhysicalSize::new(scaled(width), scaled(height) + bar), scale)
}

/// The position nearest to `at` where a window lies within its monitor; the top left corner of one that is too large.
pub(super) fn position_within(
    at: PhysicalPosition<i32>,
    window: PhysicalSize<u32>,
    monitor_at: PhysicalPosition<i32>,
    monitor: PhysicalSize<u32>,
) -> PhysicalPosition<i32> {
    let within = |at: i32, length: u32, start: i32, room: u32| {
        let last = start.saturating_add_unsigned(room.saturating_sub(length));
        at.clamp(start, last.max(start))
    };
    PhysicalPosition::new(
        within(at.x, window.width, monitor_at.x, monitor.width),
        within(at.y, window.height, monitor_at.y, monitor.height),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_actual_size_stays_within_the_screen() {
        let canvas = Size { width: 1920, height: 1080 };
        let room = |width, height| Some(PhysicalSize::new(width, height));
        assert_eq!(actual_size(canvas, 150, room(2560, 1440)), (PhysicalSize::new(1920, 1230), 1.0));
        assert_eq!(actual_size(canvas, 150, None), (PhysicalSize::new(1920, 1230), 1.0));
        let (small, scale) = actual_size(canvas, 150, room(1600, 930));
        assert_eq!((small, scale < 1.0), (PhysicalSize::new(1386, 930), true));
        let (narrow, _) = actual_size(canvas, 150, room(800, 930));
        assert_eq!(narrow, PhysicalSize::new(800, 600));
        // A screen without room for a frame.
        assert_eq!(actual_size(canvas, 150, room(800, 100)).1, 1.0);
        assert_eq!(room_of(PhysicalSize::new(1600, 1000), 1.0, PhysicalSize::new(2, 22)), PhysicalSize::new(1598, 930));
    }

    #[test]
    fn a_window_that_grows_is_moved_into_its_monitor() {
        let at = PhysicalPosition::new;
        let within =
            |x, y| position_within(at(x, y), PhysicalSize::new(800, 600), at(1000, 0), PhysicalSize::new(1600, 900));
        assert_eq!(within(1200, 100), at(1200, 100));
        assert_eq!(within(2000, 500), at(1800, 300));
        assert_eq!(within(0, -50), at(1000, 0));
        let large = position_within(at(70, 70), PhysicalSize::new(800, 600), at(10, 20), PhysicalSize::new(500, 400));
        assert_eq!(large, at(10, 20));
    }

    #[test]
    fn a_new_window_fits_the_monitor_with_its_bar() {
        let canvas = Size { width: 1920, height: 1080 };
        let monitor = |width, height, scale| Some((PhysicalSize::new(width, height), scale));
        let large = initial_size(canvas, monitor(7680, 4320, 1.0));
        assert_eq!(large, PhysicalSize::new(1920, 1080 + BAR_HEIGHT as u32));
        let small = initial_size(canvas, monitor(1280, 720, 1.0));
        assert!(small.width <= 1088 && small.height <= 612, "{small:?}");
        assert_eq!(initial_size(canvas, None), initial_size(canvas, monitor(0, 0, 1.0)));
    }

    #[test]
    fn areas_are_clamped_to_the_window() {
        let area = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(100.4, 50.2));
        let found = area_in_pixels(area, 2.0, PhysicalSize::new(200, 200));
        assert_eq!(found, Rect { x: 0.0, y: 0.0, width: 200.0, height: 100.0 });
    }
}
