//! The positions of the theme's elements for the three aspect ratios, for a shorter side of 1080 pixels.
//!
//! Parts that are switched off leave no hole: panels are as large as what is on them, and the figure takes what is free.

mod landscape;
mod portrait;
mod square;

#[cfg(test)]
mod tests;

use crate::captions::CaptionPlacement;
use crate::document::Format;
use crate::geometry::{Anchor, Rect, Size};

/// The parts of a workout's screens that take space.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Parts {
    /// The position in the workout and the name of the exercise.
    pub(super) name: bool,
    /// The description of the exercise, or of the next one.
    pub(super) description: bool,
    /// The remaining time.
    pub(super) timer: bool,
    /// The announcement of the next exercise.
    pub(super) next: bool,
    /// Whether the time is inside a ring.
    pub(super) ring: bool,
}

impl Parts {
    /// Whether anything is on the panel with the time.
    pub(super) const fn times(self) -> bool {
        self.timer || self.next
    }

    /// Whether anything is on the panel with the name.
    pub(super) const fn names(self) -> bool {
        self.name || self.description
    }
}

/// The space of one text: the position of its anchor and the limits of its size, in canvas pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextSlot {
    pub(super) position: (f32, f32),
    pub(super) anchor: Anchor,
    pub(super) max_width: f32,
    pub(super) max_lines: u16,
    pub(super) size: f32,
}

/// The layout of one aspect ratio, in canvas pixels.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Pixels per layout unit, which is a pixel at a shorter side of 1080.
    pub(super) unit: f32,
    /// Panels behind texts.
    pub(super) panels: Vec<Rect>,
    pub(super) panel_radius: f32,
    pub(super) figure: Rect,
    pub(super) overline: TextSlot,
    pub(super) name: TextSlot,
    pub(super) description: TextSlot,
    pub(super) timer: TextSlot,
    /// The time left of the whole workout.
    pub(super) total: TextSlot,
    pub(super) next: TextSlot,
    /// The square around the ring of the timer.
    pub(super) ring: Rect,
    /// The square around the badge of the countdown.
    pub(super) badge: Rect,
    /// The square of the pause mark.
    pub(super) mark: Rect,
    /// The space of messages.
    pub(super) message: Rect,
    pub(super) progress: Rect,
    pub(super) card: Card,
}

/// The layout of the screens before and after the workout.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) panel: Rect,
    pub(super) logo: Rect,
    /// A short bar above the title.
    pub(super) bar: Rect,
    pub(super) title: TextSlot,
    pub(super) facts: TextSlot,
    pub(super) list: TextSlot,
    pub(super) figure: Rect,
}

/// Where captions are shown in a format: below the figure, where nothing is read. Two lines are about a tenth of the frame.
pub(crate) const fn caption_placement(format: Format) -> CaptionPlacement {
    match format {
        Format::Landscape => CaptionPlacement { line: 80, position: 65, size: 60 },
        Format::Portrait => CaptionPlacement { line: 83, position: 50, size: 88 },
        Format::Square => CaptionPlacement { line: 67, position: 50, size: 88 },
    }
}

impl Layout {
    /// The layout for a canvas of this format.
    pub(super) fn new(format: Format, canvas: Size, parts: Parts) -> Self {
        let unit = canvas.width.min(canvas.height) as f32 / 1080.0;
        let base = match format {
            Format::Landscape => landscape::layout(parts),
            Format::Portrait => portrait::layout(parts),
            Format::Square => square::layout(parts),
        };
        base.scaled(unit)
    }

    fn scaled(self, unit: f32) -> Self {
        // Edges are on whole pixels, so that they are sharp at every resolution.
        let rect = |rect: Rect| {
            let [left, top, right, bottom] =
                [rect.x, rect.y, rect.right(), rect.bottom()].map(|edge| (edge * unit).round());
            Rect::new(left, top, right - left, bottom - top)
        };
        // Discs and rings stay round.
        let square = |square: Rect| {
            let rect = rect(square);
            Rect { height: rect.width, ..rect }
        };
        let slot = |slot: TextSlot| TextSlot {
            position: (slot.position.0 * unit, slot.position.1 * unit),
            max_width: slot.max_width * unit,
            size: slot.size * unit,
            ..slot
        };
        let Card { panel, logo, bar, title, facts, list, figure } = self.card;
        Self {
            unit,
            panels: self.panels.into_iter().map(rect).collect(),
            panel_radius: self.panel_radius * unit,
            figure: rect(self.figure),
            overline: slot(self.overline),
            name: slot(self.name),
            description: slot(self.description),
            timer: slot(self.timer),
            total: slot(self.total),
            next: slot(self.next),
            ring: square(self.ring),
            badge: square(self.badge),
            mark: square(self.mark),
            message: rect(self.message),
            progress: rect(self.progress),
            card: Card {
                panel: rect(panel),
                logo: rect(logo),
                bar: rect(bar),
                title: slot(title),
                facts: slot(facts),
                list: slot(list),
                figure: rect(figure),
            },
        }
    }
}

const fn slot(x: f32, y: f32, anchor: Anchor, max_width: f32, max_lines: u16, size: f32) -> TextSlot {
    TextSlot { position: (x, y), anchor, max_width, max_lines, size }
}

/// The strip at the top of the figure: message, pause mark and badge side by side, from `left` to `right`.
fn strip(left: f32, right: f32, top: f32, [message_height, mark_side, badge_side]: [f32; 3]) -> [Rect; 3] {
    const GAP: f32 = 16.0;
    let badge = Rect::new(right - badge_side, top, badge_side, badge_side);
    let mark = Rect::new(badge.x - GAP - mark_side, top, mark_side, mark_side);
    let message = Rect::new(left, top, mark.x - GAP - left, message_height);
    [message, mark, badge]
}
