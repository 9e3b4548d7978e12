//! Side bends, seen from the front: one arm reaches overhead, the trunk bends to the other side, in turn.

use super::{Exercise, Motion};
use crate::front_motion::{FrontArm, FrontMotion, FrontStand};
use crate::look;
use crate::motion::Key;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "side_bends",
    file: "side_bends.webp",
    seconds: 3.0,
    palette: look::CORAL,
    motion: Motion::Front(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [0.0, 0.93, 90.0, 90.0, 90.0]),
    (0.22, [-0.03, 0.925, 84.0, 63.0, 60.0]),
    (0.3, [-0.03, 0.925, 84.0, 63.0, 60.0]),
    (0.5, [0.0, 0.93, 90.0, 90.0, 90.0]),
    (0.72, [0.03, 0.925, 96.0, 117.0, 120.0]),
    (0.8, [0.03, 0.925, 96.0, 117.0, 120.0]),
];
/// Upper arm and forearm, each with its direction and how far it points at the viewer; then the bend of the fingers.
const ARM: &[Key<5>] = &[
    (0.0, [-77.0, 0.0, -84.0, 0.0, 10.0]),
    (0.22, [-98.0, 0.0, -96.0, 0.0, 8.0]),
    (0.3, [-98.0, 0.0, -96.0, 0.0, 8.0]),
    (0.5, [-77.0, 0.0, -84.0, 0.0, 10.0]),
    (0.61, [15.0, 0.0, 40.0, 0.0, 10.0]),
    (0.72, [108.0, 0.0, 139.0, 0.0, 10.0]),
    (0.8, [108.0, 0.0, 139.0, 0.0, 10.0]),
    (0.9, [15.0, 0.0, 40.0, 0.0, 10.0]),
];
/// The ankle outwards, its lift, and how far it is ahead; the toes down; the knee outwards.
const LEG: &[Key<5>] = &[(0.0, [0.17, 0.0, 0.02, 0.0, 20.0])];

const MOTION: FrontMotion = FrontMotion {
    trunk: Track::new(TRUNK),
    arms: Pair::InTurn(FrontArm { track: Track::new(ARM) }),
    legs: Pair::Both(FrontStand { track: Track::new(LEG) }),
};
