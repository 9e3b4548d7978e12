//! Reads the groups of a workout, and checks them against its exercises.

use std::collections::{HashMap, HashSet};

use crate::document::defaults;
use crate::document::model::{Group, WorkoutExercise};
use crate::document::rules::{DURATION, ENTRIES, ID, ROUNDS, SECONDS, TITLE};
use crate::validation::node::{Node, nearest};
use crate::validation::number::{integer, number};
use crate::validation::text::text;

pub(super) fn groups(node: &Node<'_>) -> Option<Vec<Group>> {
    let groups = node.list(ENTRIES, group)?;
    let mut seen = HashSet::new();
    for (group, node) in std::iter::zip(&groups, node.items(ENTRIES)?) {
        if !seen.insert(group.id.as_str()) {
            node.fault::<()>(format!("its id {} is that of another group", group.id));
        }
    }
    Some(groups)
}

fn group(node: &Node<'_>) -> Option<Group> {
    let mut fields = node.fields()?;
    let id = fields.required("id", text(ID));
    let title = fields.or("title", String::new(), text(TITLE));
    let rounds = fields.or("rounds", defaults::ROUNDS, integer(ROUNDS));
    let rest_between_rounds = fields.or("rest_between_rounds", defaults::NO_SECONDS, number(SECONDS));
    let every = fields.optional("every", number(DURATION));
    let duration = fields.optional("duration", number(DURATION));
    let rest = fields.or("rest", defaults::NO_SECONDS, number(SECONDS));
    if let (Some(_), Some(node)) = (duration, fields.get("rounds")) {
        node.fault::<()>("has no meaning with `duration`, which repeats until its time is over");
    }
    fields.reject_unknown();
    Some(Group { id: id?, title, rounds, rest_between_rounds, every, duration, rest })
}

/// Checks that the exercises of each group are there and follow one another. The nodes are those of the `group` of each exercise,
/// and that of the groups.
pub(super) fn check_members(
    exercises: &[WorkoutExercise],
    member_nodes: &[Option<Node<'_>>],
    groups: &[Group],
    groups_node: Option<&Node<'_>>,
) {
    let mut last_of: HashMap<&str, Option<usize>> = groups.iter().map(|group| (group.id.as_str(), None)).collect();
    for (index, (exercise, node)) in std::iter::zip(exercises, member_nodes).enumerate() {
        let (Some(id), Some(node)) = (exercise.group.as_deref(), node) else { continue };
        let Some(last) = last_of.get_mut(id) else {
            let near = nearest(id, groups.iter().map(|group| group.id.as_str()));
            let advice = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            node.fault::<()>(format!("is no group of this workout{advice}"));
            continue;
        };
        if last.is_some_and(|last| last + 1 != index) {
            node.fault::<()>(format!("the exercises of group {id} must follow one another"));
        }
        *last = Some(index);
    }
    let nodes = groups_node.and_then(|node| node.items(ENTRIES)).into_iter().flatten();
    for (group, node) in std::iter::zip(groups, nodes) {
        if last_of.get(group.id.as_str()).is_some_and(Option::is_none) {
            node.fault::<()>("no exercise has this group");
        }
    }
}

/// The exercises that are played in one round of the workout, as far as the document tells: those of a group with `duration`
/// count once.
pub(super) fn played(exercises: &[WorkoutExercise], groups: &[Group]) -> usize {
    let rounds: HashMap<&str, u32> = groups.iter().map(|group| (group.id.as_str(), group.rounds)).collect();
    let times = |exercise: &WorkoutExercise| {
        exercise.group.as_deref().and_then(|id| rounds.get(id)).map_or(1, |rounds| *rounds as usize)
    };
    exercises.iter().map(times).sum()
}
