//! The Russian twist: seated with the feet off the floor, the trunk turns and the hands go from side to side.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, Root, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "russian_twist",
    file: "russian_twist.webp",
    seconds: 1.6,
    palette: look::CORAL,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [0.0, 0.115, 128.0, 116.0, 102.0])];
/// The place of the wrists, the direction of the palms, and how far the fingers turn from it.
const HANDS: &[Key<4>] = &[
    (0.0, [0.2, 0.5, 20.0, 80.0]),
    (0.22, [-0.02, 0.2, -70.0, 80.0]),
    (0.28, [-0.02, 0.2, -70.0, 80.0]),
    (0.5, [0.2, 0.5, 20.0, 80.0]),
    (0.72, [0.1, 0.22, -60.0, 80.0]),
    (0.78, [0.1, 0.22, -60.0, 80.0]),
];
/// The directions of thigh and shin, and how far the toes point.
const LEGS: &[Key<3>] =
    &[(0.0, [44.0, -22.0, 5.0]), (0.25, [45.0, -21.0, 5.0]), (0.5, [44.0, -22.0, 5.0]), (0.75, [45.0, -21.0, 5.0])];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: Track::new(&[(0.0, [0.0]), (0.25, [-0.09]), (0.5, [0.0]), (0.75, [0.09])]),
    inside: Track::new(&[(0.0, [0.0]), (0.25, [0.0]), (0.5, [0.0]), (0.55, [1.0]), (0.95, [1.0])]),
    arms: Pair::Both(ArmTrack::Hand(Track::new(HANDS))),
    legs: Pair::Both(LegTrack::Swing(Track::new(LEGS))),
};
