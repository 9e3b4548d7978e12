//! Bent-over rows: the trunk leans forwards, the dumbbells are pulled to the hips, elbows close to the body.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::props::Prop;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "dumbbell_rows",
    file: "dumbbell_rows.webp",
    seconds: 2.0,
    palette: look::CORAL,
    motion: Motion::Side(&MOTION),
    props: &[Prop::Dumbbells { end_on: false }],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.2, 0.85, 33.0, 27.0, 48.0]),
    (0.06, [-0.2, 0.85, 33.0, 27.0, 48.0]),
    (0.42, [-0.2, 0.85, 34.0, 29.0, 48.0]),
    (0.54, [-0.2, 0.85, 34.0, 29.0, 48.0]),
    (0.95, [-0.2, 0.85, 33.0, 27.0, 48.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[
    (0.0, [-91.0, -86.0, 120.0]),
    (0.06, [-91.0, -86.0, 120.0]),
    (0.42, [-166.0, -74.0, 120.0]),
    (0.54, [-166.0, -74.0, 120.0]),
    (0.95, [-91.0, -86.0, 120.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::Both(LegTrack::Stand(Track::new(&[(0.0, [0.12, 0.0, 0.0])]))),
};
