//! Skaters, seen from the front: leaps from side to side, the free leg goes behind the one that lands.

use super::{Exercise, Motion};
use crate::front_motion::{FrontArm, FrontMotion, FrontStand};
use crate::look;
use crate::motion::Key;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "skaters",
    file: "skaters.webp",
    seconds: 1.6,
    palette: look::OCEAN,
    motion: Motion::Front(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [0.4, 0.7, 86.0, 80.0, 86.0]),
    (0.06, [0.4, 0.69, 86.0, 80.0, 86.0]),
    (0.25, [0.0, 0.87, 90.0, 90.0, 90.0]),
    (0.43, [-0.39, 0.735, 94.0, 99.0, 94.0]),
    (0.5, [-0.4, 0.7, 94.0, 100.0, 94.0]),
    (0.56, [-0.4, 0.69, 94.0, 100.0, 94.0]),
    (0.75, [0.0, 0.87, 90.0, 90.0, 90.0]),
    (0.93, [0.39, 0.735, 86.0, 81.0, 86.0]),
];
/// Upper arm and forearm, each with its direction and how far it points at the viewer; then the bend of the fingers.
const ARM: &[Key<5>] = &[
    (0.0, [-118.0, 10.0, -70.0, 10.0, 25.0]),
    (0.06, [-118.0, 10.0, -70.0, 10.0, 25.0]),
    (0.25, [-70.0, 20.0, -50.0, 30.0, 25.0]),
    (0.5, [-98.0, 30.0, -150.0, 25.0, 25.0]),
    (0.56, [-98.0, 30.0, -150.0, 25.0, 25.0]),
    (0.75, [-70.0, 20.0, -60.0, 30.0, 25.0]),
];
/// The ankle outwards, its lift, and how far it is ahead; the toes down; the knee outwards.
const LEG: &[Key<5>] = &[
    (0.0, [0.45, 0.0, 0.04, 0.0, 14.0]),
    (0.07, [0.45, 0.0, 0.04, 0.0, 14.0]),
    (0.14, [0.45, 0.0, 0.0, 26.0, 14.0]),
    (0.25, [0.2, 0.14, -0.08, 24.0, 14.0]),
    (0.42, [-0.6, 0.14, -0.24, 20.0, 0.0]),
    (0.5, [-0.84, 0.1, -0.3, 16.0, -20.0]),
    (0.57, [-0.84, 0.1, -0.3, 16.0, -20.0]),
    (0.75, [-0.05, 0.16, -0.16, 24.0, 8.0]),
    (0.88, [0.45, 0.0, 0.0, 18.0, 14.0]),
    (0.95, [0.45, 0.0, 0.04, 0.0, 14.0]),
];

const MOTION: FrontMotion = FrontMotion {
    trunk: Track::new(TRUNK),
    arms: Pair::InTurn(FrontArm { track: Track::new(ARM) }),
    legs: Pair::InTurn(FrontStand { track: Track::new(LEG) }),
};
