//! Leg raises: on the back, both legs rise until they point up, and come down without touching the floor.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "leg_raises",
    file: "leg_raises.webp",
    seconds: 2.6,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [0.0, 0.11, 180.0, 180.0, 180.0])];
/// The directions of thigh and shin, and how far the toes point.
const LEG: &[Key<3>] = &[
    (0.0, [6.0, 4.0, 35.0]),
    (0.04, [6.0, 4.0, 35.0]),
    (0.42, [90.0, 87.0, 25.0]),
    (0.52, [90.0, 87.0, 25.0]),
    (0.96, [6.0, 4.0, 35.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Hand(Track::new(&[(0.0, [0.098, 0.05, 0.0, 3.0])]))),
    legs: Pair::Both(LegTrack::Swing(Track::new(LEG))),
};
