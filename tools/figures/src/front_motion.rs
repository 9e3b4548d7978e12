//! Movements of a figure that is seen from the front, as keys of its trunk, arms and legs.
//!
//! Arms and legs move in three dimensions, of which the picture shows two: a thigh that points at the viewer is short. Keys of
//! a limb are those of the side on the right of the frame, and are mirrored for the other one.

use crate::front::{ANKLE_HEIGHT, HIP, SHOULDER};
use crate::geometry::{Vec2, direction, vec2};
use crate::motion;
use crate::skeleton::{ARM, Arm, Body, Bones, FrontBody, FrontLeg, Head, LEG, Limb, Torso};
use crate::track::{Pair, Track};

/// What an arm does.
pub(crate) struct FrontArm {
    /// The direction of the upper arm, how far it points at the viewer, the same of the forearm, and how far the fingers are
    /// bent, all in degrees.
    pub(crate) track: Track<5>,
}

/// What a leg does.
pub(crate) struct FrontStand {
    /// How far out the ankle is, how high above its place on the floor, how far ahead of the hips, how far the toes point
    /// down, and how far outwards the knee points: 0 is at the viewer, 90 to the side.
    pub(crate) track: Track<5>,
}

/// A movement.
pub(crate) struct FrontMotion {
    /// The place of the hips, and the directions of the lower and the upper spine and of the head.
    pub(crate) trunk: Track<5>,
    /// The arm on the right of the frame, and the other one.
    pub(crate) arms: Pair<FrontArm>,
    /// The leg on the right of the frame, and the other one.
    pub(crate) legs: Pair<FrontStand>,
}

impl FrontMotion {
    /// The pose at a phase of the loop.
    pub(crate) fn pose(&self, phase: f32) -> Body {
        let [x, y, lumbar, chest, tilt] = self.trunk.at(phase);
        let torso = Torso::new(vec2(x, y), lumbar, chest);
        let head = Head::on(&torso, tilt);
        let arms = self.arms.map(phase, |arm, phase, side| {
            let keys = arm.track.at(phase);
            let shoulder = |out: Vec2| torso.shoulder + on_side(out, side).turned(chest - 90.0);
            front_arm(keys, shoulder, if side == 0 { chest } else { 180.0 - chest }, side)
        });
        let legs = self.legs.map(phase, |leg, phase, side| {
            let hip = torso.hip + on_side(vec2(HIP, 0.0), side).turned(lumbar - 90.0);
            front_leg(leg.track.at(phase), hip, side)
        });
        Body::Front(FrontBody { torso, head, arms, legs })
    }
}

/// A point of the right side of the frame, on one of the sides.
fn on_side(point: Vec2, side: usize) -> Vec2 {
    if side == 0 { point } else { point.mirrored() }
}

/// An arm; `chest` is the direction of the chest as that side has it.
fn front_arm(
    [upper, out, lower, lower_out, curl]: [f32; 5],
    shoulder: impl Fn(Vec2) -> Vec2,
    chest: f32,
    side: usize,
) -> Arm {
    // The shoulder blades carry the shoulders up and in when the arms are overhead.
    let overhead = motion::ramp(upper - chest + 90.0, 0.0, 70.0);
    let root = shoulder(vec2(SHOULDER - 0.02 * overhead, 0.03 * overhead - 0.05));
    let seen = |degrees: f32| degrees.to_radians().cos();
    let root = on_side(root, side);
    let middle = root + direction(upper) * (ARM.upper * seen(out));
    let end = middle + direction(lower) * (ARM.lower * seen(lower_out));
    let arm = Arm::loose(Limb { root, middle, end }, curl);
    if side == 0 { arm } else { arm.mirrored() }
}

fn front_leg([out, lift, ahead, tiptoe, knee_out]: [f32; 5], hip: Vec2, side: usize) -> FrontLeg {
    let hip = on_side(hip, side);
    let heel_lift = 0.1 * tiptoe.to_radians().sin();
    let ankle = [out, ANKLE_HEIGHT + lift + heel_lift, ahead];
    let (sin, cos) = knee_out.to_radians().sin_cos();
    let limb = reach([hip.x, hip.y, 0.0], ankle, [sin, 0.0, cos], LEG);
    let leg = FrontLeg { limb, ahead, tiptoe, down: -90.0 };
    if side == 0 { leg } else { leg.mirrored() }
}

/// The picture of a limb from `root` to `end`, as near as the bones allow, whose middle joint points in a direction.
/// Coordinates are x, y, and towards the viewer.
fn reach(root: [f32; 3], end: [f32; 3], pole: [f32; 3], bones: Bones) -> Limb {
    let dot = |one: [f32; 3], other: [f32; 3]| one.iter().zip(other).map(|(one, other)| one * other).sum::<f32>();
    let way: [f32; 3] = std::array::from_fn(|axis| end[axis] - root[axis]);
    let length = dot(way, way).sqrt();
    let axis = way.map(|part| part / length);
    let distance = length.min(bones.upper + bones.lower - 1e-4);
    let along = (distance * distance + bones.upper * bones.upper - bones.lower * bones.lower) / (2.0 * distance);
    let across = (bones.upper * bones.upper - along * along).max(0.0).sqrt();
    let lean = dot(pole, axis);
    let aside: [f32; 3] = std::array::from_fn(|part| pole[part] - axis[part] * lean);
    let width = dot(aside, aside).sqrt().max(1e-6);
    let place = |along: f32, across: f32| {
        let part = |index: usize| root[index] + axis[index] * along + aside[index] * (across / width);
        vec2(part(0), part(1))
    };
    Limb { root: vec2(root[0], root[1]), middle: place(along, across), end: place(distance, 0.0) }
}
