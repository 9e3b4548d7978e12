//! An assignment as a workout document.

use repcast_model::document::{Document, Intensity, Workout, parse};
use serde_json::{Value, json};

use super::layout::Block;
use super::{Assignment, PlanError, PlanSection, SectionKind};
use crate::intent::Intent;
use crate::labels::{Label, in_language};

/// The workout and its parts. It is written as JSON and read by the model, so that every field that a plan does not decide
/// has the default of documents, and every other is within the bounds.
pub(super) fn workout(intent: &Intent, assignment: &Assignment<'_>) -> Result<(Workout, Vec<PlanSection>), PlanError> {
    let mut exercises: Vec<Value> = Vec::new();
    let mut groups: Vec<Value> = Vec::new();
    let mut sections: Vec<PlanSection> = Vec::new();
    let repeated = repeated_block(&assignment.layout.blocks);
    for (block, candidates) in std::iter::zip(&assignment.layout.blocks, &assignment.blocks) {
        let start = exercises.len();
        let group = if repeated.is_some() { None } else { group(intent, block, groups.len()) };
        // Rounds that differ in their rests are written out.
        let is_whole = repeated.is_some() || group.as_ref().is_some_and(|group| group.rests.is_some());
        let rounds = if is_whole { 1 } else { block.end_rests.len() };
        let last = block.positions.len() - 1;
        for end_rest in &block.end_rests[..rounds] {
            for (index, (position, candidate)) in std::iter::zip(&block.positions, candidates).enumerate() {
                // The group has the rests after its rounds.
                let rest = match group {
                    Some(PlannedGroup { rests: Some(_), .. }) if index == last => 0,
                    _ if index == last && !is_whole => *end_rest,
                    _ => position.rest,
                };
                let duration = document_secs(intent.intensity, position.work);
                let mut exercise = json!({ "id": candidate.exercise.id, "duration": duration, "rest": rest });
                if let Some(group) = &group {
                    exercise["group"] = json!(group.id);
                }
                exercises.push(exercise);
            }
        }
        groups.extend(group.map(|group| group.to_json(block.end_rests.len())));
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
    let mut document = json!({
        "title": title(intent), "language": language, "intensity": intensity, "rounds": rounds,
        "rest_between_rounds": between, "exercises": exercises,
    });
    if !groups.is_empty() {
        document["groups"] = json!(groups);
    }
    match parse(document.to_string().as_bytes()) {
        Ok(Document::Workout(workout)) => Ok((workout, sections)),
        Ok(Document::Composition(_)) => Err(PlanError::InvalidWorkout { faults: Vec::new() }),
        Err(faults) => Err(PlanError::InvalidWorkout { faults }),
    }
}

/// A block as a group of the document.
struct PlannedGroup {
    id: String,
    title: &'static str,
    /// The rests between its rounds and after the last, if its rounds are alike.
    rests: Option<(u32, u32)>,
}

impl PlannedGroup {
    fn to_json(&self, rounds: usize) -> Value {
        let (rounds, (between, after)) = self.rests.map_or((1, (0, 0)), |rests| (rounds, rests));
        json!({ "id": self.id, "title": self.title, "rounds": rounds, "rest_between_rounds": between, "rest": after })
    }
}

/// The group of a block: named where it is not the main part, and repeated where its rounds are alike. None for a single round
/// without a name.
fn group(intent: &Intent, block: &Block, number: usize) -> Option<PlannedGroup> {
    let title = match block.kind {
        SectionKind::WarmUp => in_language(intent.language, "Warm-up", "Échauffement"),
        SectionKind::Main => "",
        SectionKind::CoolDown => in_language(intent.language, "Cool-down", "Retour au calme"),
    };
    let (after, others) = block.end_rests.split_last()?;
    let between = others.first().copied().unwrap_or(0);
    let rests = others.iter().all(|rest| *rest == between).then_some((between, *after));
    let is_repeated = rests.is_some() && !others.is_empty();
    (is_repeated || !title.is_empty()).then(|| PlannedGroup { id: format!("part-{}", number + 1), title, rests })
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
