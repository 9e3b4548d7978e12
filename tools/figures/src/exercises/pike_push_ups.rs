//! Pike push-ups: with the hips high, the head goes down between the hands and comes up again.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::skeleton::WRIST_HEIGHT;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "pike_push_ups",
    file: "pike_push_ups.webp",
    seconds: 2.0,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [0.388, 0.908, -53.0, -60.0, -62.0]),
    (0.05, [0.388, 0.908, -53.0, -60.0, -62.0]),
    (0.5, [0.53, 0.82, -56.0, -66.0, -78.0]),
    (0.56, [0.53, 0.82, -56.0, -66.0, -78.0]),
    (0.95, [0.388, 0.908, -53.0, -60.0, -62.0]),
];
/// The balls of the feet, and the raise of the heels.
const FEET: &[Key<3>] = &[
    (0.0, [0.0, 0.0, 50.0]),
    (0.05, [0.0, 0.0, 50.0]),
    (0.5, [0.0, 0.0, 60.0]),
    (0.56, [0.0, 0.0, 60.0]),
    (0.95, [0.0, 0.0, 50.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Hand(Track::new(&[(0.0, [0.89, WRIST_HEIGHT, -17.0, 17.0])]))),
    legs: Pair::Both(LegTrack::Stand(Track::new(FEET))),
};
