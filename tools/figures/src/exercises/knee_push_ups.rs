//! Push-ups on the knees: the body turns around them as one straight line while the hands stay planted.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::skeleton::WRIST_HEIGHT;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "knee_push_ups",
    file: "knee_push_ups.webp",
    seconds: 2.0,
    palette: look::CORAL,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The direction of the thighs, the place of the knees, and the directions of the spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [37.5, 0.0, 40.0, 34.5, 50.0]),
    (0.06, [37.5, 0.0, 40.0, 34.5, 50.0]),
    (0.53, [14.0, 0.0, 16.5, 11.0, 28.0]),
    (0.58, [14.0, 0.0, 16.5, 11.0, 28.0]),
    (0.96, [37.5, 0.0, 40.0, 34.5, 50.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Knee,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Hand(Track::new(&[(0.0, [0.76, WRIST_HEIGHT, -17.0, 17.0])]))),
    legs: Pair::Both(LegTrack::Kneel(Track::new(&[(0.0, [152.0, 30.0])]))),
};
