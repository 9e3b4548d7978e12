//! 1920 x 1080: texts in a column on the left, the figure of 960 pixels on the right.

use super::{Anchor, Card, Layout, Parts, Rect, slot, strip};

/// Left edge and width of texts.
const TEXT_X: f32 = 108.0;
const TEXT_WIDTH: f32 = 484.0;

pub(super) fn layout(parts: Parts) -> Layout {
    let [message, mark, badge] = strip(700.0, 1860.0, 48.0, [140.0, 140.0, 180.0]);
    let description_lines = if parts.ring { 2 } else { 4 };
    let clock = slot(TEXT_X, 826.0, Anchor::BottomLeft, TEXT_WIDTH, 1, 176.0);
    let in_ring = slot(350.0, 690.0, Anchor::Center, 230.0, 1, 92.0);
    let figure = Rect::new(680.0, 30.0, 1180.0, 960.0);
    let has_panel = parts.names() || parts.times();
    Layout {
        unit: 1.0,
        panels: panel(parts).into_iter().collect(),
        panel_radius: 36.0,
        // Alone, it stands in the middle.
        figure: if has_panel { figure } else { Rect { x: 370.0, ..figure } },
        overline: slot(TEXT_X, 108.0, Anchor::TopLeft, TEXT_WIDTH, 1, 30.0),
        name: slot(TEXT_X, 156.0, Anchor::TopLeft, TEXT_WIDTH, 3, 76.0),
        description: slot(TEXT_X, 446.0, Anchor::TopLeft, TEXT_WIDTH, description_lines, 31.0),
        timer: if parts.ring { in_ring } else { clock },
        total: match parts.ring {
            true => slot(350.0, 756.0, Anchor::Center, 190.0, 1, 26.0),
            false => slot(TEXT_X, 640.0, Anchor::BottomLeft, TEXT_WIDTH, 1, 30.0),
        },
        next: slot(
            TEXT_X,
            if parts.timer { 930.0 } else { next_bottom(parts) },
            Anchor::BottomLeft,
            TEXT_WIDTH,
            2,
            32.0,
        ),
        ring: Rect::new(205.0, 550.0, 290.0, 290.0),
        badge,
        mark,
        message,
        progress: Rect::new(60.0, 1000.0, 1800.0, 20.0),
        card: Card {
            panel: Rect::new(60.0, 60.0, 900.0, 904.0),
            logo: Rect::new(120.0, 110.0, 360.0, 100.0),
            bar: Rect::new(120.0, 250.0, 120.0, 12.0),
            title: slot(120.0, 290.0, Anchor::TopLeft, 780.0, 3, 100.0),
            facts: slot(120.0, 676.0, Anchor::TopLeft, 780.0, 1, 40.0),
            list: slot(120.0, 750.0, Anchor::TopLeft, 780.0, 4, 32.0),
            figure: Rect::new(980.0, 30.0, 880.0, 960.0),
        },
    }
}

/// Bottom of the names: that of the description, or of the name alone.
const fn names_bottom(parts: Parts) -> f32 {
    if parts.description { 610.0 } else { 446.0 }
}

/// Bottom of the announcement where there is no timer above it.
const fn next_bottom(parts: Parts) -> f32 {
    if parts.names() { names_bottom(parts) + 110.0 } else { 930.0 }
}

fn panel(parts: Parts) -> Option<Rect> {
    let (left, width, top, padding) = (60.0, 580.0, 60.0, 36.0);
    let bottom = match (parts.timer, parts.next) {
        (_, true) => {
            if parts.timer {
                964.0
            } else {
                next_bottom(parts) + padding
            }
        }
        (true, false) => 884.0,
        (false, false) => names_bottom(parts) + padding,
    };
    let top = match (parts.names(), parts.timer) {
        (true, _) => top,
        (false, true) => {
            if parts.ring {
                514.0
            } else {
                564.0
            }
        }
        (false, false) => bottom - 160.0,
    };
    (parts.names() || parts.times()).then(|| Rect::new(left, top, width, bottom - top))
}
