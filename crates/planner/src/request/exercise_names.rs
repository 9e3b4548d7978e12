//! The exercises of a catalogue by their names in all languages.

use repcast_model::catalogue::Catalogue;

use super::words::{Token, stems};

/// The names of the exercises, as stems.
pub(super) struct ExerciseNames {
    /// The index of an exercise, and the stems of one of its names.
    names: Vec<(usize, Vec<String>)>,
}

/// Fewest letters of a single word that stands for all exercises in whose names it occurs.
const MIN_WORD_CHARS: usize = 5;
/// Most words that are compared.
const MAX_WORDS: usize = 8;

impl ExerciseNames {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        let mut names: Vec<(usize, Vec<String>)> = Vec::new();
        for (index, exercise) in catalogue.exercises().iter().enumerate() {
            let french = exercise.names.get("fr");
            let english = exercise.names.get("en");
            let id = exercise.id.replace(['_', '-'], " ");
            for name in [Some(exercise.name.as_str()), french, english, Some(id.as_str())].into_iter().flatten() {
                let stems = stems(name);
                if stems.is_empty() || stems.len() > MAX_WORDS {
                    continue;
                }
                // Push-ups are written as one word, too.
                let joined = stems.concat();
                if stems.len() == 2 && stems.iter().any(|stem| stem.len() <= 4) {
                    names.push((index, vec![joined]));
                }
                names.push((index, stems));
            }
        }
        Self { names }
    }

    /// The longest name at the start of the tokens, and the exercises that it names: those of just this name first.
    pub(super) fn longest(&self, tokens: &[Token]) -> Option<(usize, Vec<usize>)> {
        let starts = |name: &Vec<String>| {
            name.len() <= tokens.len() && std::iter::zip(name, tokens).all(|(stem, token)| *stem == token.stem)
        };
        let length = self.names.iter().filter(|(_, name)| starts(name)).map(|(_, name)| name.len()).max()?;
        let is_exact = |name: &Vec<String>| name.len() == length && starts(name);
        let mut found: Vec<usize> =
            self.names.iter().filter(|(_, name)| is_exact(name)).map(|(index, _)| *index).collect();
        found.dedup();
        Some((length, found))
    }

    /// The exercises in whose names the tokens occur. A single short word stands for none.
    pub(super) fn containing(&self, tokens: &[Token]) -> Vec<usize> {
        let is_long = tokens.len() > 1 || tokens.first().is_some_and(|token| token.stem.len() >= MIN_WORD_CHARS);
        if tokens.is_empty() || !is_long {
            return Vec::new();
        }
        let has = |name: &Vec<String>| {
            name.windows(tokens.len())
                .any(|words| std::iter::zip(words, tokens).all(|(stem, token)| *stem == token.stem))
        };
        let mut found: Vec<usize> = self.names.iter().filter(|(_, name)| has(name)).map(|(index, _)| *index).collect();
        found.dedup();
        found
    }
}
