//! House at 124 beats per minute, in A minor. 24 bars: A 0 to 3 without a lead, A' 4 to 7 with it, B 8 to 15 without the bass
//! drum at first and rising, A'' 16 to 23 with everything.

use super::score::{Grid, Note, Notes, ScoreError};
use super::song::{Part, Song};
use crate::instruments::{bass, clap, closed_hat, crash, kick, lead, open_hat, pad, pluck, riser, snare, stab, tom};

const GRID: Grid = Grid { step: 0.25, steps_per_bar: 16 };
const BAR: f64 = 4.0;
const BARS: usize = 24;

/// Am7, Fmaj7, C(add 9), G.
const VERSE: [&str; 4] = ["A3+C4+E4+G4", "A3+C4+E4+F4", "G3+C4+D4+E4", "G3+B3+D4+G4"];

/// Fmaj7, G6, Am7, Em7, Fmaj7, G6, Am7, G.
const BRIDGE: [&str; 8] = [
    "A3+C4+E4+F4",
    "G3+B3+D4+E4",
    "G3+A3+C4+E4",
    "G3+B3+D4+E4",
    "A3+C4+E4+F4",
    "B3+D4+E4+G4",
    "C4+E4+G4+A4",
    "G3+B3+D4+G4",
];

const HOOK: &str =
    "E5/3! E5/3 D5/2 C5/4! D5/4 | E5/3! E5/3 G5/2 A5/5! -/3 | G5/3! G5/3 E5/2 D5/4! C5/4 | D5/3! D5/3 E5/2 B4/5! -/3";
const ANSWER: &str = "E5/3! E5/3 D5/2 C5/4! D5/4 | E5/3! E5/3 G5/2 A5/5! -/3 | C6/3! B5/3 G5/2 E5/4! G5/4 | A5/3! G5/3 E5/2 D5/2 E5/2 G5/2 B5/2!";

pub(super) fn song() -> Result<Song, ScoreError> {
    let mut parts = drums()?;
    parts.extend(harmony()?);
    parts.extend(leads()?);
    let beats = |bars: std::ops::Range<usize>| bars.flat_map(|bar| (0..4).map(move |beat| (bar * 4 + beat) as f64));
    // Without the bass drum, parts make room at the beginning of each bar only.
    let pump = beats(0..8).chain((8..12).map(|bar| bar as f64 * BAR)).chain(beats(12..24)).collect();
    Ok(Song {
        name: "upbeat",
        tempo: 124.0,
        beats: BARS as f64 * BAR,
        parts,
        room: (0.8, 1.3, 6500.0),
        echo: (0.75, 0.36),
        pump,
    })
}

fn drums() -> Result<Vec<Part>, ScoreError> {
    let bars = |pattern: &str, first: usize, count: usize| -> Result<Vec<Note>, ScoreError> {
        Ok(GRID.pattern(45.0, pattern)?.repeated(count, BAR).later(first as f64 * BAR))
    };
    let four = "x... x... x... x...";
    let kicks = [
        bars(four, 0, 8)?,
        bars("x... .... ..o. ....", 8, 4)?,
        bars(four, 12, 3)?,
        bars("x... x... x... ....", 15, 1)?,
        bars(four, 16, 7)?,
        bars("x... x... x.x. ..x.", 23, 1)?,
    ]
    .concat();
    let claps = [
        bars(".... x... .... x...", 2, 6)?,
        bars(".... .... x... ....", 8, 4)?,
        bars(".... x... .... x...", 12, 3)?,
        bars(".... x... .... x...", 16, 7)?,
        bars(".... x... .... x.ox", 23, 1)?,
    ]
    .concat();
    let hats = [
        bars("3.5. 3.5. 3.5. 3.5.", 0, 4)?,
        bars("42x2 42x3 42x2 42x4", 4, 4)?,
        bars("..3. ..3. ..3. ..3.", 8, 4)?,
        bars("4.6. 4.6. 4.6. 4.6.", 12, 3)?,
        bars("52x3 52x4 52x3 53x6", 16, 8)?,
    ]
    .concat();
    let open =
        [bars("..5. ..5. ..5. ..5.", 2, 2)?, bars("..x. ..x. ..x. ..x.", 4, 4)?, bars("..x. ..x. ..x. ..x.", 16, 8)?]
            .concat();
    let roll = [
        bars("3... 3... 4... 4...", 12, 1)?,
        bars("4.4. 4.4. 5.5. 5.5.", 13, 1)?,
        bars("5.5. 5.6. 6.6. 6.7.", 14, 1)?,
        bars("6666 7777 8888 9...", 15, 1)?,
    ]
    .concat();
    let fills =
        [bars(".... .... ...o .o.x", 7, 1)?, bars(".... .... .... .oxx", 19, 1)?, bars(".... .... .x.o xoxx", 23, 1)?]
            .concat();
    let toms = fills.iter().enumerate().map(|(index, note)| Note { key: 50.0 - 2.0 * (index % 4) as f64, ..*note });
    let crashes =
        [bars("x...............", 16, 1)?, bars("o...............", 0, 1)?, bars("o...............", 8, 1)?].concat();
    let rise = Note { start: 13.0 * BAR, length: 3.0 * BAR - 0.5, key: 60.0, velocity: 0.9 };
    Ok(vec![
        Part::new(kick, -7.0, kicks),
        Part::new(clap, -4.0, claps).reverb(0.22),
        Part::new(closed_hat, -7.0, hats.swung(0.25, 0.12)).pan(0.25),
        Part::new(open_hat, -9.5, open).pan(-0.2).reverb(0.05),
        Part::new(snare, -8.0, roll).reverb(0.2),
        Part::new(tom, -6.5, toms.collect()).reverb(0.2),
        Part::new(crash, -6.0, crashes).reverb(0.15).pump(0.4),
        Part::new(riser, -18.0, vec![rise]).reverb(0.3),
    ])
}

/// Chords for whole bars.
fn held(chords: &[&str]) -> Result<Vec<Note>, ScoreError> {
    let bars: Vec<String> = chords.iter().map(|chord| format!("{chord}/16")).collect();
    GRID.line(&bars.join(" | "))
}

/// Chords in a rhythm that crosses the beats.
fn stabs(chords: &[&str]) -> Result<Vec<Note>, ScoreError> {
    let bar = |chord: &&str| format!("{chord}/2! - {chord}/2 - {chord}/2 -/2 {chord}/2! - {chord}/2 -");
    GRID.line(&chords.iter().map(bar).collect::<Vec<_>>().join(" | "))
}

/// Sixteenths that climb and fall through the chords.
fn arpeggio(chords: &[&str]) -> Result<Vec<Note>, ScoreError> {
    const ORDER: [usize; 16] = [0, 2, 1, 3, 2, 0, 3, 1, 2, 3, 0, 2, 1, 3, 2, 3];
    let bar = |chord: &&str| {
        let names: Vec<&str> = chord.split('+').collect();
        ORDER.map(|index| names[index % names.len()]).join(" ")
    };
    Ok(GRID.line(&chords.iter().map(bar).collect::<Vec<_>>().join(" | "))?.higher(12.0))
}

fn harmony() -> Result<Vec<Part>, ScoreError> {
    let verse_stabs = stabs(&VERSE)?;
    let all_stabs = [
        verse_stabs.clone().repeated(2, 4.0 * BAR),
        stabs(&BRIDGE[4..])?.softer(0.7).later(12.0 * BAR),
        verse_stabs.repeated(2, 4.0 * BAR).later(16.0 * BAR),
    ]
    .concat();
    let pads = [
        held(&VERSE)?.softer(0.6).later(4.0 * BAR),
        held(&BRIDGE)?.later(8.0 * BAR),
        held(&VERSE)?.repeated(2, 4.0 * BAR).softer(0.7).later(16.0 * BAR),
    ]
    .concat();
    let arpeggios = [
        arpeggio(&BRIDGE)?.growing(0.5, 1.0, 8.0 * BAR).later(8.0 * BAR),
        arpeggio(&VERSE)?.repeated(2, 4.0 * BAR).softer(0.5).later(16.0 * BAR),
    ]
    .concat();
    let offbeat = |root: &str, turn: &str| format!("-/2 {root}/2! -/2 {root}/2! -/2 {root}/2! - {root} {turn}/2!");
    let verse = [offbeat("A1", "G1"), offbeat("F1", "A1"), offbeat("C2", "B1"), offbeat("G1", "G2")].join(" | ");
    let long = "F1/14 F1/2 | G1/14 G1/2 | A1/14 A1/2 | E1/14 E1/2";
    let driven = |root: &str| {
        [format!("{root}/2!"), format!("{root}/2")]
            .join(" ")
            .repeat(4)
            .replace(&format!("{root}/2{root}"), &format!("{root}/2 {root}"))
    };
    let rising = [driven("F1"), driven("G1"), driven("A1"), format!("{}/12! -/4", "G1")].join(" | ");
    let basses = [
        GRID.line(&verse)?.repeated(2, 4.0 * BAR),
        GRID.line(long)?.softer(0.7).later(8.0 * BAR),
        GRID.line(&rising)?.growing(0.6, 1.0, 4.0 * BAR).later(12.0 * BAR),
        GRID.line(&verse)?.repeated(2, 4.0 * BAR).later(16.0 * BAR),
    ]
    .concat();
    Ok(vec![
        Part::new(bass, -10.0, basses).pump(0.75),
        Part::new(stab, -9.5, all_stabs).reverb(0.25).echo(0.12).pump(0.6),
        Part::new(pad, -13.0, pads).reverb(0.35).pump(0.8),
        Part::new(pluck, -9.0, arpeggios).reverb(0.25).echo(0.3).pump(0.5).pan(0.1),
    ])
}

fn leads() -> Result<Vec<Part>, ScoreError> {
    let soaring =
        "A5/12 G5/4 | B5/12 A5/4 | C6/8 B5/4 A5/4 | G5/16 | A5/12 G5/4 | B5/8 C6/4 D6/4 | E6/10 D6/4 C6/2 | B5/12 -/4";
    let hook = GRID.line(HOOK)?;
    let tunes = [hook.clone().later(4.0 * BAR), hook.later(16.0 * BAR), GRID.line(ANSWER)?.later(20.0 * BAR)].concat();
    let octave = tunes.clone().into_iter().filter(|note| note.start >= 16.0 * BAR).collect::<Vec<_>>().higher(-12.0);
    let bridge = GRID.line(soaring)?.higher(-12.0).softer(0.75).later(8.0 * BAR);
    Ok(vec![
        Part::new(lead, -8.0, tunes).reverb(0.25).echo(0.28).pump(0.35),
        Part::new(lead, -13.0, octave).reverb(0.2).pump(0.35),
        Part::new(lead, -9.5, bridge).reverb(0.45).echo(0.35).pump(0.3),
    ])
}
