//! Calf raises: up on the toes, and slowly down until the heels touch the floor.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "calf_raises",
    file: "calf_raises.webp",
    seconds: 1.8,
    palette: look::CORAL,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [0.0, 0.944, 89.0, 89.0, 89.0]),
    (0.06, [0.0, 0.944, 89.0, 89.0, 89.0]),
    (0.4, [0.085, 1.008, 90.0, 90.0, 90.0]),
    (0.52, [0.085, 1.008, 90.0, 90.0, 90.0]),
    (0.95, [0.0, 0.944, 89.0, 89.0, 89.0]),
];
/// The balls of the feet, and the raise of the heels.
const FEET: &[Key<3>] = &[
    (0.0, [0.12, 0.0, 0.0]),
    (0.06, [0.12, 0.0, 0.0]),
    (0.4, [0.12, 0.0, 40.0]),
    (0.52, [0.12, 0.0, 40.0]),
    (0.95, [0.12, 0.0, 0.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::OnHip),
    legs: Pair::Both(LegTrack::Stand(Track::new(FEET))),
};
