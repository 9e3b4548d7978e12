//! Tests of the whole crate: requests, plans against the rules and an exhaustive search, random catalogues.

mod demo;
mod oracle;
mod plans;
mod random;
mod requests;
mod speed;

use std::path::Path;

use repcast_model::catalogue::{Catalogue, Exercise};
use repcast_model::document::Workout;
use repcast_model::workout::schedule;

use crate::{Intent, TrainingPlan, check, plan};

/// The catalogue of the tests, with 57 exercises.
pub(crate) fn catalogue() -> Catalogue {
    parse(include_str!("catalogue.toml"))
}

fn parse(text: &str) -> Catalogue {
    Catalogue::parse(text, Path::new("")).unwrap()
}

/// A part of a catalogue.
fn subset(ids: &[&str]) -> Catalogue {
    let text = include_str!("catalogue.toml");
    let (_, exercises) = text.split_once("[[exercise]]").unwrap();
    let is_wanted = |block: &&str| ids.iter().any(|id| block.contains(&format!("id = \"{id}\"\n")));
    let blocks: Vec<String> =
        exercises.split("[[exercise]]").filter(is_wanted).map(|block| format!("[[exercise]]{block}")).collect();
    assert_eq!(blocks.len(), ids.len());
    parse(&blocks.concat())
}

/// The seconds of a workout by its schedule, which must be whole.
fn scheduled_secs(catalogue: &Catalogue, workout: &Workout) -> u64 {
    let entries: Vec<&Exercise> =
        workout.exercises.iter().map(|exercise| catalogue.get(&exercise.id).unwrap()).collect();
    let steps = schedule(workout, &entries).unwrap();
    let frames = steps.last().unwrap().span.end;
    assert_eq!(frames % 30, 0);
    frames / 30
}

/// A plan that keeps all rules.
fn checked_plan(catalogue: &Catalogue, intent: &Intent) -> TrainingPlan {
    let plan = plan(catalogue, intent, &[]).unwrap_or_else(|error| panic!("{intent:?}: {error}"));
    assert_kept(catalogue, intent, &plan);
    plan
}

fn assert_kept(catalogue: &Catalogue, intent: &Intent, plan: &TrainingPlan) {
    let violations = check(catalogue, intent, &plan.workout);
    assert!(violations.is_empty(), "{intent:?}\n{violations:#?}\n{:#?}", plan.sections);
    assert_eq!(scheduled_secs(catalogue, &plan.workout), u64::from(intent.total_secs()), "{intent:?}");
    assert_eq!(plan.total_secs, intent.total_secs());
    assert_eq!(plan.sections.iter().map(|section| section.secs).sum::<u32>(), intent.total_secs());
    assert!(plan.explanation.len() >= 4);
}
