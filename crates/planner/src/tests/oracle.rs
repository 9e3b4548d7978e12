//! The planner's balance against that of an exhaustive search, in small cases.

use repcast_model::catalogue::{Catalogue, Difficulty};
use repcast_model::document::Workout;

use super::{catalogue, checked_plan, subset};
use crate::{Focus, Intent, Region, WorkoutStyle, balance, check};

/// The best balance of all workouts that have the times and the rounds of this one, and break no rule.
fn best_balance(catalogue: &Catalogue, intent: &Intent, workout: &Workout, rounds: u32) -> f64 {
    let ids: Vec<&str> = catalogue.exercises().iter().map(|exercise| exercise.id.as_str()).collect();
    // Rounds that are not a group are written out.
    let written = if workout.groups.is_empty() { rounds / workout.rounds } else { 1 };
    let slots = workout.exercises.len() / written as usize;
    let mut best = 0.0;
    let mut digits = vec![0_usize; slots];
    loop {
        let mut other = workout.clone();
        for (exercise, digit) in other.exercises.iter_mut().zip(digits.iter().cycle()) {
            ids[*digit].clone_into(&mut exercise.id);
        }
        let found = balance(catalogue, intent, &other);
        if found > best && check(catalogue, intent, &other).is_empty() {
            best = found;
        }
        let Some(place) = digits.iter().position(|digit| *digit + 1 < ids.len()) else { return best };
        digits[place] += 1;
        digits[..place].fill(0);
    }
}

#[test]
fn the_balance_is_within_three_percent_of_the_best_in_a_hundred_small_cases() {
    let all = catalogue();
    let ids: Vec<&str> = all.exercises().iter().map(|exercise| exercise.id.as_str()).collect();
    let focuses = [
        vec![],
        vec![Focus::Region(Region::Legs)],
        vec![Focus::Region(Region::UpperBody)],
        vec![Focus::Region(Region::Core)],
        vec![Focus::Region(Region::Cardio)],
    ];
    let (mut cases, mut worst, mut seed) = (0, 1.0_f64, 0_u32);
    while cases < 100 {
        seed += 1;
        // Six exercises, distributed over the catalogue by the seed.
        let mut chosen: Vec<&str> = Vec::new();
        let mut at = seed as usize * 7919;
        while chosen.len() < 6 {
            at = (at * 31 + 17) % 1_000_003;
            let id = ids[at % ids.len()];
            if !chosen.contains(&id) {
                chosen.push(id);
            }
        }
        let small = subset(&chosen);
        let intent = Intent {
            minutes: 3 + seed % 3,
            level: Difficulty::Advanced,
            equipment: ["dumbbell", "chair", "resistance_band", "pull_up_bar"].map(str::to_owned).to_vec(),
            focus: focuses[seed as usize % focuses.len()].clone(),
            style: [WorkoutStyle::Circuit, WorkoutStyle::Hiit, WorkoutStyle::Emom][seed as usize % 3],
            seed,
            ..Intent::default()
        };
        // Some six exercises have no plan at all: the same muscle everywhere.
        if crate::plan(&small, &intent, &[]).is_err() {
            continue;
        }
        let plan = checked_plan(&small, &intent);
        if plan.workout.exercises.len() > 6 || plan.explanation[1].contains("blocks") {
            continue;
        }
        let (own, best) =
            (balance(&small, &intent, &plan.workout), best_balance(&small, &intent, &plan.workout, plan.rounds));
        assert!(own <= best + 1e-9);
        let share = if best > 0.0 { own / best } else { 1.0 };
        worst = worst.min(share);
        assert!(
            share >= 0.97,
            "case {seed}: {own} of {best}, {chosen:?}, {intent:?}, {:?}",
            plan.workout.exercises.iter().map(|e| (&e.id, e.duration, e.rest)).collect::<Vec<_>>()
        );
        cases += 1;
    }
    println!("worst share of the best balance: {worst:.4}");
}
