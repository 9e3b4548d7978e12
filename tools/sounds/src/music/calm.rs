//! A slow groove at 72 beats per minute, in D major, with swing. 16 bars: A 0 to 3 chords and shaker, A' 4 to 7 with drums and a
//! flute, B 8 to 11 darker and without drums at first, A'' 12 to 15 with everything.

use super::score::{Grid, Note, Notes, ScoreError};
use super::song::{Part, Song};
use crate::instruments::{bell, closed_hat, electric_piano, flute, pad, rim, shaker, soft_bass, soft_kick};

const GRID: Grid = Grid { step: 0.25, steps_per_bar: 16 };
const BAR: f64 = 4.0;
const SECTION: f64 = 4.0 * BAR;

/// How much later every second sixteenth is, in steps.
const SWING: f64 = 0.24;

pub(super) fn song() -> Result<Song, ScoreError> {
    let mut parts = drums()?;
    parts.extend(harmony()?);
    parts.extend(melody()?);
    for part in &mut parts {
        part.notes = std::mem::take(&mut part.notes).swung(GRID.step, SWING);
    }
    Ok(Song {
        name: "calm",
        tempo: 72.0,
        beats: 4.0 * SECTION,
        parts,
        room: (1.0, 2.6, 4200.0),
        echo: (0.75, 0.4),
        pump: Vec::new(),
    })
}

fn drums() -> Result<Vec<Part>, ScoreError> {
    let bars = |pattern: &str, first: usize, count: usize| -> Result<Vec<Note>, ScoreError> {
        Ok(GRID.pattern(60.0, pattern)?.repeated(count, BAR).later(first as f64 * BAR))
    };
    let groove = "x... ...o ..x. ....|x... ...o ..x. .o..";
    let two = |pattern: &str, first: usize, count: usize| -> Result<Vec<Note>, ScoreError> {
        Ok(GRID.pattern(60.0, pattern)?.repeated(count, 2.0 * BAR).later(first as f64 * BAR))
    };
    let kicks = [
        two(groove, 4, 2)?,
        bars("x... .... .... ....", 8, 2)?,
        bars("x... .... x... ....", 10, 2)?,
        two(groove, 12, 2)?,
    ]
    .concat();
    let rims = [
        bars(".... x... .... x...", 4, 3)?,
        bars(".... x... .... x..3", 7, 1)?,
        bars(".... .... .... x...", 10, 1)?,
        bars(".... .... ..3. x.35", 11, 1)?,
        bars(".... x... .... x...", 12, 3)?,
        bars(".... x..2 .... x.24", 15, 1)?,
    ]
    .concat();
    let shakers = [
        bars("4.6. 4.6. 4.6. 4.63", 0, 4)?,
        bars("4263 4263 4263 4265", 4, 4)?,
        bars("..5. ..5. ..5. ..5.", 8, 2)?,
        bars("4.6. 4.6. 4.6. 4.64", 10, 2)?,
        bars("4263 4263 4263 4265", 12, 4)?,
    ]
    .concat();
    let hats = [bars("..4. ..4. ..4. ..4.", 4, 4)?, bars("..5. ..5. ..5. .35.", 12, 4)?].concat();
    Ok(vec![
        Part::new(soft_kick, -6.5, kicks),
        Part::new(rim, -6.0, rims).pan(-0.1).reverb(0.3),
        Part::new(shaker, -8.0, shakers).pan(0.35).reverb(0.08),
        Part::new(closed_hat, -11.0, hats).pan(-0.3),
    ])
}

fn harmony() -> Result<Vec<Part>, ScoreError> {
    // Dmaj9, Bm7, Gmaj7, A7sus4; then Em9, F#m7, Gmaj9, A13sus4.
    let verse = "F#3+A3+C#4+E4/6 -/1 F#3+A3+C#4+E4/2 -/1 A3+C#4+E4/4 F#4/2 | F#3+A3+B3+D4/6 -/1 F#3+A3+B3+D4/2 -/1 A3+B3+D4/4 E4/2 \
        | G3+B3+D4+F#4/6 -/1 G3+B3+D4+F#4/2 -/1 B3+D4+F#4/4 A4/2 | G3+A3+D4+E4/6 -/1 G3+A3+D4+E4/2 -/1 A3+D4+E4/3 B3/3";
    let bridge = "G3+B3+D4+F#4/10 B4/2 A4/2 F#4/2 | A3+C#4+E4+F#4/10 E4/2 C#4/2 A3/2 | B3+D4+F#4+A4/10 F#4/2 A4/2 D5/2 \
        | G3+B3+D4+F#4/8 A3+D4+E4+F#4/8";
    let pads = "D4+F#4+A4/16 | D4+F#4+B4/16 | D4+G4+B4/16 | D4+E4+A4/16";
    let bridge_pads = "E4+G4+B4/16 | E4+F#4+A4/16 | D4+F#4+B4/16 | D4+E4+A4/16";
    let low = "D2/7 -/3 D2/4 A1/2 | B1/7 -/3 B1/4 F#1/2 | G1/7 -/3 G1/4 D2/2 | A1/7 -/3 A1/4 C#2/2";
    let bridge_low = "E2/12 -/2 B1/2 | F#2/12 -/2 C#2/2 | G1/12 -/2 D2/2 | A1/8 A1/6 C#2/2";
    let song = |verse: &str, bridge: &str| -> Result<Vec<Note>, ScoreError> {
        let verse = GRID.line(verse)?;
        let bridge = GRID.line(bridge)?.later(2.0 * SECTION);
        Ok([verse.clone().repeated(2, SECTION), bridge, verse.later(3.0 * SECTION)].concat())
    };
    Ok(vec![
        Part::new(electric_piano, -10.5, song(verse, bridge)?).reverb(0.28).echo(0.08),
        Part::new(pad, -14.0, song(pads, bridge_pads)?).reverb(0.5),
        Part::new(soft_bass, -9.0, song(low, bridge_low)?),
    ])
}

fn melody() -> Result<Vec<Part>, ScoreError> {
    let first = "F#5/6 E5/2 A4/6 -/2 | B4/4 D5/4 F#5/6 -/2 | E5/6 D5/2 B4/6 -/2 | A4/4 B4/4 E5/6 -/2";
    let bridge = "G5/8 F#5/4 E5/4 | E5/8 C#5/6 -/2 | D5/4 E5/4 F#5/4 A5/4 | E5/12 -/4";
    let last = "F#5/6 E5/2 A5/6 -/2 | B4/4 D5/4 A5/4 F#5/4 | G5/6 F#5/2 D5/6 -/2 | E5/4 D5/2 C#5/2 D5/6 -/2";
    let flutes = [
        GRID.line(first)?.later(SECTION),
        GRID.line(bridge)?.softer(0.9).later(2.0 * SECTION),
        GRID.line(last)?.later(3.0 * SECTION),
    ]
    .concat();
    let chimes = "-/10 A5/2 F#6/4 | -/16 | -/10 D6/2 B5/4 | -/12 E6/2 A5/2";
    let bells = [
        GRID.line(chimes)?,
        GRID.line(chimes)?.later(2.0 * SECTION),
        GRID.line(chimes)?.softer(0.8).later(3.0 * SECTION),
    ]
    .concat();
    Ok(vec![
        Part::new(flute, -11.0, flutes).pan(0.08).reverb(0.45).echo(0.15),
        Part::new(bell, -15.0, bells).pan(-0.3).reverb(0.6).echo(0.35),
    ])
}
