//! Jump squats: from a squat straight up into the air, and down into the next one.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "jump_squat",
    file: "jump_squat.webp",
    seconds: 1.8,
    palette: look::CORAL,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.25, 0.53, 58.0, 55.0, 78.0]),
    (0.06, [-0.25, 0.53, 58.0, 55.0, 78.0]),
    (0.2, [-0.08, 0.87, 80.0, 80.0, 86.0]),
    (0.25, [0.01, 0.985, 88.0, 88.0, 89.0]),
    (0.36, [0.03, 1.15, 90.0, 90.0, 90.0]),
    (0.48, [0.0, 0.955, 87.0, 87.0, 88.0]),
    (0.56, [-0.1, 0.83, 77.0, 76.0, 84.0]),
    (0.9, [-0.25, 0.535, 58.0, 55.0, 78.0]),
];
/// The balls of the feet, and the raise of the heels.
const FEET: &[Key<3>] = &[
    (0.0, [0.12, 0.0, 0.0]),
    (0.18, [0.12, 0.0, 4.0]),
    (0.255, [0.12, 0.0, 44.0]),
    (0.36, [0.12, 0.16, 50.0]),
    (0.475, [0.12, 0.0, 24.0]),
    (0.54, [0.12, 0.0, 0.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[
    (0.0, [-22.0, 20.0, 20.0]),
    (0.07, [-22.0, 20.0, 20.0]),
    (0.25, [-112.0, -100.0, 14.0]),
    (0.36, [-120.0, -108.0, 14.0]),
    (0.5, [-95.0, -80.0, 14.0]),
    (0.88, [-22.0, 18.0, 20.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::Both(LegTrack::Stand(Track::new(FEET))),
};
