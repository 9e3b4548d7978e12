//! Butt kicks: running on the spot, each heel comes up to the seat.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "butt_kicks",
    file: "butt_kicks.webp",
    seconds: 0.8,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head, for one step.
const TRUNK: &[Key<5>] = &[(0.24, [0.0, 0.915, 86.0, 84.0, 88.0]), (0.86, [0.0, 0.955, 87.0, 85.0, 88.0])];
/// The ball of a foot, and the raise of its heel.
const FOOT: &[Key<3>] = &[
    (0.0, [0.1, 0.0, 12.0]),
    (0.1, [0.1, 0.0, 3.0]),
    (0.2, [0.1, 0.0, 4.0]),
    (0.3, [0.1, 0.0, 14.0]),
    (0.39, [0.1, 0.0, 45.0]),
    (0.42, [0.06, 0.035, 55.0]),
    (0.47, [-0.12, 0.055, 68.0]),
    (0.52, [-0.28, 0.09, 82.0]),
    (0.59, [-0.47, 0.3, 114.0]),
    (0.67, [-0.41, 0.73, 156.0]),
    (0.73, [-0.41, 0.73, 156.0]),
    (0.81, [-0.47, 0.3, 114.0]),
    (0.88, [-0.2, 0.06, 70.0]),
    (0.96, [0.1, 0.0, 20.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[(0.2, [-68.0, 20.0, 70.0]), (0.7, [-128.0, -40.0, 70.0])];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::rounds(TRUNK, 2.0),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::InTurn(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::InTurn(LegTrack::Stand(Track::new(FOOT))),
};
