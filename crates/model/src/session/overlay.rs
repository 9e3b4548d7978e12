//! The layers of a session over its timeline: pause mark and message.

use std::sync::Arc;

use super::SessionFrame;
use crate::color::Color;
use crate::geometry::{Anchor, Rect, Size};
use crate::timeline::{Backing, Draw, PlannedLayer, TextStyle};

/// Offsets to the first item index, which identify the layers from frame to frame. The pause mark has three layers.
const PAUSE_MARK_ITEM: usize = 0;
const MESSAGE_ITEM: usize = 3;

/// Background of mark and message, dark enough for white on any video.
const BACKGROUND: Color = Color::rgb(0x0b, 0x12, 0x20).with_alpha(0xc4);

/// Side of the pause mark, as a fraction of the canvas's shorter side, and in units. A unit is a whole number of pixels,
/// so that edges are sharp and both bars equal.
const MARK_SIDE: f32 = 0.12;
const MARK_UNITS: f32 = 12.0;

/// Font size of the message, as a fraction of the canvas's shorter side, and its minimum in pixels.
const FONT_SIZE: f32 = 0.055;
const MIN_FONT_SIZE: f32 = 4.0;
/// Vertical centre of the message, as a fraction of the canvas's height.
const MESSAGE_CENTER: f32 = 0.72;
/// Largest width of the message, as a fraction of the canvas's width.
const MESSAGE_WIDTH: f32 = 0.84;

/// The layers over those of the timeline, in drawing order. Their item indices start with `first_item`, which must be
/// one past the last of the timeline.
#[must_use]
pub fn overlay(frame: &SessionFrame, canvas: Size, first_item: usize) -> Vec<PlannedLayer> {
    let layer = |offset: usize, draw| PlannedLayer { item: first_item + offset, opacity: PlannedLayer::OPAQUE, draw };
    let mut layers = Vec::new();
    if frame.is_paused {
        layers.extend(pause_mark(canvas).into_iter().zip(PAUSE_MARK_ITEM..).map(|(draw, offset)| layer(offset, draw)));
    }
    if let Some(text) = &frame.message {
        layers.push(layer(MESSAGE_ITEM, Draw::Text { text: text.clone(), style: Arc::new(message_style(canvas)) }));
    }
    layers
}

/// Two bars in a rounded box at the centre of the canvas.
fn pause_mark(canvas: Size) -> [Draw; 3] {
    let unit = (shorter_side(canvas) * MARK_SIDE / MARK_UNITS).round().max(1.0);
    let corner = |side: u32| ((side as f32 - MARK_UNITS * unit) / 2.0).floor();
    let (left, top) = (corner(canvas.width), corner(canvas.height));
    let shape = |[x, y, width, height]: [f32; 4], radius: f32, color| {
        let rect = Rect::new(left + x * unit, top + y * unit, width * unit, height * unit);
        Draw::Shape { rect, radius: radius * unit, color }
    };
    [
        shape([0.0, 0.0, MARK_UNITS, MARK_UNITS], 2.0, BACKGROUND),
        shape([3.0, 3.0, 2.0, 6.0], 0.5, Color::WHITE),
        shape([7.0, 3.0, 2.0, 6.0], 0.5, Color::WHITE),
    ]
}

fn message_style(canvas: Size) -> TextStyle {
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let size = (shorter_side(canvas) * FONT_SIZE).max(MIN_FONT_SIZE);
    TextStyle {
        size,
        min_size: (size / 2.0).max(MIN_FONT_SIZE),
        weight: 700,
        color: Color::WHITE,
        position: (width / 2.0, height * MESSAGE_CENTER),
        anchor: Anchor::Center,
        max_width: width * MESSAGE_WIDTH,
        max_lines: 3,
        backing: Some(Backing { color: BACKGROUND, padding_x: size * 0.6, padding_y: size * 0.35, radius: size * 0.4 }),
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

    fn frame(is_paused: bool, message: Option<&str>) -> SessionFrame {
        SessionFrame { frame: 7, is_paused, message: message.map(Arc::from) }
    }

    fn item_indices(frame: &SessionFrame) -> Vec<usize> {
        overlay(frame, Size { width: 1920, height: 1080 }, 40).iter().map(|layer| layer.item).collect()
    }

    #[test]
    fn layers_keep_their_item_indices() {
        assert!(item_indices(&frame(false, None)).is_empty());
        assert_eq!(item_indices(&frame(true, None)), [40, 41, 42]);
        assert_eq!(item_indices(&frame(false, Some("Breathe"))), [43]);
        assert_eq!(item_indices(&frame(true, Some("Breathe"))), [40, 41, 42, 43]);
        assert_eq!(overlay(&frame(false, None), Size { width: 64, height: 64 }, 0).capacity(), 0);
    }

    #[test]
    fn the_pause_mark_is_centred_on_whole_pixels() {
        for (width, height) in CANVASES {
            let layers = overlay(&frame(true, None), Size { width, height }, 0);
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
    fn the_message_is_in_the_lower_half_and_clear_of_the_pause_mark() {
        for (width, height) in CANVASES {
            let layers = overlay(&frame(true, Some("Breathe")), Size { width, height }, 0);
            let Draw::Text { text, style } = &layers[3].draw else { panic!("{layers:?}") };
            assert_eq!(&**text, "Breathe");
            assert!(style.min_size >= 4.0 && style.min_size <= style.size, "{style:?}");
            assert!(style.max_width < width as f32 && style.position.0 == width as f32 / 2.0, "{style:?}");
            let padding = style.backing.map_or(0.0, |backing| backing.padding_y);
            let half = f32::from(style.max_lines) * style.size * 1.2 / 2.0 + padding;
            let (above, below) = (style.position.1 - half, style.position.1 + half);
            // A message on a canvas of a few pixels is not legible.
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
