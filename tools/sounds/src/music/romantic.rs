//! A slow waltz at 84 beats per minute, in F major. 24 bars of three beats: A 0 to 7 piano alone, then with strings, B 8 to 15 in
//! D minor with a violin, A' 16 to 23 with everything.

use super::score::{Grid, Note, Notes, ScoreError};
use super::song::{Part, Song};
use crate::instruments::{bell, piano, shaker, soft_bass, strings, violin};

const GRID: Grid = Grid { step: 0.5, steps_per_bar: 6 };
const BAR: f64 = 3.0;

/// F, C over E, D minor, B flat, F over A, G minor, Csus4, C: eighths of the left hand.
const VERSE: &str = "F2 C3 A3 C4 A3 C3 | E2 C3 G3 C4 G3 C3 | D2 A2 F3 A3 F3 A2 | Bb1 F2 D3 F3 Bb3 F3 \
    | A1 F2 C3 F3 C4 F3 | G1 D2 Bb2 D3 G3 D3 | C2 G2 C3 F3 G3 F3 | C2 G2 C3 E3 G3 Bb3";

/// D minor, A over C sharp, D minor over C, G over B, B flat, F over A, G minor, C.
const BRIDGE: &str = "D2 A2 D3 F3 A3 F3 | C#2 A2 E3 A3 E3 A2 | C2 A2 D3 F3 A3 F3 | B1 G2 D3 G3 B3 G3 \
    | Bb1 F2 D3 F3 Bb3 F3 | A1 F2 C3 F3 A3 F3 | G1 D2 Bb2 D3 G3 Bb3 | C2 G2 E3 G3 Bb3 C4";

/// F, C over E, D minor, B flat, F over A, B flat and C, F, C over E that leads back.
const LAST: &str = "F2 C3 A3 C4 A3 C3 | E2 C3 G3 C4 G3 C3 | D2 A2 F3 A3 F3 A2 | Bb1 F2 D3 F3 Bb3 F3 \
    | A1 F2 C3 F3 C4 F3 | Bb1 F2 D3 C2 G2 E3 | F2 C3 F3 A3 C4 F4 | E2 C3 G3 Bb3 C4 E4";

pub(super) fn song() -> Result<Song, ScoreError> {
    let mut parts = piano_parts()?;
    parts.extend(string_parts()?);
    Ok(Song {
        name: "romantic",
        tempo: 84.0,
        beats: 24.0 * BAR,
        parts,
        room: (1.05, 2.4, 4600.0),
        echo: (1.5, 0.25),
        pump: Vec::new(),
    })
}

fn piano_parts() -> Result<Vec<Part>, ScoreError> {
    let left = GRID.line(&[VERSE, BRIDGE, LAST].join(" | "))?;
    // The pedal holds each note to the end of its bar, and the first of a bar sounds like one.
    let pedal = |note: &Note| {
        let place = note.start.rem_euclid(BAR);
        let velocity = note.velocity * if place == 0.0 { 0.9 } else { 0.62 };
        Note { length: (BAR - place).max(0.5) + 0.1, velocity, ..*note }
    };
    let first = "A4/4 C5/2 | G4/4 C5/2 | F4/3 G4 A4/2 | D5/5 C5 | C5/4 A4/2 | Bb4/3 A4 G4/2 | F4/4 G4/2 | G4/6";
    let last = "A4+A5/4! C5+C6/2 | G4+G5/4 E5/2 | F5/3! E5 D5/2 | D5/4 C5 Bb4 | A4/4 C5/2 | Bb4+D5/2 D5+F5/2 E5+G5/2 | F5/6! | -/2 G4/2 Bb4/2";
    let right = [GRID.line(first)?, GRID.line(last)?.later(16.0 * BAR)].concat();
    // In B the piano answers the violin.
    let answers = "-/6 | -/3 E5 A5 G5 | -/6 | -/3 B4 D5 G5 | -/6 | -/3 C5 F5 A5 | -/6 | -/2 G5 Bb5 A5 G5";
    let answers = GRID.line(answers)?.softer(0.7).later(8.0 * BAR);
    Ok(vec![
        Part::new(piano, -5.0, left.iter().map(pedal).collect()).reverb(0.22),
        Part::new(piano, -2.0, [right, answers].concat()).reverb(0.3).echo(0.06),
    ])
}

fn string_parts() -> Result<Vec<Part>, ScoreError> {
    let chords =
        "F3+A3+C4/6 | E3+G3+C4/6 | D3+F3+A3/6 | D3+F3+Bb3/6 | C3+F3+A3/6 | D3+G3+Bb3/6 | C3+F3+G3/6 | C3+E3+G3/6";
    let bridge =
        "D3+F3+A3/6 | C#3+E3+A3/6 | C3+F3+A3/6 | D3+G3+B3/6 | D3+F3+Bb3/6 | C3+F3+A3/6 | Bb2+D3+G3/6 | C3+E3+Bb3/6";
    let last = "F3+A3+C4/6 | E3+G3+C4/6 | D3+F3+A3/6 | D3+F3+Bb3/6 | C3+F3+A3/6 | D3+F3+Bb3/3 C3+E3+G3/3 | C3+F3+A3/6 | C3+E3+G3/6";
    let low = Grid { step: 3.0, steps_per_bar: 1 };
    let basses = "F2 E2 D2 Bb1 A1 G1 C2 C2".replace(' ', " | ");
    let bridge_basses = "D2 C#2 C2 B1 Bb1 A1 G1 C2".replace(' ', " | ");
    let last_basses = "F2 E2 D2 Bb1 A1 Bb1 F2 E2".replace(' ', " | ");
    let tune = "F5/4! E5/2 | E5/3 C#5 A4/2 | D5/3! E5 F5/2 | D5/4 G5/2 | F5/4! D5/2 | C5/3 D5 A4/2 | Bb4/3 C5 D5/2 | E5/4! D5 E5";
    let counter = "F4/6 | E4/4 G4/2 | A4/6 | F4/4 G4/2 | A4/6 | F4/2 Bb4/2 C5/2 | A4/6 | G4/4 E4/2";
    let beds = [
        GRID.line(chords)?.growing(0.2, 0.9, 8.0 * BAR),
        GRID.line(bridge)?.later(8.0 * BAR),
        GRID.line(last)?.later(16.0 * BAR),
    ]
    .concat();
    let solo = [GRID.line(tune)?.later(8.0 * BAR), GRID.line(counter)?.softer(0.85).later(16.0 * BAR)].concat();
    let roots = [
        low.line(&basses)?.softer(0.6),
        low.line(&bridge_basses)?.later(8.0 * BAR),
        low.line(&last_basses)?.later(16.0 * BAR),
    ]
    .concat();
    let brushes = GRID.pattern(60.0, "2.4.4.")?.repeated(15, BAR).later(8.0 * BAR);
    let stars = "-/4 C6 F6 | -/6 | -/4 A5 D6 | -/6 | -/4 C6 A6 | -/6 | -/2 F6 C6 A5 F5 | -/6";
    Ok(vec![
        Part::new(strings, -11.0, beds).reverb(0.45),
        Part::new(violin, -7.0, solo).pan(0.12).reverb(0.42).echo(0.05),
        Part::new(soft_bass, -11.0, roots),
        Part::new(shaker, -14.0, brushes).pan(0.2).reverb(0.2),
        Part::new(bell, -15.0, GRID.line(stars)?.later(16.0 * BAR)).pan(-0.25).reverb(0.6).echo(0.3),
    ])
}
