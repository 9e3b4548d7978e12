//! 1080 x 1080: name at the top, time at the bottom, the figure between.

use super::{Anchor, Card, Layout, Parts, Rect, slot, strip};

/// Left edge and width of texts.
const TEXT_X: f32 = 76.0;
const TEXT_WIDTH: f32 = 928.0;

const GAP: f32 = 12.0;

pub(super) fn layout(parts: Parts) -> Layout {
    let names = Rect::new(40.0, 40.0, 1000.0, if parts.description { 202.0 } else { 150.0 });
    let times = Rect::new(40.0, 854.0, 1000.0, 136.0);
    let figure_top = if parts.names() { names.bottom() + GAP } else { 40.0 };
    let figure_bottom = if parts.times() { times.y - GAP } else { 990.0 };
    let figure = Rect::new(40.0, figure_top, 1000.0, figure_bottom - figure_top);
    let [message, mark, badge] = strip(40.0, 1040.0, figure_top, [116.0, 116.0, 132.0]);
    let middle = times.y + times.height / 2.0;
    let ring = Rect::new(66.0, times.y + 8.0, 120.0, 120.0);
    let is_shared = parts.timer && parts.next;
    let panels = [(parts.names(), names), (parts.times(), times)];
    // The time that is left of all shares the line of the position, if there is one.
    let is_total_above = parts.names();
    Layout {
        unit: 1.0,
        panels: panels.into_iter().filter(|(is_shown, _)| *is_shown).map(|(_, panel)| panel).collect(),
        panel_radius: 28.0,
        figure,
        overline: slot(TEXT_X, 60.0, Anchor::TopLeft, if parts.timer { 690.0 } else { TEXT_WIDTH }, 1, 26.0),
        name: slot(TEXT_X, 94.0, Anchor::TopLeft, TEXT_WIDTH, 1, 64.0),
        description: slot(TEXT_X, 190.0, Anchor::TopLeft, TEXT_WIDTH, 1, 28.0),
        timer: match parts.ring {
            true => slot(ring.x + ring.width / 2.0, middle, Anchor::Center, 92.0, 1, 36.0),
            false => slot(TEXT_X, middle, Anchor::Left, 380.0, 1, 110.0),
        },
        total: match is_total_above {
            true => slot(1004.0, 60.0, Anchor::TopRight, 220.0, 1, 26.0),
            false => slot(1004.0, times.bottom() - 16.0, Anchor::BottomRight, 400.0, 1, 26.0),
        },
        next: match (is_shared, is_total_above) {
            (true, true) => slot(1004.0, middle, Anchor::Right, 500.0, 2, 34.0),
            (true, false) => slot(1004.0, times.y + 18.0, Anchor::TopRight, 500.0, 1, 34.0),
            (false, _) => slot(TEXT_X, middle, Anchor::Left, TEXT_WIDTH, 2, 38.0),
        },
        ring,
        badge,
        mark,
        message,
        progress: Rect::new(40.0, 1014.0, 1000.0, 18.0),
        card: Card {
            panel: Rect::new(40.0, 40.0, 1000.0, 420.0),
            logo: Rect::new(764.0, 64.0, 240.0, 60.0),
            bar: Rect::new(TEXT_X, 84.0, 90.0, 10.0),
            title: slot(TEXT_X, 128.0, Anchor::TopLeft, TEXT_WIDTH, 2, 72.0),
            facts: slot(TEXT_X, 318.0, Anchor::TopLeft, TEXT_WIDTH, 1, 34.0),
            list: slot(TEXT_X, 372.0, Anchor::TopLeft, TEXT_WIDTH, 2, 27.0),
            figure: Rect::new(40.0, 472.0, 1000.0, 528.0),
        },
    }
}
