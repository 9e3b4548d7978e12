//! Notes as text.
//!
//! ```text
//! line     A4/3 C5 - E5/2! | A3+C4+E4/8     a name, its length in steps (1 without), `!` louder, `-` a rest, `+` a chord
//! pattern  x..o ..x. | 7...                 a step per character: `x` 1, `o` 0.6, `1` to `9` tenths, `.` a rest
//! ```
//!
//! A bar line, `|`, must stand where a bar ends: it finds a missing step.

/// A note in beats from the start of the loop.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Note {
    pub(crate) start: f64,
    pub(crate) length: f64,
    /// A MIDI key.
    pub(crate) key: f64,
    /// From 0 to 1.
    pub(crate) velocity: f32,
}

/// What is wrong with the text of a score.
#[derive(thiserror::Error, PartialEq, Debug)]
pub(crate) enum ScoreError {
    /// A token that is no note.
    #[error("\"{0}\" is not a note such as A4/3, a chord such as A4+C5/3, or a rest such as -/2")]
    Note(String),
    /// A character that is no step.
    #[error("'{0}' is not a step of a pattern: x, o, 1 to 9, or a dot")]
    Step(char),
    /// A bar line within a bar, or a score that ends within one.
    #[error("bar {bar} has {steps} steps instead of {expected}")]
    Bar { bar: usize, steps: usize, expected: usize },
}

/// The grid of a score: beats per step, and steps per bar.
#[derive(Clone, Copy)]
pub(crate) struct Grid {
    pub(crate) step: f64,
    pub(crate) steps_per_bar: usize,
}

impl Grid {
    /// Notes and chords, as the module describes them.
    pub(crate) fn line(self, text: &str) -> Result<Vec<Note>, ScoreError> {
        let (mut at, mut notes) = (0, Vec::new());
        for token in text.split_whitespace() {
            if token == "|" {
                self.expect_bar(at)?;
                continue;
            }
            let wrong = || ScoreError::Note(token.to_owned());
            let (names, length) =
                token.trim_end_matches('!').split_once('/').unwrap_or((token.trim_end_matches('!'), "1"));
            let length: usize = length.parse().map_err(|_| wrong())?;
            let velocity = if token.ends_with('!') { 1.0 } else { 0.8 };
            for name in names.split('+').filter(|name| *name != "-") {
                let key = key(name).ok_or_else(wrong)?;
                notes.push(Note { start: at as f64 * self.step, length: length as f64 * self.step, key, velocity });
            }
            at += length;
        }
        self.expect_bar(at)?;
        Ok(notes)
    }

    /// Strokes of a drum on one key, as the module describes them.
    pub(crate) fn pattern(self, key: f64, text: &str) -> Result<Vec<Note>, ScoreError> {
        let (mut at, mut notes) = (0, Vec::new());
        for step in text.chars().filter(|step| !step.is_whitespace()) {
            let velocity = match step {
                '|' => {
                    self.expect_bar(at)?;
                    continue;
                }
                'x' => 1.0,
                'o' => 0.6,
                '.' => 0.0,
                '1'..='9' => (step as u8 - b'0') as f32 / 10.0,
                _ => return Err(ScoreError::Step(step)),
            };
            if velocity > 0.0 {
                notes.push(Note { start: at as f64 * self.step, length: self.step, key, velocity });
            }
            at += 1;
        }
        self.expect_bar(at)?;
        Ok(notes)
    }

    fn expect_bar(self, at: usize) -> Result<(), ScoreError> {
        let (bar, steps) = (at / self.steps_per_bar + 1, at % self.steps_per_bar);
        if steps == 0 { Ok(()) } else { Err(ScoreError::Bar { bar, steps, expected: self.steps_per_bar }) }
    }
}

/// The MIDI key of a name such as `C#5` or `Bb3`.
fn key(name: &str) -> Option<f64> {
    let mut characters = name.chars();
    let steps = match characters.next()? {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    let rest = characters.as_str();
    let (change, octave) = match rest.chars().next()? {
        '#' => (1, &rest[1..]),
        'b' => (-1, &rest[1..]),
        _ => (0, rest),
    };
    let octave: i32 = octave.parse().ok().filter(|octave| (0..9).contains(octave))?;
    Some(f64::from(12 * (octave + 1) + steps + change))
}

/// What can be done with notes.
pub(crate) trait Notes: Sized {
    /// The notes `beats` later.
    fn later(self, beats: f64) -> Self;
    /// The notes `times` times, `period` beats apart.
    fn repeated(self, times: usize, period: f64) -> Self;
    /// The notes `keys` higher.
    fn higher(self, keys: f64) -> Self;
    /// The notes at a share of their velocity.
    fn softer(self, share: f32) -> Self;
    /// The notes with every second step of `step` beats later by `share` of a step.
    fn swung(self, step: f64, share: f64) -> Self;
    /// The notes with velocities from `from` at the start of the first bar to `to` at `beats`.
    fn growing(self, from: f32, to: f32, beats: f64) -> Self;
}

impl Notes for Vec<Note> {
    fn later(mut self, beats: f64) -> Self {
        self.iter_mut().for_each(|note| note.start += beats);
        self
    }

    fn repeated(self, times: usize, period: f64) -> Self {
        (0..times).flat_map(|time| self.clone().later(time as f64 * period)).collect()
    }

    fn higher(mut self, keys: f64) -> Self {
        self.iter_mut().for_each(|note| note.key += keys);
        self
    }

    fn softer(mut self, share: f32) -> Self {
        self.iter_mut().for_each(|note| note.velocity *= share);
        self
    }

    fn swung(mut self, step: f64, share: f64) -> Self {
        for note in &mut self {
            let position = note.start / step;
            if (position.rem_euclid(2.0) - 1.0).abs() < 1e-6 {
                note.start += step * share;
            }
        }
        self
    }

    fn growing(mut self, from: f32, to: f32, beats: f64) -> Self {
        for note in &mut self {
            let share = (note.start / beats) as f32;
            note.velocity *= from + (to - from) * share;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GRID: Grid = Grid { step: 0.25, steps_per_bar: 16 };

    #[test]
    fn a_line_holds_its_notes_chords_and_rests() {
        let notes = GRID.line("A4/4 -/4 C#5+Bb3/8! | C4/16").unwrap();
        let note = |start, length, key, velocity| Note { start, length, key, velocity };
        assert_eq!(
            notes,
            [
                note(0.0, 1.0, 69.0, 0.8),
                note(2.0, 2.0, 73.0, 1.0),
                note(2.0, 2.0, 58.0, 1.0),
                note(4.0, 4.0, 60.0, 0.8)
            ]
        );
    }

    #[test]
    fn a_pattern_has_a_step_per_character() {
        let notes = GRID.pattern(36.0, "x... o... .... ...7").unwrap();
        let found: Vec<_> = notes.iter().map(|note| (note.start, note.velocity)).collect();
        assert_eq!(found, [(0.0, 1.0), (1.0, 0.6), (3.75, 0.7)]);
    }

    proptest! {
        #[test]
        fn a_line_is_notes_in_order_or_an_error(text in "[A-H#b0-9/+!| é-]{0,40}") {
            if let Ok(notes) = GRID.line(&text) {
                prop_assert!(notes.windows(2).all(|pair| pair[0].start <= pair[1].start), "{notes:?}");
            }
        }
    }

    #[test]
    fn wrong_text_is_refused() {
        assert_eq!(GRID.line("A4/15"), Err(ScoreError::Bar { bar: 1, steps: 15, expected: 16 }));
        assert_eq!(GRID.line("A4/15 | A4"), Err(ScoreError::Bar { bar: 1, steps: 15, expected: 16 }));
        for token in ["H4/16", "A/16", "A9/16", "A4/x", "+/16", "A4+/16"] {
            assert_eq!(GRID.line(token), Err(ScoreError::Note(token.to_owned())));
        }
        assert_eq!(GRID.pattern(0.0, "x..z"), Err(ScoreError::Step('z')));
        assert!(matches!(GRID.pattern(0.0, "x..|."), Err(ScoreError::Bar { steps: 3, .. })));
    }

    #[test]
    fn swing_moves_every_second_step_only() {
        let notes = GRID.pattern(36.0, "xxxx............").unwrap().swung(0.25, 0.3);
        let starts: Vec<_> = notes.iter().map(|note| note.start).collect();
        assert_eq!(starts, [0.0, 0.325, 0.5, 0.825]);
    }
}
