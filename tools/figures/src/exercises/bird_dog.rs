//! The bird dog: on hands and knees, one arm and the opposite leg are stretched, in turn.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::skeleton::WRIST_HEIGHT;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "bird_dog",
    file: "bird_dog.webp",
    seconds: 3.6,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The direction of the thigh that supports, the place of the knees, and the directions of the spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [90.0, 0.0, 14.0, 11.0, 22.0])];
/// How much of the way to the floor the hand has gone.
const PLANTED: &[Key<1>] = &[(0.0, [1.0]), (0.04, [1.0]), (0.18, [0.0]), (0.32, [0.0]), (0.46, [1.0])];
/// The directions of thigh and shin, and how far the toes point.
const LEG: &[Key<3>] = &[
    (0.0, [-90.0, -180.0, 62.0]),
    (0.54, [-90.0, -180.0, 62.0]),
    (0.68, [-184.0, -186.0, 25.0]),
    (0.82, [-184.0, -186.0, 25.0]),
    (0.96, [-90.0, -180.0, 62.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Knee,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::InTurn(ArmTrack::Land {
        free: Track::new(&[(0.0, [14.0, 16.0, 5.0])]),
        hand: Track::new(&[(0.0, [0.46, WRIST_HEIGHT, -17.0, 17.0])]),
        share: Track::new(PLANTED),
    }),
    legs: Pair::InTurn(LegTrack::Swing(Track::new(LEG))),
};
