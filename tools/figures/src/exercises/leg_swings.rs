//! Leg swings: standing on one leg, the other one swings forwards and back, the trunk stays upright.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "leg_swings",
    file: "leg_swings.webp",
    seconds: 1.6,
    palette: look::CORAL,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [0.0, 0.942, 92.0, 91.0, 89.0]), (0.5, [0.01, 0.942, 86.0, 86.0, 88.0])];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[(0.0, [-125.0, -100.0, 20.0]), (0.5, [-40.0, -20.0, 20.0])];
/// The directions of thigh and shin, and how far the toes point.
const LEG: &[Key<3>] = &[
    (0.0, [-22.0, -26.0, 5.0]),
    (0.22, [-68.0, -116.0, -5.0]),
    (0.33, [-94.0, -138.0, 0.0]),
    (0.5, [-116.0, -130.0, 20.0]),
    (0.67, [-94.0, -138.0, 0.0]),
    (0.78, [-68.0, -116.0, -5.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Each(ArmTrack::OnHip, ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::Each(LegTrack::Swing(Track::new(LEG)), LegTrack::Stand(Track::new(&[(0.0, [0.12, 0.0, 0.0])]))),
};
