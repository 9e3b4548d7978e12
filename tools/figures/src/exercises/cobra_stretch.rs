//! The cobra: on the belly, the arms push the chest up while the hips stay on the floor.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::skeleton::WRIST_HEIGHT;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "cobra_stretch",
    file: "cobra_stretch.webp",
    seconds: 3.2,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [0.0, 0.095, 12.0, 30.0, 52.0]),
    (0.06, [0.0, 0.095, 12.0, 30.0, 52.0]),
    (0.4, [0.0, 0.1, 42.0, 74.0, 96.0]),
    (0.6, [0.0, 0.1, 42.0, 74.0, 96.0]),
    (0.94, [0.0, 0.095, 12.0, 30.0, 52.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Hand(Track::new(&[(0.0, [0.36, WRIST_HEIGHT, -17.0, 17.0])]))),
    legs: Pair::Both(LegTrack::Swing(Track::new(&[(0.0, [-178.0, -179.0, 64.0])]))),
};
