//! Chair dips: the hands on the edge of a seat, the elbows bend and stretch, the hips close to the chair.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::props::{Prop, SEAT_WRIST};
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "chair_dips",
    file: "chair_dips.webp",
    seconds: 2.2,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[Prop::Chair(0.0, 1.0)],
    hold: false,
};

/// The place of the shoulders and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [0.05, 1.03, 97.0, 94.0, 92.0]),
    (0.05, [0.05, 1.03, 97.0, 94.0, 92.0]),
    (0.5, [0.075, 0.79, 101.0, 95.0, 92.0]),
    (0.56, [0.075, 0.79, 101.0, 95.0, 92.0]),
    (0.95, [0.05, 1.03, 97.0, 94.0, 92.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Shoulder,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Hand(Track::new(&[(0.0, [-0.035, SEAT_WRIST, -12.0, -38.0])]))),
    legs: Pair::Both(LegTrack::Stand(Track::new(&[(0.0, [0.86, 0.0, 0.0])]))),
};
