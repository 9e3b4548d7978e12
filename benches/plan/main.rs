//! The planner with a large catalogue: `cargo bench --bench plan`. As a test each benchmark runs once, without a time limit.
//! docs/benchmarks.md describes the method.

#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::fmt::Write as _;
use std::path::Path;

use divan::Bencher;

use repcast_model::catalogue::Catalogue;
use repcast_model::document::Language;
use repcast_planner::{Intent, parse_request, plan};

/// The exercises of the catalogue: those of the demo again and again, with other ids.
const EXERCISES: usize = 1000;

/// Requests of different sorts: few rules, many rules, long, short blocks, sets.
const REQUESTS: [&str; 5] = [
    "20 minutes",
    "25 minutes for beginners, legs and core, no jumps, my knees hurt",
    "90 minutes, advanced, upper body",
    "15 minutes tabata, intense",
    "45 minutes of strength with dumbbells, no push-ups",
];

fn main() {
    divan::main();
}

fn large_catalogue() -> Catalogue {
    let text = include_str!("../../assets/catalogue/catalogue.toml");
    let (head, exercises) = text.split_once("[[exercise]]").expect("a catalogue with exercises");
    let entries: Vec<&str> = exercises.split("[[exercise]]").collect();
    let mut large = head.to_owned();
    for (index, entry) in entries.iter().cycle().take(EXERCISES).enumerate() {
        let entry = entry.replacen("id = \"", &format!("id = \"e{index}_"), 1);
        write!(large, "[[exercise]]{entry}").expect("a text can be extended");
    }
    let catalogue = Catalogue::parse(&large, Path::new("")).expect("a valid catalogue");
    assert_eq!(catalogue.exercises().len(), EXERCISES);
    catalogue
}

/// Reading a request, whose words are compared with all names.
#[divan::bench(args = REQUESTS)]
fn request(bencher: Bencher<'_, '_>, words: &str) {
    let catalogue = large_catalogue();
    bencher.bench_local(|| parse_request(&catalogue, words, Language::En));
}

/// Planning a workout.
#[divan::bench(args = REQUESTS)]
fn workout(bencher: Bencher<'_, '_>, words: &str) {
    let catalogue = large_catalogue();
    let intent: Intent = parse_request(&catalogue, words, Language::En).intent;
    bencher.bench_local(|| plan(&catalogue, &intent, &[]).expect("a plan"));
}
