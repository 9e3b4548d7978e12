//! Plank with shoulder taps: in a high plank, each hand in turn leaves the floor and touches the opposite shoulder.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::skeleton::WRIST_HEIGHT;
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "shoulder_taps",
    file: "shoulder_taps.webp",
    seconds: 2.0,
    palette: look::CORAL,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [0.818, 0.455, 22.5, 16.5, 34.0]), (0.5, [0.818, 0.457, 22.5, 16.5, 34.0])];
/// How much of the way to the floor the hand has gone.
const PLANTED: &[Key<1>] = &[(0.0, [1.0]), (0.06, [1.0]), (0.2, [0.0]), (0.29, [0.0]), (0.43, [1.0])];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::InTurn(ArmTrack::Land {
        free: Track::new(&[(0.0, [-100.0, 46.0, 85.0])]),
        hand: Track::new(&[(0.0, [1.215, WRIST_HEIGHT, -17.0, 17.0])]),
        share: Track::new(PLANTED),
    }),
    legs: Pair::Both(LegTrack::Stand(Track::new(&[(0.0, [0.0, 0.0, 68.0])]))),
};
