//! The glute bridge on one leg: the other one is stretched in line with the thigh that works.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "single_leg_glute_bridge",
    file: "single_leg_glute_bridge.webp",
    seconds: 2.0,
    palette: look::CORAL,
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
/// The directions of thigh and shin of the stretched leg, and how far its toes point.
const RAISED: &[Key<3>] = &[
    (0.0, [58.0, 54.0, 12.0]),
    (0.04, [58.0, 54.0, 12.0]),
    (0.42, [32.0, 30.0, 12.0]),
    (0.58, [32.0, 30.0, 12.0]),
    (0.96, [58.0, 54.0, 12.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Shoulder,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Hand(Track::new(&[(0.0, [0.541, 0.05, 0.0, 3.0])]))),
    legs: Pair::Each(LegTrack::Swing(Track::new(RAISED)), LegTrack::Stand(Track::new(&[(0.0, [0.985, 0.0, 0.0])]))),
};
