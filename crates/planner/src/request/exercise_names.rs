//! The exercises of a catalogue by their names in all languages.

use std::collections::BTreeMap;

use repcast_model::catalogue::Catalogue;

use super::words::{Token, stems};

/// Fewest letters of a single word that stands for all exercises in whose names it occurs.
const MIN_WORD_CHARS: usize = 5;
/// Most words of a name that is recognised.
const MAX_WORDS: usize = 8;

/// The names of the exercises, as stems.
pub(super) struct ExerciseNames {
    /// The index of an exercise, and the stems of one of its names.
    names: Vec<(usize, Vec<String>)>,
    /// The names by each of their words: a request is compared with few of them.
    by_word: BTreeMap<String, Vec<usize>>,
}

impl ExerciseNames {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        let mut names: Vec<(usize, Vec<String>)> = Vec::new();
        for (index, exercise) in catalogue.exercises().iter().enumerate() {
            let translated = ["fr", "en"].map(|language| exercise.names.get(language));
            let id = exercise.id.replace(['_', '-'], " ");
            let all = [Some(exercise.name.as_str()), Some(id.as_str())].into_iter().chain(translated).flatten();
            for stems in all.map(stems).filter(|stems| (1..=MAX_WORDS).contains(&stems.len())) {
                // Push-ups are written as one word, too.
                if stems.len() == 2 && stems.iter().any(|stem| stem.len() <= 4) {
                    names.push((index, vec![stems.concat()]));
                }
                names.push((index, stems));
            }
        }
        let mut by_word: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, (_, stems)) in names.iter().enumerate() {
            for stem in stems {
                let places = by_word.entry(stem.clone()).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        Self { names, by_word }
    }

    /// The names that have the first of the tokens.
    fn with_first(&self, tokens: &[Token]) -> impl Iterator<Item = &(usize, Vec<String>)> {
        let places = tokens.first().and_then(|token| self.by_word.get(&token.stem));
        places.into_iter().flatten().map(|place| &self.names[*place])
    }

    /// The length of the longest name at the start of the tokens, and the exercises that have it.
    pub(super) fn longest(&self, tokens: &[Token]) -> Option<(usize, Vec<usize>)> {
        let starts = |name: &[String]| {
            name.len() <= tokens.len() && std::iter::zip(name, tokens).all(|(stem, token)| *stem == token.stem)
        };
        let found: Vec<_> = self.with_first(tokens).filter(|(_, name)| starts(name)).collect();
        let length = found.iter().map(|(_, name)| name.len()).max()?;
        Some((length, distinct(found.into_iter().filter(|(_, name)| name.len() == length))))
    }

    /// The exercises in whose names the tokens occur. A single short word stands for none.
    pub(super) fn containing(&self, tokens: &[Token]) -> Vec<usize> {
        let is_long = tokens.len() > 1 || tokens.first().is_some_and(|token| token.stem.len() >= MIN_WORD_CHARS);
        let has = |name: &[String]| {
            let mut parts = name.windows(tokens.len());
            parts.any(|words| std::iter::zip(words, tokens).all(|(stem, token)| *stem == token.stem))
        };
        if is_long { distinct(self.with_first(tokens).filter(|(_, name)| has(name))) } else { Vec::new() }
    }
}

/// The exercises of names, each once.
fn distinct<'a>(names: impl Iterator<Item = &'a (usize, Vec<String>)>) -> Vec<usize> {
    let mut exercises: Vec<usize> = names.map(|(exercise, _)| *exercise).collect();
    exercises.sort_unstable();
    exercises.dedup();
    exercises
}
