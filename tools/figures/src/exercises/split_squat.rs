//! Split squats: one foot in front, one behind, the rear knee goes down to the floor and up again.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "split_squat",
    file: "split_squat.webp",
    seconds: 2.0,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.29, 0.79, 88.0, 88.0, 89.0]),
    (0.05, [-0.29, 0.79, 88.0, 88.0, 89.0]),
    (0.47, [-0.325, 0.555, 84.0, 84.0, 88.0]),
    (0.54, [-0.325, 0.555, 84.0, 84.0, 88.0]),
    (0.95, [-0.29, 0.79, 88.0, 88.0, 89.0]),
];
/// The ball of the rear foot, and the raise of its heel.
const REAR: &[Key<3>] = &[
    (0.0, [-0.75, 0.0, 50.0]),
    (0.05, [-0.75, 0.0, 50.0]),
    (0.47, [-0.75, 0.0, 70.0]),
    (0.54, [-0.75, 0.0, 70.0]),
    (0.95, [-0.75, 0.0, 50.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::OnHip),
    legs: Pair::Each(LegTrack::Stand(Track::new(&[(0.0, [0.12, 0.0, 0.0])])), LegTrack::Stand(Track::new(REAR))),
};
