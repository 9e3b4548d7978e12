//! Arm circles: both arms, stretched, go around forwards, up, back and down.

use super::{Exercise, Motion};
use crate::geometry::vec2;
use crate::look;
use crate::skeleton::{ARM, Arm, Body, Foot, Head, Leg, Limb, SideBody, Torso};

/// The exercise, as the program lists it.
pub(crate) const EXERCISE: Exercise = Exercise {
    id: "arm_circles",
    file: "arm_circles.webp",
    seconds: 2.0,
    palette: look::AMBER,
    motion: Motion::Drawn(pose),
    props: &[],
    hold: false,
};

fn pose(phase: f32) -> Body {
    // The arms hang at phase 0. The chest gives way to them: backwards when they are in front, up when overhead.
    let angle = -90.0 + 360.0 * phase;
    let (ahead, up) = (super::wave(phase), -super::wave(phase + 0.25));
    let torso = Torso::new(vec2(-0.005, 0.943), 89.5 + 0.8 * ahead, 89.0 + 1.5 * ahead);
    let shoulder = torso.shoulder + vec2(0.018 * ahead, 0.02 * up);
    // The elbow gives way where the arm is behind the trunk.
    let bend = 3.0 + 9.0 * (-ahead).max(0.0);
    let arm = Arm::loose(Limb::swing(shoulder, ARM, angle - bend, angle + bend), 8.0);
    let leg = Leg::on(torso.hip, Foot::from_key([0.12, 0.0, 0.0]));
    let head = Head::on(&torso, 89.0);
    Body::Side(SideBody { torso, head, arms: [arm, arm], legs: [leg, leg], arm_inside: false })
}
