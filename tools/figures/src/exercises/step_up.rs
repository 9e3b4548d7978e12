//! Step-ups: one foot leads onto the step, the other one follows, and both come down; then the other one leads.

use super::{Exercise, Motion};
use crate::look;
use crate::motion::Key;
use crate::props::{Prop, STEP_HEIGHT};
use crate::side_motion::{ArmTrack, LegTrack, OUTSIDE, Root, STRAIGHT, SideMotion};
use crate::track::{Pair, Track};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "step_up",
    file: "step_up.webp",
    seconds: 3.0,
    palette: look::CORAL,
    motion: Motion::Side(&MOTION),
    props: &[Prop::Step(0.34, 0.76)],
    hold: false,
};

/// The place of the hips and the directions of the lower and the upper spine and of the head, for one step up and down.
const TRUNK: &[Key<5>] = &[
    (0.0, [-0.005, 0.944, 89.0, 89.0, 89.0]),
    (0.14, [0.02, 0.938, 87.0, 86.0, 88.0]),
    (0.26, [0.14, 0.92, 81.0, 79.0, 86.0]),
    (0.4, [0.31, 1.05, 82.0, 81.0, 87.0]),
    (0.52, [0.425, 1.144, 89.0, 89.0, 89.0]),
    (0.58, [0.425, 1.144, 89.0, 89.0, 89.0]),
    (0.7, [0.28, 1.04, 84.0, 82.0, 87.0]),
    (0.81, [0.12, 0.925, 83.0, 82.0, 86.0]),
    (0.98, [-0.005, 0.944, 89.0, 89.0, 89.0]),
];
/// The foot that leads in the first half of the loop and follows in the second.
const FOOT: &[Key<3>] = &[
    (0.0, [0.12, 0.0, 0.0]),
    (0.02, [0.12, 0.0, 6.0]),
    (0.07, [0.26, 0.28, 30.0]),
    (0.12, [0.55, STEP_HEIGHT, 0.0]),
    (0.29, [0.55, STEP_HEIGHT, 0.0]),
    (0.305, [0.55, STEP_HEIGHT, 8.0]),
    (0.355, [0.28, 0.28, 14.0]),
    (0.4, [0.12, 0.0, 14.0]),
    (0.43, [0.12, 0.0, 0.0]),
    (0.62, [0.12, 0.0, 0.0]),
    (0.655, [0.12, 0.0, 34.0]),
    (0.7, [0.28, 0.3, 42.0]),
    (0.75, [0.55, STEP_HEIGHT, 0.0]),
    (0.89, [0.55, STEP_HEIGHT, 0.0]),
    (0.905, [0.55, STEP_HEIGHT, 10.0]),
    (0.945, [0.28, 0.27, 16.0]),
    (0.98, [0.12, 0.0, 10.0]),
];
/// The directions of upper arm and forearm, and how far the fingers are bent.
const ARM: &[Key<3>] = &[
    (0.0, [-94.0, -76.0, 24.0]),
    (0.1, [-122.0, -60.0, 40.0]),
    (0.25, [-94.0, -76.0, 24.0]),
    (0.5, [-94.0, -76.0, 24.0]),
    (0.6, [-64.0, 10.0, 40.0]),
    (0.75, [-94.0, -76.0, 24.0]),
];

const MOTION: SideMotion = SideMotion {
    root: Root::Hip,
    trunk: Track::rounds(TRUNK, 2.0),
    twist: STRAIGHT,
    inside: OUTSIDE,
    arms: Pair::InTurn(ArmTrack::Swing(Track::new(ARM))),
    legs: Pair::InTurn(LegTrack::Stand(Track::new(FOOT))),
};
