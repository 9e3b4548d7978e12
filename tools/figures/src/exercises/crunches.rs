//! Crunches: on the back with bent knees, head and shoulders roll up, the lower back stays down.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "crunches",
    file: "crunches.webp",
    seconds: 1.8,
    palette: look::CORAL,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [0.0, 0.11, 180.0, 178.0, 176.0]),
    (0.06, [0.0, 0.11, 180.0, 178.0, 176.0]),
    (0.46, [0.0, 0.11, 174.0, 143.0, 134.0]),
    (0.56, [0.0, 0.11, 174.0, 143.0, 134.0]),
    (0.96, [0.0, 0.11, 180.0, 178.0, 176.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::OnHead),
    legs: Pair::Both(LegTrack::Stand(Track::new(&[(0.0, [0.545, 0.0, 0.0])]))),
};
