//! The shapes of arms and legs, shared by both views.

use crate::drawing::Drawing;
use crate::geometry::direction;
use crate::look::Look;
use crate::motion::Key;
use crate::skeleton::Arm;
use crate::tube::Tube;

/// Widths of the thigh from the hip to the knee, in front of and behind the bone.
pub(crate) const THIGH: &[Key<2>] =
    &[(0.0, [0.088, 0.1]), (0.3, [0.088, 0.088]), (0.65, [0.073, 0.066]), (0.9, [0.058, 0.055]), (1.0, [0.056, 0.056])];
/// Widths of the shin from the knee to the ankle: the calf is behind the bone.
pub(crate) const SHIN: &[Key<2>] = &[
    (0.0, [0.055, 0.055]),
    (0.12, [0.052, 0.058]),
    (0.33, [0.046, 0.073]),
    (0.68, [0.037, 0.047]),
    (1.0, [0.034, 0.036]),
];
/// Widths of the upper arm from the shoulder to the elbow: biceps in front, triceps behind.
pub(crate) const UPPER_ARM: &[Key<2>] =
    &[(0.0, [0.06, 0.062]), (0.35, [0.053, 0.055]), (0.6, [0.05, 0.047]), (0.9, [0.04, 0.04]), (1.0, [0.04, 0.04])];
/// Widths of the forearm from the elbow to the wrist.
pub(crate) const FOREARM: &[Key<2>] =
    &[(0.0, [0.04, 0.04]), (0.25, [0.046, 0.042]), (0.6, [0.035, 0.035]), (1.0, [0.027, 0.027])];

const HAND: &[Key<2>] =
    &[(0.0, [0.027, 0.027]), (0.25, [0.035, 0.032]), (0.5, [0.034, 0.03]), (0.8, [0.022, 0.02]), (1.0, [0.014, 0.013])];
const THUMB: &[Key<2>] = &[(0.0, [0.017, 0.017]), (1.0, [0.012, 0.012])];

/// From the wrist to the knuckles, and on to the tips of the fingers.
const PALM_LENGTH: f32 = 0.08;
const FINGER_LENGTH: f32 = 0.075;

/// Draws a mitten of a hand with its thumb on the front, which is on the left of the arm where `side` is 1.
pub(crate) fn draw_hand(drawing: &mut Drawing, arm: &Arm, side: f32, look: &Look) {
    let wrist = arm.limb.end;
    let knuckles = wrist + direction(arm.palm) * PALM_LENGTH;
    // A hand that is closed shows its fingers shortened.
    let shown = FINGER_LENGTH * (1.0 - 0.5 * (arm.curl.abs() / 120.0).min(1.0));
    let tips = knuckles + direction(arm.palm + arm.curl) * shown;
    drawing.tube(&Tube::facing(&[wrist, knuckles, tips], HAND, side), look.skin);
    let thumb_root = wrist.toward(knuckles, 0.35) + direction(arm.palm).left() * (0.016 * side);
    let thumb_tip = thumb_root + direction(arm.palm + side * 24.0) * 0.05;
    drawing.tube(&Tube::facing(&[thumb_root, thumb_tip], THUMB, side), look.skin);
}
