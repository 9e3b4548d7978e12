//! The screen of a session that waits for its start: what starts, when, and where to join.

use std::sync::Arc;

use super::SessionFrame;
use crate::color::Color;
use crate::document::{Language, TimerFormat};
use crate::geometry::{Anchor, Rect, Size};
use crate::localization::Messages;
use crate::qr::QrCode;
use crate::time::Rational;
use crate::timeline::{Draw, OverlayColors, OverlayPlaces, PlannedLayer, TextStyle, format_time};

/// Offset of its first layer to the first item of the overlay, which has four items of its own.
const FIRST_ITEM: usize = 8;

/// Longest address that is shown; a longer one is no use to people.
const MAX_ADDRESS_CHARS: usize = 80;

/// The screen of a session that waits.
#[derive(Clone, Debug)]
pub struct WaitingScreen {
    title: String,
    soon: String,
    starts_in: [String; 2],
    join: String,
    /// The address without its scheme, and its code.
    address: Option<(String, QrCode)>,
}

impl WaitingScreen {
    /// A screen with the title of a document, in the language of the texts that repcast adds, and the address at which
    /// viewers join, if there is one.
    #[must_use]
    pub fn new(title: &str, language: Language, address: Option<&str>) -> Self {
        let messages = Messages::new(language);
        let text = messages.format("starts-in", &[("time", "\u{0}")]);
        let (before, after) = text.split_once('\u{0}').unwrap_or((&text, ""));
        let address = address.filter(|address| address.chars().count() <= MAX_ADDRESS_CHARS);
        let shown = |address: &str| {
            let short = address.split_once("://").map_or(address, |(_, rest)| rest);
            Some((short.trim_end_matches('/').to_owned(), QrCode::new(address).ok()?))
        };
        Self {
            title: if title.is_empty() { messages.format("workout", &[]) } else { title.to_owned() },
            soon: messages.format("starts-soon", &[]),
            starts_in: [before, after].map(str::to_owned),
            join: messages.format("join", &[]),
            address: address.and_then(shown),
        }
    }

    /// The layers of an output frame over those of [`overlay`](super::overlay()); none once the session has started.
    #[must_use]
    pub fn layers(
        &self,
        frame: &SessionFrame,
        canvas: Size,
        places: &OverlayPlaces,
        first_item: usize,
    ) -> Vec<PlannedLayer> {
        if !frame.is_waiting {
            return Vec::new();
        }
        let layout = Layout::of(canvas, self.address.is_some());
        let OverlayColors { ground, text } = places.colors;
        let whole = Rect::new(0.0, 0.0, canvas.width as f32, canvas.height as f32);
        let mut draws = vec![Draw::Shape { rect: whole, radius: 0.0, color: ground }];
        draws.push(layout.text(&self.title, layout.title, text));
        draws.push(layout.text(&self.status(frame), layout.status, text));
        if let Some((address, code)) = &self.address {
            draws.push(layout.text(&self.join, layout.join, text));
            draws.push(layout.text(address, layout.address, text));
            draws.extend(modules(code, layout.code));
        }
        let layer = |(offset, draw)| PlannedLayer {
            item: first_item + FIRST_ITEM + offset,
            opacity: PlannedLayer::OPAQUE,
            draw,
        };
        draws.into_iter().enumerate().map(layer).collect()
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
    title: Slot,
    status: Slot,
    join: Slot,
    address: Slot,
    /// The square of the code with its quiet zone.
    code: Rect,
}

impl Layout {
    /// A column of text next to the code on wide canvases, and above it on others.
    fn of(canvas: Size, has_code: bool) -> Self {
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
        let (left, middle, inner) = (width * 0.07, width / 2.0, width * 0.86);
        let square = |x: f32, y: f32, side: f32| Rect::new(x.round(), y.round(), side.round(), side.round());
        let (top, bottom) = (Anchor::Top, Anchor::BottomLeft);
        match (has_code, is_wide) {
            (false, _) => Self {
                title: slot(middle, height * 0.5, Anchor::Bottom, inner, 2, 100.0, 800),
                status: slot(middle, height * 0.56, top, inner, 1, 48.0, 600),
                join: slot(middle, 0.0, top, inner, 1, 40.0, 600),
                address: slot(middle, 0.0, top, inner, 1, 40.0, 600),
                code: Rect::default(),
            },
            (true, true) => {
                let side = height * 0.56;
                let code = square(width * 0.93 - side, height * 0.14, side);
                let center = code.x + code.width / 2.0;
                Self {
                    title: slot(left, height * 0.56, bottom, code.x - 1.6 * left, 3, 100.0, 800),
                    status: slot(left, height * 0.61, Anchor::TopLeft, code.x - 1.6 * left, 1, 48.0, 600),
                    join: slot(center, code.bottom() + 32.0 * unit, top, side * 1.15, 1, 36.0, 400),
                    address: slot(center, code.bottom() + 84.0 * unit, top, side * 1.15, 1, 44.0, 700),
                    code,
                }
            }
            (true, false) => {
                let side = (width * 0.6).min(height * 0.42);
                let code = square(middle - side / 2.0, height * 0.4, side);
                Self {
                    title: slot(middle, height * 0.26, Anchor::Bottom, inner, 2, 88.0, 800),
                    status: slot(middle, height * 0.3, top, inner, 1, 44.0, 600),
                    join: slot(middle, code.bottom() + 24.0 * unit, top, inner, 1, 34.0, 400),
                    address: slot(middle, code.bottom() + 70.0 * unit, top, inner, 1, 42.0, 700),
                    code,
                }
            }
        }
    }

    fn text(&self, text: &str, slot: Slot, color: Color) -> Draw {
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
            tabular: true,
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
    for y in 0..side {
        let mut x = 0;
        while x < side {
            let run = (x..side).take_while(|x| code.is_dark(*x, y)).count();
            if run > 0 {
                let rect = Rect::new(left + x as f32 * module, top + y as f32 * module, run as f32 * module, module);
                draws.push(Draw::Shape { rect, radius: 0.0, color: Color::BLACK });
            }
            x += run.max(1);
        }
    }
    draws
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(address: Option<&str>, canvas: (u32, u32), starts_in_secs: Option<u64>) -> Vec<PlannedLayer> {
        let frame = SessionFrame { frame: 0, is_paused: false, is_waiting: true, starts_in_secs, message: None };
        let canvas = Size { width: canvas.0, height: canvas.1 };
        let screen = WaitingScreen::new("Morning", Language::Fr, address);
        screen.layers(&frame, canvas, &OverlayPlaces::of_canvas(canvas), 40)
    }

    fn texts(layers: &[PlannedLayer]) -> Vec<String> {
        let text = |layer: &PlannedLayer| match &layer.draw {
            Draw::Text { text, .. } => Some(text.to_string()),
            _ => None,
        };
        layers.iter().filter_map(text).collect()
    }

    #[test]
    fn it_says_what_starts_when_and_where() {
        let soon = layers(None, (1920, 1080), None);
        assert_eq!(texts(&soon), ["Morning", "Bientôt"]);
        let shown = layers(Some("http://192.168.1.20:8080/j/ABCD"), (1080, 1920), Some(272));
        assert_eq!(
            texts(&shown),
            ["Morning", "Début dans 4:32", "Scannez, ou ouvrez cette adresse :", "192.168.1.20:8080/j/ABCD"]
        );
        let items: Vec<usize> = shown.iter().map(|layer| layer.item).collect();
        assert_eq!(items, (48..48 + items.len()).collect::<Vec<_>>());
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
