//! Push-ups: the whole body turns around the toes as one straight line while the hands stay planted.

use super::{Exercise, Motion};
use crate::geometry::{direction, vec2};
use crate::look;
use crate::motion::{self, Key};
use crate::skeleton::{ARM, Arm, BALL_HEIGHT, Bend, Body, Foot, Head, LEG, Leg, Limb, SideBody, Torso, WRIST_HEIGHT};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "pushups",
    file: "push_ups.mov",
    seconds: 2.0,
    palette: look::OCEAN,
    motion: Motion::Drawn(pose),
    props: &[],
    hold: false,
};

/// How low the body is, from 0 with straight arms to 1 just above the floor. It goes down more slowly than it comes up.
const DEPTH: &[Key<1>] = &[(0.0, [0.0]), (0.06, [0.0]), (0.53, [1.0]), (0.58, [1.0]), (0.96, [0.0])];
/// The slope of the body at the top and at the bottom, in degrees.
const SLOPE: [f32; 2] = [19.95, 3.2];
/// How far in front of the toes the wrists are.
const HANDS: f32 = 1.215;

fn pose(phase: f32) -> Body {
    let [depth] = motion::looped(DEPTH, phase);
    let slope = motion::mix(SLOPE[0], SLOPE[1], depth);
    let foot = Foot { ball: vec2(0.0, BALL_HEIGHT), raise: 68.0 };
    // The legs keep a trace of a bend, so that the knees have a side to point to.
    let hip = foot.ankle() + direction(slope) * (LEG.upper + LEG.lower - 0.002);
    let torso = Torso::new(hip, slope + 3.0, slope - 3.0);
    let hand = |x: f32| Arm::planted(Limb::reach(torso.shoulder, vec2(x, WRIST_HEIGHT), ARM, Bend::Backward));
    let leg = Leg::on(hip, foot);
    let head = Head::on(&torso, slope + 14.0);
    Body::Side(SideBody { torso, head, arms: [hand(HANDS), hand(HANDS + 0.035)], legs: [leg, leg], arm_inside: false })
}
