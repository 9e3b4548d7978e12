//! What the figures use: dumbbells, a kettlebell, a step, a chair and a wall.

use crate::drawing::Drawing;
use crate::geometry::{Vec2, direction, vec2};
use crate::palette::Tone;
use crate::skeleton::{Arm, Body, WRIST_HEIGHT};
use crate::tube::Tube;

/// The height of the step.
pub(crate) const STEP_HEIGHT: f32 = 0.2;
/// The height of the seat of the chair.
pub(crate) const SEAT_HEIGHT: f32 = 0.44;
/// The height of a wrist whose hand is on the seat.
pub(crate) const SEAT_WRIST: f32 = SEAT_HEIGHT + WRIST_HEIGHT;
const SEAT_DEPTH: f32 = 0.42;
const WALL_HEIGHT: f32 = 1.62;

/// A piece of equipment.
pub(crate) enum Prop {
    /// A dumbbell in each hand. Seen end-on where its bar points at the viewer.
    Dumbbells {
        /// The bar points at the viewer.
        end_on: bool,
    },
    /// A dumbbell in the near hand, seen from its side.
    Dumbbell,
    /// A kettlebell in both hands.
    Kettlebell,
    /// A step, from its left edge to its right one.
    Step(f32, f32),
    /// A chair by the front edge of its seat, and the direction that it faces: 1 is to the right.
    Chair(f32, f32),
    /// A wall by its face, with the figure on its right.
    Wall(f32),
}

/// The colors of all equipment; each is seen on a dark and on a light ground.
#[cfg(test)]
pub(crate) fn tones() -> [Tone; 5] {
    [iron(), grip(), wood(), seat(), wall()]
}

fn iron() -> Tone {
    Tone::pair(0x7F8CA6, 0x66728C)
}

fn grip() -> Tone {
    Tone::pair(0xA9B4C8, 0x8C98AF)
}

fn wood() -> Tone {
    Tone::pair(0xC6945F, 0xA67646)
}

fn seat() -> Tone {
    Tone::pair(0xD6A873, 0xC6945F)
}

fn wall() -> Tone {
    Tone::pair(0x9AA6BD, 0x8490A8)
}

/// Adds what is behind the figure.
pub(crate) fn draw_behind(drawing: &mut Drawing, props: &[Prop]) {
    for prop in props {
        match *prop {
            Prop::Step(left, right) => draw_step(drawing, left, right),
            Prop::Chair(edge, facing) => draw_chair(drawing, edge, facing),
            Prop::Wall(face) => block(drawing, vec2(face - 0.08, 0.0), vec2(face, WALL_HEIGHT), wall()),
            Prop::Dumbbells { .. } | Prop::Dumbbell | Prop::Kettlebell => {}
        }
    }
}

/// Adds what the hand of an arm holds, before the arm: `near` on the viewer's side, or on the right of the frame.
pub(crate) fn draw_held(drawing: &mut Drawing, props: &[Prop], arm: &Arm, near: bool) {
    for prop in props {
        match *prop {
            Prop::Dumbbells { end_on } => draw_dumbbell(drawing, arm, end_on, near),
            Prop::Dumbbell if near => draw_dumbbell(drawing, arm, false, true),
            Prop::Kettlebell if near => draw_kettlebell(drawing, arm),
            _ => {}
        }
    }
}

/// The lowest points of what is held, for its shadow.
pub(crate) fn contacts(body: &Body, props: &[Prop]) -> Vec<Vec2> {
    let arms = match body {
        Body::Side(body) => &body.arms,
        Body::Front(body) => &body.arms,
    };
    let below = |depth: f32| arms.iter().map(move |arm| fist(arm) - vec2(0.0, depth));
    let of_prop = |prop: &Prop| -> Vec<Vec2> {
        match prop {
            Prop::Dumbbells { .. } => below(0.06).collect(),
            Prop::Kettlebell => below(0.24).take(1).collect(),
            _ => Vec::new(),
        }
    };
    props.iter().flat_map(of_prop).collect()
}

/// Where a closed hand holds a bar.
fn fist(arm: &Arm) -> Vec2 {
    arm.limb.end + direction(arm.palm) * 0.07
}

fn draw_dumbbell(drawing: &mut Drawing, arm: &Arm, end_on: bool, near: bool) {
    let tone = |tone: Tone| if near { tone } else { tone.far() };
    let (middle, along) = (fist(arm), direction(arm.palm + 90.0));
    if end_on {
        drawing.ellipses(&[(middle, vec2(0.07, 0.07))], tone(iron()).base);
        drawing.ellipses(&[(middle, vec2(0.035, 0.035))], tone(iron()).shade);
        return;
    }
    let piece = |from: f32, to: f32| [middle + along * from, middle + along * to];
    drawing.tube(&Tube::new(&piece(-0.1, 0.1), &[(0.0, [0.014, 0.014]), (1.0, [0.014, 0.014])]), tone(grip()));
    for side in [-1.0, 1.0] {
        for (from, to, half) in [(0.06, 0.1, 0.07), (0.105, 0.138, 0.055)] {
            let across = along.left() * half;
            let [start, end] = piece(from * side, to * side);
            let corners = [start - across, start + across, end + across, end - across];
            drawing.polygon(corners, tone(iron()).base);
            let shade = [start - across, start - across * 0.35, end - across * 0.35, end - across];
            drawing.polygon(shade, tone(iron()).shade);
        }
    }
}

fn draw_kettlebell(drawing: &mut Drawing, arm: &Arm) {
    let (hold, down) = (fist(arm), direction(arm.palm));
    let side = down.left();
    let at = |out: f32, below: f32| hold + side * out + down * below;
    let bar: &[(f32, [f32; 2])] = &[(0.0, [0.015, 0.015]), (1.0, [0.015, 0.015])];
    let handle = [at(-0.07, 0.1), at(-0.068, 0.03), at(-0.035, 0.0), at(0.035, 0.0), at(0.068, 0.03), at(0.07, 0.1)];
    drawing.tube(&Tube::new(&handle, bar), grip());
    let ball = at(0.0, 0.155);
    drawing.ellipses(&[(ball, vec2(0.105, 0.105))], iron().shade);
    drawing.ellipses(&[(ball + vec2(0.014, 0.02), vec2(0.081, 0.081))], iron().base);
}

/// A box with a shaded lower part.
fn block(drawing: &mut Drawing, low: Vec2, high: Vec2, tone: Tone) {
    let rows = |from: f32, to: f32| [vec2(low.x, from), vec2(high.x, from), vec2(high.x, to), vec2(low.x, to)];
    drawing.polygon(rows(low.y, high.y), tone.base);
    drawing.polygon(rows(low.y, low.y + (high.y - low.y) * 0.2), tone.shade);
}

/// The upper face of a box, as seen from slightly above and ahead: what is on the far side stands on it.
fn draw_top(drawing: &mut Drawing, left: f32, right: f32, height: f32, tone: Tone) {
    let depth = vec2(0.036, 0.026);
    let (near_left, near_right) = (vec2(left, height), vec2(right, height));
    drawing.polygon([near_left, near_right, near_right + depth, near_left + depth], tone.base);
}

fn draw_step(drawing: &mut Drawing, left: f32, right: f32) {
    draw_top(drawing, left, right, STEP_HEIGHT, grip());
    block(drawing, vec2(left + 0.03, 0.0), vec2(right - 0.03, STEP_HEIGHT - 0.05), wood());
    block(drawing, vec2(left, STEP_HEIGHT - 0.05), vec2(right, STEP_HEIGHT), iron());
}

fn draw_chair(drawing: &mut Drawing, edge: f32, facing: f32) {
    let piece = |drawing: &mut Drawing, from: f32, to: f32, low: f32, high: f32, tone: Tone| {
        let (one, other) = (edge - facing * from, edge - facing * to);
        block(drawing, vec2(one.min(other), low), vec2(one.max(other), high), tone);
    };
    piece(drawing, 0.03, 0.07, 0.0, SEAT_HEIGHT, iron());
    piece(drawing, SEAT_DEPTH - 0.03, SEAT_DEPTH + 0.01, 0.0, SEAT_HEIGHT + 0.46, iron());
    piece(drawing, SEAT_DEPTH - 0.045, SEAT_DEPTH + 0.025, SEAT_HEIGHT + 0.2, SEAT_HEIGHT + 0.46, wood());
    let (one, other) = (edge, edge - facing * SEAT_DEPTH);
    draw_top(drawing, one.min(other), one.max(other), SEAT_HEIGHT, seat());
    piece(drawing, 0.0, SEAT_DEPTH, SEAT_HEIGHT - 0.045, SEAT_HEIGHT, wood());
}
