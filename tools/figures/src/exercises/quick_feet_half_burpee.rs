//! Fast feet on the spot, then the hands go to the floor, the feet jump back to a plank, in again, and up.

use super::{Exercise, Motion};
use crate::geometry::vec2;
use crate::look;
use crate::motion::{self, Key};
use crate::skeleton::{ARM, Arm, Bend, Body, Foot, Head, Leg, Limb, SideBody, Torso, WRIST_HEIGHT};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "quick_feet_half_burpee",
    file: "quick_feet_half_burpee.mov",
    seconds: 2.8,
    palette: look::AMBER,
    motion: Motion::Drawn(pose),
    props: &[],
    hold: false,
};

/// The part of the loop that is fast feet, and the pairs of steps in it.
const QUICK_FEET: f32 = 0.4;
const STEP_PAIRS: f32 = 4.0;
/// How high a fast foot is lifted, how far back, and how far its heel is raised.
const STEP: [f32; 3] = [-0.05, 0.2, 42.0];
/// Hips, and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.08, 0.835, 74.0, 72.0, 86.0]),
    (0.4, [-0.08, 0.835, 74.0, 72.0, 86.0]),
    (0.49, [-0.06, 0.47, 22.0, 6.0, 44.0]),
    (0.52, [-0.05, 0.475, 21.0, 5.0, 42.0]),
    (0.565, [-0.02, 0.55, 8.0, -6.0, 38.0]),
    (0.61, [0.0, 0.462, 20.0, 15.0, 34.0]),
    (0.65, [0.0, 0.458, 20.0, 16.0, 34.0]),
    (0.70, [0.0, 0.464, 20.0, 15.0, 34.0]),
    (0.75, [-0.03, 0.56, 7.0, -8.0, 38.0]),
    (0.8, [-0.06, 0.475, 21.0, 5.0, 42.0]),
    (0.84, [-0.065, 0.475, 23.0, 8.0, 44.0]),
    (0.95, [-0.075, 0.845, 76.0, 75.0, 86.0]),
];
/// Where the balls of both feet are and how far the heels are raised, for the jumps.
const FEET: &[Key<3>] = &[
    (0.0, [0.1, 0.0, 0.0]),
    (0.4, [0.1, 0.0, 0.0]),
    (0.49, [0.1, 0.0, 24.0]),
    (0.52, [0.1, 0.0, 40.0]),
    (0.565, [-0.4, 0.11, 66.0]),
    (0.61, [-0.82, 0.0, 68.0]),
    (0.7, [-0.82, 0.0, 68.0]),
    (0.75, [-0.32, 0.12, 62.0]),
    (0.8, [0.1, 0.0, 36.0]),
    (0.84, [0.1, 0.0, 22.0]),
    (0.92, [0.1, 0.0, 0.0]),
];
/// How much of the way from swinging freely to the floor the hands have gone.
const HANDS_DOWN: &[Key<1>] = &[(0.0, [0.0]), (0.4, [0.0]), (0.49, [1.0]), (0.835, [1.0]), (0.95, [0.0])];
/// Where the wrists are on the floor.
const HANDS: f32 = 0.42;

fn pose(phase: f32) -> Body {
    let [x, y, lumbar, chest, tilt] = motion::looped(TRUNK, phase);
    let [down] = motion::looped(HANDS_DOWN, phase);
    // The steps grow and fade at the ends of their part of the loop.
    let vigour = motion::ramp(phase, 0.0, 0.05) * motion::ramp(phase, QUICK_FEET, QUICK_FEET - 0.04);
    let swing = vigour * super::wave(STEP_PAIRS * phase / QUICK_FEET);
    let bounce = 0.018 * vigour * super::wave(2.0 * STEP_PAIRS * phase / QUICK_FEET);
    let torso = Torso::new(vec2(x, y + bounce), lumbar, chest);

    let leg = |side: f32, offset: f32| {
        let [ball, height, raise] = motion::looped(FEET, phase);
        let lift = (side * swing).max(0.0);
        let [back, up, heel] = STEP.map(|way| way * lift);
        Leg::on(torso.hip, Foot::from_key([ball + offset + back, height + up, raise + heel]))
    };
    let arm = |side: f32| {
        let sway = 34.0 * side * swing;
        let free = Arm::loose(Limb::swing(torso.shoulder, ARM, -104.0 - sway, 2.0 - sway), 50.0);
        let wrist = vec2(HANDS - 0.015 * side, WRIST_HEIGHT);
        let floor = Limb::reach(torso.shoulder, wrist, ARM, Bend::Backward);
        free.toward(&Arm::planted(floor), down)
    };
    let head = Head::on(&torso, tilt);
    Body::Side(SideBody {
        torso,
        head,
        arms: [arm(1.0), arm(-1.0)],
        legs: [leg(1.0, 0.0), leg(-1.0, 0.02)],
        arm_inside: false,
    })
}
