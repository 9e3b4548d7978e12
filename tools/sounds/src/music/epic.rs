//! An orchestra at 96 beats per minute, in D minor. 20 bars: A 0 to 3 strings and drums, A' 4 to 7 with horns, B 8 to 15 with a
//! choir and growing, A'' 16 to 19 with everything.

use super::score::{Grid, Note, Notes, ScoreError};
use super::song::{Part, Song};
use crate::instruments::{choir, crash, horns, riser, snare, staccato_strings, strings, taiko, tom, violin};

const GRID: Grid = Grid { step: 0.25, steps_per_bar: 16 };
const BAR: f64 = 4.0;

/// Root, third and fifth of each bar of A: D minor, B flat, F, C.
const VERSE: [[&str; 3]; 4] = [["D3", "F3", "A3"], ["Bb2", "D3", "F3"], ["F3", "A3", "C4"], ["C3", "E3", "G3"]];

/// The same for B: G minor, D minor, B flat, A, G minor, B flat, C, A.
const BRIDGE: [[&str; 3]; 8] = [
    ["G2", "Bb2", "D3"],
    ["D3", "F3", "A3"],
    ["Bb2", "D3", "F3"],
    ["A2", "C#3", "E3"],
    ["G2", "Bb2", "D3"],
    ["Bb2", "D3", "F3"],
    ["C3", "E3", "G3"],
    ["A2", "C#3", "E3"],
];

pub(super) fn song() -> Result<Song, ScoreError> {
    let mut parts = drums()?;
    parts.extend(ostinato()?);
    parts.extend(themes()?);
    Ok(Song {
        name: "epic",
        tempo: 96.0,
        beats: 20.0 * BAR,
        parts,
        room: (1.15, 2.8, 5000.0),
        echo: (1.0, 0.2),
        pump: Vec::new(),
    })
}

/// Notes of A, of B and of A again.
fn sections(verse: Vec<Note>, bridge: Vec<Note>) -> Vec<Note> {
    let last = verse.clone().later(16.0 * BAR);
    [verse.repeated(2, 4.0 * BAR), bridge.later(8.0 * BAR), last].concat()
}

fn drums() -> Result<Vec<Part>, ScoreError> {
    let bars = |pattern: &str, first: usize, count: usize| -> Result<Vec<Note>, ScoreError> {
        Ok(GRID.pattern(43.0, pattern)?.repeated(count, BAR).later(first as f64 * BAR))
    };
    let low = [
        bars("x..... ....x.....", 0, 4)?,
        bars("x..x ..o. x... o.o.", 4, 3)?,
        bars("x..x ..o. x.o. xoxx", 7, 1)?,
        bars("o... .... .... ....", 8, 4)?,
        bars("x... ..o. x... ..o.", 12, 3)?,
        bars("5.5. 6.6. 7777 89xx", 15, 1)?,
        bars("x..x ..x. x..x o.o.", 16, 3)?,
        bars("x..x ..x. xxoo xxxx", 19, 1)?,
    ]
    .concat();
    let high = [
        bars("..4. ..4. ..4. .44.", 2, 2)?,
        bars("..5. 4.5. ..5. 4.54", 4, 4)?,
        bars("..3. ..3. ..3. ..3.", 10, 2)?,
        bars("4.54 4.54 4.54 4.55", 12, 3)?,
        bars("..6. 5.6. 4.6. 5.65", 16, 4)?,
    ]
    .concat();
    let march = [
        bars(".... 4... .... 4.33", 6, 2)?,
        bars("3... 4... 3.3. 4.33", 12, 3)?,
        bars("4444 5555 6666 789x", 15, 1)?,
        bars(".... 6... .... 6.44", 16, 3)?,
        bars(".... 6... 4455 6789", 19, 1)?,
    ]
    .concat();
    let crashes = [
        bars("x...............", 16, 1)?,
        bars("o...............", 4, 1)?,
        bars("o...............", 12, 1)?,
        bars("4...............", 0, 1)?,
    ]
    .concat();
    let swell = |end: f64, length: f64| Note { start: end - length, length, key: 60.0, velocity: 0.8 };
    let swells = vec![swell(4.0 * BAR, 3.0), swell(8.0 * BAR, 3.0), swell(16.0 * BAR, 7.0), swell(20.0 * BAR, 4.0)];
    Ok(vec![
        Part::new(taiko, -7.0, low).reverb(0.22),
        Part::new(tom, -8.0, high).pan(0.3).reverb(0.3),
        Part::new(snare, -9.0, march).pan(-0.15).reverb(0.4),
        Part::new(crash, -7.0, crashes).reverb(0.3),
        Part::new(riser, -17.5, swells).reverb(0.4),
    ])
}

/// Sixteenths of short strings, low ones in eighths below them, and roots that are held.
fn ostinato() -> Result<Vec<Part>, ScoreError> {
    let sixteenths = |chords: &[[&str; 3]]| -> Result<Vec<Note>, ScoreError> {
        let bar = |[root, third, fifth]: &[&str; 3]| {
            let half = format!("{root}! {fifth} {root} {third}! {root} {fifth} {root} {third}");
            format!("{half} {root}! {fifth} {root} {third}! {root} {fifth} {third}! {fifth}")
        };
        Ok(GRID.line(&chords.iter().map(bar).collect::<Vec<_>>().join(" | "))?.higher(12.0))
    };
    let eighths = |chords: &[[&str; 3]]| -> Result<Vec<Note>, ScoreError> {
        let bar = |[root, ..]: &[&str; 3]| format!("{root}/3! {root}/3! {root}/2 {root}/3! {root}/3! {root}/2");
        Ok(GRID.line(&chords.iter().map(bar).collect::<Vec<_>>().join(" | "))?.higher(-12.0))
    };
    let held = |chords: &[[&str; 3]]| -> Result<Vec<Note>, ScoreError> {
        let bar = |[root, ..]: &[&str; 3]| format!("{root}/16");
        Ok(GRID.line(&chords.iter().map(bar).collect::<Vec<_>>().join(" | "))?.higher(-12.0))
    };
    let bridge = sixteenths(&BRIDGE)?.growing(0.45, 1.0, 8.0 * BAR);
    let roots = sections(held(&VERSE)?, held(&BRIDGE)?);
    Ok(vec![
        Part::new(staccato_strings, -5.0, sections(sixteenths(&VERSE)?, bridge)).pan(0.15).reverb(0.25),
        Part::new(staccato_strings, -6.0, sections(eighths(&VERSE)?, eighths(&BRIDGE)?.softer(0.7)))
            .pan(-0.2)
            .reverb(0.18),
        Part::new(strings, -11.0, roots).reverb(0.2),
    ])
}

fn themes() -> Result<Vec<Part>, ScoreError> {
    let chords = |chords: &[[&str; 3]]| -> Result<Vec<Note>, ScoreError> {
        let bar = |chord: &[&str; 3]| format!("{}/16", chord.join("+"));
        Ok(GRID.line(&chords.iter().map(bar).collect::<Vec<_>>().join(" | "))?.higher(12.0))
    };
    let call = "A3/6! D4/2 F4/6! E4/2 | D4/12! C4/2 D4/2 | F4/6! C4/2 A4/6! G4/2 | G4/8! E4/8";
    let wide = "Bb4/8 D5/8 | A4/12 F4/4 | D5/8 F5/8 | E5/8 C#5/8 | G5/12 F5/4 | F5/8 D5/8 | E5/8 G5/8 | A5/8 C#6/8";
    let last = "A4/6! D5/2 F5/6! E5/2 | D5/10! C5/2 D5/2 F5/2 | A5/6! G5/2 F5/6! C5/2 | E5/8! G5/4 A5/4!";
    let horn = [GRID.line(call)?.later(4.0 * BAR), GRID.line(last)?.higher(-12.0).later(16.0 * BAR)].concat();
    let doubled = [GRID.line(call)?.softer(0.7).later(4.0 * BAR), GRID.line(last)?.later(16.0 * BAR)].concat();
    let bridge = GRID.line(wide)?.growing(0.65, 1.0, 8.0 * BAR).later(8.0 * BAR);
    let choirs =
        [chords(&BRIDGE)?.growing(0.55, 1.0, 8.0 * BAR).later(8.0 * BAR), chords(&VERSE)?.later(16.0 * BAR)].concat();
    let brass = [
        chords(&BRIDGE[4..])?.growing(0.5, 1.0, 4.0 * BAR).higher(-12.0).later(12.0 * BAR),
        chords(&VERSE)?.higher(-12.0).softer(0.8).later(4.0 * BAR),
        chords(&VERSE)?.higher(-12.0).later(16.0 * BAR),
    ]
    .concat();
    Ok(vec![
        Part::new(horns, -8.0, horn).pan(-0.1).reverb(0.4),
        Part::new(violin, -9.0, doubled).pan(0.2).reverb(0.45),
        Part::new(strings, -5.0, bridge).pan(0.1).reverb(0.45),
        Part::new(choir, -8.0, choirs).reverb(0.5),
        Part::new(horns, -14.5, brass).pan(0.1).reverb(0.35),
    ])
}
