//! The standing hamstring stretch: one heel in front with the toes up, the hips go back over the bent leg.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "hamstring_stretch",
    file: "hamstring_stretch.webp",
    seconds: 3.0,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.12, 0.815, 64.0, 58.0, 72.0]),
    (0.06, [-0.12, 0.815, 64.0, 58.0, 72.0]),
    (0.42, [-0.14, 0.79, 40.0, 32.0, 52.0]),
    (0.62, [-0.14, 0.79, 40.0, 32.0, 52.0]),
    (0.94, [-0.12, 0.815, 64.0, 58.0, 72.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::OnThigh(0.75)),
    legs: Pair::Each(
        LegTrack::Stand(Track::new(&[(0.0, [0.48, 0.087, -30.0])])),
        LegTrack::Stand(Track::new(&[(0.0, [-0.03, 0.0, 0.0])])),
    ),
};
