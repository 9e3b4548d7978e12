//! The rules of training, as values: what the planner keeps and [`check`](crate::check()) verifies, each by code of its own.

use std::ops::RangeInclusive;

use repcast_model::catalogue::{Exercise, ExerciseProfile, Impact, MovementPattern, Muscle};
use repcast_model::time::Rational;

use crate::intent::{Avoid, Condition, WorkoutStyle};

/// Workouts of at least so many seconds have a warm-up and a cool-down.
pub(crate) const WARM_UP_FROM_SECS: u32 = 600;
/// The least and the largest share of a warm-up, and of a cool-down, in percent of the workout.
pub(crate) const SHARE_PERCENT: RangeInclusive<u32> = 8..=12;
/// The longest run of exercises of high impact.
pub(crate) const MAX_HIGH_IMPACT_RUN: usize = 2;
/// The longest rest between rounds.
pub(crate) const MAX_ROUND_REST_SECS: u32 = 180;
/// The largest metabolic equivalent of a gentle exercise that is no mobility: moderate calisthenics have 3.8 (2024 Adult
/// Compendium of Physical Activities, 02022).
const GENTLE_MET: i128 = 4;
/// The metabolic equivalent from which an activity is vigorous (2024 Adult Compendium of Physical Activities).
const VIGOROUS_MET: i128 = 6;

/// Whether an exercise suits a warm-up or a cool-down: without jumps, and mobility or light.
pub(crate) fn is_gentle(profile: &ExerciseProfile) -> bool {
    let is_light = profile.met.is_some_and(|met| met <= Rational::from_integer(GENTLE_MET));
    matches!(profile.impact, Some(Impact::None | Impact::Low))
        && (profile.pattern == Some(MovementPattern::Mobility) || is_light)
}

/// Whether an exercise is to be avoided. One whose impact is not known may be a jump.
pub(crate) fn is_avoided(avoid: &Avoid, exercise: &Exercise) -> bool {
    let profile = &exercise.profile;
    avoid.jumps && !matches!(profile.impact, Some(Impact::None | Impact::Low))
        || profile.pattern.is_some_and(|pattern| avoid.patterns.contains(&pattern))
        || profile.muscles.iter().any(|muscle| avoid.muscles.contains(muscle))
        || avoid.exercises.contains(&exercise.id)
}

impl Condition {
    /// Whether a person with this condition should not do an exercise. Conservative: the rules go by the kind of movement
    /// and the muscles, and rule out exercises that would be harmless rather than keep one that is not. An exercise without
    /// a pattern is ruled out by every condition.
    #[must_use]
    pub fn forbids(self, profile: &ExerciseProfile) -> bool {
        use MovementPattern::{Cardio, Core, Hinge, Lunge, Mobility, Pull, Push, Squat};
        use Muscle::{
            Abdominals, Abductors, Adductors, Calves, Chest, Glutes, HipFlexors, Lats, LowerBack, Neck, Obliques,
            Quadriceps, Shoulders, Traps, Triceps,
        };
        let Some(pattern) = profile.pattern else { return true };
        let is = |patterns: &[MovementPattern]| patterns.contains(&pattern);
        let trains = |muscles: &[Muscle]| profile.muscles.iter().any(|muscle| muscles.contains(muscle));
        let involves = |muscles: &[Muscle]| {
            trains(muscles) || profile.secondary_muscles.iter().any(|muscle| muscles.contains(muscle))
        };
        let may_jump = !matches!(profile.impact, Some(Impact::None | Impact::Low));
        let is_vigorous = profile.met.is_none_or(|met| met >= Rational::from_integer(VIGOROUS_MET));
        let is_bodyweight = profile.equipment.is_empty();
        // Mountain climbers and burpees are cardio with the hands on the floor; inchworms and cobras are mobility.
        let is_on_hands = is(&[Cardio]) && involves(&[Abdominals, Chest, Shoulders, Triceps])
            || is(&[Mobility]) && trains(&[Abdominals]);
        match self {
            // Stretches of the front of the legs bend the knees, or are done on them.
            Self::Knees => may_jump || is(&[Squat, Lunge]) || is(&[Mobility]) && trains(&[Quadriceps, HipFlexors]),
            Self::Wrists => is(&[Push, Core]) || is_on_hands,
            Self::Back => may_jump || is(&[Hinge, Core]) || trains(&[LowerBack]) && !is(&[Mobility]),
            Self::Shoulders => is(&[Push]) || is_on_hands || involves(&[Shoulders]),
            Self::Ankles => may_jump || is(&[Lunge]) || trains(&[Calves]),
            Self::Neck => is(&[Core]) || trains(&[Neck, Traps]),
            Self::Hips => may_jump || is(&[Squat, Lunge, Hinge]) || trains(&[HipFlexors, Adductors, Abductors]),
            Self::Heart => may_jump || is_vigorous,
            Self::Pregnancy => may_jump || is_vigorous || is(&[Core]) || trains(&[Abdominals, Obliques]),
            // Push-ups, rows under a table, bridges and most stretches of glutes take place on the floor.
            Self::NoFloor => {
                is(&[Core])
                    || is_on_hands
                    || is_bodyweight
                        && (is(&[Push, Pull, Hinge])
                            || is(&[Mobility]) && trains(&[Glutes, HipFlexors, Lats, LowerBack]))
            }
        }
    }
}

/// The rests of a style after an exercise, apart from those between rounds.
#[derive(Clone, Debug)]
pub(crate) enum RestRule {
    /// So many seconds.
    Exact(u32),
    /// Work and rest are a minute together.
    FillMinute,
    /// Percent of the work.
    Percent(RangeInclusive<u32>),
    /// At most so many seconds.
    AtMost(u32),
}

/// Work and rest of a style.
#[derive(Clone, Debug)]
pub(crate) struct Protocol {
    /// Seconds of work. All exercises of the main part have the same, except in a ladder.
    pub(crate) work: RangeInclusive<u32>,
    /// Whether the work of a round rises to its longest and falls again in the same steps.
    pub(crate) is_ladder: bool,
    pub(crate) rest: RestRule,
}

impl Protocol {
    pub(crate) fn of(style: WorkoutStyle) -> Self {
        let (work, rest) = match style {
            WorkoutStyle::Circuit => (20..=60, RestRule::Percent(25..=100)),
            WorkoutStyle::Tabata => (20..=20, RestRule::Exact(10)),
            WorkoutStyle::Emom => (30..=50, RestRule::FillMinute),
            WorkoutStyle::Amrap => (20..=60, RestRule::Exact(0)),
            WorkoutStyle::Hiit => (40..=40, RestRule::Exact(20)),
            WorkoutStyle::Pyramid => (10..=60, RestRule::AtMost(15)),
            WorkoutStyle::Stretch => (20..=60, RestRule::AtMost(15)),
            WorkoutStyle::Strength => (20..=45, RestRule::Percent(75..=200)),
        };
        Self { work, is_ladder: style == WorkoutStyle::Pyramid, rest }
    }

    /// Whether a rest after so much work is as the style has it.
    pub(crate) fn allows_rest(&self, work: u32, rest: u32) -> bool {
        match &self.rest {
            RestRule::Exact(secs) => rest == *secs,
            RestRule::FillMinute => work + rest == 60,
            RestRule::Percent(percent) => (percent.start() * work..=percent.end() * work).contains(&(rest * 100)),
            RestRule::AtMost(secs) => rest <= *secs,
        }
    }
}
