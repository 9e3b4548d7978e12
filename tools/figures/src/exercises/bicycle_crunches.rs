//! Bicycle crunches: shoulders up, one knee comes to the opposite elbow while the other leg is stretched, in turn.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "bicycle_crunches",
    file: "bicycle_crunches.webp",
    seconds: 1.8,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [0.0, 0.11, 172.0, 146.0, 136.0])];
/// The directions of thigh and shin, and how far the toes point.
const LEG: &[Key<3>] = &[
    (0.0, [112.0, 2.0, 15.0]),
    (0.06, [112.0, 2.0, 15.0]),
    (0.25, [66.0, 0.0, 20.0]),
    (0.44, [20.0, 17.0, 35.0]),
    (0.56, [20.0, 17.0, 35.0]),
    (0.75, [66.0, 10.0, 20.0]),
    (0.94, [112.0, 2.0, 15.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: Track::new(&[(0.0, [-0.06]), (0.5, [0.06])]),
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::OnHead),
    legs: Pair::InTurn(LegTrack::Swing(Track::new(LEG))),
};
