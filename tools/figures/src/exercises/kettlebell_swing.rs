//! Kettlebell swings: the hips snap forwards, and the kettlebell floats up to the height of the shoulders.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::props::Prop;
use crate::side_motion::{ArmTrack, LegTrack, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "kettlebell_swing",
    file: "kettlebell_swing.webp",
    seconds: 1.6,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[Prop::Kettlebell],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.24, 0.8, 38.0, 32.0, 52.0]),
    (0.04, [-0.24, 0.8, 38.0, 32.0, 52.0]),
    (0.3, [-0.02, 0.94, 88.0, 88.0, 88.0]),
    (0.5, [0.01, 0.942, 93.0, 91.0, 89.0]),
    (0.64, [-0.01, 0.942, 90.0, 89.0, 89.0]),
    (0.92, [-0.23, 0.805, 40.0, 34.0, 54.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[
    (0.0, [-118.0, -116.0, 120.0]),
    (0.05, [-118.0, -116.0, 120.0]),
    (0.3, [-50.0, -46.0, 120.0]),
    (0.48, [-2.0, 1.0, 120.0]),
    (0.53, [-2.0, 1.0, 120.0]),
    (0.75, [-60.0, -58.0, 120.0]),
    (0.93, [-116.0, -114.0, 120.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: Track::new(&[(0.0, [1.0])]),
    arms: Pair::Both(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::Both(LegTrack::Stand(Track::new(&[(0.0, [0.12, 0.0, 0.0])]))),
};
