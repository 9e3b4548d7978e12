//! The glute bridge: on the back with bent knees, the hips rise until thighs and trunk are one line.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "glute_bridge",
    file: "glute_bridge.webp",
    seconds: 2.0,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the shoulders and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [0.0, 0.115, 180.0, 180.0, 180.0]),
    (0.04, [0.0, 0.115, 180.0, 180.0, 180.0]),
    (0.42, [0.0, 0.15, 203.0, 205.0, 179.0]),
    (0.58, [0.0, 0.15, 203.0, 205.0, 179.0]),
    (0.96, [0.0, 0.115, 180.0, 180.0, 180.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Shoulder,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Hand(Track::new(&[(0.0, [0.541, 0.05, 0.0, 3.0])]))),
    legs: Pair::Both(LegTrack::Stand(Track::new(&[(0.0, [0.985, 0.0, 0.0])]))),
};
