//! Sumo squats, seen from the front: feet wide, toes and knees outwards, the trunk goes straight down.

use super::{Exercise, Motion};
use crate::front_motion::{FrontArm, FrontMotion, FrontStand};
use crate::look;
use crate::motion::Key;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "sumo_squat",
    file: "sumo_squat.webp",
    seconds: 2.0,
    palette: look::AMBER,
    motion: Motion::Front(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [0.0, 0.875, 90.0, 90.0, 90.0]),
    (0.06, [0.0, 0.875, 90.0, 90.0, 90.0]),
    (0.48, [0.0, 0.53, 90.0, 90.0, 90.0]),
    (0.55, [0.0, 0.53, 90.0, 90.0, 90.0]),
    (0.95, [0.0, 0.875, 90.0, 90.0, 90.0]),
];
/// Upper arm and forearm, each with its direction and how far it points at the viewer; then the bend of the fingers.
const ARM: &[Key<5>] = &[(0.0, [-80.0, 38.0, 149.0, 30.0, 55.0])];
/// The ankle outwards, its lift, and how far it is ahead; the toes down; the knee outwards.
const LEG: &[Key<5>] = &[
    (0.0, [0.37, 0.0, 0.03, 0.0, 60.0]),
    (0.06, [0.37, 0.0, 0.03, 0.0, 60.0]),
    (0.48, [0.37, 0.0, 0.12, 0.0, 66.0]),
    (0.55, [0.37, 0.0, 0.12, 0.0, 66.0]),
    (0.95, [0.37, 0.0, 0.03, 0.0, 60.0]),
];

const MOTION: FrontMotion = FrontMotion {
    trunk: Track::new(TRUNK),
    arms: Pair::Both(FrontArm { track: Track::new(ARM) }),
    legs: Pair::Both(FrontStand { track: Track::new(LEG) }),
};
