//! Burpees: hands down, jump back to a plank, jump in, and a jump up with the arms overhead.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::skeleton::WRIST_HEIGHT;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "burpees",
    file: "burpees.webp",
    seconds: 2.7,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.01, 0.93, 89.0, 88.0, 88.0]),
    (0.17, [-0.06, 0.47, 22.0, 6.0, 44.0]),
    (0.2, [-0.05, 0.475, 21.0, 5.0, 42.0]),
    (0.265, [-0.02, 0.55, 8.0, -6.0, 38.0]),
    (0.33, [0.0, 0.462, 20.0, 15.0, 34.0]),
    (0.37, [0.0, 0.458, 20.0, 16.0, 34.0]),
    (0.42, [0.0, 0.464, 20.0, 15.0, 34.0]),
    (0.48, [-0.03, 0.56, 7.0, -8.0, 38.0]),
    (0.55, [-0.06, 0.475, 21.0, 5.0, 42.0]),
    (0.6, [-0.08, 0.475, 26.0, 14.0, 48.0]),
    (0.7, [-0.04, 0.76, 72.0, 70.0, 80.0]),
    (0.75, [0.01, 0.975, 88.0, 88.0, 88.0]),
    (0.82, [0.03, 1.16, 90.0, 90.0, 90.0]),
    (0.89, [0.01, 0.95, 88.0, 88.0, 88.0]),
    (0.93, [-0.06, 0.86, 80.0, 80.0, 86.0]),
];
/// The balls of the feet, and the raise of the heels.
const FEET: &[Key<3>] = &[
    (0.0, [0.11, 0.0, 0.0]),
    (0.13, [0.11, 0.0, 10.0]),
    (0.17, [0.11, 0.0, 24.0]),
    (0.2, [0.11, 0.0, 40.0]),
    (0.265, [-0.4, 0.11, 66.0]),
    (0.33, [-0.82, 0.0, 68.0]),
    (0.42, [-0.82, 0.0, 68.0]),
    (0.48, [-0.32, 0.12, 62.0]),
    (0.55, [0.11, 0.0, 36.0]),
    (0.6, [0.11, 0.0, 22.0]),
    (0.66, [0.11, 0.0, 0.0]),
    (0.7, [0.11, 0.0, 2.0]),
    (0.755, [0.11, 0.0, 44.0]),
    (0.82, [0.11, 0.17, 48.0]),
    (0.885, [0.11, 0.0, 24.0]),
    (0.93, [0.11, 0.0, 0.0]),
];
/// The directions of upper arm and forearm where the hands are not on the floor, and how far the fingers are bent.
const FREE: &[Key<3>] = &[
    (0.0, [-94.0, -78.0, 18.0]),
    (0.6, [-94.0, -70.0, 18.0]),
    (0.69, [-70.0, -50.0, 18.0]),
    (0.8, [84.0, 90.0, 8.0]),
    (0.84, [84.0, 90.0, 8.0]),
    (0.95, [-60.0, -40.0, 18.0]),
];
/// How much of the way to the floor the hands have gone.
const DOWN: &[Key<1>] = &[(0.0, [0.0]), (0.04, [0.0]), (0.17, [1.0]), (0.58, [1.0]), (0.68, [0.0])];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Land {
        free: Track::new(FREE),
        hand: Track::new(&[(0.0, [0.42, WRIST_HEIGHT, -17.0, 17.0])]),
        share: Track::new(DOWN),
    }),
    legs: Pair::Both(LegTrack::Stand(Track::new(FEET))),
};
