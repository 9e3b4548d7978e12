//! The exercises that the program can draw: one loop of movement each.

use std::f32::consts::TAU;

use crate::front_motion::FrontMotion;
use crate::look::Palette;
use crate::props::Prop;
use crate::side_motion::SideMotion;
use crate::skeleton::Body;

mod air_squat;
mod arm_circles;
mod bicycle_crunches;
mod bird_dog;
mod burpees;
mod butt_kicks;
mod calf_raises;
mod cat_cow;
mod chair_dips;
mod childs_pose;
mod cobra_stretch;
mod crunches;
mod dead_bug;
mod dumbbell_deadlift;
mod dumbbell_rows;
mod forward_lunges;
mod glute_bridge;
mod good_mornings;
mod hammer_curls;
mod hamstring_stretch;
mod high_knees;
mod hip_flexor_stretch;
mod inchworm;
mod jump_squat;
mod jumping_jacks;
mod kettlebell_swing;
mod knee_push_ups;
mod lateral_raises;
mod leg_raises;
mod leg_swings;
mod march_in_place;
mod mountain_climbers;
mod pike_push_ups;
mod plank;
mod pushups;
mod quad_stretch;
mod quick_feet_half_burpee;
mod reverse_lunges;
mod russian_twist;
mod shadow_boxing;
mod shoulder_press;
mod shoulder_taps;
mod side_bends;
mod side_lunges;
mod side_plank;
mod single_arm_row;
mod single_leg_glute_bridge;
mod skaters;
mod split_squat;
mod step_up;
mod sumo_squat;
mod superman;
mod wall_sit;

/// An exercise: a loop of poses and the appearance of its figure.
pub(crate) struct Exercise {
    /// The name of its folder in the catalogue.
    pub(crate) id: &'static str,
    /// The name of its clip in that folder.
    pub(crate) file: &'static str,
    /// Duration of one loop.
    pub(crate) seconds: f32,
    /// The appearance of the figure, unless another one is asked for.
    pub(crate) palette: Palette,
    /// The movement.
    pub(crate) motion: Motion,
    /// The equipment.
    pub(crate) props: &'static [Prop],
    /// The pose is held: it changes so little that its drawings are shown for several frames each.
    pub(crate) hold: bool,
}

/// How a movement is described.
pub(crate) enum Motion {
    /// As a function from the phase of the loop to the pose.
    Drawn(fn(f32) -> Body),
    /// As keys of a figure that is seen from its side.
    Side(&'static SideMotion),
    /// As keys of a figure that is seen from the front.
    Front(&'static FrontMotion),
}

impl Exercise {
    /// The pose at a phase of the loop, from 0 up to but not including 1.
    pub(crate) fn pose(&self, phase: f32) -> Body {
        match self.motion {
            Motion::Drawn(pose) => pose(phase),
            Motion::Side(motion) => motion.pose(phase),
            Motion::Front(motion) => motion.pose(phase),
        }
    }
}

/// Every exercise, in the order of the catalogue.
pub(crate) const ALL: &[Exercise] = &[
    pushups::EXERCISE,
    air_squat::EXERCISE,
    quick_feet_half_burpee::EXERCISE,
    jumping_jacks::EXERCISE,
    mountain_climbers::EXERCISE,
    reverse_lunges::EXERCISE,
    march_in_place::EXERCISE,
    high_knees::EXERCISE,
    butt_kicks::EXERCISE,
    skaters::EXERCISE,
    shadow_boxing::EXERCISE,
    burpees::EXERCISE,
    jump_squat::EXERCISE,
    sumo_squat::EXERCISE,
    wall_sit::EXERCISE,
    forward_lunges::EXERCISE,
    side_lunges::EXERCISE,
    split_squat::EXERCISE,
    step_up::EXERCISE,
    calf_raises::EXERCISE,
    glute_bridge::EXERCISE,
    single_leg_glute_bridge::EXERCISE,
    good_mornings::EXERCISE,
    dumbbell_deadlift::EXERCISE,
    kettlebell_swing::EXERCISE,
    knee_push_ups::EXERCISE,
    pike_push_ups::EXERCISE,
    chair_dips::EXERCISE,
    shoulder_press::EXERCISE,
    lateral_raises::EXERCISE,
    dumbbell_rows::EXERCISE,
    single_arm_row::EXERCISE,
    hammer_curls::EXERCISE,
    plank::EXERCISE,
    side_plank::EXERCISE,
    shoulder_taps::EXERCISE,
    crunches::EXERCISE,
    bicycle_crunches::EXERCISE,
    leg_raises::EXERCISE,
    dead_bug::EXERCISE,
    bird_dog::EXERCISE,
    russian_twist::EXERCISE,
    superman::EXERCISE,
    inchworm::EXERCISE,
    arm_circles::EXERCISE,
    side_bends::EXERCISE,
    leg_swings::EXERCISE,
    cat_cow::EXERCISE,
    childs_pose::EXERCISE,
    cobra_stretch::EXERCISE,
    hip_flexor_stretch::EXERCISE,
    quad_stretch::EXERCISE,
    hamstring_stretch::EXERCISE,
];

/// A wave from -1 to 1 and back that starts at 0, for what swings evenly.
fn wave(phase: f32) -> f32 {
    (phase * TAU).sin()
}
