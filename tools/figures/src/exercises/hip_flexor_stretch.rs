//! The hip flexor stretch: kneeling on one knee, the hips move forwards over the front foot.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "hip_flexor_stretch",
    file: "hip_flexor_stretch.webp",
    seconds: 2.8,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The direction of the rear thigh, the place of its knee, and the directions of the spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [88.0, 0.0, 91.0, 90.0, 90.0]),
    (0.06, [88.0, 0.0, 91.0, 90.0, 90.0]),
    (0.42, [62.0, 0.0, 94.0, 92.0, 90.0]),
    (0.62, [62.0, 0.0, 94.0, 92.0, 90.0]),
    (0.94, [88.0, 0.0, 91.0, 90.0, 90.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Knee,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::OnHip),
    legs: Pair::Each(
        LegTrack::Stand(Track::new(&[(0.0, [0.64, 0.0, 0.0])])),
        LegTrack::Kneel(Track::new(&[(0.0, [180.0, 64.0])])),
    ),
};
