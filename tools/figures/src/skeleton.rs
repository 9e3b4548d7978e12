//! The articulated body: bones of constant length, posed forwards by angles or backwards from planted hands and feet.

use crate::geometry::{Vec2, direction, vec2, wrapped};

/// From the hip joints to the waist.
pub(crate) const LUMBAR: f32 = 0.21;
/// From the waist to the base of the neck.
const CHEST: f32 = 0.29;
/// From the waist to the height of the shoulder joints.
pub(crate) const WAIST_TO_SHOULDER: f32 = 0.235;
/// From the base of the neck to the joint that carries the skull.
const NECK: f32 = 0.085;
/// From the ball of the foot to the ankle, in a foot that stands flat and points right.
const BALL_TO_ANKLE: Vec2 = vec2(-0.125, 0.075);
/// How far above the floor the ball of a foot in a shoe rests.
pub(crate) const BALL_HEIGHT: f32 = 0.025;
/// How far above the floor the wrist of a planted hand is.
pub(crate) const WRIST_HEIGHT: f32 = 0.055;
/// How far above the floor the knee of a leg that kneels is.
pub(crate) const KNEE_HEIGHT: f32 = 0.06;

/// Fingers that are bent by more, in degrees, make a fist.
const FIST: f32 = 100.0;

/// The two bones of an arm or a leg.
#[derive(Clone, Copy)]
pub(crate) struct Bones {
    /// Length of the bone at the trunk.
    pub(crate) upper: f32,
    /// Length of the bone behind the elbow or the knee.
    pub(crate) lower: f32,
}

/// Upper arm and forearm.
pub(crate) const ARM: Bones = Bones { upper: 0.29, lower: 0.26 };
/// Thigh and shin.
pub(crate) const LEG: Bones = Bones { upper: 0.43, lower: 0.42 };

/// The direction in which the middle joint of a limb bends.
#[derive(Clone, Copy)]
pub(crate) enum Bend {
    /// Towards the front of a figure that faces right and lets the limb hang, as knees do.
    Forward,
    /// Towards its back, as elbows do.
    Backward,
}

/// The joints of an arm or a leg.
#[derive(Clone, Copy)]
pub(crate) struct Limb {
    /// Shoulder or hip.
    pub(crate) root: Vec2,
    /// Elbow or knee.
    pub(crate) middle: Vec2,
    /// Wrist or ankle.
    pub(crate) end: Vec2,
}

impl Limb {
    /// Poses a limb by the directions of its two bones.
    pub(crate) fn swing(root: Vec2, bones: Bones, upper: f32, lower: f32) -> Self {
        let middle = root + direction(upper) * bones.upper;
        Self { root, middle, end: middle + direction(lower) * bones.lower }
    }

    /// Poses a limb so that its end is at `target`, or as near to it as the bones allow.
    pub(crate) fn reach(root: Vec2, target: Vec2, bones: Bones, bend: Bend) -> Self {
        let way = target - root;
        let Bones { upper, lower } = bones;
        let distance = way.length().clamp((upper - lower).abs() + 1e-4, upper + lower - 1e-4);
        let along = (distance * distance + upper * upper - lower * lower) / (2.0 * distance);
        let across = (upper * upper - along * along).max(0.0).sqrt();
        let axis = way.unit();
        let side = match bend {
            Bend::Forward => axis.left(),
            Bend::Backward => axis.left() * -1.0,
        };
        Self { root, middle: root + axis * along + side * across, end: root + axis * distance }
    }

    /// The same limb with its middle joint turned out of the drawing plane, so that it shows only `visible` of how far it
    /// stands out: a knee that points at the viewer shows nothing.
    pub(crate) fn turned_to_viewer(self, visible: f32) -> Self {
        let axis = (self.end - self.root).unit();
        let along = self.root + axis * (self.middle - self.root).dot(axis);
        Self { middle: along.toward(self.middle, visible), ..self }
    }

    /// The same limb on the other side of the line x = 0.
    pub(crate) fn mirrored(&self) -> Self {
        let [root, middle, end] = [self.root, self.middle, self.end].map(Vec2::mirrored);
        Self { root, middle, end }
    }

    /// The direction of the bone behind the elbow or the knee, in degrees.
    pub(crate) fn lower_degrees(&self) -> f32 {
        (self.end - self.middle).degrees()
    }
}

/// The spine from the hips to the neck.
#[derive(Clone, Copy)]
pub(crate) struct Torso {
    /// The middle between the hip joints.
    pub(crate) hip: Vec2,
    /// Where the spine bends.
    pub(crate) waist: Vec2,
    /// The middle between the shoulder joints.
    pub(crate) shoulder: Vec2,
    /// The base of the neck.
    pub(crate) neck: Vec2,
}

impl Torso {
    /// Builds the trunk upwards from the hips; an upright spine has both its parts at 90 degrees.
    pub(crate) fn new(hip: Vec2, lumbar: f32, chest: f32) -> Self {
        let waist = hip + direction(lumbar) * LUMBAR;
        let up = direction(chest);
        Self { hip, waist, shoulder: waist + up * WAIST_TO_SHOULDER, neck: waist + up * CHEST }
    }
}

/// Where the skull is and how it is turned.
#[derive(Clone, Copy)]
pub(crate) struct Head {
    /// The joint on top of the neck.
    pub(crate) base: Vec2,
    /// The direction of the crown, in degrees.
    pub(crate) tilt: f32,
}

impl Head {
    /// Puts the head on a torso; the neck leans halfway between the chest and the head.
    pub(crate) fn on(torso: &Torso, tilt: f32) -> Self {
        let chest = (torso.neck - torso.waist).degrees();
        let lean = chest + wrapped(tilt - chest) / 2.0;
        Self { base: torso.neck + direction(lean) * NECK, tilt }
    }
}

/// An arm with its hand.
#[derive(Clone, Copy)]
pub(crate) struct Arm {
    /// Shoulder, elbow and wrist.
    pub(crate) limb: Limb,
    /// The direction of the palm, in degrees.
    pub(crate) palm: f32,
    /// How far the fingers turn counter-clockwise from the palm, in degrees.
    pub(crate) curl: f32,
}

impl Arm {
    /// An arm whose hand continues the forearm with the fingers a little bent, or straight ahead with a fist.
    pub(crate) fn loose(limb: Limb, curl: f32) -> Self {
        let bend = if curl.abs() < FIST { curl * 0.3 } else { 0.0 };
        Self { limb, palm: limb.lower_degrees() + bend, curl }
    }

    /// An arm that carries weight on a hand that lies flat on the floor and points right.
    pub(crate) fn planted(limb: Limb) -> Self {
        Self { limb, palm: -17.0, curl: 17.0 }
    }

    /// The same arm on the other side of a body that is seen from the front.
    pub(crate) fn mirrored(&self) -> Self {
        Self { limb: self.limb.mirrored(), palm: 180.0 - self.palm, curl: -self.curl }
    }

    /// The arm that is `share` of the way from this one's hand to another's; the elbow follows from the wrist.
    pub(crate) fn toward(&self, other: &Self, share: f32) -> Self {
        let target = self.limb.end.toward(other.limb.end, share);
        Self {
            limb: Limb::reach(self.limb.root, target, ARM, Bend::Backward),
            palm: self.palm + wrapped(other.palm - self.palm) * share,
            curl: self.curl + (other.curl - self.curl) * share,
        }
    }
}

/// A foot, held by its ball.
#[derive(Clone, Copy)]
pub(crate) struct Foot {
    /// The joint at the base of the toes.
    pub(crate) ball: Vec2,
    /// How far the heel is turned up around the ball, in degrees.
    pub(crate) raise: f32,
}

impl Foot {
    /// A foot from its ball's position and the raise of its heel, as the key tables give them.
    pub(crate) fn from_key([x, y, raise]: [f32; 3]) -> Self {
        Self { ball: vec2(x, y + BALL_HEIGHT), raise }
    }

    /// The ankle joint.
    pub(crate) fn ankle(&self) -> Vec2 {
        self.ball + BALL_TO_ANKLE.turned(-self.raise)
    }

    /// The foot below an ankle, turned by `flex` degrees from a right angle with a shin of this direction: positive points
    /// the toes.
    pub(crate) fn below(ankle: Vec2, shin: f32, flex: f32) -> Self {
        let raise = wrapped(flex - shin - 90.0);
        Self { ball: ankle - BALL_TO_ANKLE.turned(-raise), raise }
    }

    /// The direction of the toes, in degrees: flat on the floor, and in line with the foot once it is in the air, or lies on
    /// its back.
    pub(crate) fn toes(&self) -> f32 {
        let lifted = ((self.ball.y - BALL_HEIGHT) / 0.08).clamp(0.0, 1.0);
        let in_line = (self.raise * 0.15).clamp(-12.0, 12.0);
        let on_floor = if self.raise > 80.0 { (80.0 - (self.raise - 80.0) * 2.0).max(in_line) } else { self.raise };
        -self.raise + in_line + (on_floor - in_line) * (1.0 - lifted)
    }
}

/// A leg with its foot.
#[derive(Clone, Copy)]
pub(crate) struct Leg {
    /// Hip, knee and ankle.
    pub(crate) limb: Limb,
    /// The foot under the ankle.
    pub(crate) foot: Foot,
}

impl Leg {
    /// A leg that stands on, or carries, the given foot.
    pub(crate) fn on(hip: Vec2, foot: Foot) -> Self {
        Self { limb: Limb::reach(hip, foot.ankle(), LEG, Bend::Forward), foot }
    }
}

/// A figure seen from its right side, facing right.
pub(crate) struct SideBody {
    /// The trunk.
    pub(crate) torso: Torso,
    /// The head.
    pub(crate) head: Head,
    /// The arm on the viewer's side, then the other one.
    pub(crate) arms: [Arm; 2],
    /// The leg on the viewer's side, then the other one.
    pub(crate) legs: [Leg; 2],
    /// The near arm is between the legs, or behind the near one.
    pub(crate) arm_inside: bool,
}

/// A leg seen from the front.
#[derive(Clone, Copy)]
pub(crate) struct FrontLeg {
    /// Hip, knee and ankle, as they appear.
    pub(crate) limb: Limb,
    /// How far the ankle is in front of the hips, towards the viewer.
    pub(crate) ahead: f32,
    /// How far the toes point below the ankle, in degrees: 0 stands flat.
    pub(crate) tiptoe: f32,
    /// The direction of the foot from the ankle to the floor, in degrees.
    pub(crate) down: f32,
}

impl FrontLeg {
    /// The same leg on the other side.
    pub(crate) fn mirrored(&self) -> Self {
        Self { limb: self.limb.mirrored(), down: 180.0 - self.down, ..*self }
    }
}

/// A figure seen from the front.
pub(crate) struct FrontBody {
    /// The trunk.
    pub(crate) torso: Torso,
    /// The head.
    pub(crate) head: Head,
    /// The arm on the right of the frame, then the other one.
    pub(crate) arms: [Arm; 2],
    /// The leg on the right of the frame, then the other one.
    pub(crate) legs: [FrontLeg; 2],
}

/// A figure in one of the two views.
pub(crate) enum Body {
    /// Seen from its right side.
    Side(SideBody),
    /// Seen from the front.
    Front(FrontBody),
}
