//! 1080 x 1920: name and time at the top, the figure below.
//!
//! The phone applications that show such videos cover the uppermost tenth and about the lowest fifth with their own
//! buttons and captions: everything that is read stays between.

use super::{Anchor, Card, Layout, Parts, Rect, slot, strip};

/// The part of the height that stays free of the applications' own elements.
pub(super) const SAFE_TOP: f32 = 190.0;
pub(super) const SAFE_BOTTOM: f32 = 1540.0;

/// Left edge and width of texts.
const TEXT_X: f32 = 108.0;
const TEXT_WIDTH: f32 = 864.0;

const GAP: f32 = 16.0;

pub(super) fn layout(parts: Parts) -> Layout {
    let names_height = match (parts.names(), parts.description) {
        (false, _) => 0.0,
        (true, true) => 356.0,
        (true, false) => 276.0,
    };
    let times_height = match (parts.times(), parts.ring && parts.timer) {
        (false, _) => 0.0,
        (true, true) => 210.0,
        (true, false) => 160.0,
    };
    let names = Rect::new(60.0, SAFE_TOP, 960.0, names_height);
    let times_top = if parts.names() { names.bottom() + GAP } else { SAFE_TOP };
    let times = Rect::new(60.0, times_top, 960.0, times_height);
    let figure_top = if parts.times() { times.bottom() + GAP } else { times_top };
    let figure = Rect::new(60.0, figure_top, 960.0, 1504.0 - figure_top);
    let [message, mark, badge] = strip(60.0, 1020.0, figure_top + 4.0, [130.0, 130.0, 150.0]);
    let middle = times.y + times.height / 2.0;
    let ring = Rect::new(86.0, times.y + 14.0, 182.0, 182.0);
    let is_shared = parts.timer && parts.next;
    let panels = [(parts.names(), names), (parts.times(), times)];
    Layout {
        unit: 1.0,
        panels: panels.into_iter().filter(|(is_shown, _)| *is_shown).map(|(_, panel)| panel).collect(),
        panel_radius: 36.0,
        figure,
        overline: slot(TEXT_X, names.y + 30.0, Anchor::TopLeft, TEXT_WIDTH, 1, 32.0),
        name: slot(TEXT_X, names.y + 76.0, Anchor::TopLeft, TEXT_WIDTH, 2, 72.0),
        description: slot(TEXT_X, names.y + 256.0, Anchor::TopLeft, TEXT_WIDTH, 2, 31.0),
        timer: match parts.ring {
            true => slot(ring.x + ring.width / 2.0, middle, Anchor::Center, 140.0, 1, 56.0),
            false => slot(TEXT_X, middle, Anchor::Left, 400.0, 1, 128.0),
        },
        total: slot(972.0, times.bottom() - 22.0, Anchor::BottomRight, 400.0, 1, 28.0),
        next: match is_shared {
            true => slot(972.0, times.y + 20.0, Anchor::TopRight, 420.0, 2, 34.0),
            false => slot(TEXT_X, middle, Anchor::Left, TEXT_WIDTH, 2, 38.0),
        },
        ring,
        badge,
        mark,
        message,
        progress: Rect::new(60.0, SAFE_BOTTOM - 20.0, 960.0, 20.0),
        card: Card {
            panel: Rect::new(60.0, SAFE_TOP, 960.0, 600.0),
            logo: Rect::new(108.0, 226.0, 300.0, 84.0),
            bar: Rect::new(108.0, 334.0, 104.0, 12.0),
            title: slot(TEXT_X, 366.0, Anchor::TopLeft, TEXT_WIDTH, 2, 88.0),
            facts: slot(TEXT_X, 600.0, Anchor::TopLeft, TEXT_WIDTH, 1, 38.0),
            list: slot(TEXT_X, 662.0, Anchor::TopLeft, TEXT_WIDTH, 2, 31.0),
            figure: Rect::new(60.0, 806.0, 960.0, SAFE_BOTTOM - 806.0),
        },
    }
}
