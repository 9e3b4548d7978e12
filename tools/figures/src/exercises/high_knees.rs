//! High knees: running on the spot, each knee as high as the hips.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "high_knees",
    file: "high_knees.webp",
    seconds: 0.8,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head, for one step.
const TRUNK: &[Key<5>] = &[(0.24, [0.0, 0.915, 87.0, 86.0, 88.0]), (0.86, [0.0, 0.965, 88.0, 87.0, 88.0])];
/// The ball of a foot, and the raise of its heel.
const FOOT: &[Key<3>] = &[
    (0.0, [0.1, 0.0, 12.0]),
    (0.1, [0.1, 0.0, 3.0]),
    (0.2, [0.1, 0.0, 4.0]),
    (0.3, [0.1, 0.0, 14.0]),
    (0.4, [0.1, 0.0, 40.0]),
    (0.52, [0.2, 0.2, 44.0]),
    (0.7, [0.47, 0.4, 20.0]),
    (0.86, [0.26, 0.2, 14.0]),
    (0.96, [0.1, 0.0, 20.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[(0.2, [-48.0, 40.0, 70.0]), (0.7, [-142.0, -58.0, 70.0])];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::rounds(TRUNK, 2.0),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::InTurn(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::InTurn(LegTrack::Stand(Track::new(FOOT))),
};
