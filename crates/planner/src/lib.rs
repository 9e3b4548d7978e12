//! The planner: from what a person asks for to a workout that keeps the rules of training. Pure: no I/O, threads or clocks.
//!
//! ```text
//! text -- parse_request --> Intent -- plan --> TrainingPlan (workout, explanation, energy)
//! JSON -- Intent::from_value --^        |
//!                                       +-- layout: times of every position, exact to the second
//!                                       +-- search: an exercise for every position
//!                 workout -- check --> violations of the rules; balance: how even the load is
//! ```
//!
//! The same catalogue, intent and history give the same bytes.

mod alternatives;
mod balance;
mod check;
mod intent;
mod labels;
mod plan;
mod request;
mod rules;

#[cfg(test)]
mod tests;

pub use alternatives::alternatives;
pub use balance::balance;
pub use check::{Violation, check};
pub use intent::{Avoid, Condition, Focus, Intent, MAX_MINUTES, Region, WorkoutStyle, intent_schema};
pub use plan::{PlanError, PlanRule, PlanSection, SectionKind, TrainingPlan, plan};
pub use request::{MAX_REQUEST_CHARS, ParsedRequest, RequestPart, RequestTopic, parse_request};
