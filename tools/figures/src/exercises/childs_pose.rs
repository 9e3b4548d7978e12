//! The child's pose: the hips sink to the heels, arms and back are stretched, and the chest rises and sinks.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "childs_pose",
    file: "childs_pose.webp",
    seconds: 3.0,
    palette: look::CORAL,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: true,
};

/// The direction of the thighs, the place of the knees, and the directions of the spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [150.0, 0.0, 14.0, -25.0, -20.0]), (0.5, [151.5, 0.0, 11.0, -26.0, -21.0])];

const MOTION: SideMotion = SideMotion {
    root: Root::Knee,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Hand(Track::new(&[(0.0, [0.55, 0.042, 0.0, 3.0])]))),
    legs: Pair::Both(LegTrack::Kneel(Track::new(&[(0.0, [180.0, 72.0])]))),
};
