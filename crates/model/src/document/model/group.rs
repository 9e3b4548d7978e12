//! Groups of a workout's exercises: supersets, circuits, EMOM, AMRAP.

use schemars::JsonSchema;
use serde_json::Value;

use crate::document::rules;
use crate::time::Rational;
use crate::validation::schema::rule;

/// Consecutive exercises that are repeated together before the workout goes on: a superset or a circuit with `rounds`, an EMOM
/// with `every`, an AMRAP with `duration`.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Group {
    /// What its exercises have as their `group`.
    #[schemars(with = "Value", transform = rule(rules::ID))]
    pub id: String,
    /// The name that is shown with its exercises.
    #[schemars(with = "Value", transform = rule(rules::TITLE), extend("default" = ""))]
    pub title: String,
    /// How often its exercises are repeated, if it has no `duration`.
    #[schemars(with = "Value", transform = rule(rules::ROUNDS), extend("default" = 1))]
    pub rounds: u32,
    /// Seconds of rest between two of its rounds.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub rest_between_rounds: Rational,
    /// Seconds from the start of each of its exercises to the start of the next: 60 for every minute on the minute. What an
    /// exercise leaves of them is its rest, in place of its own.
    #[schemars(with = "Value", transform = rule(rules::DURATION), default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Rational>,
    /// Seconds of the group, in place of `rounds`: its exercises are repeated until they are over, and the last is cut off.
    #[schemars(with = "Value", transform = rule(rules::DURATION), default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Rational>,
    /// Seconds of rest after the group.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub rest: Rational,
}
