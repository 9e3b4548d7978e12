//! Draws the body as seen from its right side.

use crate::drawing::Drawing;
use crate::geometry::{Vec2, direction, vec2};
use crate::limbs::{self, FOREARM, SHIN, THIGH, UPPER_ARM};
use crate::look::{Bottoms, Hair, Look};
use crate::motion::Key;
use crate::props::{self, Prop};
use crate::skeleton::{Arm, Foot, Head, Leg, Limb, SideBody, Torso};
use crate::tube::Tube;

/// How far hands and feet of the far side appear from those of the near side, as seen from slightly above and ahead.
const FAR_ARM: Vec2 = vec2(0.012, 0.014);
const FAR_LEG: Vec2 = vec2(0.032, 0.018);
/// The shares of these ways by which the joint at the trunk and the middle joint appear moved: the trunk hides the former.
const FAR_JOINTS: [f32; 2] = [0.15, 0.7];
/// How far the shadow of an arm on the trunk goes beyond the arm, and how far it is moved away from the light, in metres.
const ARM_SHADOW: f32 = 0.006;
const ARM_SHADOW_WAY: Vec2 = vec2(-0.006, -0.008);

/// Chest and back, from the base of the neck to the hips: the widths in front of and behind the spine.
const TRUNK: &[Key<2>] = &[
    (0.0, [0.05, 0.054]),
    (0.1, [0.083, 0.086]),
    (0.3, [0.118, 0.105]),
    (0.52, [0.1, 0.09]),
    (0.66, [0.09, 0.085]),
    (0.78, [0.092, 0.098]),
    (0.9, [0.09, 0.108]),
    (1.0, [0.084, 0.1]),
];
/// Where the waistband crosses the trunk.
const WAISTBAND: f32 = 0.75;
const NECK: &[Key<2>] = &[(0.0, [0.055, 0.06]), (0.6, [0.048, 0.056]), (1.0, [0.046, 0.058])];
const PONYTAIL: &[Key<2>] = &[(0.0, [0.022, 0.022]), (0.4, [0.032, 0.034]), (0.8, [0.027, 0.027]), (1.0, [0.01, 0.01])];

/// Adds the figure to a frame, from the far side to the near side.
pub(crate) fn draw(drawing: &mut Drawing, body: &SideBody, props: &[Prop], look: &Look) {
    let far = look.far();
    let far_arm = shifted_arm(body.arms[1]);
    props::draw_held(drawing, props, &far_arm, false);
    draw_arm(drawing, &far_arm, &far);
    draw_leg(drawing, &shifted_leg(body.legs[1]), &far);
    draw_trunk(drawing, &body.torso, &body.head, look);
    draw_head(drawing, &body.head, look);
    if body.arm_inside {
        draw_near_arm(drawing, body, props, look);
        draw_leg(drawing, &body.legs[0], look);
    } else {
        draw_leg(drawing, &body.legs[0], look);
        draw_near_arm(drawing, body, props, look);
    }
}

fn draw_near_arm(drawing: &mut Drawing, body: &SideBody, props: &[Prop], look: &Look) {
    let arm = &body.arms[0];
    draw_arm_shadow(drawing, arm, &body.torso, look);
    props::draw_held(drawing, props, arm, true);
    draw_arm(drawing, arm, look);
}

/// The points where the body meets the floor, for its shadow: hands, balls of the feet and heels.
pub(crate) fn contacts(body: &SideBody) -> Vec<Vec2> {
    let hands = [body.arms[0], shifted_arm(body.arms[1])].map(|arm| arm.limb.end + vec2(0.06, -0.05));
    let feet = [body.legs[0].foot, shifted_leg(body.legs[1]).foot];
    let heels = feet.map(|foot| foot.ball + vec2(-0.16, -0.02).turned(-foot.raise));
    let balls = feet.map(|foot| foot.ball + vec2(0.03, -0.02));
    [hands, heels, balls].concat()
}

/// The parts of the trunk, the knees and the elbows that rest on the floor, for the shadow: each as its middle and its half
/// axes, which grow from nothing as the part comes down.
pub(crate) fn resting(body: &SideBody) -> Vec<(Vec2, Vec2)> {
    let (torso, head) = (&body.torso, body.head.base);
    let trunk = [(torso.hip, 0.105), (torso.waist, 0.095), (torso.shoulder, 0.11), (head, 0.11)];
    let knees = body.legs.iter().map(|leg| (leg.limb.middle, 0.056));
    let elbows = body.arms.iter().map(|arm| (arm.limb.middle, 0.04));
    let parts = trunk.into_iter().chain(knees).chain(elbows);
    let closeness = |(joint, radius): (Vec2, f32)| (joint, 1.0 - (joint.y - radius).max(0.0) / 0.05);
    let near = parts.map(closeness).filter(|(_, closeness)| *closeness > 0.0);
    near.map(|(joint, closeness)| (vec2(joint.x, 0.008), vec2(0.1, 0.018) * closeness)).collect()
}

fn shifted(limb: Limb, way: Vec2) -> Limb {
    let [root, middle] = FAR_JOINTS.map(|share| way * share);
    Limb { root: limb.root + root, middle: limb.middle + middle, end: limb.end + way }
}

fn shifted_arm(arm: Arm) -> Arm {
    Arm { limb: shifted(arm.limb, FAR_ARM), ..arm }
}

fn shifted_leg(leg: Leg) -> Leg {
    Leg { limb: shifted(leg.limb, FAR_LEG), foot: Foot { ball: leg.foot.ball + FAR_LEG, ..leg.foot } }
}

fn draw_trunk(drawing: &mut Drawing, torso: &Torso, head: &Head, look: &Look) {
    let into_skull = head.base + direction(head.tilt) * 0.03;
    let into_chest = torso.neck.toward(torso.waist, 0.12);
    drawing.tube(&Tube::new(&[into_skull, head.base, into_chest], NECK), look.skin.shaded());

    let trunk = trunk(torso);
    drawing.tube(&trunk.dressed(0.0, 2.0, 0.0), look.top);
    // The seat has no shade of its own: it has to merge with the thighs, which bring theirs.
    drawing.tube(&trunk.dressed(WAISTBAND, 2.0, 0.003), look.bottom.flat());
}

fn trunk(torso: &Torso) -> Tube {
    Tube::new(&[torso.neck, torso.waist, torso.hip], TRUNK)
}

/// The shadow of the near arm on the shirt, which sets the arm off from it where they have the same brightness.
fn draw_arm_shadow(drawing: &mut Drawing, arm: &Arm, torso: &Torso, look: &Look) {
    let shirt = trunk(torso).dressed(0.0, WAISTBAND, 0.0);
    let [root, middle, end] = [arm.limb.root, arm.limb.middle, arm.limb.end].map(|joint| joint + ARM_SHADOW_WAY);
    for (bone, profile) in [([root, middle], UPPER_ARM), ([middle, end], FOREARM)] {
        drawing.tube_within(&Tube::new(&bone, profile).dressed(-2.0, 2.0, ARM_SHADOW), &shirt, look.top.shadow());
    }
}

fn draw_leg(drawing: &mut Drawing, leg: &Leg, look: &Look) {
    let thigh = Tube::new(&[leg.limb.root, leg.limb.middle], THIGH);
    let shin = Tube::new(&[leg.limb.middle, leg.limb.end], SHIN);
    match look.bottoms {
        Bottoms::Shorts => {
            drawing.tube(&shin, look.skin);
            draw_shoe(drawing, &leg.foot, look);
            drawing.tube(&thigh, look.skin);
            drawing.tube(&thigh.dressed(-2.0, 0.58, 0.008), look.bottom);
        }
        Bottoms::Leggings => {
            drawing.tube(&shin, look.skin);
            drawing.tube(&shin.dressed(-2.0, 0.84, 0.003), look.bottom);
            draw_shoe(drawing, &leg.foot, look);
            drawing.tube(&thigh.dressed(-2.0, 2.0, 0.003), look.bottom);
        }
    }
}

fn draw_arm(drawing: &mut Drawing, arm: &Arm, look: &Look) {
    let upper = Tube::new(&[arm.limb.root, arm.limb.middle], UPPER_ARM);
    limbs::draw_hand(drawing, arm, 1.0, look);
    drawing.tube(&Tube::new(&[arm.limb.middle, arm.limb.end], FOREARM), look.skin);
    drawing.tube(&upper, look.skin);
    if let Some(sleeve) = look.sleeve {
        drawing.tube(&upper.dressed(-2.0, 0.5, 0.007), sleeve);
    }
}

fn draw_shoe(drawing: &mut Drawing, foot: &Foot, look: &Look) {
    let rear = |x: f32, y: f32| foot.ball + vec2(x, y).turned(-foot.raise);
    let toes = |x: f32, y: f32| foot.ball + vec2(x, y).turned(foot.toes());
    let upper = [
        rear(-0.178, 0.088),
        rear(-0.186, 0.03),
        rear(-0.182, -0.014),
        rear(-0.09, -0.018),
        rear(0.0, -0.02),
        toes(0.065, -0.018),
        toes(0.094, 0.0),
        toes(0.055, 0.032),
        rear(-0.01, 0.052),
        rear(-0.072, 0.1),
        rear(-0.12, 0.1),
    ];
    let sole = [
        rear(-0.19, -0.004),
        rear(-0.184, -0.025),
        rear(-0.09, -0.024),
        rear(0.0, -0.025),
        toes(0.07, -0.025),
        toes(0.1, -0.006),
        toes(0.06, -0.006),
        rear(0.0, -0.006),
        rear(-0.09, -0.003),
    ];
    let heel = [rear(-0.178, 0.088), rear(-0.187, 0.03), rear(-0.183, 0.0), rear(-0.15, 0.0), rear(-0.148, 0.05)];
    drawing.blob(&upper, look.shoe.base);
    drawing.blob(&heel, look.shoe.shade);
    drawing.blob(&sole, look.sole.base);
}

fn draw_head(drawing: &mut Drawing, head: &Head, look: &Look) {
    // Places on the head: metres in front of the joint that carries it, and metres towards the crown.
    let at = |(front, up): (f32, f32)| head.base + vec2(front, up).turned(head.tilt - 90.0);
    let hair_cap = [
        (0.09, 0.106),
        (0.082, 0.142),
        (0.03, 0.172),
        (-0.05, 0.16),
        (-0.1, 0.105),
        (-0.108, 0.04),
        (-0.078, -0.018),
        (-0.05, -0.018),
        (-0.032, 0.018),
        (0.0, 0.012),
        (0.016, 0.02),
        (0.02, 0.062),
        (0.04, 0.098),
    ];
    let face = [
        (-0.062, -0.02),
        (-0.09, 0.06),
        (-0.06, 0.13),
        (0.01, 0.155),
        (0.07, 0.132),
        (0.093, 0.09),
        (0.094, 0.058),
        (0.117, 0.024),
        (0.098, 0.01),
        (0.101, -0.012),
        (0.094, -0.03),
        (0.088, -0.062),
        (0.058, -0.073),
        (0.0, -0.042),
    ];
    if look.style == Hair::Ponytail {
        // The tail follows the back of the head and gives in to gravity only a little.
        let tip = at((-0.138, -0.045)) + vec2(0.0, -0.025);
        let tail = [at((-0.07, 0.112)), at((-0.118, 0.104)), at((-0.148, 0.055)), tip];
        // On the floor it lies next to the head.
        let tail = tail.map(|point| vec2(point.x, point.y.max(0.035)));
        drawing.tube(&Tube::new(&tail, PONYTAIL), look.hair.shaded());
    }
    drawing.blob(&face.map(at), look.skin.base);
    drawing.blob(&hair_cap.map(at), look.hair.base);
    let ear = [(-0.03, 0.035), (-0.016, 0.052), (0.002, 0.044), (-0.004, 0.014), (-0.02, 0.002), (-0.028, 0.012)];
    drawing.blob(&ear.map(at), look.skin.shade);
    let brow = [(0.056, 0.077), (0.072, 0.083), (0.087, 0.076), (0.072, 0.077)];
    drawing.blob(&brow.map(at), look.hair.shade);
    let eye = [(0.07, 0.056), (0.075, 0.062), (0.08, 0.056), (0.075, 0.045)];
    drawing.blob(&eye.map(at), look.hair.shade);
}
