//! Romanian deadlifts: the dumbbells go down along the legs as the hips go back, the back stays flat.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::props::Prop;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "dumbbell_deadlift",
    file: "dumbbell_deadlift.webp",
    seconds: 2.4,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[Prop::Dumbbells { end_on: false }],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.005, 0.943, 90.0, 89.0, 89.0]),
    (0.05, [-0.005, 0.943, 90.0, 89.0, 89.0]),
    (0.48, [-0.255, 0.845, 19.0, 11.0, 38.0]),
    (0.55, [-0.255, 0.845, 19.0, 11.0, 38.0]),
    (0.95, [-0.005, 0.943, 90.0, 89.0, 89.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[
    (0.0, [-88.0, -84.0, 120.0]),
    (0.05, [-88.0, -84.0, 120.0]),
    (0.48, [-93.0, -89.0, 120.0]),
    (0.55, [-93.0, -89.0, 120.0]),
    (0.95, [-88.0, -84.0, 120.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::Both(LegTrack::Stand(Track::new(&[(0.0, [0.12, 0.0, 0.0])]))),
};
