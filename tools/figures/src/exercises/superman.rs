//! The superman: on the belly, arms, chest and legs rise from the floor together.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "superman",
    file: "superman.webp",
    seconds: 2.4,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [0.0, 0.092, 3.0, 2.0, 14.0]),
    (0.05, [0.0, 0.092, 3.0, 2.0, 14.0]),
    (0.42, [0.0, 0.092, 10.0, 24.0, 40.0]),
    (0.58, [0.0, 0.092, 10.0, 24.0, 40.0]),
    (0.95, [0.0, 0.092, 3.0, 2.0, 14.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARMS: &[Key<3>] = &[
    (0.0, [-5.0, -4.0, 4.0]),
    (0.05, [-5.0, -4.0, 4.0]),
    (0.42, [22.0, 25.0, 4.0]),
    (0.58, [22.0, 25.0, 4.0]),
    (0.95, [-5.0, -4.0, 4.0]),
];
/// The directions of thigh and shin, and how far the toes point.
const LEGS: &[Key<3>] = &[
    (0.0, [-178.0, -179.0, 62.0]),
    (0.05, [-178.0, -179.0, 62.0]),
    (0.42, [-193.0, -195.0, 55.0]),
    (0.58, [-193.0, -195.0, 55.0]),
    (0.95, [-178.0, -179.0, 62.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Swing(Track::new(ARMS))),
    legs: Pair::Both(LegTrack::Swing(Track::new(LEGS))),
};
