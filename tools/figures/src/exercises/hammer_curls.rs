//! Hammer curls: a dumbbell in each hand, the elbows stay at the trunk, the forearms rise.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::props::Prop;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "hammer_curls",
    file: "hammer_curls.webp",
    seconds: 2.2,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[Prop::Dumbbells { end_on: false }],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.005, 0.943, 90.0, 89.0, 89.0]),
    (0.05, [-0.005, 0.943, 90.0, 89.0, 89.0]),
    (0.45, [-0.01, 0.943, 91.0, 90.0, 89.0]),
    (0.54, [-0.01, 0.943, 91.0, 90.0, 89.0]),
    (0.95, [-0.005, 0.943, 90.0, 89.0, 89.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[
    (0.0, [-92.0, -82.0, 120.0]),
    (0.05, [-92.0, -82.0, 120.0]),
    (0.45, [-86.0, 52.0, 120.0]),
    (0.54, [-86.0, 52.0, 120.0]),
    (0.95, [-92.0, -82.0, 120.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::Both(LegTrack::Stand(Track::new(&[(0.0, [0.12, 0.0, 0.0])]))),
};
