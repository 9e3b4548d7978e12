//! Exercises to take in place of another.

use repcast_model::catalogue::{Catalogue, Difficulty, Exercise};

/// The ids of exercises that can replace one of a workout, the best first: they share a muscle that does most of the work, or
/// the kind of movement; are not above the level, and need no other equipment. An exercise without a difficulty suits every
/// level. Empty if the id is not in the catalogue.
#[must_use]
pub fn alternatives(catalogue: &Catalogue, id: &str, level: Difficulty, equipment: &[String]) -> Vec<String> {
    let Some(replaced) = catalogue.get(id) else { return Vec::new() };
    let is_possible = |other: &&Exercise| {
        other.id != id
            && other.difficulty.is_none_or(|difficulty| difficulty <= level)
            && other.profile.equipment.iter().all(|id| equipment.contains(id))
    };
    let others = catalogue.exercises().iter().filter(is_possible);
    let mut scored: Vec<(i32, &Exercise)> =
        others.filter_map(|other| Some((similarity(replaced, other)?, other))).collect();
    // Equal ones stay in the order of the catalogue.
    scored.sort_by_key(|(score, _)| -score);
    scored.into_iter().map(|(_, exercise)| exercise.id.clone()).collect()
}

/// How similar two exercises are; `None` without a common primary muscle or pattern.
fn similarity(one: &Exercise, other: &Exercise) -> Option<i32> {
    let (first, second) = (&one.profile, &other.profile);
    let common = first.muscles.iter().filter(|muscle| second.muscles.contains(muscle)).count() as i32;
    let is_same_pattern = first.pattern.is_some() && first.pattern == second.pattern;
    if common == 0 && !is_same_pattern {
        return None;
    }
    let different = (first.muscles.len() + second.muscles.len()) as i32 - 2 * common;
    let secondary = first.secondary_muscles.iter().filter(|muscle| second.secondary_muscles.contains(muscle)).count();
    let mut score = 40 * common - 8 * different + 4 * secondary as i32;
    for (is_equal, points) in [
        (is_same_pattern, 30),
        (first.impact == second.impact, 10),
        (first.sides == second.sides, 8),
        (one.difficulty == other.difficulty, 8),
        (first.equipment == second.equipment, 6),
    ] {
        score += if is_equal { points } else { 0 };
    }
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::catalogue;

    #[test]
    fn alternatives_share_a_muscle_or_the_pattern_and_suit_level_and_equipment() {
        let catalogue = catalogue();
        for exercise in catalogue.exercises() {
            for level in [Difficulty::Beginner, Difficulty::Intermediate, Difficulty::Advanced] {
                for equipment in [vec![], vec!["dumbbell".to_owned()]] {
                    for id in alternatives(&catalogue, &exercise.id, level, &equipment) {
                        let other = catalogue.get(&id).unwrap();
                        assert_ne!(id, exercise.id);
                        assert!(other.difficulty.is_none_or(|difficulty| difficulty <= level));
                        assert!(other.profile.equipment.iter().all(|id| equipment.contains(id)));
                        let muscles = &exercise.profile.muscles;
                        let is_like = other.profile.muscles.iter().any(|muscle| muscles.contains(muscle))
                            || other.profile.pattern == exercise.profile.pattern;
                        assert!(is_like, "{id} for {}", exercise.id);
                    }
                }
            }
        }
    }

    #[test]
    fn the_most_similar_comes_first() {
        let catalogue = catalogue();
        let best = |id: &str, level| alternatives(&catalogue, id, level, &[]).first().cloned();
        assert_eq!(best("pushups", Difficulty::Beginner).as_deref(), Some("knee_pushups"));
        assert_eq!(best("reverse_lunges", Difficulty::Intermediate).as_deref(), Some("forward_lunges"));
        assert_eq!(alternatives(&catalogue, "nothing", Difficulty::Advanced, &[]), Vec::<String>::new());
    }
}
