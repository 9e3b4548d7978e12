//! Forward lunges: each leg in turn steps forwards, both knees bend to right angles, and the front leg pushes back.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "forward_lunges",
    file: "forward_lunges.webp",
    seconds: 2.2,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head, for one step.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.005, 0.944, 89.0, 89.0, 89.0]),
    (0.05, [-0.005, 0.944, 89.0, 89.0, 89.0]),
    (0.2, [0.1, 0.905, 88.0, 88.0, 89.0]),
    (0.36, [0.36, 0.74, 87.0, 87.0, 89.0]),
    (0.5, [0.51, 0.56, 85.0, 85.0, 88.0]),
    (0.57, [0.5, 0.575, 85.0, 85.0, 88.0]),
    (0.66, [0.36, 0.7, 87.0, 86.0, 88.0]),
    (0.82, [0.1, 0.9, 88.0, 87.0, 89.0]),
    (0.95, [-0.005, 0.944, 89.0, 89.0, 89.0]),
];
/// The foot that steps forwards in the first half of the loop and stands in the second.
const FOOT: &[Key<3>] = &[
    (0.0, [0.12, 0.0, 0.0]),
    (0.03, [0.12, 0.0, 8.0]),
    (0.1, [0.5, 0.1, 16.0]),
    (0.165, [0.94, 0.035, -12.0]),
    (0.195, [0.96, 0.0, 0.0]),
    (0.3, [0.96, 0.0, 0.0]),
    (0.33, [0.96, 0.0, 10.0]),
    (0.41, [0.48, 0.1, 16.0]),
    (0.475, [0.12, 0.0, 2.0]),
    (0.5, [0.12, 0.0, 0.0]),
    (0.58, [0.12, 0.0, 0.0]),
    (0.67, [0.12, 0.0, 44.0]),
    (0.75, [0.12, 0.0, 66.0]),
    (0.79, [0.12, 0.0, 64.0]),
    (0.92, [0.12, 0.0, 0.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[
    (0.0, [-94.0, -76.0, 20.0]),
    (0.25, [-130.0, -45.0, 60.0]),
    (0.5, [-94.0, -76.0, 20.0]),
    (0.75, [-58.0, 30.0, 60.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::rounds(TRUNK, 2.0),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::InTurn(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::InTurn(LegTrack::Stand(Track::new(FOOT))),
};
