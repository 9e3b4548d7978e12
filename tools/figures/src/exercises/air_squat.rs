//! Air squats: hips back and down over flat feet, the arms rising forwards as a counterweight.

use super::{Exercise, Motion};
use crate::geometry::vec2;
use crate::look;
use crate::motion::{self, Key};
use crate::skeleton::{ARM, Arm, Body, Foot, Head, Leg, Limb, SideBody, Torso};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "air_squat",
    file: "air_squat.mov",
    seconds: 2.2,
    palette: look::CORAL,
    motion: Motion::Drawn(pose),
    props: &[],
    hold: false,
};

/// How low the squat is, from 0 standing to 1 with the thighs level.
const DEPTH: &[Key<1>] = &[(0.0, [0.0]), (0.06, [0.0]), (0.5, [1.0]), (0.57, [1.0]), (0.94, [0.0])];
/// Hips, and the directions of the lower and the upper spine and of the head, over the depth.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.01, 0.944, 91.0, 89.0, 89.0]),
    (0.5, [-0.17, 0.73, 69.0, 66.0, 82.0]),
    (1.0, [-0.27, 0.47, 55.0, 52.0, 78.0]),
];
/// The directions of upper arm and forearm over the depth.
const ARMS: &[Key<2>] = &[(0.0, [-93.0, -80.0]), (0.5, [-42.0, -30.0]), (1.0, [-2.0, 5.0])];

fn pose(phase: f32) -> Body {
    let [depth] = motion::looped(DEPTH, phase);
    let [x, y, lumbar, chest, tilt] = motion::open(TRUNK, depth);
    let [upper, lower] = motion::open(ARMS, depth);
    let torso = Torso::new(vec2(x, y), lumbar, chest);
    let arm = Arm::loose(Limb::swing(torso.shoulder, ARM, upper, lower), motion::mix(18.0, 4.0, depth));
    let leg = |ball: f32| Leg::on(torso.hip, Foot::from_key([ball, 0.0, 0.0]));
    let head = Head::on(&torso, tilt);
    Body::Side(SideBody { torso, head, arms: [arm, arm], legs: [leg(0.11), leg(0.14)], arm_inside: false })
}
