//! The time of a plan with a large catalogue. It is measured by hand:
//! `cargo test --release -p repcast-planner -- --ignored --nocapture`.

use std::fmt::Write as _;

use repcast_model::catalogue::Difficulty;

use super::{parse, requests};
use crate::{Intent, plan};

/// Milliseconds of a processor that this thread has had, which other programs do not change.
fn processor_millis() -> f64 {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    schedule.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
}

#[test]
#[ignore = "measures"]
fn a_thousand_exercises() {
    let text = include_str!("catalogue.toml");
    let (_, exercises) = text.split_once("[[exercise]]").unwrap();
    let blocks: Vec<&str> = exercises.split("[[exercise]]").collect();
    let mut large = String::new();
    for index in 0..1000 {
        let block = blocks[index % blocks.len()].replacen("id = \"", &format!("id = \"e{index}_"), 1);
        write!(large, "[[exercise]]{block}").unwrap();
    }
    let catalogue = parse(&large);
    let mut millis: Vec<f64> = Vec::new();
    let mut slowest = (0.0, Intent::default());
    for (seed, request) in (0..).zip(requests::all()) {
        let parsed = crate::parse_request(&catalogue, &request.text, request.language);
        let intent = Intent { level: Difficulty::Advanced, seed, ..parsed.intent };
        let start = processor_millis();
        let _ = plan(&catalogue, &intent, &[]);
        let taken = processor_millis() - start;
        millis.push(taken);
        if taken > slowest.0 {
            slowest = (taken, intent);
        }
    }
    millis.sort_by(f64::total_cmp);
    let at = |percent: usize| millis[(millis.len() * percent / 100).min(millis.len() - 1)];
    println!("{} plans: p50 {:.1} ms, p95 {:.1} ms, most {:.1} ms", millis.len(), at(50), at(95), at(100));
    println!("slowest: {:?}", slowest.1);
    let start = processor_millis();
    let count = requests::all().len();
    for request in requests::all() {
        let _ = crate::parse_request(&catalogue, &request.text, request.language);
    }
    println!("a request is read in {:.2} ms", (processor_millis() - start) / count as f64);
}
