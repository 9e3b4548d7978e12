//! Side lunges, seen from the front: with the feet wide, one knee bends while the other leg stays straight, in turn.

use super::{Exercise, Motion};
use crate::front_motion::{FrontArm, FrontMotion, FrontStand};
use crate::look;
use crate::motion::Key;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "side_lunges",
    file: "side_lunges.webp",
    seconds: 2.4,
    palette: look::CORAL,
    motion: Motion::Front(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [0.0, 0.79, 90.0, 90.0, 90.0]),
    (0.03, [0.0, 0.79, 90.0, 90.0, 90.0]),
    (0.22, [0.25, 0.53, 89.0, 85.0, 88.0]),
    (0.29, [0.25, 0.53, 89.0, 85.0, 88.0]),
    (0.47, [0.0, 0.79, 90.0, 90.0, 90.0]),
    (0.53, [0.0, 0.79, 90.0, 90.0, 90.0]),
    (0.72, [-0.25, 0.53, 91.0, 95.0, 92.0]),
    (0.79, [-0.25, 0.53, 91.0, 95.0, 92.0]),
    (0.97, [0.0, 0.79, 90.0, 90.0, 90.0]),
];
/// Upper arm and forearm, each with its direction and how far it points at the viewer; then the bend of the fingers.
const ARM: &[Key<5>] = &[(0.0, [-80.0, 38.0, 149.0, 30.0, 55.0])];
/// The ankle outwards, its lift, and how far it is ahead; the toes down; the knee outwards.
const LEG: &[Key<5>] = &[(0.0, [0.47, 0.0, 0.06, 0.0, 34.0])];

const MOTION: FrontMotion = FrontMotion {
    trunk: Track::new(TRUNK),
    arms: Pair::Both(FrontArm { track: Track::new(ARM) }),
    legs: Pair::Both(FrontStand { track: Track::new(LEG) }),
};
