//! Tests of the anatomy of every pose of every exercise: bones, joints, and what carries weight.

use super::{exercises, joints};
use crate::exercises::Exercise;
use crate::geometry::{Vec2, wrapped};
use crate::skeleton::{ARM, BALL_HEIGHT, Body, Bones, FrontBody, LEG, Leg, Limb, SideBody, WRIST_HEIGHT};

/// Phases of a loop that are tested.
const PHASES: usize = 120;

/// Allowed deviation of places, in metres.
const TOLERANCE: f32 = 0.004;

fn poses(exercise: &Exercise) -> impl Iterator<Item = (usize, Body)> {
    (0..PHASES).map(|index| (index, exercise.pose(index as f32 / PHASES as f32)))
}

/// What is wrong, the first fault of each exercise.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    /// Keeps a fault unless `holds`.
    fn check(&mut self, holds: bool, id: &str, index: usize, fault: impl FnOnce() -> String) {
        let is_first = self.0.last().is_none_or(|last| !last.starts_with(&format!("{id} at")));
        if !holds && is_first {
            self.0.push(format!("{id} at {index}: {}", fault()));
        }
    }

    fn assert_none(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

/// Calls a test with all poses that are seen from the side.
fn each_side(mut test: impl FnMut(&str, usize, &SideBody)) {
    for exercise in exercises::ALL {
        for (index, body) in poses(exercise) {
            if let Body::Side(body) = body {
                test(exercise.id, index, &body);
            }
        }
    }
}

/// Calls a test with all poses that are seen from the front.
fn each_front(mut test: impl FnMut(&str, usize, &FrontBody)) {
    for exercise in exercises::ALL {
        for (index, body) in poses(exercise) {
            if let Body::Front(body) = body {
                test(exercise.id, index, &body);
            }
        }
    }
}

fn lengths(limb: &Limb) -> [f32; 2] {
    [(limb.middle - limb.root).length(), (limb.end - limb.middle).length()]
}

fn has_bones(limb: &Limb, bones: Bones) -> bool {
    let [upper, lower] = lengths(limb);
    (upper - bones.upper).abs() < TOLERANCE && (lower - bones.lower).abs() < TOLERANCE
}

/// A limb that points at the viewer is shorter, none is longer.
fn fits_bones(limb: &Limb, bones: Bones) -> bool {
    let [upper, lower] = lengths(limb);
    upper < bones.upper + TOLERANCE && lower < bones.lower + TOLERANCE
}

#[test]
fn bones_keep_their_lengths() {
    let mut faults = Faults::default();
    each_side(|id, index, body| {
        for leg in &body.legs {
            faults.check(has_bones(&leg.limb, LEG), id, index, || format!("leg {:?}", lengths(&leg.limb)));
        }
        for arm in &body.arms {
            faults.check(fits_bones(&arm.limb, ARM), id, index, || format!("arm {:?}", lengths(&arm.limb)));
        }
    });
    each_front(|id, index, body| {
        for leg in &body.legs {
            faults.check(fits_bones(&leg.limb, LEG), id, index, || format!("leg {:?}", lengths(&leg.limb)));
        }
        for arm in &body.arms {
            faults.check(fits_bones(&arm.limb, ARM), id, index, || format!("arm {:?}", lengths(&arm.limb)));
        }
    });
    faults.assert_none();
}

#[test]
fn feet_are_below_their_ankles() {
    let mut faults = Faults::default();
    each_side(|id, index, body| {
        for Leg { limb, foot } in &body.legs {
            let gap = (foot.ankle() - limb.end).length();
            faults.check(gap < 0.012, id, index, || format!("the foot is {gap} m off the leg"));
        }
    });
    faults.assert_none();
}

#[test]
fn joints_bend_as_far_as_those_of_people() {
    let mut faults = Faults::default();
    let within = |degrees: f32, low: f32, high: f32| (low..=high).contains(&degrees);
    each_side(|id, index, body| {
        let direction = |from: Vec2, to: Vec2| (to - from).degrees();
        let (lumbar, chest) =
            (direction(body.torso.hip, body.torso.waist), direction(body.torso.waist, body.torso.shoulder));
        let spine = wrapped(chest - lumbar);
        faults.check(within(spine, -68.0, 45.0), id, index, || format!("the spine bends by {spine}"));
        let neck = wrapped(body.head.tilt - chest);
        faults.check(within(neck, -45.0, 62.0), id, index, || format!("the neck bends by {neck}"));
        for Leg { limb, foot } in &body.legs {
            let (thigh, shin) = (direction(limb.root, limb.middle), direction(limb.middle, limb.end));
            let hip = wrapped(thigh - lumbar - 180.0);
            faults.check(within(hip, -45.0, 158.0), id, index, || format!("the hip bends by {hip}"));
            let knee = wrapped(shin - thigh);
            faults.check(within(knee, -155.0, 3.0), id, index, || format!("the knee bends by {knee}"));
            let ankle = wrapped(foot.raise + shin + 90.0);
            faults.check(within(ankle, -52.0, 80.0), id, index, || format!("the ankle bends by {ankle}"));
        }
        for arm in &body.arms {
            let bend = wrapped(arm.limb.lower_degrees() - direction(arm.limb.root, arm.limb.middle));
            faults.check(within(bend, -4.0, 152.0), id, index, || format!("the elbow bends by {bend}"));
        }
    });
    faults.assert_none();
}

#[test]
fn nothing_is_below_the_floor() {
    let mut faults = Faults::default();
    for exercise in exercises::ALL {
        for (index, body) in poses(exercise) {
            let lowest = joints(&body).iter().map(|joint| joint.y).fold(f32::INFINITY, f32::min);
            faults.check(lowest > 0.03, exercise.id, index, || format!("a joint at {lowest} m"));
            if let Body::Side(body) = body {
                let ball = body.legs.iter().map(|leg| leg.foot.ball.y).fold(f32::INFINITY, f32::min);
                faults.check(ball > BALL_HEIGHT - TOLERANCE, exercise.id, index, || format!("a ball at {ball} m"));
            }
        }
    }
    faults.assert_none();
}

/// The points that carry weight when they are on the floor, each with the height at which they are.
fn contacts(body: &Body) -> Vec<(Vec2, f32)> {
    match body {
        Body::Side(body) => {
            let feet = body.legs.iter().map(|leg| (leg.foot.ball, BALL_HEIGHT));
            let hands = body.arms.iter().map(|arm| (arm.limb.end, WRIST_HEIGHT));
            feet.chain(hands).collect()
        }
        Body::Front(body) => body.legs.iter().map(|leg| (leg.limb.end, crate::front::ANKLE_HEIGHT)).collect(),
    }
}

#[test]
fn what_is_on_the_floor_does_not_slide() {
    let mut faults = Faults::default();
    for exercise in exercises::ALL {
        for index in 0..PHASES {
            let at = |index: usize| contacts(&exercise.pose(index as f32 / PHASES as f32));
            for ((before, height), (after, _)) in at(index).into_iter().zip(at(index + 1)) {
                let is_down = [before, after].iter().all(|point| (point.y - height).abs() < 0.001);
                let way = (after.x - before.x).abs();
                faults.check(!is_down || way < TOLERANCE, exercise.id, index, || format!("slides by {way} m"));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn alternating_exercises_show_both_sides_alike() {
    let mut faults = Faults::default();
    let ids = ["forward_lunges", "bird_dog", "dead_bug", "march_in_place", "bicycle_crunches", "step_up"];
    for id in ids {
        for index in 0..PHASES {
            let phase = index as f32 / PHASES as f32;
            let (now, later) = (super::side_pose(id, phase), super::side_pose(id, phase + 0.5));
            for (one, other) in [(0, 1), (1, 0)] {
                let gap = (now.legs[one].limb.end - later.legs[other].limb.end).length();
                faults.check(gap < 1e-3, id, index, || format!("{gap} m"));
            }
        }
    }
    faults.assert_none();
}
