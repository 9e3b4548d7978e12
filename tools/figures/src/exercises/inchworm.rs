//! The inchworm: hands to the floor, they walk forwards to a high plank and back again, and the trunk rolls up.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::skeleton::WRIST_HEIGHT;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "inchworm",
    file: "inchworm.webp",
    seconds: 4.2,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.005, 0.944, 90.0, 89.0, 89.0]),
    (0.02, [-0.005, 0.944, 90.0, 89.0, 89.0]),
    (0.16, [-0.1, 0.9, -38.0, -86.0, -84.0]),
    (0.235, [0.19, 0.9, -42.0, -62.0, -56.0]),
    (0.29, [0.4, 0.885, -36.0, -56.0, -40.0]),
    (0.355, [0.575, 0.8, -20.0, -32.0, -10.0]),
    (0.4, [0.74, 0.645, -2.0, -12.0, 8.0]),
    (0.44, [0.935, 0.46, 22.0, 17.0, 34.0]),
    (0.5, [0.935, 0.458, 22.0, 17.0, 34.0]),
    (0.56, [0.935, 0.46, 22.0, 17.0, 34.0]),
    (0.6, [0.74, 0.645, -2.0, -12.0, 8.0]),
    (0.645, [0.575, 0.8, -20.0, -32.0, -10.0]),
    (0.71, [0.4, 0.885, -36.0, -56.0, -40.0]),
    (0.765, [0.19, 0.9, -42.0, -62.0, -56.0]),
    (0.84, [-0.1, 0.9, -38.0, -86.0, -84.0]),
    (0.98, [-0.005, 0.944, 90.0, 89.0, 89.0]),
];
/// The balls of the feet, and the raise of the heels.
const FEET: &[Key<3>] = &[
    (0.0, [0.12, 0.0, 0.0]),
    (0.16, [0.12, 0.0, 0.0]),
    (0.235, [0.12, 0.0, 16.0]),
    (0.29, [0.12, 0.0, 38.0]),
    (0.355, [0.12, 0.0, 55.0]),
    (0.4, [0.12, 0.0, 63.0]),
    (0.44, [0.12, 0.0, 68.0]),
    (0.56, [0.12, 0.0, 68.0]),
    (0.6, [0.12, 0.0, 63.0]),
    (0.645, [0.12, 0.0, 55.0]),
    (0.71, [0.12, 0.0, 38.0]),
    (0.765, [0.12, 0.0, 16.0]),
    (0.84, [0.12, 0.0, 0.0]),
];
/// The place of the near wrist, the direction of the palm, and how far the fingers turn from it.
const NEAR: &[Key<4>] = &[
    (0.0, [0.33, WRIST_HEIGHT, -17.0, 17.0]),
    (0.17, [0.33, WRIST_HEIGHT, -17.0, 17.0]),
    (0.2, [0.5, 0.13, -17.0, 17.0]),
    (0.23, [0.67, WRIST_HEIGHT, -17.0, 17.0]),
    (0.285, [0.67, WRIST_HEIGHT, -17.0, 17.0]),
    (0.315, [0.84, 0.13, -17.0, 17.0]),
    (0.345, [1.0, WRIST_HEIGHT, -17.0, 17.0]),
    (0.385, [1.0, WRIST_HEIGHT, -17.0, 17.0]),
    (0.41, [1.17, 0.13, -17.0, 17.0]),
    (0.435, [1.335, WRIST_HEIGHT, -17.0, 17.0]),
    (0.565, [1.335, WRIST_HEIGHT, -17.0, 17.0]),
    (0.59, [1.17, 0.13, -17.0, 17.0]),
    (0.615, [1.0, WRIST_HEIGHT, -17.0, 17.0]),
    (0.655, [1.0, WRIST_HEIGHT, -17.0, 17.0]),
    (0.685, [0.84, 0.13, -17.0, 17.0]),
    (0.715, [0.67, WRIST_HEIGHT, -17.0, 17.0]),
    (0.77, [0.67, WRIST_HEIGHT, -17.0, 17.0]),
    (0.8, [0.5, 0.13, -17.0, 17.0]),
    (0.83, [0.33, WRIST_HEIGHT, -17.0, 17.0]),
];
/// The same of the far wrist, which follows.
const FAR: &[Key<4>] = &[
    (0.0, [0.36, WRIST_HEIGHT, -17.0, 17.0]),
    (0.225, [0.36, WRIST_HEIGHT, -17.0, 17.0]),
    (0.255, [0.61, 0.13, -17.0, 17.0]),
    (0.29, [0.87, WRIST_HEIGHT, -17.0, 17.0]),
    (0.34, [0.87, WRIST_HEIGHT, -17.0, 17.0]),
    (0.365, [1.03, 0.13, -17.0, 17.0]),
    (0.39, [1.2, WRIST_HEIGHT, -17.0, 17.0]),
    (0.43, [1.2, WRIST_HEIGHT, -17.0, 17.0]),
    (0.445, [1.28, 0.1, -17.0, 17.0]),
    (0.46, [1.365, WRIST_HEIGHT, -17.0, 17.0]),
    (0.54, [1.365, WRIST_HEIGHT, -17.0, 17.0]),
    (0.555, [1.28, 0.1, -17.0, 17.0]),
    (0.57, [1.2, WRIST_HEIGHT, -17.0, 17.0]),
    (0.61, [1.2, WRIST_HEIGHT, -17.0, 17.0]),
    (0.635, [1.03, 0.13, -17.0, 17.0]),
    (0.66, [0.87, WRIST_HEIGHT, -17.0, 17.0]),
    (0.71, [0.87, WRIST_HEIGHT, -17.0, 17.0]),
    (0.745, [0.61, 0.13, -17.0, 17.0]),
    (0.775, [0.36, WRIST_HEIGHT, -17.0, 17.0]),
];
/// The directions of upper arm and forearm where the hands are not on the floor, and how far the fingers are bent.
const FREE: &[Key<3>] = &[(0.0, [-95.0, -82.0, 18.0]), (0.16, [-70.0, -66.0, 10.0]), (0.84, [-70.0, -66.0, 10.0])];
/// How much of the way to the floor the hands have gone.
const DOWN: &[Key<1>] = &[(0.0, [0.0]), (0.04, [0.0]), (0.16, [1.0]), (0.84, [1.0]), (0.96, [0.0])];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Each(
        ArmTrack::Land { free: Track::new(FREE), hand: Track::new(NEAR), share: Track::new(DOWN) },
        ArmTrack::Land { free: Track::new(FREE), hand: Track::new(FAR), share: Track::new(DOWN) },
    ),
    legs: Pair::Both(LegTrack::Stand(Track::new(FEET))),
};
