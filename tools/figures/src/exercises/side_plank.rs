//! The side plank, seen from the front: a forearm and the edge of a shoe carry the body, which is one straight line.

use super::{Exercise, Motion};
use crate::front::{HIP, SHOULDER};
use crate::geometry::{direction, vec2};
use crate::look;
use crate::skeleton::{ARM, Arm, Body, FrontBody, FrontLeg, Head, LEG, Limb, Torso};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "side_plank",
    file: "side_plank.webp",
    seconds: 3.0,
    palette: look::CORAL,
    motion: Motion::Drawn(pose),
    props: &[],
    hold: true,
};

/// The slope of the body from the feet up to the head, in degrees.
const SLOPE: f32 = 16.0;
/// Where the lower shoulder is: over its elbow.
const LOWER_SHOULDER: [f32; 2] = [0.0, 0.345];
/// How much of the forearm, which points at the viewer, is seen.
const FOREARM_SEEN: f32 = 0.45;

fn pose(phase: f32) -> Body {
    // The head is on the right, the face to the viewer: the side on the right of an upright figure is below.
    let rise = 0.4 * super::wave(phase);
    let (lumbar, chest) = (SLOPE + 1.5 + rise, SLOPE - 1.5 + rise);
    let shoulder = |side: f32| vec2(SHOULDER * side, -0.05).turned(chest - 90.0);
    let lower = LOWER_SHOULDER.into();
    let top = Torso::new(vec2(0.0, 0.0), lumbar, chest);
    let torso = Torso::new(lower - shoulder(1.0) - top.shoulder, lumbar, chest);
    let leg = |side: f32| {
        let root = torso.hip + vec2(HIP * side, 0.0).turned(lumbar - 90.0);
        // The upper leg lies on the lower one.
        let target = direction(180.0 + SLOPE - 2.2 * side);
        let limb = Limb { root, middle: root + target * LEG.upper, end: root + target * (LEG.upper + LEG.lower) };
        FrontLeg { limb, ahead: 0.1 * side, tiptoe: 0.0, down: target.degrees() }
    };
    let elbow = lower + vec2(0.0, -ARM.upper);
    let wrist = elbow + direction(-9.0) * (ARM.lower * FOREARM_SEEN);
    let below = Arm { limb: Limb { root: lower, middle: elbow, end: wrist }, palm: -6.0, curl: 75.0 };
    let upper = torso.shoulder + shoulder(-1.0);
    let above = Arm::loose(Limb::swing(upper, ARM, 92.0 + rise, 90.0 + rise), -6.0);
    let head = Head::on(&torso, SLOPE + 2.0);
    Body::Front(FrontBody { torso, head, arms: [below, above], legs: [leg(1.0), leg(-1.0)] })
}
