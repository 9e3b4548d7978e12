//! Cat and cow: on hands and knees, the back arches up with the head down, then sinks with the head up.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::skeleton::WRIST_HEIGHT;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "cat_cow",
    file: "cat_cow.webp",
    seconds: 2.8,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The direction of the thighs, the place of the knees, and the directions of the spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [90.0, 0.0, -6.0, 31.0, 62.0]),
    (0.06, [90.0, 0.0, -6.0, 31.0, 62.0]),
    (0.47, [91.0, 0.0, 46.0, -18.0, -48.0]),
    (0.56, [91.0, 0.0, 46.0, -18.0, -48.0]),
    (0.96, [90.0, 0.0, -6.0, 31.0, 62.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Knee,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Hand(Track::new(&[(0.0, [0.45, WRIST_HEIGHT, -17.0, 17.0])]))),
    legs: Pair::Both(LegTrack::Kneel(Track::new(&[(0.0, [180.0, 62.0])]))),
};
