//! Marching in place: one knee rises to the height of the hips, then the other one, with the arms in step.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "march_in_place",
    file: "march_in_place.webp",
    seconds: 1.6,
    palette: look::CORAL,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head, for one step.
const TRUNK: &[Key<5>] = &[(0.0, [-0.005, 0.94, 89.0, 89.0, 89.0]), (0.5, [-0.005, 0.944, 90.0, 89.0, 89.0])];
/// The ball of a foot, and the raise of its heel.
const FOOT: &[Key<3>] = &[
    (0.0, [0.12, 0.0, 0.0]),
    (0.46, [0.12, 0.0, 0.0]),
    (0.51, [0.12, 0.0, 20.0]),
    (0.58, [0.2, 0.14, 34.0]),
    (0.74, [0.44, 0.33, 16.0]),
    (0.9, [0.22, 0.12, 10.0]),
    (0.97, [0.12, 0.0, 2.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[
    (0.0, [-95.0, -60.0, 30.0]),
    (0.24, [-62.0, 5.0, 40.0]),
    (0.5, [-95.0, -60.0, 30.0]),
    (0.74, [-124.0, -75.0, 40.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::rounds(TRUNK, 2.0),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::InTurn(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::InTurn(LegTrack::Stand(Track::new(FOOT))),
};
