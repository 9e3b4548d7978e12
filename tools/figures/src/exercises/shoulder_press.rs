//! Shoulder presses, seen from the front: the dumbbells go from the height of the shoulders up over the head.

use super::{Exercise, Motion};
use crate::front_motion::{FrontArm, FrontMotion, FrontStand};
use crate::look;
use crate::motion::Key;
use crate::props::Prop;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "shoulder_press",
    file: "shoulder_press.webp",
    seconds: 2.2,
    palette: look::AMBER,
    motion: Motion::Front(&MOTION),
    props: &[Prop::Dumbbells { end_on: false }],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [0.0, 0.93, 90.0, 90.0, 90.0])];
/// Upper arm and forearm, each with its direction and how far it points at the viewer; then the bend of the fingers.
const ARM: &[Key<5>] = &[
    (0.0, [-32.0, 15.0, 84.0, 0.0, 115.0]),
    (0.05, [-32.0, 15.0, 84.0, 0.0, 115.0]),
    (0.45, [74.0, 5.0, 95.0, 0.0, 115.0]),
    (0.54, [74.0, 5.0, 95.0, 0.0, 115.0]),
    (0.95, [-32.0, 15.0, 84.0, 0.0, 115.0]),
];
/// The ankle outwards, its lift, and how far it is ahead; the toes down; the knee outwards.
const LEG: &[Key<5>] = &[(0.0, [0.15, 0.0, 0.02, 0.0, 20.0])];

const MOTION: FrontMotion = FrontMotion {
    trunk: Track::new(TRUNK),
    arms: Pair::Both(FrontArm { track: Track::new(ARM) }),
    legs: Pair::Both(FrontStand { track: Track::new(LEG) }),
};
