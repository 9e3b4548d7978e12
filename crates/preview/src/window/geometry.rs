//! Sizes and areas of the window in physical pixels. Pure.

use repcast_model::geometry::{Rect, Size};
use winit::dpi::PhysicalSize;

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

#[cfg(test)]
mod tests {
    use super::*;

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
