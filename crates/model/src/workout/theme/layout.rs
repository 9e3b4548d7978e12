//! The positions of the theme's elements for the three aspect ratios, for a shorter side of 1080 pixels.

use crate::captions::CaptionPlacement;
use crate::document::Format;
use crate::geometry::{Anchor, Rect, Size};

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
    /// Panels behind texts; the name is on the first, the time on the last.
    pub(super) panels: Vec<Rect>,
    pub(super) panel_radius: f32,
    pub(super) figure: Rect,
    pub(super) overline: TextSlot,
    pub(super) name: TextSlot,
    pub(super) description: TextSlot,
    pub(super) timer: TextSlot,
    pub(super) next: TextSlot,
    /// The square around the badge of the countdown.
    pub(super) badge: Rect,
    pub(super) progress: Rect,
}

/// Where captions are shown in a format: below the figure, where nothing is read. Two lines are about a tenth of the frame.
pub(crate) const fn caption_placement(format: Format) -> CaptionPlacement {
    match format {
        Format::Landscape => CaptionPlacement { line: 80, position: 65, size: 60 },
        Format::Portrait => CaptionPlacement { line: 64, position: 50, size: 88 },
        Format::Square => CaptionPlacement { line: 67, position: 50, size: 88 },
    }
}

impl Layout {
    /// The layout for a canvas of this format.
    pub(super) fn new(format: Format, canvas: Size) -> Self {
        let unit = canvas.width.min(canvas.height) as f32 / 1080.0;
        let base = match format {
            Format::Landscape => landscape(),
            Format::Portrait => portrait(),
            Format::Square => square(),
        };
        base.scaled(unit)
    }

    /// Moves the figure to the centre of the canvas, for workouts without texts.
    pub(super) fn center_figure(&mut self, canvas: Size) {
        let (width, height) = (canvas.width as f32, canvas.height as f32);
        self.figure.x = ((width - self.figure.width) / 2.0).round();
        self.figure.y = ((height - self.figure.height) / 2.0).round();
    }

    fn scaled(self, unit: f32) -> Self {
        // Edges are on whole pixels, so that they are sharp at every resolution.
        let rect = |rect: Rect| {
            let [left, top, right, bottom] =
                [rect.x, rect.y, rect.right(), rect.bottom()].map(|edge| (edge * unit).round());
            Rect::new(left, top, right - left, bottom - top)
        };
        let slot = |slot: TextSlot| TextSlot {
            position: (slot.position.0 * unit, slot.position.1 * unit),
            max_width: slot.max_width * unit,
            size: slot.size * unit,
            ..slot
        };
        Self {
            unit,
            panels: self.panels.into_iter().map(rect).collect(),
            panel_radius: self.panel_radius * unit,
            figure: rect(self.figure),
            overline: slot(self.overline),
            name: slot(self.name),
            description: slot(self.description),
            timer: slot(self.timer),
            next: slot(self.next),
            badge: rect(self.badge),
            progress: rect(self.progress),
        }
    }
}

const fn slot(x: f32, y: f32, anchor: Anchor, max_width: f32, max_lines: u16, size: f32) -> TextSlot {
    TextSlot { position: (x, y), anchor, max_width, max_lines, size }
}

/// 1920 x 1080: texts in a column on the left, the figure on the right. Clips of 960 pixels, such as those of the demo
/// catalogue, are drawn unscaled here and in portrait.
fn landscape() -> Layout {
    Layout {
        unit: 1.0,
        panels: vec![Rect::new(60.0, 60.0, 580.0, 904.0)],
        panel_radius: 36.0,
        figure: Rect::new(680.0, 30.0, 1180.0, 960.0),
        overline: slot(108.0, 108.0, Anchor::TopLeft, 484.0, 1, 30.0),
        name: slot(108.0, 160.0, Anchor::TopLeft, 484.0, 3, 80.0),
        description: slot(108.0, 452.0, Anchor::TopLeft, 484.0, 4, 32.0),
        timer: slot(108.0, 822.0, Anchor::BottomLeft, 484.0, 1, 176.0),
        next: slot(108.0, 922.0, Anchor::BottomLeft, 484.0, 2, 34.0),
        badge: Rect::new(1660.0, 60.0, 200.0, 200.0),
        progress: Rect::new(60.0, 1000.0, 1800.0, 20.0),
    }
}

/// 1080 x 1920: name at the top, figure in the middle, time at the bottom.
fn portrait() -> Layout {
    Layout {
        unit: 1.0,
        panels: vec![Rect::new(60.0, 120.0, 960.0, 350.0), Rect::new(60.0, 1420.0, 960.0, 320.0)],
        panel_radius: 36.0,
        figure: Rect::new(60.0, 465.0, 960.0, 960.0),
        overline: slot(108.0, 158.0, Anchor::TopLeft, 864.0, 1, 32.0),
        name: slot(108.0, 204.0, Anchor::TopLeft, 864.0, 2, 76.0),
        description: slot(108.0, 440.0, Anchor::BottomLeft, 864.0, 2, 32.0),
        timer: slot(540.0, 1440.0, Anchor::Top, 864.0, 1, 168.0),
        next: slot(540.0, 1716.0, Anchor::Bottom, 864.0, 1, 38.0),
        badge: Rect::new(820.0, 500.0, 200.0, 200.0),
        progress: Rect::new(60.0, 1776.0, 960.0, 20.0),
    }
}

/// 1080 x 1080: as portrait, in less space.
fn square() -> Layout {
    Layout {
        unit: 1.0,
        panels: vec![Rect::new(40.0, 40.0, 1000.0, 200.0), Rect::new(40.0, 858.0, 1000.0, 130.0)],
        panel_radius: 28.0,
        figure: Rect::new(40.0, 252.0, 1000.0, 594.0),
        overline: slot(76.0, 60.0, Anchor::TopLeft, 928.0, 1, 26.0),
        name: slot(76.0, 94.0, Anchor::TopLeft, 928.0, 1, 64.0),
        description: slot(76.0, 222.0, Anchor::BottomLeft, 928.0, 1, 28.0),
        timer: slot(76.0, 923.0, Anchor::Left, 380.0, 1, 110.0),
        next: slot(1004.0, 923.0, Anchor::Right, 500.0, 2, 34.0),
        badge: Rect::new(880.0, 262.0, 160.0, 160.0),
        progress: Rect::new(40.0, 1014.0, 1000.0, 18.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_cover_no_text_and_no_bar() {
        for (format, width, height) in
            [(Format::Landscape, 1920, 1080), (Format::Portrait, 1080, 1920), (Format::Square, 1080, 1080)]
        {
            let layout = Layout::new(format, Size { width, height });
            let CaptionPlacement { line, position, size } = caption_placement(format);
            let percent = |value: u32, of: u32| value as f32 / 100.0 * of as f32;
            // Two lines of a twentieth of the shorter side, with their distance.
            let block = percent(12, width.min(height));
            let left = percent(position, width) - percent(size, width) / 2.0;
            let captions = Rect::new(left, percent(line, height), percent(size, width), block);
            let read = layout.panels.iter().chain([&layout.badge, &layout.progress]);
            for rect in read {
                let is_apart = rect.right() <= captions.x
                    || rect.x >= captions.right()
                    || rect.bottom() <= captions.y
                    || rect.y >= captions.y + captions.height;
                assert!(is_apart, "{format:?}: {captions:?} covers {rect:?}");
            }
            assert!(captions.x >= 0.0 && captions.right() <= width as f32);
        }
    }
}
