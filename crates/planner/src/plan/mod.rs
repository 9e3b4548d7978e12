//! Plans: an intent and a catalogue to a workout.

mod candidates;
mod document;
mod error;
mod explanation;
mod layout;
mod options;
mod search;

use repcast_model::catalogue::Catalogue;
use repcast_model::document::Workout;

pub use error::{PlanError, PlanRule};

use crate::balance::BalanceTarget;
use crate::intent::{Intent, WorkoutStyle};
use crate::rules::WARM_UP_FROM_SECS;
use candidates::{Candidate, Candidates};
use layout::{Layout, layouts};
use search::{Search, Unit};

/// Assignments of the main part that are completed by a warm-up and a cool-down, the best first.
const MAX_MAINS: usize = 8;

/// A workout for an intent.
#[derive(Clone, PartialEq, Debug)]
pub struct TrainingPlan {
    /// The workout as a document.
    pub workout: Workout,
    /// What was chosen and why, in sentences of the intent's language.
    pub explanation: Vec<String>,
    /// How often a round of the main part is done.
    pub rounds: u32,
    /// The length of the workout, with rests: that of the intent.
    pub total_secs: u32,
    /// An estimate of the energy that a person of 70 kg needs.
    pub energy_kcal: u32,
    /// The parts of the workout, in order.
    pub sections: Vec<PlanSection>,
}

/// A part of a workout.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct PlanSection {
    /// What it is.
    pub kind: SectionKind,
    /// Index of its first exercise in the workout.
    pub start: usize,
    /// The number of its exercises, as the workout lists them.
    pub count: usize,
    /// Its length, with rests and rounds.
    pub secs: u32,
}

/// What a part of a workout is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionKind {
    /// Gentle exercises at the start.
    WarmUp,
    /// The rounds.
    Main,
    /// Gentle exercises at the end.
    CoolDown,
}

/// A layout with an exercise for every position.
struct Assignment<'a> {
    layout: Layout,
    /// The exercises of each block, one for each of its positions.
    blocks: Vec<Vec<&'a Candidate<'a>>>,
}

/// Plans a workout that lasts exactly as long as the intent says and breaks none of the rules that
/// [`check`](crate::check()) verifies. `history` has the ids of the exercises of earlier workouts, the latest last; they are
/// chosen less.
///
/// # Errors
/// A fault of the intent, or the rule that leaves too few exercises.
pub fn plan(catalogue: &Catalogue, intent: &Intent, history: &[Vec<String>]) -> Result<TrainingPlan, PlanError> {
    intent.validate().map_err(|faults| PlanError::InvalidIntent { faults })?;
    let target = BalanceTarget::of(intent);
    let (mut is_main_possible, mut gentle) = (false, 0);
    for is_typical in [true, false] {
        let candidates = Candidates::of(catalogue, intent, history, &target, is_typical);
        gentle = candidates.gentle.len();
        for layout in layouts(intent, candidates.main.len(), gentle) {
            let mains = assign_main(&candidates, &target, &layout);
            is_main_possible |= !mains.is_empty();
            for main in mains {
                if let Some(assignment) = complete(&candidates, &target, &layout, &main) {
                    return finish(catalogue, intent, history, &assignment);
                }
            }
        }
        if intent.style != WorkoutStyle::Strength {
            break;
        }
    }
    let is_warm_up_missing = intent.total_secs() >= WARM_UP_FROM_SECS && is_main_possible;
    Err(error::too_few(catalogue, intent, is_warm_up_missing.then_some(gentle)))
}

fn finish(
    catalogue: &Catalogue,
    intent: &Intent,
    history: &[Vec<String>],
    assignment: &Assignment<'_>,
) -> Result<TrainingPlan, PlanError> {
    let (workout, sections) = document::workout(intent, assignment)?;
    let energy = explanation::Energy::of(assignment);
    let mut plan = TrainingPlan {
        workout,
        explanation: Vec::new(),
        rounds: assignment.layout.rounds,
        total_secs: assignment.layout.blocks.iter().map(layout::Block::total_secs).sum(),
        energy_kcal: energy.kcal,
        sections,
    };
    plan.explanation = explanation::sentences(catalogue, intent, history, assignment, &plan, &energy);
    Ok(plan)
}

/// Assignments of the main part, the best first.
fn assign_main(candidates: &Candidates<'_>, target: &BalanceTarget, layout: &Layout) -> Vec<Vec<Unit>> {
    let blocks: Vec<_> = layout.blocks.iter().filter(|block| block.kind == SectionKind::Main).collect();
    let search = Search::new(&candidates.main, target, &blocks);
    let mut mains = search.run(MAX_MAINS);
    if let Some(first) = mains.first_mut() {
        *first = search.improved(std::mem::take(first));
    }
    mains
}

/// Adds the warm-up and the cool-down to a main part.
fn complete<'a>(
    candidates: &'a Candidates<'a>,
    target: &BalanceTarget,
    layout: &Layout,
    main: &[Unit],
) -> Option<Assignment<'a>> {
    let of = |kind: SectionKind| -> Vec<&layout::Block> {
        layout.blocks.iter().filter(|block| block.kind == kind).collect()
    };
    let main_search = Search::new(&candidates.main, target, &of(SectionKind::Main));
    let (first, last) = main_search.ends(main);
    let mut ids: Vec<&str> = main.iter().map(|unit| candidates.main[unit.candidate].exercise.id.as_str()).collect();
    let mut units: Vec<(&[Candidate<'a>], Unit)> = Vec::new();
    let warm_up = of(SectionKind::WarmUp);
    if !warm_up.is_empty() {
        let search = Search::new(&candidates.gentle, target, &warm_up).gentle(0, first, &ids);
        for unit in search.run(1).into_iter().next()? {
            ids.push(&candidates.gentle[unit.candidate].exercise.id);
            units.push((&candidates.gentle, unit));
        }
    }
    units.extend(main.iter().map(|unit| (candidates.main.as_slice(), *unit)));
    let cool_down = of(SectionKind::CoolDown);
    if !cool_down.is_empty() {
        let search = Search::new(&candidates.gentle, target, &cool_down).gentle(last, 0, &ids);
        let best = search.run(1).into_iter().next()?;
        units.extend(best.into_iter().map(|unit| (candidates.gentle.as_slice(), unit)));
    }
    let mut exercises =
        units.into_iter().flat_map(|(list, unit)| std::iter::repeat_n(&list[unit.candidate], unit.slots));
    let blocks = layout.blocks.iter().map(|block| exercises.by_ref().take(block.positions.len()).collect()).collect();
    Some(Assignment { layout: layout.clone(), blocks })
}
