//! Tests of what all clips have in common, and of movements that are easily lost when keys change.

use crate::clip::ExerciseClip;
use crate::exercises::{self, Exercise};
use crate::geometry::Vec2;
use crate::look::{Look, PALETTES};
use crate::palette::Color;
use crate::raster::Canvas;
use crate::skeleton::{Body, Limb, SideBody};

mod bodies;

/// Small enough to be painted quickly.
const CANVAS: Canvas = Canvas { width: 180, height: 180 };
/// The grounds on which the figures are shown: the default one, and a light one.
const GROUNDS: [Color; 2] = [[0x10, 0x18, 0x28, 255], [0xf4, 0xf5, 0xf7, 255]];

fn exercise(id: &str) -> &'static Exercise {
    exercises::ALL.iter().find(|exercise| exercise.id == id).expect("an exercise")
}

fn side_pose(id: &str, phase: f32) -> SideBody {
    match exercise(id).pose(phase) {
        Body::Side(body) => body,
        Body::Front(_) => panic!("{id} is seen from the front"),
    }
}

/// The angle in the middle joint of a limb, in degrees: 180 is straight.
fn joint_degrees(limb: &Limb) -> f32 {
    let (upper, lower) = ((limb.root - limb.middle).unit(), (limb.end - limb.middle).unit());
    upper.dot(lower).clamp(-1.0, 1.0).acos().to_degrees()
}

fn joints(body: &Body) -> Vec<Vec2> {
    let of_limb = |limb: &Limb| [limb.root, limb.middle, limb.end];
    match body {
        Body::Side(body) => {
            let limbs = [body.arms[0].limb, body.arms[1].limb, body.legs[0].limb, body.legs[1].limb];
            limbs.iter().flat_map(of_limb).chain([body.head.base]).collect()
        }
        Body::Front(body) => {
            let limbs = [body.arms[0].limb, body.arms[1].limb, body.legs[0].limb, body.legs[1].limb];
            limbs.iter().flat_map(of_limb).chain([body.head.base]).collect()
        }
    }
}

/// The contrast ratio of two colors, as the Web Content Accessibility Guidelines define it (WCAG 2.2, 1.4.3).
fn contrast(one: Color, other: Color) -> f32 {
    let luminance = |color: Color| {
        let linear = |value: u8| {
            let share = f32::from(value) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.0722 * linear(color[2])
    };
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    (one / other).max(other / one)
}

#[test]
fn all_figures_stand_on_one_line_and_none_is_cut_off() {
    let side = CANVAS.width as usize;
    let floors = exercises::ALL.iter().map(|exercise| {
        let clip = ExerciseClip::new(exercise, &(exercise.palette.look)(), CANVAS).unwrap();
        let mut floor = 0;
        for pixels in clip.paint().step_by(15).map(Result::unwrap) {
            let is_border = |index: usize| [index % side, index / side].iter().any(|at| *at == 0 || *at == side - 1);
            let is_free = |(index, pixel): (usize, &Color)| !is_border(index) || pixel[3] == 0;
            assert!(pixels.iter().enumerate().all(is_free), "{} is cut off", exercise.id);
            let lowest = pixels.iter().rposition(|pixel| pixel[3] == 255).unwrap() / side;
            floor = floor.max(lowest);
        }
        floor
    });
    // A pixel is a centimetre; the far foot appears two of them higher than the near one.
    let line = 170;
    let floors = exercises::ALL.iter().map(|exercise| exercise.id).zip(floors);
    let off: Vec<_> = floors.filter(|(_, floor)| !(line - 2..=line + 1).contains(floor)).collect();
    assert!(off.is_empty(), "not on row {line}: {off:?}");
}

#[test]
fn loops_have_no_seam() {
    for exercise in exercises::ALL {
        let (before, after) = (joints(&exercise.pose(1.0 - 1e-4)), joints(&exercise.pose(0.0)));
        let jump = before.iter().zip(after).map(|(before, after)| (after - *before).length()).fold(0.0, f32::max);
        assert!(jump < 2e-3, "{} jumps by {jump} m", exercise.id);
    }
}

#[test]
fn clips_have_whole_frames_whose_times_are_whole_milliseconds_together() {
    for exercise in exercises::ALL {
        let frames = exercise.seconds * crate::encoder::RATE as f32;
        assert!((frames - frames.round()).abs() < 1e-3, "{}: {frames} frames", exercise.id);
        // A WebP clip counts in milliseconds.
        let is_whole = (frames.round() as u32).is_multiple_of(3);
        assert!(is_whole || !exercise.file.ends_with(".webp"), "{}: {frames} frames", exercise.id);
    }
}

#[test]
fn ids_are_unique() {
    let mut ids: Vec<&str> = exercises::ALL.iter().map(|exercise| exercise.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), exercises::ALL.len());
}

#[test]
fn equipment_is_seen_on_a_dark_and_on_a_light_ground() {
    for tone in crate::props::tones() {
        for (color, ground) in
            [tone.base, tone.shade].into_iter().flat_map(|color| GROUNDS.map(|ground| (color, ground)))
        {
            let ratio = contrast(color, ground);
            assert!(ratio > 1.5, "{color:02X?} has contrast {ratio} to {ground:02X?}");
        }
    }
}

#[test]
fn elbows_lock_at_the_top_of_a_push_up_and_bend_at_its_bottom() {
    for arm in 0..2 {
        let elbow = |phase| joint_degrees(&side_pose("pushups", phase).arms[arm].limb);
        assert!(elbow(0.0) > 172.0, "{} degrees at the top", elbow(0.0));
        assert!(elbow(0.55) < 90.0, "{} degrees at the bottom", elbow(0.55));
    }
}

#[test]
fn elbows_are_straight_in_mountain_climbers() {
    for phase in (0..100).map(|index| index as f32 / 100.0) {
        let elbows = side_pose("mountain_climbers", phase).arms.map(|arm| joint_degrees(&arm.limb));
        assert!(elbows.iter().all(|degrees| *degrees > 158.0), "{elbows:?} degrees at {phase}");
    }
}

#[test]
fn hands_stay_on_the_floor_where_elbows_are_straight() {
    for (id, phases) in [("pushups", 0.0..1.0), ("mountain_climbers", 0.0..1.0), ("quick_feet_half_burpee", 0.5..0.83)]
    {
        let heights = (0..200).map(|index| phases.start + (phases.end - phases.start) * index as f32 / 200.0);
        let arms = heights.flat_map(|phase| side_pose(id, phase).arms);
        let highest = arms.map(|arm| arm.limb.end.y).fold(0.0, f32::max);
        assert!(highest < crate::skeleton::WRIST_HEIGHT + 0.006, "{id}: a wrist at {highest} m");
    }
}

#[test]
fn each_fast_foot_is_lifted_to_the_calf_four_times() {
    let height =
        |leg: usize, frame: u32| side_pose("quick_feet_half_burpee", frame as f32 / 1000.0).legs[leg].foot.ball.y;
    for leg in 0..2 {
        let lifts = (1..400).filter(|frame| height(leg, frame - 1) < 0.15 && height(leg, *frame) >= 0.15).count();
        assert_eq!(lifts, 4);
    }
}

#[test]
fn the_help_names_all_palettes() {
    assert!(PALETTES.iter().all(|palette| crate::USAGE.contains(palette.name)));
}

#[test]
fn every_color_is_seen_on_a_dark_and_on_a_light_ground() {
    for palette in &PALETTES {
        let look = (palette.look)();
        for Look { skin, hair, top, sleeve, bottom, shoe, sole, .. } in [look, look.far()] {
            for tone in [skin, hair, top, sleeve.unwrap_or(top), bottom, shoe, sole] {
                for (color, ground) in
                    [tone.base, tone.shade].into_iter().flat_map(|color| GROUNDS.map(|ground| (color, ground)))
                {
                    let ratio = contrast(color, ground);
                    assert!(ratio > 1.5, "{}: {color:02X?} has contrast {ratio} to {ground:02X?}", palette.name);
                }
            }
        }
        let (arm, shirt) = (look.sleeve.unwrap_or(look.skin), look.top);
        let ratio = contrast(arm.base, shirt.base);
        assert!(ratio > 1.4, "{}: contrast {ratio} between arm and shirt", palette.name);
    }
}
