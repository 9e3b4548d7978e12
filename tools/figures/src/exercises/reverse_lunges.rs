//! Reverse lunges: each leg in turn steps back, both knees bend to right angles, and the front leg pushes up again.

use super::{Exercise, Motion};
use crate::geometry::vec2;
use crate::look;
use crate::motion::{self, Key};
use crate::skeleton::{ARM, Arm, Body, Foot, Head, Leg, Limb, SideBody, Torso};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "reverse_lunges",
    file: "reverse_lunges.mov",
    seconds: 2.3,
    palette: look::OCEAN,
    motion: Motion::Drawn(pose),
    props: &[],
    hold: false,
};

/// The foot that steps back in the first half of the loop and stands in the second.
const FOOT: &[Key<3>] = &[
    (0.0, [0.12, 0.0, 0.0]),
    (0.03, [0.12, 0.0, 8.0]),
    (0.1, [-0.2, 0.1, 40.0]),
    (0.185, [-0.75, 0.0, 56.0]),
    (0.25, [-0.75, 0.0, 70.0]),
    (0.3, [-0.75, 0.0, 60.0]),
    (0.39, [-0.25, 0.11, 48.0]),
    (0.47, [0.12, 0.0, 2.0]),
    (0.5, [0.12, 0.0, 0.0]),
];
/// Hips and direction of the spine, for one step; both halves of the loop are alike.
const TRUNK: &[Key<3>] = &[
    (0.0, [-0.005, 0.944, 89.0]),
    (0.06, [-0.005, 0.944, 89.0]),
    (0.37, [-0.24, 0.75, 85.0]),
    (0.5, [-0.33, 0.555, 82.0]),
    (0.58, [-0.3, 0.6, 82.0]),
    (0.94, [-0.005, 0.944, 89.0]),
];
/// How far the arms swing: forwards for the arm of the leg that steps back.
const SWING: &[Key<1>] = &[(0.0, [0.0]), (0.25, [1.0]), (0.5, [0.0]), (0.75, [-1.0])];

fn pose(phase: f32) -> Body {
    let [x, y, spine] = motion::looped(TRUNK, 2.0 * phase);
    let torso = Torso::new(vec2(x, y), spine, spine - 1.0);
    let leg = |lag: f32| Leg::on(torso.hip, Foot::from_key(motion::looped(FOOT, phase + lag)));
    let arm = |side: f32| {
        let [swing] = motion::looped(SWING, phase);
        let bend = 18.0 + 70.0 * swing.abs();
        let upper = -94.0 + 40.0 * swing * side;
        Arm::loose(Limb::swing(torso.shoulder, ARM, upper, upper + bend), 18.0 + 50.0 * swing.abs())
    };
    let head = Head::on(&torso, 89.0);
    Body::Side(SideBody { torso, head, arms: [arm(1.0), arm(-1.0)], legs: [leg(0.0), leg(0.5)], arm_inside: false })
}
