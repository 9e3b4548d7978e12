//! The signals of a workout.

/// A signal of a workout, drawn from a set of built-in sounds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Cue {
    /// A second before an exercise or the end of one, counted down.
    Countdown,
    /// An exercise begins.
    Start,
    /// Half of an exercise is over.
    Halfway,
    /// An exercise ends and a rest begins.
    Rest,
    /// A second before the end of a rest, counted down.
    RestCountdown,
    /// Time has passed since the start of the exercise.
    Reminder,
    /// The workout is over.
    End,
}
