//! The ids of equipment in a catalogue, which may differ from the usual ones.

use repcast_model::catalogue::Catalogue;

use super::words::{Token, stems};

/// Other ids for the same thing, by the usual one.
const ALIASES: &[(&str, &[&str])] = &[
    ("resistance_band", &["band", "elastic_band", "elastic", "mini_band", "loop_band"]),
    ("pull_up_bar", &["pullup_bar", "bar", "chin_up_bar"]),
    ("mat", &["yoga_mat", "exercise_mat"]),
    ("jump_rope", &["skipping_rope", "rope"]),
    ("stability_ball", &["swiss_ball", "exercise_ball", "gym_ball"]),
    ("step", &["step_platform", "aerobic_step"]),
    ("chair", &["stool"]),
];

/// The ids of a catalogue with their stems.
pub(super) struct EquipmentNames(Vec<(String, Vec<String>)>);

impl EquipmentNames {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        let mut ids: Vec<&String> =
            catalogue.exercises().iter().flat_map(|exercise| &exercise.profile.equipment).collect();
        ids.sort_unstable();
        ids.dedup();
        Self(ids.into_iter().map(|id| (id.clone(), id_stems(id))).collect())
    }

    /// The catalogue's id for a usual one; the usual one where it has none.
    pub(super) fn id(&self, usual: &str) -> String {
        let aliases = ALIASES.iter().find(|(id, _)| *id == usual).map_or(&[][..], |(_, aliases)| aliases);
        let wanted: Vec<Vec<String>> = std::iter::once(&usual).chain(aliases).map(|id| id_stems(id)).collect();
        let found = wanted.iter().find_map(|wanted| self.0.iter().find(|(_, stems)| stems == wanted));
        found.map_or_else(|| usual.to_owned(), |(id, _)| id.clone())
    }

    /// The longest id at the start of the tokens, and the number of its words.
    pub(super) fn longest(&self, tokens: &[Token]) -> Option<(usize, &str)> {
        let starts = |stems: &Vec<String>| {
            !stems.is_empty()
                && stems.len() <= tokens.len()
                && std::iter::zip(stems, tokens).all(|(stem, token)| *stem == token.stem)
        };
        let found = self.0.iter().filter(|(_, stems)| starts(stems)).max_by_key(|(_, stems)| stems.len())?;
        Some((found.1.len(), &found.0))
    }
}

fn id_stems(id: &str) -> Vec<String> {
    stems(&id.replace(['_', '-'], " "))
}
