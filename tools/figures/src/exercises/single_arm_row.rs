//! One-arm rows: one hand on a chair, the back flat, the other arm pulls a dumbbell to the hip.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::props::{Prop, SEAT_WRIST};
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "single_arm_row",
    file: "single_arm_row.webp",
    seconds: 2.0,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[Prop::Chair(0.425, -1.0), Prop::Dumbbell],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.2, 0.85, 20.0, 14.0, 34.0]),
    (0.06, [-0.2, 0.85, 20.0, 14.0, 34.0]),
    (0.42, [-0.2, 0.85, 21.0, 16.0, 34.0]),
    (0.54, [-0.2, 0.85, 21.0, 16.0, 34.0]),
    (0.95, [-0.2, 0.85, 20.0, 14.0, 34.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[
    (0.0, [-91.0, -86.0, 120.0]),
    (0.06, [-91.0, -86.0, 120.0]),
    (0.42, [-172.0, -78.0, 120.0]),
    (0.54, [-172.0, -78.0, 120.0]),
    (0.95, [-91.0, -86.0, 120.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Each(
        ArmTrack::Swing(Track::new(ARM)),
        ArmTrack::Hand(Track::new(&[(0.0, [0.465, SEAT_WRIST, -17.0, 10.0])])),
    ),
    legs: Pair::Each(
        LegTrack::Stand(Track::new(&[(0.0, [-0.06, 0.0, 4.0])])),
        LegTrack::Stand(Track::new(&[(0.0, [0.17, 0.0, 0.0])])),
    ),
};
