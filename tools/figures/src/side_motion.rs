//! Movements of a figure that is seen from its right side, as keys of its trunk, arms and legs.
//!
//! The trunk is posed first, from the part of the body that stays in place: hips, shoulders or knees. Arms and legs follow:
//! hands and feet that carry weight have places on the floor, all others have directions.

use crate::geometry::{Vec2, direction, vec2};
use crate::skeleton::{
    ARM, Arm, Bend, Body, Foot, Head, KNEE_HEIGHT, LEG, LUMBAR, Leg, Limb, SideBody, Torso, WAIST_TO_SHOULDER,
};
use crate::track::{Pair, Track};

/// What the first two channels of the trunk are.
pub(crate) enum Root {
    /// The place of the hips.
    Hip,
    /// The place of the shoulders.
    Shoulder,
    /// The direction from the knee to the hip, and how far to the right the knee is on the floor.
    Knee,
}

/// What an arm does.
pub(crate) enum ArmTrack {
    /// The directions of upper arm and forearm, and how far the fingers are bent.
    Swing(Track<3>),
    /// The place of the wrist, the direction of the palm, and how far the fingers turn from it.
    Hand(Track<4>),
    /// From swinging to having a place and back.
    Land {
        /// As in [`ArmTrack::Swing`].
        free: Track<3>,
        /// As in [`ArmTrack::Hand`].
        hand: Track<4>,
        /// From 0, the arm is free, to 1, the hand is at its place.
        share: Track<1>,
    },
    /// The hand is on the head, behind the ear.
    OnHead,
    /// The hand is on the hip.
    OnHip,
    /// The hand holds the ankle of the leg on its side.
    OnAnkle,
    /// The hand is on the thigh of its side, at a share of the way from the hip to the knee.
    OnThigh(f32),
}

/// What a leg does.
pub(crate) enum LegTrack {
    /// The place of the ball of the foot above the floor, and how far the heel is turned up.
    Stand(Track<3>),
    /// The directions of thigh and shin, and how far the toes point from a right angle with the shin.
    Swing(Track<3>),
    /// The knee is on the floor, where [`Root::Knee`] has it: the direction of the shin, and how far the toes point.
    Kneel(Track<2>),
}

/// A movement.
pub(crate) struct SideMotion {
    /// What the trunk is posed from.
    pub(crate) root: Root,
    /// The place of the root, and the directions of the lower and the upper spine and of the head.
    pub(crate) trunk: Track<5>,
    /// How far the near shoulder is turned to the front, in metres.
    pub(crate) twist: Track<1>,
    /// More than a half where the near arm is between the legs, or behind the near one.
    pub(crate) inside: Track<1>,
    /// The arm on the viewer's side, and the other one.
    pub(crate) arms: Pair<ArmTrack>,
    /// The leg on the viewer's side, and the other one.
    pub(crate) legs: Pair<LegTrack>,
}

/// No twist at any time.
pub(crate) const STRAIGHT: Track<1> = Track::new(&[(0.0, [0.0])]);

/// The near arm is in front of the near leg.
pub(crate) const OUTSIDE: Track<1> = Track::new(&[(0.0, [0.0])]);

/// How much of an elbow that points sideways is seen, where the hand is on the head or on the hip.
const ELBOW_SEEN: [f32; 2] = [0.25, 0.4];

impl SideMotion {
    /// The pose at a phase of the loop.
    pub(crate) fn pose(&self, phase: f32) -> Body {
        let [first, second, lumbar, chest, tilt] = self.trunk.at(phase);
        let knee = vec2(second, KNEE_HEIGHT);
        let hip = match self.root {
            Root::Hip => vec2(first, second),
            Root::Shoulder => vec2(first, second) - direction(chest) * WAIST_TO_SHOULDER - direction(lumbar) * LUMBAR,
            Root::Knee => knee + direction(first) * LEG.upper,
        };
        let torso = Torso::new(hip, lumbar, chest);
        let head = Head::on(&torso, tilt);
        let legs = self.legs.map(phase, |track, phase, _| leg(track, phase, hip, knee));
        let [twist] = self.twist.at(phase);
        let front = direction(chest - 90.0) * twist;
        let shoulders = [torso.shoulder + front, torso.shoulder - front];
        let arms = self.arms.map(phase, |track, phase, side| {
            let holder = Holder { shoulder: shoulders[side], torso: &torso, head: &head, leg: &legs[side] };
            holder.arm(track, phase)
        });
        let [inside] = self.inside.at(phase);
        Body::Side(SideBody { torso, head, arms, legs, arm_inside: inside > 0.5 })
    }
}

fn leg(track: &LegTrack, phase: f32, hip: Vec2, knee: Vec2) -> Leg {
    match track {
        LegTrack::Stand(track) => Leg::on(hip, Foot::from_key(track.at(phase))),
        LegTrack::Swing(track) => {
            let [thigh, shin, flex] = track.at(phase);
            let limb = Limb::swing(hip, LEG, thigh, shin);
            Leg { limb, foot: Foot::below(limb.end, shin, flex) }
        }
        LegTrack::Kneel(track) => {
            let [shin, flex] = track.at(phase);
            let limb = Limb::swing(hip, LEG, (knee - hip).degrees(), shin);
            Leg { limb, foot: Foot::below(limb.end, shin, flex) }
        }
    }
}

/// What an arm can hold on to.
struct Holder<'a> {
    shoulder: Vec2,
    torso: &'a Torso,
    head: &'a Head,
    leg: &'a Leg,
}

impl Holder<'_> {
    fn arm(&self, track: &ArmTrack, phase: f32) -> Arm {
        match track {
            ArmTrack::Swing(track) => self.swing(track, phase),
            ArmTrack::Hand(track) => self.hand(track, phase),
            ArmTrack::Land { free, hand, share } => {
                let [share] = share.at(phase);
                self.swing(free, phase).toward(&self.hand(hand, phase), share)
            }
            ArmTrack::OnHead => {
                let wrist = self.head.base + vec2(-0.04, 0.0).turned(self.head.tilt - 90.0);
                let limb = self.reach(wrist).turned_to_viewer(ELBOW_SEEN[0]);
                Arm { limb, palm: self.head.tilt + 18.0, curl: -30.0 }
            }
            ArmTrack::OnHip => {
                let up = (self.torso.waist - self.torso.hip).degrees();
                let wrist = self.torso.hip + vec2(0.0, 0.1).turned(up - 90.0);
                let limb = self.reach(wrist).turned_to_viewer(ELBOW_SEEN[1]);
                Arm { limb, palm: up - 120.0, curl: 30.0 }
            }
            ArmTrack::OnAnkle => {
                let limb = self.reach(self.leg.limb.end.toward(self.leg.limb.middle, 0.08));
                Arm { limb, palm: limb.lower_degrees(), curl: 80.0 }
            }
            ArmTrack::OnThigh(share) => {
                let thigh = self.leg.limb;
                let along = (thigh.middle - thigh.root).unit();
                let limb = self.reach(thigh.root.toward(thigh.middle, *share) + along.left() * 0.078);
                Arm { limb, palm: along.degrees(), curl: -15.0 }
            }
        }
    }

    fn swing(&self, track: &Track<3>, phase: f32) -> Arm {
        let [upper, lower, curl] = track.at(phase);
        Arm::loose(Limb::swing(self.shoulder, ARM, upper, lower), curl)
    }

    fn hand(&self, track: &Track<4>, phase: f32) -> Arm {
        let [x, y, palm, curl] = track.at(phase);
        Arm { limb: self.reach(vec2(x, y)), palm, curl }
    }

    fn reach(&self, wrist: Vec2) -> Limb {
        Limb::reach(self.shoulder, wrist, ARM, Bend::Backward)
    }
}
