//! The wall sit: the back flat against a wall, thighs level, and hold.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::props::Prop;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "wall_sit",
    file: "wall_sit.webp",
    seconds: 3.0,
    palette: look::OCEAN,
    motion: Motion::Side(&MOTION),
    props: &[Prop::Wall(-0.115)],
    hold: true,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [0.0, 0.5, 91.0, 90.0, 90.0]), (0.5, [0.0, 0.5, 90.0, 89.0, 91.0])];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Both(ArmTrack::OnThigh(0.55)),
    legs: Pair::Both(LegTrack::Stand(Track::new(&[(0.0, [0.555, 0.0, 0.0])]))),
};
