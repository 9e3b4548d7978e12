//! An assignment as a workout document.

use repcast_model::document::{Document, Intensity, Workout, parse};
use serde_json::{Value, json};

use super::layout::Block;
use super::{Assignment, PlanError, PlanSection};
use crate::intent::Intent;
use crate::labels::{Label, in_language};

/// The workout and its parts. It is written as JSON and read by the model, so that every field that a plan does not decide
/// has the default of documents, and every other is within the bounds.
pub(super) fn workout(intent: &Intent, assignment: &Assignment<'_>) -> Result<(Workout, Vec<PlanSection>), PlanError> {
    let mut exercises: Vec<Value> = Vec::new();
    let mut sections: Vec<PlanSection> = Vec::new();
    let repeated = repeated_block(&assignment.layout.blocks);
    for (block, candidates) in std::iter::zip(&assignment.layout.blocks, &assignment.blocks) {
        let start = exercises.len();
        let last = block.positions.len() - 1;
        let rounds = if repeated.is_some() { 1 } else { block.end_rests.len() };
        for end_rest in &block.end_rests[..rounds] {
            for (index, (position, candidate)) in std::iter::zip(&block.positions, candidates).enumerate() {
                let rest = if index == last && repeated.is_none() { *end_rest } else { position.rest };
                let duration = document_secs(intent.intensity, position.work);
                exercises.push(json!({ "id": candidate.exercise.id, "duration": duration, "rest": rest }));
            }
        }
        let (count, secs) = (exercises.len() - start, block.total_secs());
        match sections.last_mut() {
            Some(section) if section.kind == block.kind => {
                section.count += count;
                section.secs += secs;
            }
            _ => sections.push(PlanSection { kind: block.kind, start, count, secs }),
        }
    }
    let language = in_language(intent.language, "en", "fr");
    let intensity = match intent.intensity {
        Intensity::Easy => "facile",
        Intensity::Medium => "moyen",
        Intensity::Intense => "intense",
    };
    let (rounds, between) = repeated.unwrap_or((1, 0));
    let document = json!({
        "title": title(intent), "language": language, "intensity": intensity, "rounds": rounds,
        "rest_between_rounds": between, "exercises": exercises,
    });
    match parse(document.to_string().as_bytes()) {
        Ok(Document::Workout(workout)) => Ok((workout, sections)),
        Ok(Document::Composition(_)) => Err(PlanError::InvalidWorkout { faults: Vec::new() }),
        Err(faults) => Err(PlanError::InvalidWorkout { faults }),
    }
}

/// The rounds and the rest between them, if the only block can be written as rounds of the document.
fn repeated_block(blocks: &[Block]) -> Option<(usize, u32)> {
    let [block] = blocks else { return None };
    let own_rest = block.positions.last()?.rest;
    let (last, others) = block.end_rests.split_last()?;
    let first = *others.first()?;
    let is_regular = *last == own_rest && first >= own_rest && others.iter().all(|rest| *rest == first);
    is_regular.then(|| (block.end_rests.len(), first - own_rest))
}

/// The duration in a document of an exercise that lasts so many seconds: an easy workout plays 0.7 of it.
fn document_secs(intensity: Intensity, secs: u32) -> Value {
    match intensity {
        Intensity::Easy if (secs * 10).is_multiple_of(7) => json!(secs * 10 / 7),
        Intensity::Easy => json!(format!("{}/7", secs * 10)),
        Intensity::Medium | Intensity::Intense => json!(secs),
    }
}

fn title(intent: &Intent) -> String {
    let language = intent.language;
    let (minutes, secs) = (intent.minutes, intent.seconds);
    let length = if secs == 0 { format!("{minutes} min") } else { format!("{minutes} min {secs:02} s") };
    let style = intent.style.label(language);
    let focus: Vec<&str> = intent.focus.iter().map(|focus| focus.label(language)).collect();
    let subject = if focus.is_empty() { String::new() } else { format!(": {}", focus.join(", ")) };
    match language {
        repcast_model::document::Language::En => format!("{length} {style}{subject}"),
        repcast_model::document::Language::Fr => {
            let mut letters = style.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            format!("{first}{} {length}{}", letters.as_str(), subject.replace(':', " :"))
        }
    }
}
