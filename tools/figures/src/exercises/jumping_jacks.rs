//! Jumping jacks, seen from the front: feet and arms go out together, in two hops per loop.

use super::{Exercise, Motion};
use crate::front::{ANKLE_HEIGHT, HIP, SHOULDER};
use crate::geometry::vec2;
use crate::look;
use crate::motion::{self, Key};
use crate::skeleton::{ARM, Arm, Bend, Body, FrontBody, FrontLeg, Head, LEG, Limb, Torso};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "jumping_jacks",
    file: "jumping_jacks.mov",
    seconds: 1.5,
    palette: look::CORAL,
    motion: Motion::Drawn(pose),
    props: &[],
    hold: false,
};

/// The right ankle: how far out it is, how high above its place on the floor, and how far the toes point down.
const FEET: &[Key<3>] = &[
    (0.0, [0.085, 0.0, 0.0]),
    (0.1, [0.085, 0.0, 6.0]),
    (0.25, [0.23, 0.085, 34.0]),
    (0.4, [0.37, 0.0, 2.0]),
    (0.5, [0.37, 0.0, 0.0]),
    (0.6, [0.37, 0.0, 6.0]),
    (0.75, [0.22, 0.085, 34.0]),
    (0.9, [0.085, 0.0, 2.0]),
];
/// The height of the hips.
const HIPS: &[Key<1>] = &[
    (0.0, [0.895]),
    (0.1, [0.925]),
    (0.25, [0.985]),
    (0.4, [0.875]),
    (0.5, [0.835]),
    (0.6, [0.875]),
    (0.75, [0.98]),
    (0.9, [0.925]),
];
/// The directions of the right upper arm and of the right forearm.
const ARMS: &[Key<2>] = &[
    (0.0, [-80.0, -84.0]),
    (0.07, [-80.0, -86.0]),
    (0.25, [0.0, -6.0]),
    (0.44, [73.0, 100.0]),
    (0.54, [73.0, 100.0]),
    (0.75, [0.0, 10.0]),
    (0.95, [-79.0, -82.0]),
];

fn pose(phase: f32) -> Body {
    let [ankle, lift, tiptoe] = motion::looped(FEET, phase);
    let [hips] = motion::looped(HIPS, phase);
    let [upper, lower] = motion::looped(ARMS, phase);
    let torso = Torso::new(vec2(0.0, hips), 90.0, 90.0);
    // The shoulder blades carry the shoulders up and in when the arms are overhead.
    let overhead = motion::ramp(upper, 0.0, 70.0);
    let shoulder = torso.shoulder + vec2(SHOULDER - 0.02 * overhead, 0.03 * overhead - 0.05);
    let heel_lift = 0.1 * tiptoe.to_radians().sin();
    let target = vec2(ankle, ANKLE_HEIGHT + lift + heel_lift);
    let limb = Limb::reach(torso.hip + vec2(HIP, 0.0), target, LEG, Bend::Forward).turned_to_viewer(0.3);
    let leg = FrontLeg { limb, ahead: 0.0, tiptoe, down: -90.0 };
    let arm = Arm::loose(Limb::swing(shoulder, ARM, upper, lower), 6.0);
    let head = Head::on(&torso, 90.0);
    Body::Front(FrontBody { torso, head, arms: [arm, arm.mirrored()], legs: [leg, leg.mirrored()] })
}
