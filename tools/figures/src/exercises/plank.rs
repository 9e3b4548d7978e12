//! The plank: the body rests on forearms and toes, as one straight line, and breathes.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "plank",
    file: "plank.webp",
    seconds: 3.0,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: true,
};

/// The place of the shoulders and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [1.3, 0.335, 9.0, 5.6, 22.0]), (0.5, [1.3, 0.335, 7.0, 6.6, 23.0])];

const MOTION: SideMotion = SideMotion {
    root: Root::Shoulder,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::Hand(Track::new(&[(0.0, [1.56, 0.042, 0.0, 4.0])]))),
    legs: Pair::Both(LegTrack::Stand(Track::new(&[(0.0, [0.0, 0.0, 68.0])]))),
};
