//! The search: an exercise for every position, by a beam over the positions in order, then by exchanges.
//!
//! A state is a beginning of the blocks. Those that break a rule are never made; of the others the best of each position
//! are kept. The score is the balance of the load, and at most some percent for all that is soft:
//! level, equipment, intensity, order, opposed muscles, variety.

use super::candidates::Candidate;
use super::layout::Block;
use crate::balance::{BalanceTarget, MAX_PARTS, PartLoads, WHOLE};
use crate::rules::MAX_HIGH_IMPACT_RUN;

/// Steps that a search may take: some milliseconds.
const MAX_STEPS: usize = 40_000;
/// What a point of merit weighs, in parts per million of the balance: exercises have up to about 2000 points.
const SOFT_WEIGHT: i64 = 18;
/// What each exercise that the person wants weighs.
const PREFERRED: i64 = WHOLE / 10;

/// A candidate and how many positions it takes: two for the sides of a one-sided exercise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unit {
    pub(super) candidate: usize,
    pub(super) slots: usize,
}

/// A position of a block's round.
struct Place {
    secs: i64,
    rounds: u32,
    is_first: bool,
    is_last: bool,
    /// Whether the next position is of the same round and as long.
    is_paired: bool,
}

/// What is searched.
pub(super) struct Search<'a> {
    candidates: &'a [Candidate<'a>],
    target: &'a BalanceTarget,
    places: Vec<Place>,
    /// The muscles of the exercises before and after the blocks.
    before: u32,
    after: u32,
    /// Whether the balance counts: not in a warm-up, which is to be gentle.
    is_balanced: bool,
    /// How often an exercise may occur.
    max_uses: usize,
    /// What each repetition of an exercise costs, in points.
    repetition: i64,
    /// How often each candidate occurs elsewhere.
    used: Vec<usize>,
}

/// The beginning of an assignment.
#[derive(Clone)]
struct State {
    parent: usize,
    unit: Unit,
    /// The first unit of the block.
    first: usize,
    /// Exercises of high impact at the end.
    run: usize,
    /// Those at the start of the block, while there is no other.
    lead: usize,
    is_lead_open: bool,
    loads: PartLoads,
    points: i64,
    preferred: i64,
    score: i64,
}

impl<'a> Search<'a> {
    pub(super) fn new(candidates: &'a [Candidate<'a>], target: &'a BalanceTarget, blocks: &[&Block]) -> Self {
        let places = |block: &&Block| -> Vec<Place> {
            let place = |(index, position): (usize, &super::layout::Position)| {
                let next = block.positions.get(index + 1);
                Place {
                    secs: i64::from(position.work),
                    rounds: block.rounds(),
                    is_first: index == 0,
                    is_last: next.is_none(),
                    is_paired: next.is_some_and(|next| next.work == position.work),
                }
            };
            block.positions.iter().enumerate().map(place).collect()
        };
        let places: Vec<Place> = blocks.iter().flat_map(places).collect();
        // Where there are enough exercises, none occurs twice.
        let count = candidates.len().max(1);
        let is_small = count < 8;
        let max_uses = match places.len() {
            length if count >= 3 * length || !is_small && count >= 2 * length => 1,
            length => (if is_small { 3 } else { 2 } * length).div_ceil(count),
        };
        // Few exercises have to be repeated.
        let repetition = if is_small { 400 } else { 1200 };
        let used = vec![0; candidates.len()];
        Self { candidates, target, places, before: 0, after: 0, is_balanced: true, max_uses, repetition, used }
    }

    /// A search for gentle exercises between others that train these muscles, and of which these ids are used elsewhere.
    pub(super) fn gentle(mut self, before: u32, after: u32, ids: &[&str]) -> Self {
        (self.before, self.after, self.is_balanced) = (before, after, false);
        for (used, candidate) in self.used.iter_mut().zip(self.candidates) {
            *used = ids.iter().filter(|id| **id == candidate.exercise.id).count();
        }
        self
    }

    /// The best assignments, at most `most`.
    pub(super) fn run(&self, most: usize) -> Vec<Vec<Unit>> {
        let count = self.places.len();
        if self.candidates.is_empty() {
            return Vec::new();
        }
        let width = (MAX_STEPS / (self.candidates.len() * count.max(1))).clamp(8, 400);
        let mut beams: Vec<Vec<State>> = (0..=count).map(|_| Vec::new()).collect();
        let mut kept: Vec<Vec<usize>> = vec![Vec::new(); count + 1];
        let mut arena: Vec<State> = Vec::new();
        let mut uses = vec![0_usize; self.candidates.len()];
        for at in 0..=count {
            let beam = std::mem::take(&mut beams[at]);
            kept[at] = keep_best(beam, width, &mut arena);
            if at == count {
                break;
            }
            let parents: Vec<Option<usize>> =
                if at == 0 { vec![None] } else { kept[at].iter().copied().map(Some).collect() };
            for parent in parents {
                let path = parent.map_or_else(Vec::new, |parent| path(&arena, parent));
                uses.clone_from(&self.used);
                path.iter().for_each(|unit| uses[unit.candidate] += 1);
                for (candidate, uses) in uses.iter().enumerate() {
                    if uses - self.used[candidate] >= self.max_uses {
                        continue;
                    }
                    let state = parent.map(|parent| &arena[parent]);
                    if let Some(mut next) = self.step(state, at, candidate, *uses) {
                        next.parent = parent.unwrap_or(usize::MAX);
                        beams[at + next.unit.slots].push(next);
                    }
                }
            }
        }
        let mut complete = kept[count].clone();
        complete.sort_by_key(|state| -arena[*state].score);
        complete.iter().take(most).map(|state| path(&arena, *state)).collect()
    }

    /// A state with one more exercise at a position, if that breaks no rule.
    fn step(&self, state: Option<&State>, at: usize, index: usize, uses: usize) -> Option<State> {
        let candidate = &self.candidates[index];
        let place = &self.places[at];
        let slots = if candidate.is_one_sided { 2 } else { 1 };
        if slots == 2 && !place.is_paired {
            return None;
        }
        let previous = state.map(|state| &self.candidates[state.unit.candidate]);
        if previous.map_or(self.before, |previous| previous.muscles) & candidate.muscles != 0 {
            return None;
        }
        let run = if candidate.is_high_impact { state.map_or(0, |state| state.run) + slots } else { 0 };
        if run > MAX_HIGH_IMPACT_RUN {
            return None;
        }
        let (first, lead, was_open) = match state {
            Some(state) if !place.is_first => (state.first, state.lead, state.is_lead_open),
            _ => (index, 0, true),
        };
        let is_lead_open = was_open && candidate.is_high_impact;
        let lead = if is_lead_open { lead + slots } else { lead };
        let last = &self.places[at + slots - 1];
        if last.is_last && place.rounds > 1 {
            let is_same = self.candidates[first].muscles & candidate.muscles != 0;
            if is_same || is_lead_open || run + lead > MAX_HIGH_IMPACT_RUN {
                return None;
            }
        }
        if at + slots == self.places.len() && candidate.muscles & self.after != 0 {
            return None;
        }
        let mut loads = state.map_or([0; MAX_PARTS], |state| state.loads);
        let weight = place.secs * i64::from(place.rounds) * slots as i64;
        loads.iter_mut().zip(candidate.loads).for_each(|(sum, load)| *sum += load * weight);
        let count = self.places.len() as i64;
        let order = candidate.size * 50 * (count - at as i64) / count;
        let opposed = previous.map_or(0, |previous| opposition(previous.muscles, candidate.muscles));
        let points = candidate.merit + order + opposed - self.repetition * uses as i64;
        let points = state.map_or(0, |state| state.points) + points * slots as i64;
        let is_new = candidate.is_preferred && uses == 0;
        let preferred = state.map_or(0, |state| state.preferred) + if is_new { PREFERRED } else { 0 };
        let evenness = if self.is_balanced { self.target.evenness(&loads) } else { 0 };
        let score = evenness + points * SOFT_WEIGHT / count + preferred;
        Some(State {
            parent: 0,
            unit: Unit { candidate: index, slots },
            first,
            run,
            lead,
            is_lead_open,
            loads,
            points,
            preferred,
            score,
        })
    }

    /// The score of an assignment, if it breaks no rule.
    fn score(&self, units: &[Unit]) -> Option<i64> {
        let mut state: Option<State> = None;
        let mut at = 0;
        for (index, unit) in units.iter().enumerate() {
            let before = units[..index].iter().filter(|other| other.candidate == unit.candidate).count();
            if before >= self.max_uses {
                return None;
            }
            state = Some(self.step(state.as_ref(), at, unit.candidate, before + self.used[unit.candidate])?);
            at += unit.slots;
        }
        state.map(|state| state.score)
    }

    /// An assignment that no single exchange makes better, in at most three passes.
    pub(super) fn improved(&self, mut units: Vec<Unit>) -> Vec<Unit> {
        let Some(mut best) = self.score(&units) else { return units };
        for _ in 0..3 {
            let before = best;
            let mut at = 0;
            for index in 0..units.len() {
                let mut gain = Exchange::of(self, &units, index, at);
                for candidate in 0..self.candidates.len() {
                    if !gain.is_promising(self, candidate) {
                        continue;
                    }
                    let old = std::mem::replace(&mut units[index].candidate, candidate);
                    match self.score(&units) {
                        Some(score) if score > best => {
                            best = score;
                            gain = Exchange::of(self, &units, index, at);
                        }
                        _ => units[index].candidate = old,
                    }
                }
                at += units[index].slots;
            }
            if best == before {
                break;
            }
        }
        units
    }

    /// The muscles of the first and the last exercise.
    pub(super) fn ends(&self, units: &[Unit]) -> (u32, u32) {
        let muscles = |unit: Option<&Unit>| unit.map_or(0, |unit| self.candidates[unit.candidate].muscles);
        (muscles(units.first()), muscles(units.last()))
    }

    /// The loads of an assignment.
    fn loads(&self, units: &[Unit]) -> PartLoads {
        let mut loads = [0; MAX_PARTS];
        let mut at = 0;
        for unit in units {
            let place = &self.places[at];
            let weight = place.secs * i64::from(place.rounds) * unit.slots as i64;
            loads.iter_mut().zip(self.candidates[unit.candidate].loads).for_each(|(sum, load)| *sum += load * weight);
            at += unit.slots;
        }
        loads
    }
}

/// The exchange of one exercise of an assignment: a quick check before the whole assignment is scored.
struct Exchange {
    present: usize,
    /// The muscles of the exercises before and after it.
    around: u32,
    /// The loads of the others.
    loads: PartLoads,
    weight: i64,
    /// The least balance with which an exchange can be better.
    least: i64,
}

impl Exchange {
    fn of(search: &Search<'_>, units: &[Unit], index: usize, at: usize) -> Self {
        let muscles = |unit: Option<&Unit>| unit.map_or(0, |unit| search.candidates[unit.candidate].muscles);
        let around = muscles(index.checked_sub(1).and_then(|index| units.get(index))) | muscles(units.get(index + 1));
        let mut loads = search.loads(units);
        // No exchange gains more than this by all that is soft.
        let slack = 2000 * SOFT_WEIGHT * 2 / search.places.len() as i64;
        let least = search.target.evenness(&loads) - slack;
        let (unit, place) = (units[index], &search.places[at]);
        let weight = place.secs * i64::from(place.rounds) * unit.slots as i64;
        let own = &search.candidates[unit.candidate].loads;
        loads.iter_mut().zip(own).for_each(|(sum, load)| *sum -= load * weight);
        Self { present: unit.candidate, around, loads, weight, least }
    }

    fn is_promising(&self, search: &Search<'_>, candidate: usize) -> bool {
        let (old, new) = (&search.candidates[self.present], &search.candidates[candidate]);
        if candidate == self.present || old.is_one_sided != new.is_one_sided || self.around & new.muscles != 0 {
            return false;
        }
        let mut loads = self.loads;
        loads.iter_mut().zip(new.loads).for_each(|(sum, load)| *sum += load * self.weight);
        new.is_preferred || search.target.evenness(&loads) > self.least
    }
}

/// Keeps the best states of a position, few of them with the same last exercise, and returns their places in the arena.
fn keep_best(mut beam: Vec<State>, width: usize, arena: &mut Vec<State>) -> Vec<usize> {
    beam.sort_by_key(|state| -state.score);
    let most_alike = (width / 6).max(2);
    let mut alike = std::collections::BTreeMap::new();
    let mut kept = Vec::new();
    for state in beam {
        let count: &mut usize = alike.entry(state.unit.candidate).or_default();
        if *count < most_alike {
            *count += 1;
            kept.push(arena.len());
            arena.push(state);
            if kept.len() == width {
                break;
            }
        }
    }
    kept
}

/// The units of a state and of those before it.
fn path(arena: &[State], state: usize) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut at = state;
    while let Some(state) = arena.get(at) {
        units.push(state.unit);
        at = state.parent;
    }
    units.reverse();
    units
}

/// Points for an exercise after one of opposed muscles, which rest meanwhile.
fn opposition(first: u32, second: u32) -> i64 {
    use repcast_model::catalogue::Muscle::{
        Abdominals, Abductors, Adductors, Biceps, Chest, Hamstrings, Lats, LowerBack, MiddleBack, Quadriceps,
        Shoulders, Triceps,
    };
    const PAIRS: [(repcast_model::catalogue::Muscle, repcast_model::catalogue::Muscle); 7] = [
        (Biceps, Triceps),
        (Quadriceps, Hamstrings),
        (Chest, MiddleBack),
        (Shoulders, Lats),
        (Chest, Lats),
        (Abdominals, LowerBack),
        (Abductors, Adductors),
    ];
    let has = |bits: u32, muscle: repcast_model::catalogue::Muscle| bits & 1 << muscle as u32 != 0;
    let is_opposed = PAIRS
        .iter()
        .any(|(one, other)| has(first, *one) && has(second, *other) || has(first, *other) && has(second, *one));
    if is_opposed { 100 } else { 0 }
}
