//! Mountain climbers: in a high plank, the knees run to the chest in turn.

use super::{Exercise, Motion};
use crate::geometry::vec2;
use crate::look;
use crate::motion::{self, Key};
use crate::skeleton::{ARM, Arm, Bend, Body, Foot, Head, Leg, Limb, SideBody, Torso, WRIST_HEIGHT};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "mountain_climbers",
    file: "mountain_climbers.mov",
    seconds: 1.6,
    palette: look::AMBER,
    motion: Motion::Drawn(pose),
    props: &[],
    hold: false,
};

/// Rounds of both legs in one loop.
const ROUNDS: f32 = 2.0;
/// The ball of a foot and the raise of its heel: it pushes off behind, runs in under the chest and goes back.
const FOOT: &[Key<3>] = &[
    (0.0, [0.0, 0.0, 66.0]),
    (0.18, [0.0, 0.0, 72.0]),
    (0.34, [0.3, 0.15, 72.0]),
    (0.5, [0.71, 0.1, 52.0]),
    (0.58, [0.71, 0.095, 50.0]),
    (0.75, [0.3, 0.14, 70.0]),
    (0.92, [0.0, 0.0, 66.0]),
];
/// Where the wrists are on the floor.
const HANDS: f32 = 1.2;

fn pose(phase: f32) -> Body {
    let round = phase * ROUNDS;
    // The hips rise a little each time a knee comes in, twice per round.
    let bob = super::wave(2.0 * round + 0.2);
    let torso = Torso::new(vec2(0.775, 0.546 + 0.01 * bob), 13.0 - bob, 2.0 - bob);
    let hand = |x: f32| Arm::planted(Limb::reach(torso.shoulder, vec2(x, WRIST_HEIGHT), ARM, Bend::Backward));
    let leg = |lag: f32| Leg::on(torso.hip, Foot::from_key(motion::looped(FOOT, round + lag)));
    let head = Head::on(&torso, 30.0 - bob);
    Body::Side(SideBody {
        torso,
        head,
        arms: [hand(HANDS), hand(HANDS + 0.035)],
        legs: [leg(0.0), leg(0.5)],
        arm_inside: false,
    })
}
