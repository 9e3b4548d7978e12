//! Layouts: the seconds of every position of a workout, whose sum is exactly what was asked for.
//!
//! ```text
//! warm-up          block 1: rounds of positions      block 2 ...          cool-down
//! [d d] x rounds   [w r  w r  w r + gap] x rounds    [w r ...] x rounds   [d d] x rounds
//! ```
//!
//! All layouts of a style that have the right sum are enumerated and sorted by how usual they are; what the positions leave
//! over becomes rest between rounds.

use std::collections::BTreeMap;

use repcast_model::document::Intensity;

use super::SectionKind;
use super::options::{MainOption, StyleOptions};
use crate::intent::Intent;
use crate::rules::{SHARE_PERCENT, WARM_UP_FROM_SECS};

/// Most positions of a workout for which exercises are searched.
const MAX_POSITIONS: u32 = 40;
/// Most layouts that are tried, one after the other.
const MAX_LAYOUTS: usize = 12;
/// Pairs of work and rest of a style that are tried before all others.
const USUAL_TIMES: usize = 16;
/// Most pairs of warm-up and cool-down that are combined with main parts.
const MAX_FRAMES: usize = 16;
/// The longest rest in addition to that of the last position, where there is no other round.
const MAX_FINAL_REST_SECS: u32 = 60;

/// An exercise and the rest after it, in every round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Position {
    pub(super) work: u32,
    pub(super) rest: u32,
}

/// Positions that are repeated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Block {
    pub(super) kind: SectionKind,
    pub(super) positions: Vec<Position>,
    /// The rest after the last position of each round, in place of the position's own.
    pub(super) end_rests: Vec<u32>,
}

impl Block {
    pub(super) fn rounds(&self) -> u32 {
        self.end_rests.len() as u32
    }

    pub(super) fn total_secs(&self) -> u32 {
        let round: u32 = self.positions.iter().map(|position| position.work + position.rest).sum();
        let last = self.positions.last().map_or(0, |position| position.rest);
        (round - last) * self.rounds() + self.end_rests.iter().sum::<u32>()
    }
}

/// The blocks of a workout, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Layout {
    pub(super) blocks: Vec<Block>,
    /// How often a round of the main part is repeated.
    pub(super) rounds: u32,
}

/// A warm-up or a cool-down: positions of equal length without rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct GentlePart {
    positions: u32,
    rounds: u32,
    work: u32,
}

impl GentlePart {
    const fn secs(self) -> u32 {
        self.positions * self.rounds * self.work
    }

    fn block(self, kind: SectionKind) -> Block {
        let position = Position { work: self.work, rest: 0 };
        let positions = vec![position; self.positions as usize];
        Block { kind, positions, end_rests: vec![0; self.rounds as usize] }
    }
}

/// What surrounds the main part, and how unusual it is.
#[derive(Clone, Copy, Debug)]
struct Frame {
    parts: Option<(GentlePart, GentlePart)>,
    secs: u32,
    cost: u32,
}

/// A main part before it is built.
#[derive(Clone, Copy)]
struct Choice<'a> {
    option: &'a MainOption,
    rounds: u32,
    blocks: u32,
    /// Whether the last position keeps its rest.
    has_last_rest: bool,
    frame: Frame,
    /// Seconds that become rest between rounds.
    spare: u32,
    cost: u32,
}

/// The layouts for an intent, the most usual first, at most [`MAX_LAYOUTS`] that differ in their positions. `candidates` is
/// the number of exercises of the main part, `gentle` that of the parts around it.
pub(super) fn layouts(intent: &Intent, candidates: usize, gentle: usize) -> Vec<Layout> {
    let usual = layouts_of(intent, &StyleOptions::of(intent, USUAL_TIMES), candidates, gentle);
    if usual.is_empty() { layouts_of(intent, &StyleOptions::of(intent, usize::MAX), candidates, gentle) } else { usual }
}

fn layouts_of(intent: &Intent, options: &StyleOptions, candidates: usize, gentle: usize) -> Vec<Layout> {
    let total = intent.total_secs();
    let frames = frames(total, intent.intensity, gentle as u32);
    let shortest = frames.iter().map(|frame| frame.secs).min().unwrap_or(0);
    let longest = frames.iter().map(|frame| frame.secs).max().unwrap_or(0);
    let mut best: BTreeMap<[u32; 4], Choice<'_>> = BTreeMap::new();
    for option in &options.main {
        let round = option.round_secs();
        let positions = option.positions.len() as u32;
        for blocks in 1..=(MAX_POSITIONS / positions).clamp(1, options.max_blocks) {
            for rounds in 1..=options.max_rounds {
                let secs = round * blocks * rounds;
                if secs > total - shortest + option.last_rest() {
                    break;
                }
                let most_spare = (rounds * blocks - 1) * options.max_gap + MAX_FINAL_REST_SECS + option.last_rest();
                if secs + most_spare + longest < total {
                    continue;
                }
                for (has_last_rest, frame) in
                    [true, false].into_iter().flat_map(|has| frames.iter().map(move |frame| (has, frame)))
                {
                    let least = secs - if has_last_rest { 0 } else { option.last_rest() };
                    let choice = Choice { option, rounds, blocks, has_last_rest, frame: *frame, spare: 0, cost: 0 };
                    let Some(choice) = choice.fitted(options, total, least, candidates as u32) else { continue };
                    let parts = frame.parts.map_or(0, |(warm_up, _)| warm_up.positions);
                    let known = best.entry([positions, option.laps, blocks, parts]).or_insert(choice);
                    if choice.cost < known.cost {
                        *known = choice;
                    }
                }
            }
        }
    }
    let mut best: Vec<Choice<'_>> = best.into_values().collect();
    best.sort_by_key(|choice| choice.cost);
    best.iter().take(MAX_LAYOUTS).map(Choice::layout).collect()
}

/// What may surround the main part.
fn frames(total: u32, intensity: Intensity, gentle: u32) -> Vec<Frame> {
    if total < WARM_UP_FROM_SECS {
        return vec![Frame { parts: None, secs: 0, cost: 0 }];
    }
    // In an easy workout these are whole seconds in the document too.
    let works: Vec<u32> = match intensity {
        Intensity::Easy => (21..=119).step_by(7).collect(),
        _ => (20..=60).step_by(5).chain([75, 90, 105, 120]).collect(),
    };
    let (least, most) = ((SHARE_PERCENT.start() * total).div_ceil(100), SHARE_PERCENT.end() * total / 100);
    let mut parts: Vec<(u32, GentlePart)> = Vec::new();
    for work in works {
        for (positions, rounds) in (1..=8_u32).flat_map(|positions| (1..=12).map(move |rounds| (positions, rounds))) {
            let part = GentlePart { positions, rounds, work };
            if (least..=most).contains(&part.secs()) {
                let off_share = (part.secs() * 10).abs_diff(total) * 40 / total;
                let repeated = (rounds - 1) * 4 + positions.saturating_sub(gentle) * 6;
                parts.push((off_share + work.abs_diff(40) / 5 + repeated, part));
            }
        }
    }
    parts.sort_by_key(|(cost, part)| (*cost, part.positions, part.work));
    parts.truncate(MAX_FRAMES);
    let mut frames: Vec<Frame> = Vec::new();
    for (first_cost, warm_up) in &parts {
        for (last_cost, cool_down) in &parts {
            let secs = warm_up.secs() + cool_down.secs();
            frames.push(Frame { parts: Some((*warm_up, *cool_down)), secs, cost: first_cost + last_cost });
        }
    }
    frames.sort_by_key(|frame| frame.cost);
    // One for each sum, the most usual; and others whose numbers of positions differ, for the search to fall back on.
    let mut kept: Vec<Frame> = Vec::new();
    for frame in frames {
        let positions =
            |frame: &Frame| frame.parts.map(|(warm_up, cool_down)| (warm_up.positions, cool_down.positions));
        let is_known = |other: &Frame| other.secs == frame.secs && positions(other) == positions(&frame);
        let of_sum = kept.iter().filter(|other| other.secs == frame.secs).count();
        if of_sum < 3 && !kept.iter().any(is_known) {
            kept.push(frame);
        }
    }
    kept.truncate(2 * MAX_FRAMES);
    kept
}

impl Choice<'_> {
    /// The choice with its cost, if its positions, which take `least` seconds, and its rests can have the right sum.
    fn fitted(mut self, options: &StyleOptions, total: u32, least: u32, candidates: u32) -> Option<Self> {
        let spare = (total - self.frame.secs).checked_sub(least)?;
        let gaps = self.rounds * self.blocks - 1;
        let is_possible = if gaps > 0 {
            spare <= gaps * options.max_gap
        } else {
            spare == 0 || self.has_last_rest && spare <= MAX_FINAL_REST_SECS
        };
        if !is_possible || gaps > 0 && self.longer_rests(options, gaps, spare) * 3 > self.exercises() {
            return None;
        }
        let gap_cost = match gaps {
            0 => spare * 2,
            _ => {
                let gap = spare / gaps;
                let off = gap.abs_diff(options.usual_gap);
                u32::from(spare % gaps != 0) * 2 + if gap > options.usual_gap { off } else { off / 2 }
            }
        };
        let has_cool_down = self.frame.parts.is_some();
        let last_cost = u32::from(has_cool_down != self.has_last_rest) * 4;
        let distinct = self.option.positions.len() as u32 * self.blocks;
        let repeated = distinct.saturating_sub(candidates) * 5;
        let rounds_cost = self.rounds.abs_diff(options.usual_rounds).pow(2) * 2;
        self.spare = spare;
        self.cost = self.option.cost
            + self.frame.cost
            + gap_cost
            + last_cost
            + repeated
            + rounds_cost
            + (self.blocks - 1) * options.block_cost;
        Some(self)
    }

    /// The exercises of the main part.
    fn exercises(&self) -> u32 {
        self.option.positions.len() as u32 * self.option.laps * self.rounds * self.blocks
    }

    /// The rests between rounds that are longer than the style's own.
    fn longer_rests(&self, options: &StyleOptions, gaps: u32, spare: u32) -> u32 {
        let (rest, longer) = (self.option.last_rest() + spare / gaps, spare % gaps);
        let work = self.option.positions.last().map_or(0, |position| position.work);
        let count = |rest: u32, count: u32| if options.protocol.allows_rest(work, rest) { 0 } else { count };
        count(rest, gaps - longer) + count(rest + 1, longer)
    }

    fn layout(&self) -> Layout {
        let option = self.option;
        let gaps = self.rounds * self.blocks - 1;
        let mut blocks = Vec::new();
        if let Some((warm_up, _)) = self.frame.parts {
            blocks.push(warm_up.block(SectionKind::WarmUp));
        }
        let mut gap = 0;
        for _ in 0..self.blocks {
            let mut end_rests = Vec::new();
            for _ in 0..self.rounds {
                end_rests.extend((1..option.laps).map(|_| option.last_rest()));
                gap += 1;
                end_rests.push(match gaps {
                    // The first gaps take a second more each, until nothing is left over.
                    _ if gap <= gaps => option.last_rest() + self.spare / gaps + u32::from(gap <= self.spare % gaps),
                    0 if self.has_last_rest => option.last_rest() + self.spare,
                    _ if self.has_last_rest => option.last_rest(),
                    _ => 0,
                });
            }
            blocks.push(Block { kind: SectionKind::Main, positions: option.positions.clone(), end_rests });
        }
        if let Some((_, cool_down)) = self.frame.parts {
            blocks.push(cool_down.block(SectionKind::CoolDown));
        }
        Layout { blocks, rounds: self.rounds * option.laps }
    }
}
