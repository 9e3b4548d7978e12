//! What two readings of one request exclude together.

use super::{Avoid, Intent, MAX_IDS};

impl Intent {
    /// Adds what another reading of the same request excludes: what is to be avoided, and conditions of the person. The
    /// entries of the other come first, so that the bound of a list never drops one of them.
    pub fn add_exclusions(&mut self, other: &Self) {
        let Avoid { jumps, patterns, muscles, exercises } = &mut self.avoid;
        *jumps |= other.avoid.jumps;
        *patterns = union(&other.avoid.patterns, patterns);
        *muscles = union(&other.avoid.muscles, muscles);
        *exercises = union(&other.avoid.exercises, exercises);
        self.conditions = union(&other.conditions, &self.conditions);
    }
}

/// The entries of both lists, each once.
fn union<T: Clone + PartialEq>(first: &[T], second: &[T]) -> Vec<T> {
    let added = second.iter().filter(|entry| !first.contains(entry));
    first.iter().chain(added).take(MAX_IDS).cloned().collect()
}
