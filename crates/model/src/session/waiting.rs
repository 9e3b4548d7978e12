//! The screen of a session that waits for its start: what starts, when, and where to join.

use std::sync::Arc;

use super::{SessionFrame, overlay};
use crate::color::Color;
use crate::document::{Language, TimerFormat};
use crate::font::Font;
use crate::geometry::{Anchor, Rect, Size};
use crate::localization::Messages;
use crate::qr::QrCode;
use crate::time::Rational;
use crate::timeline::{Draw, OverlayColors, OverlayPlaces, PlannedLayer, TextStyle, format_time};

/// Longest address that is shown; a longer one is no use to people.
const MAX_ADDRESS_CHARS: usize = 80;

/// The screen of a session that waits.
#[derive(Clone, Debug)]
pub struct WaitingScreen {
    /// Shown for a document without a title.
    untitled: String,
    soon: String,
    starts_in: [String; 2],
    join: String,
    /// The address without its scheme, and its code.
    address: Option<(String, QrCode)>,
}

impl WaitingScreen {
    /// A screen in the language of the texts that repcast adds, with the address at which viewers join, if there is one.
    #[must_use]
    pub fn new(language: Language, address: Option<&str>) -> Self {
        let messages = Messages::new(language);
        let address = address.filter(|address| address.chars().count() <= MAX_ADDRESS_CHARS);
        let shown = |address: &str| {
            let short = address.split_once("://").map_or(address, |(_, rest)| rest);
            Some((short.trim_end_matches('/').to_owned(), QrCode::new(address).ok()?))
        };
        Self {
            untitled: messages.format("workout", &[]),
            soon: messages.format("starts-soon", &[]),
            starts_in: messages.around("starts-in", "time"),
            join: messages.format("join", &[]),
            address: address.and_then(shown),
        }
    }

    /// The layers of an output frame over those of a timeline, with the title of its document and the frame's message.
    /// Their item indices start with `first_item`, which must be one past the last of the timeline.
    #[must_use]
    pub fn layers(
        &self,
        title: &str,
        frame: &SessionFrame,
        canvas: Size,
        places: &OverlayPlaces,
        first_item: usize,
    ) -> Vec<PlannedLayer> {
        let layout = Layout::of(canvas, self.address.is_some(), places.font.as_ref());
        let OverlayColors { ground, text } = places.colors;
        let whole = Rect::new(0.0, 0.0, canvas.width as f32, canvas.height as f32);
        let title = if title.is_empty() { &self.untitled } else { title };
        let mut draws = vec![Draw::Shape { rect: whole, radius: 0.0, color: ground }];
        draws.push(layout.text(title, layout.title, text));
        draws.push(layout.time(&self.status(frame), layout.status, text));
        if let Some((address, code)) = &self.address {
            draws.push(layout.text(&self.join, layout.join, text));
            draws.push(layout.text(address, layout.address, text));
            draws.extend(modules(code, layout.code));
        }
        let items = first_item..;
        let layer = |(item, draw)| PlannedLayer { item, opacity: PlannedLayer::OPAQUE, draw };
        let mut layers: Vec<PlannedLayer> = items.zip(draws).map(layer).collect();
        // The box of a message is as bright as the ground: here the colors are exchanged.
        let colors = OverlayColors { ground: text, text: ground };
        let places = OverlayPlaces { message: layout.message, colors, ..places.clone() };
        layers.extend(overlay(frame, &places, first_item + layers.len()));
        layers
    }

    fn status(&self, frame: &SessionFrame) -> String {
        let [before, after] = &self.starts_in;
        frame.starts_in_secs.map_or_else(
            || self.soon.clone(),
            |secs| {
                format!("{before}{}{after}", format_time(Rational::from_integer(secs.into()), TimerFormat::Shortest))
            },
        )
    }
}

/// Position, anchor, width, lines, size and weight of a text.
#[derive(Clone, Copy)]
struct Slot {
    at: (f32, f32),
    anchor: Anchor,
    width: f32,
    lines: u16,
    size: f32,
    weight: u16,
}

struct Layout {
    font: Option<Font>,
    title: Slot,
    status: Slot,
    join: Slot,
    address: Slot,
    /// The square of the code with its quiet zone.
    code: Rect,
    message: Rect,
}

impl Layout {
    /// A column of text next to the code on wide canvases, and above it on others.
    fn of(canvas: Size, has_code: bool, font: Option<&Font>) -> Self {
        let (width, height) = (canvas.width as f32, canvas.height as f32);
        let unit = width.min(height) / 1080.0;
        let slot = |x: f32, y: f32, anchor, slot_width: f32, lines, size: f32, weight| Slot {
            at: (x, y),
            anchor,
            width: slot_width,
            lines,
            size: size * unit,
            weight,
        };
        let is_wide = width > 1.2 * height;
        let font = font.cloned();
        let (left, middle, inner) = (width * 0.07, width / 2.0, width * 0.86);
        let square = |x: f32, y: f32, side: f32| Rect::new(x.round(), y.round(), side.round(), side.round());
        let (top, bottom) = (Anchor::Top, Anchor::BottomLeft);
        match (has_code, is_wide) {
            (false, _) => Self {
                font,
                title: slot(middle, height * 0.5, Anchor::Bottom, inner, 2, 100.0, 800),
                status: slot(middle, height * 0.56, top, inner, 1, 48.0, 600),
                join: slot(middle, 0.0, top, inner, 1, 40.0, 600),
                address: slot(middle, 0.0, top, inner, 1, 40.0, 600),
                code: Rect::default(),
                message: OverlayPlaces::of_canvas(canvas).message,
            },
            (true, true) => {
                let side = height * 0.56;
                let code = square(width * 0.93 - side, height * 0.14, side);
                let center = code.x + code.width / 2.0;
                Self {
                    font,
                    title: slot(left, height * 0.56, bottom, code.x - 1.6 * left, 3, 100.0, 800),
                    status: slot(left, height * 0.61, Anchor::TopLeft, code.x - 1.6 * left, 1, 48.0, 600),
                    join: slot(center, code.bottom() + 32.0 * unit, top, side * 1.15, 1, 36.0, 400),
                    address: slot(center, code.bottom() + 84.0 * unit, top, side * 1.15, 1, 44.0, 700),
                    code,
                    message: Rect::new(left, height * 0.72, code.x - 1.6 * left, 130.0 * unit),
                }
            }
            (true, false) => {
                let side = (width * 0.6).min(height * 0.36);
                let code = square(middle - side / 2.0, height * 0.4, side);
                Self {
                    font,
                    title: slot(middle, height * 0.26, Anchor::Bottom, inner, 2, 88.0, 800),
                    status: slot(middle, height * 0.3, top, inner, 1, 44.0, 600),
                    join: slot(middle, code.bottom() + 24.0 * unit, top, inner, 1, 34.0, 400),
                    address: slot(middle, code.bottom() + 70.0 * unit, top, inner, 1, 42.0, 700),
                    code,
                    message: Rect::new(width * 0.07, code.bottom() + 132.0 * unit, inner, 90.0 * unit),
                }
            }
        }
    }

    fn text(&self, text: &str, slot: Slot, color: Color) -> Draw {
        self.block(text, slot, color, false)
    }

    /// A text with a running time.
    fn time(&self, text: &str, slot: Slot, color: Color) -> Draw {
        self.block(text, slot, color, true)
    }

    fn block(&self, text: &str, slot: Slot, color: Color, tabular: bool) -> Draw {
        let style = TextStyle {
            size: slot.size,
            min_size: slot.size * 0.45,
            weight: slot.weight,
            color,
            position: slot.at,
            anchor: slot.anchor,
            max_width: slot.width,
            max_lines: slot.lines,
            backing: None,
            outline: None,
            tabular,
            font: self.font.clone(),
        };
        Draw::Text { text: text.into(), style: Arc::new(style), shift: (0, 0) }
    }
}

/// The modules of a code, dark on white with its quiet zone, each run of a row as one rectangle on whole pixels.
fn modules(code: &QrCode, place: Rect) -> Vec<Draw> {
    let side = code.full_size();
    let module = (place.width / side as f32).floor().max(1.0);
    let length = module * side as f32;
    let left = (place.x + (place.width - length) / 2.0).round();
    let top = (place.y + (place.height - length) / 2.0).round();
    let mut draws =
        vec![Draw::Shape { rect: Rect::new(left, top, length, length), radius: module * 2.0, color: Color::WHITE }];
    let run = |(x, y, run)| {
        let rect = Rect::new(left + x as f32 * module, top + y as f32 * module, run as f32 * module, module);
        Draw::Shape { rect, radius: 0.0, color: Color::BLACK }
    };
    draws.extend(code.runs().map(run));
    draws
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(address: Option<&str>, canvas: (u32, u32), starts_in_secs: Option<u64>) -> Vec<PlannedLayer> {
        let message = Some("Welcome".into());
        let frame = SessionFrame { frame: 0, is_paused: false, is_waiting: true, starts_in_secs, message };
        let canvas = Size { width: canvas.0, height: canvas.1 };
        let screen = WaitingScreen::new(Language::Fr, address);
        screen.layers("Morning", &frame, canvas, &OverlayPlaces::of_canvas(canvas), 40)
    }

    fn texts(layers: &[PlannedLayer]) -> Vec<String> {
        let text = |layer: &PlannedLayer| match &layer.draw {
            Draw::Text { text, .. } => Some(text.to_string()),
            _ => None,
        };
        layers.iter().filter_map(text).collect()
    }

    /// A font without digits of one width is used for all texts but a running time.
    #[test]
    fn only_the_running_time_needs_tabular_digits() {
        let shown = layers(Some("http://192.168.1.20:8080/j/ABCD"), (1920, 1080), Some(272));
        let tabular = shown.iter().filter_map(|layer| match &layer.draw {
            Draw::Text { text, style, .. } if style.tabular => Some(text.to_string()),
            _ => None,
        });
        assert_eq!(tabular.collect::<Vec<_>>(), ["Début dans 4:32"]);
    }

    #[test]
    fn a_message_covers_nothing() {
        for canvas in [(1920, 1080), (1080, 1920), (1080, 1080), (1280, 720), (640, 360)] {
            let size = Size { width: canvas.0, height: canvas.1 };
            let layout = Layout::of(size, true, None);
            let line = |slot: Slot| slot.at.1 + slot.size * 1.3;
            assert!(layout.message.y >= line(layout.status), "{canvas:?}");
            let is_left = layout.message.right() < layout.code.x;
            assert!(is_left || layout.message.y >= line(layout.address), "{canvas:?}");
            assert!(layout.message.bottom() <= size.height as f32 * 0.97, "{canvas:?}");
        }
    }

    #[test]
    fn it_says_what_starts_when_and_where() {
        let soon = layers(None, (1920, 1080), None);
        assert_eq!(texts(&soon), ["Morning", "Bientôt", "Welcome"]);
        let shown = layers(Some("http://192.168.1.20:8080/j/ABCD"), (1080, 1920), Some(272));
        assert_eq!(
            texts(&shown),
            ["Morning", "Début dans 4:32", "Scannez, ou ouvrez cette adresse :", "192.168.1.20:8080/j/ABCD", "Welcome"]
        );
        let items: Vec<usize> = shown.iter().map(|layer| layer.item).collect();
        assert!(items.starts_with(&(40..39 + items.len()).collect::<Vec<_>>()) && items.is_sorted(), "{items:?}");
    }

    /// The pixels of the code are its modules: a scanner reads those.
    #[test]
    fn the_code_is_drawn_module_by_module() {
        let address = "http://192.168.1.20:8080/j/ABCD";
        for canvas in [(1920, 1080), (1080, 1920), (1080, 1080), (1280, 720)] {
            let layers = layers(Some(address), canvas, None);
            let shapes = || {
                layers.iter().filter_map(|layer| match &layer.draw {
                    Draw::Shape { rect, color, .. } => Some((*rect, *color)),
                    _ => None,
                })
            };
            let (paper, _) = shapes().find(|(_, color)| *color == Color::WHITE).unwrap();
            let code = QrCode::new(address).unwrap();
            let module = paper.width / code.full_size() as f32;
            assert!(module >= 8.0 && module.fract() == 0.0, "{canvas:?}: {module}");
            for y in 0..code.full_size() {
                for x in 0..code.full_size() {
                    let at = (paper.x + (x as f32 + 0.5) * module, paper.y + (y as f32 + 0.5) * module);
                    let is_dark = shapes().any(|(rect, color)| {
                        color == Color::BLACK
                            && (rect.x..rect.right()).contains(&at.0)
                            && (rect.y..rect.bottom()).contains(&at.1)
                    });
                    assert_eq!(is_dark, code.is_dark(x, y), "{canvas:?}: {x}, {y}");
                }
            }
            assert!(paper.x >= 0.0 && paper.right() <= canvas.0 as f32 && paper.bottom() <= canvas.1 as f32);
        }
    }
}
