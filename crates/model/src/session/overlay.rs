//! The layers of a session over its timeline: pause mark and message.

use std::sync::Arc;

use super::SessionFrame;
use crate::geometry::{Anchor, Rect};
use crate::timeline::{Backing, Draw, OverlayPlaces, PlannedLayer, TextStyle};

/// Offsets to the first item index, which identify the layers from frame to frame. The pause mark has three layers.
const PAUSE_MARK_ITEM: usize = 0;
const MESSAGE_ITEM: usize = 3;

/// Units along a side of the pause mark. A unit is a whole number of pixels, so that edges are sharp and both bars equal.
const MARK_UNITS: f32 = 12.0;

/// Font size of a message and its minimum, as fractions of the height of its place, and the minimum in pixels.
const FONT_SIZE: f32 = 0.36;
const MIN_FONT_SIZE: f32 = 0.17;
const MIN_FONT_PIXELS: f32 = 4.0;

/// Distance of a message from the edges of its box, as fractions of the height of its place.
const PADDING_X: f32 = 0.2;
const PADDING_Y: f32 = 0.06;

/// Corner radius of mark and message, as a fraction of the mark's side.
const RADIUS: f32 = 1.0 / 6.0;

/// The layers over those of the timeline, in drawing order. Their item indices start with `first_item`, which must be
/// one past the last of the timeline.
#[must_use]
pub fn overlay(frame: &SessionFrame, places: &OverlayPlaces, first_item: usize) -> Vec<PlannedLayer> {
    let layer = |offset: usize, draw| PlannedLayer { item: first_item + offset, opacity: PlannedLayer::OPAQUE, draw };
    let mut layers = Vec::new();
    if frame.is_paused {
        layers.extend(pause_mark(places).into_iter().zip(PAUSE_MARK_ITEM..).map(|(draw, offset)| layer(offset, draw)));
    }
    if let Some(text) = &frame.message {
        let style = Arc::new(message_style(places));
        layers.push(layer(MESSAGE_ITEM, Draw::Text { text: text.clone(), style, shift: (0, 0) }));
    }
    layers
}

/// Two bars in a rounded box.
fn pause_mark(places: &OverlayPlaces) -> [Draw; 3] {
    let OverlayPlaces { mark, colors, .. } = places;
    let unit = (mark.width / MARK_UNITS).floor().max(1.0);
    let corner = |start: f32, length: f32| (start + (length - MARK_UNITS * unit) / 2.0).floor().max(0.0);
    let (left, top) = (corner(mark.x, mark.width), corner(mark.y, mark.height));
    let shape = |[x, y, width, height]: [f32; 4], radius: f32, color| {
        let rect = Rect::new(left + x * unit, top + y * unit, width * unit, height * unit);
        Draw::Shape { rect, radius: radius * unit, color }
    };
    [
        shape([0.0, 0.0, MARK_UNITS, MARK_UNITS], MARK_UNITS * RADIUS, colors.ground),
        shape([3.0, 3.0, 2.0, 6.0], 0.5, colors.text),
        shape([7.0, 3.0, 2.0, 6.0], 0.5, colors.text),
    ]
}

/// A message fills its place at most: a long one is set in smaller letters, and cut off where these are too small to read.
fn message_style(places: &OverlayPlaces) -> TextStyle {
    let OverlayPlaces { mark, message: Rect { x, y, width, height }, colors, .. } = *places;
    let size = (height * FONT_SIZE).max(MIN_FONT_PIXELS);
    let (padding_x, padding_y) = (height * PADDING_X, height * PADDING_Y);
    TextStyle {
        size,
        min_size: (height * MIN_FONT_SIZE).max(MIN_FONT_PIXELS),
        weight: 700,
        color: colors.text,
        position: (x + width / 2.0, y + height / 2.0),
        anchor: Anchor::Center,
        max_width: (width - 2.0 * padding_x).max(size),
        max_lines: 2,
        backing: Some(Backing { color: colors.ground, padding_x, padding_y, radius: mark.width * RADIUS }),
        outline: None,
        tabular: false,
        font: places.font.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    const CANVASES: [(u32, u32); 6] = [(1920, 1080), (1280, 720), (1080, 1920), (3840, 2160), (16, 16), (7680, 16)];

    fn frame(is_paused: bool, message: Option<&str>) -> SessionFrame {
        SessionFrame { frame: 7, is_paused, is_waiting: false, starts_in_secs: None, message: message.map(Arc::from) }
    }

    fn places(width: u32, height: u32) -> OverlayPlaces {
        OverlayPlaces::of_canvas(Size { width, height })
    }

    fn item_indices(frame: &SessionFrame) -> Vec<usize> {
        overlay(frame, &places(1920, 1080), 40).iter().map(|layer| layer.item).collect()
    }

    #[test]
    fn layers_keep_their_item_indices() {
        assert!(item_indices(&frame(false, None)).is_empty());
        assert_eq!(item_indices(&frame(true, None)), [40, 41, 42]);
        assert_eq!(item_indices(&frame(false, Some("Breathe"))), [43]);
        assert_eq!(item_indices(&frame(true, Some("Breathe"))), [40, 41, 42, 43]);
        assert_eq!(overlay(&frame(false, None), &places(64, 64), 0).capacity(), 0);
    }

    #[test]
    fn the_pause_mark_is_on_whole_pixels_inside_its_place() {
        for (width, height) in CANVASES {
            let places = places(width, height);
            let layers = overlay(&frame(true, None), &places, 0);
            let rects: Vec<Rect> = layers.iter().map(|layer| shape(&layer.draw)).collect();
            let [mark, left, right] = rects[..] else { panic!("{rects:?}") };
            let center = |rect: Rect| (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
            assert_eq!(((center(left).0 + center(right).0) / 2.0, center(left).1), center(mark));
            assert_eq!((left.width, left.height, left.y), (right.width, right.height, right.y));
            assert!(left.x > mark.x && left.right() < right.x && right.right() < mark.right(), "{rects:?}");
            let edges = rects.iter().flat_map(|rect| [rect.x, rect.y, rect.width, rect.height]);
            assert!(edges.into_iter().all(|edge| edge.fract() == 0.0 && edge >= 0.0), "{rects:?}");
            // A canvas of a few pixels has no room for a unit.
            let is_inside = mark.right() <= places.mark.right() && mark.bottom() <= places.mark.bottom();
            assert!(is_inside || height < 100, "{mark:?} of {places:?}");
            assert!(mark.right() <= width as f32 || height < 100, "{mark:?}");
        }
    }

    #[test]
    fn a_message_stays_in_its_place_and_off_the_mark() {
        for (width, height) in CANVASES {
            let places = places(width, height);
            let layers = overlay(&frame(true, Some("Breathe")), &places, 0);
            let Draw::Text { text, style, .. } = &layers[3].draw else { panic!("{layers:?}") };
            assert_eq!(&**text, "Breathe");
            assert!(style.min_size >= 4.0 && style.min_size <= style.size, "{style:?}");
            let backing = style.backing.unwrap();
            assert_eq!(backing.color.alpha, 255);
            let block = f32::from(style.max_lines) * style.size * 1.2 + 2.0 * backing.padding_y;
            assert!(block <= places.message.height || height < 100, "{block} of {places:?}");
            let across = style.max_width + 2.0 * backing.padding_x;
            assert!(across <= places.message.width + 0.01 || height < 100, "{across} of {places:?}");
            assert!(places.message.right() < places.mark.x || height < 100, "{places:?}");
        }
    }

    fn shape(draw: &Draw) -> Rect {
        match draw {
            Draw::Shape { rect, .. } => *rect,
            other => panic!("{other:?}"),
        }
    }
}
