//! The dead bug: on the back, one arm and the opposite leg go down to the floor, in turn.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "dead_bug",
    file: "dead_bug.webp",
    seconds: 3.0,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [0.0, 0.11, 180.0, 180.0, 180.0])];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[
    (0.0, [88.0, 90.0, 8.0]),
    (0.04, [88.0, 90.0, 8.0]),
    (0.22, [170.0, 173.0, 6.0]),
    (0.29, [170.0, 173.0, 6.0]),
    (0.46, [88.0, 90.0, 8.0]),
];
/// The directions of thigh and shin, and how far the toes point.
const LEG: &[Key<3>] = &[
    (0.0, [92.0, 2.0, 5.0]),
    (0.54, [92.0, 2.0, 5.0]),
    (0.72, [11.0, 8.0, 20.0]),
    (0.79, [11.0, 8.0, 20.0]),
    (0.96, [92.0, 2.0, 5.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::InTurn(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::InTurn(LegTrack::Swing(Track::new(LEG))),
};
