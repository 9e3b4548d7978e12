//! The standing quadriceps stretch: on one leg, the hand holds the other foot at the seat.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "quad_stretch",
    file: "quad_stretch.webp",
    seconds: 3.0,
    palette: look::AMBER,
    motion: Motion::Side(&MOTION),
    props: &[],
    hold: true,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head.
const TRUNK: &[Key<5>] = &[(0.0, [0.0, 0.942, 89.0, 88.0, 88.0]), (0.5, [0.01, 0.942, 88.0, 88.0, 88.0])];
/// The directions of thigh and shin, and how far the toes point.
const LEG: &[Key<3>] = &[(0.0, [-93.0, -239.0, 45.0]), (0.5, [-96.0, -243.0, 45.0])];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::new(TRUNK),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::Each(ArmTrack::OnAnkle, ArmTrack::Swing(Track::new(&[(0.0, [2.0, 6.0, 8.0])]))),
    legs: Pair::Each(LegTrack::Swing(Track::new(LEG)), LegTrack::Stand(Track::new(&[(0.0, [0.12, 0.0, 0.0])]))),
};
