//! What a session draws over its timeline: the pause mark and the message.

use std::sync::Arc;

use super::Shown;
use crate::color::Color;
use crate::geometry::{Anchor, Rect, Size};
use crate::timeline::{Backing, Draw, PlannedLayer, TextStyle};

/// What each kind of thing adds to the first item number, so that it is the same thing from frame to frame.
const PAUSE_MARK: usize = 0;
const MESSAGE: usize = 3;

/// Behind the mark and the message: dark enough for white on any picture.
const DARK: Color = Color::rgb(0x0b, 0x12, 0x20).with_alpha(0xc4);

/// The pause mark's side, as a part of the canvas' shorter side, and the units that it is drawn in. A unit is a whole
/// number of pixels, which keeps the edges sharp and the bars alike.
const MARK_SIDE: f32 = 0.12;
const MARK_UNITS: f32 = 12.0;

/// Height of the message's type, as a part of the canvas' shorter side, and never too small to be set.
const TYPE_SIZE: f32 = 0.055;
const LEAST_TYPE_SIZE: f32 = 4.0;
/// Where the middle of the message lies, as a part of the canvas' height.
const MESSAGE_MIDDLE: f32 = 0.72;
/// How wide the message may be, as a part of the canvas' width.
const MESSAGE_WIDTH: f32 = 0.84;

/// The layers that lie over the timeline's own, in drawing order. They are numbered from `first_item`, the first number
/// that no item of the timeline has.
#[must_use]
pub fn overlay(shown: &Shown, canvas: Size, first_item: usize) -> Vec<PlannedLayer> {
    let layer = |kind: usize, draw| PlannedLayer { item: first_item + kind, opacity: PlannedLayer::OPAQUE, draw };
    let mut layers = Vec::new();
    if shown.is_paused {
        layers.extend(pause_mark(canvas).into_iter().zip(PAUSE_MARK..).map(|(draw, kind)| layer(kind, draw)));
    }
    if let Some(text) = &shown.message {
        layers.push(layer(MESSAGE, Draw::Text { text: text.clone(), style: Arc::new(message_style(canvas)) }));
    }
    layers
}

/// Two bars in a rounded box, in the middle of the canvas.
fn pause_mark(canvas: Size) -> [Draw; 3] {
    let unit = (shorter_side(canvas) * MARK_SIDE / MARK_UNITS).round().max(1.0);
    let corner = |side: u32| ((side as f32 - MARK_UNITS * unit) / 2.0).floor();
    let (left, top) = (corner(canvas.width), corner(canvas.height));
    let shape = |[x, y, width, height]: [f32; 4], radius: f32, color| {
        let rect = Rect::new(left + x * unit, top + y * unit, width * unit, height * unit);
        Draw::Shape { rect, radius: radius * unit, color }
    };
    [
        shape([0.0, 0.0, MARK_UNITS, MARK_UNITS], 2.0, DARK),
        shape([3.0, 3.0, 2.0, 6.0], 0.5, Color::WHITE),
        shape([7.0, 3.0, 2.0, 6.0], 0.5, Color::WHITE),
    ]
}

fn message_style(canvas: Size) -> TextStyle {
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let size = (shorter_side(canvas) * TYPE_SIZE).max(LEAST_TYPE_SIZE);
    TextStyle {
        size,
        min_size: (size / 2.0).max(LEAST_TYPE_SIZE),
        weight: 700,
        color: Color::WHITE,
        position: (width / 2.0, height * MESSAGE_MIDDLE),
        anchor: Anchor::Center,
        max_width: width * MESSAGE_WIDTH,
        max_lines: 3,
        backing: Some(Backing { color: DARK, padding_x: size * 0.6, padding_y: size * 0.35, radius: size * 0.4 }),
        outline: None,
        tabular: false,
    }
}

fn shorter_side(canvas: Size) -> f32 {
    canvas.width.min(canvas.height) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANVASES: [(u32, u32); 6] = [(1920, 1080), (1280, 720), (1080, 1920), (3840, 2160), (16, 16), (7680, 16)];

    fn shown(is_paused: bool, message: Option<&str>) -> Shown {
        Shown { frame: 7, is_paused, message: message.map(Arc::from) }
    }

    fn numbers(shown: &Shown) -> Vec<usize> {
        overlay(shown, Size { width: 1920, height: 1080 }, 40).iter().map(|layer| layer.item).collect()
    }

    #[test]
    fn each_kind_keeps_its_number() {
        assert!(numbers(&shown(false, None)).is_empty());
        assert_eq!(numbers(&shown(true, None)), [40, 41, 42]);
        assert_eq!(numbers(&shown(false, Some("Breathe"))), [43]);
        assert_eq!(numbers(&shown(true, Some("Breathe"))), [40, 41, 42, 43]);
        assert_eq!(overlay(&shown(false, None), Size { width: 64, height: 64 }, 0).capacity(), 0);
    }

    #[test]
    fn the_pause_mark_stands_in_the_middle_on_whole_pixels() {
        for (width, height) in CANVASES {
            let layers = overlay(&shown(true, None), Size { width, height }, 0);
            let rects: Vec<Rect> = layers.iter().map(|layer| shape(&layer.draw)).collect();
            let [mark, left, right] = rects[..] else { panic!("{rects:?}") };
            let center = |rect: Rect| (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
            let (x, y) = center(mark);
            assert!((x - width as f32 / 2.0).abs() <= 0.5 && (y - height as f32 / 2.0).abs() <= 0.5, "{mark:?}");
            assert_eq!(((center(left).0 + center(right).0) / 2.0, center(left).1), (x, y));
            assert_eq!((left.width, left.height, left.y), (right.width, right.height, right.y));
            assert!(left.x > mark.x && left.right() < right.x && right.right() < mark.right(), "{rects:?}");
            let edges = rects.iter().flat_map(|rect| [rect.x, rect.y, rect.width, rect.height]);
            assert!(edges.into_iter().all(|edge| edge.fract() == 0.0 && edge >= 0.0), "{rects:?}");
            let part = mark.width / width.min(height) as f32;
            assert!(width.min(height) < 720 || (0.11..0.13).contains(&part), "{part} of {width}x{height}");
        }
    }

    #[test]
    fn the_message_is_set_in_the_lower_half_and_clear_of_the_pause_mark() {
        for (width, height) in CANVASES {
            let layers = overlay(&shown(true, Some("Breathe")), Size { width, height }, 0);
            let Draw::Text { text, style } = &layers[3].draw else { panic!("{layers:?}") };
            assert_eq!(&**text, "Breathe");
            assert!(style.min_size >= 4.0 && style.min_size <= style.size, "{style:?}");
            assert!(style.max_width < width as f32 && style.position.0 == width as f32 / 2.0, "{style:?}");
            let padding = style.backing.map_or(0.0, |backing| backing.padding_y);
            let half = f32::from(style.max_lines) * style.size * 1.2 / 2.0 + padding;
            let (above, below) = (style.position.1 - half, style.position.1 + half);
            // On a canvas of a few pixels nothing can be read anyway.
            let is_clear = above > shape(&layers[0].draw).bottom() && below < height as f32;
            assert!(is_clear || height < 100, "{above} to {below} of {width}x{height}");
        }
    }

    fn shape(draw: &Draw) -> Rect {
        match draw {
            Draw::Shape { rect, .. } => *rect,
            other => panic!("{other:?}"),
        }
    }
}
