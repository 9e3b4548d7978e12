//! Draws the body as seen from the front.

use crate::drawing::Drawing;
use crate::geometry::{Vec2, direction, vec2};
use crate::limbs::{self, FOREARM};
use crate::look::{Bottoms, Hair, Look};
use crate::motion::Key;
use crate::props::{self, Prop};
use crate::skeleton::{Arm, FrontBody, FrontLeg, Head, Torso};
use crate::tube::Tube;

/// Half the distance between the hip joints.
pub(crate) const HIP: f32 = 0.088;
/// Half the distance between the shoulder joints.
pub(crate) const SHOULDER: f32 = 0.155;

/// Half widths of the trunk, from the base of the neck to the crotch.
const TRUNK: &[Key<2>] = &[
    (0.0, [0.055, 0.055]),
    (0.04, [0.1, 0.1]),
    (0.09, [0.158, 0.158]),
    (0.2, [0.18, 0.18]),
    (0.4, [0.165, 0.165]),
    (0.62, [0.135, 0.135]),
    (0.74, [0.14, 0.14]),
    (0.9, [0.163, 0.163]),
    (1.0, [0.165, 0.165]),
];
/// Where the waistband crosses the trunk.
const WAISTBAND: f32 = 0.7;
const NECK: &[Key<2>] = &[(0.0, [0.05, 0.05]), (0.6, [0.05, 0.05]), (1.0, [0.06, 0.06])];
/// Widths of the upper arm on the inner and on the outer side.
const UPPER_ARM: &[Key<2>] =
    &[(0.0, [0.048, 0.05]), (0.3, [0.05, 0.056]), (0.6, [0.045, 0.048]), (0.9, [0.04, 0.04]), (1.0, [0.04, 0.04])];
/// Widths of the thigh on the outer and on the inner side.
const THIGH: &[Key<2>] = &[
    (0.0, [0.078, 0.088]),
    (0.25, [0.083, 0.086]),
    (0.65, [0.066, 0.066]),
    (0.9, [0.052, 0.053]),
    (1.0, [0.05, 0.05]),
];
/// Widths of the shin on the outer and on the inner side.
const SHIN: &[Key<2>] =
    &[(0.0, [0.05, 0.05]), (0.3, [0.06, 0.056]), (0.45, [0.054, 0.056]), (0.75, [0.036, 0.037]), (1.0, [0.033, 0.033])];

/// The sides of the frame, in the order of arms and legs.
const SIDES: [f32; 2] = [1.0, -1.0];
/// The height of the ankle of a foot that stands flat.
pub(crate) const ANKLE_HEIGHT: f32 = 0.101;

/// Adds the figure to a frame, the leg that is farther from the viewer first.
pub(crate) fn draw(drawing: &mut Drawing, body: &FrontBody, props: &[Prop], look: &Look) {
    let order = if body.legs[0].ahead > body.legs[1].ahead { [1, 0] } else { [0, 1] };
    for side in order {
        draw_leg(drawing, &body.legs[side], SIDES[side], look);
    }
    draw_trunk(drawing, &body.torso, &body.head, look);
    draw_head(drawing, &body.head, look);
    for (arm, side) in body.arms.iter().zip(SIDES) {
        props::draw_held(drawing, props, arm, true);
        draw_arm(drawing, arm, side, look);
    }
}

/// The points where the body meets the floor, for its shadow.
pub(crate) fn contacts(body: &FrontBody) -> Vec<Vec2> {
    let feet = [0, 1].map(|side| {
        let leg = &body.legs[side];
        leg.limb.end + direction(leg.down) * 0.1 + vec2(0.01 * SIDES[side], 0.0)
    });
    let arms = body.arms.iter().flat_map(|arm| [arm.limb.end, arm.limb.middle]);
    feet.into_iter().chain(arms.map(|joint| joint + vec2(0.0, -0.04))).collect()
}

fn draw_trunk(drawing: &mut Drawing, torso: &Torso, head: &Head, look: &Look) {
    let crotch = torso.hip + (torso.hip - torso.waist).unit() * 0.065;
    let trunk = Tube::new(&[torso.neck, torso.waist, crotch], TRUNK);
    drawing.tube(&trunk.dressed(0.0, 0.8, 0.0), look.top);
    // The seat has no shade of its own: it has to merge with the thighs, which bring theirs.
    drawing.tube(&trunk.dressed(WAISTBAND, 1.0, 0.003), look.bottom.flat());
    // The collar is cut out of the shirt by painting the neck over it.
    let throat = torso.neck.toward(torso.waist, 0.1);
    drawing.tube(&Tube::new(&[on_head(head, 0.0, -0.02), torso.neck, throat], NECK), look.skin.flat());
    let chin_shadow = [(-0.05, -0.04), (0.05, -0.04), (0.052, -0.08), (0.0, -0.098), (-0.052, -0.08)];
    drawing.blob(&chin_shadow.map(|(x, y)| on_head(head, x, y)), look.skin.shade);
}

/// A place on the head: metres to the right of the joint that carries it, and metres towards the crown.
fn on_head(head: &Head, x: f32, y: f32) -> Vec2 {
    head.base + vec2(x, y).turned(head.tilt - 90.0)
}

fn draw_leg(drawing: &mut Drawing, leg: &FrontLeg, side: f32, look: &Look) {
    let limb = leg.limb;
    let thigh = Tube::facing(&[limb.root, limb.middle], THIGH, side);
    let shin = Tube::facing(&[limb.middle, limb.end], SHIN, side);
    drawing.tube(&shin, look.skin);
    draw_shoe(drawing, leg, side, look);
    match look.bottoms {
        Bottoms::Shorts => {
            drawing.tube(&thigh, look.skin);
            drawing.tube(&thigh.dressed(-2.0, 0.55, 0.009), look.bottom);
        }
        Bottoms::Leggings => {
            drawing.tube(&shin.dressed(-2.0, 0.84, 0.003), look.bottom);
            drawing.tube(&thigh.dressed(-2.0, 2.0, 0.003), look.bottom);
        }
    }
}

fn draw_arm(drawing: &mut Drawing, arm: &Arm, side: f32, look: &Look) {
    let limb = arm.limb;
    let upper = Tube::facing(&[limb.root, limb.middle], UPPER_ARM, -side);
    limbs::draw_hand(drawing, arm, -side, look);
    drawing.tube(&Tube::facing(&[limb.middle, limb.end], FOREARM, -side), look.skin);
    drawing.tube(&upper, look.skin);
    if let Some(sleeve) = look.sleeve {
        drawing.tube(&upper.dressed(-2.0, 0.5, 0.008), sleeve);
    }
}

/// A shoe seen from its tip; pointed toes make it longer.
fn draw_shoe(drawing: &mut Drawing, leg: &FrontLeg, side: f32, look: &Look) {
    let longer = leg.tiptoe.to_radians().sin() * 0.09;
    let at = |(x, y): (f32, f32)| {
        let place = vec2(x * side, y - longer * ((0.03 - y) / 0.13).clamp(0.0, 1.0));
        leg.limb.end + place.turned(leg.down + 90.0)
    };
    let upper = [
        (-0.04, 0.02),
        (-0.048, -0.04),
        (-0.052, -0.085),
        (0.01, -0.094),
        (0.07, -0.085),
        (0.062, -0.035),
        (0.042, 0.02),
        (0.0, 0.028),
    ];
    let sole = [(-0.056, -0.078), (-0.054, -0.098), (0.01, -0.101), (0.072, -0.098), (0.075, -0.078), (0.01, -0.084)];
    let tongue = [(-0.022, 0.02), (-0.024, -0.03), (0.004, -0.044), (0.03, -0.03), (0.024, 0.02)];
    drawing.blob(&upper.map(at), look.shoe.base);
    drawing.blob(&tongue.map(at), look.shoe.shade);
    drawing.blob(&sole.map(at), look.sole.base);
}

fn draw_head(drawing: &mut Drawing, head: &Head, look: &Look) {
    let at = |(x, y): (f32, f32)| on_head(head, x, y);
    // An outline runs down the right half of the head and up its mirrored left half.
    let outline = |half: &[(f32, f32)]| -> Vec<Vec2> {
        let left = half.iter().rev().map(|(x, y)| at((-x, *y)));
        half.iter().map(|point| at(*point)).chain(left).collect()
    };
    let back_of_head = [(0.05, 0.165), (0.094, 0.11), (0.096, 0.05), (0.08, 0.02)];
    let ear = [(0.084, 0.055), (0.102, 0.058), (0.104, 0.03), (0.093, 0.006), (0.082, 0.018)];
    let face = [(0.04, 0.145), (0.08, 0.11), (0.089, 0.04), (0.081, -0.02), (0.052, -0.062), (0.018, -0.077)];
    let fringe =
        [(0.03, 0.173), (0.076, 0.15), (0.099, 0.092), (0.094, 0.058), (0.082, 0.09), (0.045, 0.12), (0.012, 0.113)];
    let brow = [(0.018, 0.072), (0.036, 0.081), (0.054, 0.074), (0.036, 0.075)];
    let nose = [(-0.002, 0.045), (0.006, 0.02), (0.016, 0.008), (0.0, 0.002), (-0.006, 0.01)];
    let mouth = [(-0.026, -0.03), (0.0, -0.036), (0.026, -0.03), (0.015, -0.041), (0.0, -0.044), (-0.015, -0.041)];

    if look.style == Hair::Ponytail {
        drawing.ellipses(&[(at((0.0, 0.17)), vec2(0.045, 0.035))], look.hair.shade);
    }
    drawing.blob(&outline(&back_of_head), look.hair.shade);
    for side in [1.0, -1.0] {
        drawing.blob(&ear.map(|(x, y)| at((x * side, y))), look.skin.shade);
    }
    drawing.blob(&outline(&face), look.skin.base);
    for side in [1.0, -1.0] {
        drawing.ellipses(&[(at((0.035 * side, 0.047)), vec2(0.0075, 0.0105))], look.hair.shade);
        drawing.blob(&brow.map(|(x, y)| at((x * side, y))), look.hair.shade);
    }
    drawing.blob(&nose.map(at), look.skin.shade);
    drawing.blob(&mouth.map(at), look.hair.shade);
    drawing.blob(&outline(&fringe), look.hair.base);
}
