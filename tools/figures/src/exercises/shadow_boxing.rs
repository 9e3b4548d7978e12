//! Shadow boxing: from the guard, a straight punch of each hand in turn, the trunk turning with it.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "shadow_boxing",
    file: "shadow_boxing.webp",
    seconds: 1.4,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head, for one punch.
const TRUNK: &[Key<5>] = &[(0.0, [0.02, 0.885, 84.0, 82.0, 82.0]), (0.5, [0.06, 0.875, 81.0, 78.0, 82.0])];
/// The ball of the rear foot, and the raise of its heel: it turns in with the punch of its side.
const REAR: &[Key<3>] =
    &[(0.0, [-0.14, 0.0, 22.0]), (0.25, [-0.14, 0.0, 42.0]), (0.5, [-0.14, 0.0, 22.0]), (0.75, [-0.14, 0.0, 18.0])];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[
    (0.0, [-76.0, 66.0, 120.0]),
    (0.1, [-78.0, 64.0, 120.0]),
    (0.22, [2.0, -1.0, 120.0]),
    (0.28, [2.0, -1.0, 120.0]),
    (0.42, [-72.0, 68.0, 120.0]),
    (0.5, [-76.0, 66.0, 120.0]),
    (0.75, [-82.0, 62.0, 120.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::rounds(TRUNK, 2.0),
    twist: Track::new(&[(0.0, [0.0]), (0.25, [0.1]), (0.5, [0.0]), (0.75, [-0.06])]),
    inside: OUTSIDE,
    arms: Pair::InTurn(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::Each(LegTrack::Stand(Track::new(REAR)), LegTrack::Stand(Track::new(&[(0.0, [0.34, 0.0, 0.0])]))),
};
