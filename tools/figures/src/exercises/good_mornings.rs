//! Good mornings: hands at the head, the hips go back and the trunk leans forwards with a flat back.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "good_mornings",
    file: "good_mornings.webp",
    seconds: 2.4,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.005, 0.943, 90.0, 89.0, 89.0]),
    (0.05, [-0.005, 0.943, 90.0, 89.0, 89.0]),
    (0.48, [-0.21, 0.89, 24.0, 16.0, 38.0]),
    (0.56, [-0.21, 0.89, 24.0, 16.0, 38.0]),
    (0.95, [-0.005, 0.943, 90.0, 89.0, 89.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::OnHead),
    legs: Pair::Both(LegTrack::Stand(Track::new(&[(0.0, [0.12, 0.0, 0.0])]))),
};
