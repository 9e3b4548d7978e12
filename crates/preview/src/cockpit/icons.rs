//! The pictures on buttons, drawn from lines: the fonts have no such symbols.

use std::f32::consts::TAU;

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2, vec2};

/// What is drawn on a button.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Icon {
    /// Nothing: the button has its label only.
    None,
    Play,
    Pause,
    Skip,
    Back,
    Minus,
    Plus,
    Repeat,
    Replace,
    Message,
    Chapters,
    Join,
}

impl Icon {
    /// Draws it around a point, within 16 points.
    pub(crate) fn draw(self, painter: &Painter, center: Pos2, color: Color32) {
        let stroke = Stroke::new(1.8, color);
        let at = |x: f32, y: f32| center + vec2(x, y);
        let line = |from: Pos2, to: Pos2| {
            painter.line_segment([from, to], stroke);
        };
        let polygon = |points: Vec<Pos2>| {
            painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
        };
        let block = |x: f32, y: f32, width: f32, height: f32| {
            painter.rect_filled(Rect::from_min_size(at(x, y), vec2(width, height)), 0.0, color);
        };
        match self {
            Self::None => {}
            Self::Play => polygon(vec![at(-4.5, -7.0), at(7.0, 0.0), at(-4.5, 7.0)]),
            Self::Pause => {
                block(-5.0, -6.0, 3.5, 12.0);
                block(1.5, -6.0, 3.5, 12.0);
            }
            Self::Skip => {
                polygon(vec![at(-5.5, -6.0), at(3.5, 0.0), at(-5.5, 6.0)]);
                block(3.5, -6.0, 2.5, 12.0);
            }
            Self::Back => {
                polygon(vec![at(5.5, -6.0), at(5.5, 6.0), at(-3.5, 0.0)]);
                block(-6.0, -6.0, 2.5, 12.0);
            }
            Self::Minus => line(at(-5.0, 0.0), at(5.0, 0.0)),
            Self::Plus => {
                line(at(-5.0, 0.0), at(5.0, 0.0));
                line(at(0.0, -5.0), at(0.0, 5.0));
            }
            Self::Repeat => {
                // Three quarters of a circle, and the head of an arrow at its end.
                let on_circle = |turn: f32| center + 6.0 * Vec2::angled(TAU * turn);
                painter.line((0..=18).map(|step| on_circle(step as f32 / 24.0 - 0.125)).collect(), stroke);
                let end = on_circle(-0.125);
                polygon(vec![end + vec2(-5.0, -1.0), end + vec2(2.5, -4.0), end + vec2(2.0, 3.0)]);
            }
            Self::Replace => {
                line(at(-6.0, -3.0), at(3.0, -3.0));
                polygon(vec![at(2.0, -6.5), at(7.0, -3.0), at(2.0, 0.5)]);
                line(at(-3.0, 4.0), at(6.0, 4.0));
                polygon(vec![at(-2.0, 0.5), at(-2.0, 7.5), at(-7.0, 4.0)]);
            }
            Self::Message => {
                let corners =
                    [(-7.0, -6.0), (7.0, -6.0), (7.0, 3.0), (0.0, 3.0), (-3.5, 6.5), (-3.5, 3.0), (-7.0, 3.0)];
                painter.add(Shape::closed_line(corners.map(|(x, y)| at(x, y)).to_vec(), stroke));
            }
            Self::Chapters => {
                for y in [-5.0, 0.0, 5.0] {
                    block(-7.0, y - 1.0, 2.0, 2.0);
                    line(at(-3.0, y), at(7.0, y));
                }
            }
            Self::Join => {
                // The corners of a QR code.
                for (x, y) in [(-6.5, -6.5), (1.0, -6.5), (-6.5, 1.0)] {
                    let corner = Rect::from_min_size(at(x, y), Vec2::splat(5.5));
                    painter.rect_stroke(corner, 0.0, stroke, egui::StrokeKind::Inside);
                }
                block(1.5, 1.5, 2.0, 2.0);
                block(4.5, 4.5, 2.0, 2.0);
            }
        }
    }
}
