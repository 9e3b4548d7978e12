//! The main parts that each style may have: works, rests, positions of a round.

use repcast_model::catalogue::Difficulty;
use repcast_model::document::Intensity;

use super::layout::Position;
use crate::intent::{Intent, WorkoutStyle};
use crate::rules::Protocol;

/// A round of a main part, and how unusual it is.
#[derive(Clone, Debug)]
pub(super) struct MainOption {
    pub(super) positions: Vec<Position>,
    /// How often the positions are repeated in a round without a longer rest.
    pub(super) laps: u32,
    pub(super) cost: u32,
}

impl MainOption {
    /// The rest after the last position.
    pub(super) fn last_rest(&self) -> u32 {
        self.positions.last().map_or(0, |position| position.rest)
    }

    /// Seconds of a round with all its laps.
    pub(super) fn round_secs(&self) -> u32 {
        self.positions.iter().map(|position| position.work + position.rest).sum::<u32>() * self.laps
    }
}

/// The main parts of a style.
#[derive(Clone, Debug)]
pub(super) struct StyleOptions {
    pub(super) main: Vec<MainOption>,
    pub(super) usual_rounds: u32,
    pub(super) max_rounds: u32,
    pub(super) max_blocks: u32,
    /// How unusual each further block is.
    pub(super) block_cost: u32,
    /// The rest between rounds, in addition to that of the last position.
    pub(super) usual_gap: u32,
    pub(super) max_gap: u32,
    pub(super) protocol: Protocol,
}

impl StyleOptions {
    /// The options of an intent: of its times, `most_times` that are most usual.
    pub(super) fn of(intent: &Intent, most_times: usize) -> Self {
        let usual = Self {
            main: Vec::new(),
            usual_rounds: 3,
            max_rounds: 12,
            max_blocks: 8,
            block_cost: 7,
            usual_gap: 30,
            max_gap: 90,
            protocol: Protocol::of(intent.style),
        };
        let mut options = match intent.style {
            WorkoutStyle::Circuit => usual,
            WorkoutStyle::Tabata => Self { usual_rounds: 2, usual_gap: 60, max_gap: 120, ..usual },
            WorkoutStyle::Emom => Self { usual_gap: 0, max_gap: 60, ..usual },
            WorkoutStyle::Amrap => Self { usual_rounds: 4, usual_gap: 0, max_gap: 20, ..usual },
            WorkoutStyle::Hiit => Self { usual_gap: 20, max_gap: 90, ..usual },
            WorkoutStyle::Pyramid => Self { usual_rounds: 2, usual_gap: 45, max_gap: 120, ..usual },
            WorkoutStyle::Stretch => Self { usual_rounds: 1, usual_gap: 0, max_gap: 30, ..usual },
            WorkoutStyle::Strength => {
                Self { max_rounds: 6, max_blocks: 18, block_cost: 0, usual_gap: 15, max_gap: 60, ..usual }
            }
        };
        options.main = main_options(intent, most_times);
        options
    }
}

/// Seconds of work and rest that are usual for a style and a level.
const fn usual_times(style: WorkoutStyle, level: Difficulty) -> (u32, u32) {
    use Difficulty::{Advanced, Beginner, Intermediate};
    match (style, level) {
        (WorkoutStyle::Circuit, Beginner) => (30, 20),
        (WorkoutStyle::Circuit, Intermediate) => (40, 20),
        (WorkoutStyle::Circuit, Advanced) => (45, 15),
        (WorkoutStyle::Emom, Beginner) => (35, 25),
        (WorkoutStyle::Emom, Intermediate) => (40, 20),
        (WorkoutStyle::Emom, Advanced) => (45, 15),
        (WorkoutStyle::Amrap, Beginner) => (30, 0),
        (WorkoutStyle::Amrap, _) => (40, 0),
        (WorkoutStyle::Stretch, _) => (30, 5),
        (WorkoutStyle::Strength, Beginner) => (30, 30),
        (WorkoutStyle::Strength, _) => (40, 40),
        (WorkoutStyle::Tabata, _) => (20, 10),
        (WorkoutStyle::Hiit, _) => (40, 20),
        (WorkoutStyle::Pyramid, _) => (40, 10),
    }
}

fn main_options(intent: &Intent, most_times: usize) -> Vec<MainOption> {
    if intent.style == WorkoutStyle::Pyramid {
        return ladders();
    }
    let protocol = Protocol::of(intent.style);
    let (usual_work, usual_rest) = usual_times(intent.style, intent.level);
    let is_easy = intent.intensity == Intensity::Easy;
    let mut times: Vec<(u32, Position)> = Vec::new();
    for work in protocol.work.clone() {
        // Whole seconds in the document of an easy workout, whose exercises last 0.7 of what it says; else round numbers.
        let is_round = match intent.style {
            WorkoutStyle::Tabata | WorkoutStyle::Hiit => true,
            WorkoutStyle::Amrap => !is_easy || work % 7 == 0,
            _ => work % if is_easy { 7 } else { 5 } == 0,
        };
        for rest in (0..=60).filter(|rest| is_round && (*rest % 5 == 0 || work + rest == 60)) {
            if protocol.allows_rest(work, rest) && (rest >= 5 || usual_rest == 0) {
                times.push((work.abs_diff(usual_work) + rest.abs_diff(usual_rest), Position { work, rest }));
            }
        }
    }
    times.sort_by_key(|(cost, position)| (*cost, position.work));
    times.truncate(most_times);
    let option = |(cost, position): (u32, Position)| {
        let of_shape = move |(positions, laps, shape_cost)| MainOption {
            positions: vec![position; positions],
            laps,
            cost: cost + shape_cost,
        };
        shapes(intent.style).into_iter().map(of_shape)
    };
    times.into_iter().flat_map(option).collect()
}

/// Positions of a round, laps, and how unusual they are.
fn shapes(style: WorkoutStyle) -> Vec<(usize, u32, u32)> {
    let around = |usual: usize, most: usize| -> Vec<(usize, u32, u32)> {
        (1..=most).map(|count| (count, 1, count.abs_diff(usual).pow(2) as u32)).collect()
    };
    match style {
        WorkoutStyle::Circuit => around(7, 10),
        WorkoutStyle::Tabata => {
            let partial = (1..8).map(|count| (count, 1, 20 + 4 * (8 - count as u32)));
            [(4, 2, 0), (8, 1, 4), (2, 4, 6)].into_iter().chain(partial).collect()
        }
        WorkoutStyle::Emom | WorkoutStyle::Amrap => around(5, 8),
        WorkoutStyle::Hiit => around(6, 10),
        WorkoutStyle::Stretch => around(10, 14),
        WorkoutStyle::Strength => vec![(1, 1, 40), (2, 1, 0), (3, 1, 8), (4, 1, 6)],
        WorkoutStyle::Pyramid => Vec::new(),
    }
}

/// Works that rise in equal steps and fall again.
fn ladders() -> Vec<MainOption> {
    let mut options = Vec::new();
    for (first, step, rest) in [10, 15, 20]
        .into_iter()
        .flat_map(|first| [5, 10].into_iter().flat_map(move |step| [5, 10, 15].map(|rest| (first, step, rest))))
    {
        for steps in 1..=5_u32 {
            let work = |index: u32| first + step * index;
            if work(steps - 1) > 60 {
                break;
            }
            let rising = (0..steps).chain((0..steps - 1).rev()).map(|index| Position { work: work(index), rest });
            let cost = (20 - first) / 5 * 4 + (10 - step) + rest.abs_diff(10) + steps.abs_diff(4).pow(2) * 4;
            options.push(MainOption { positions: rising.collect(), laps: 1, cost });
        }
    }
    options
}
