//! Tests of the whole mix, with sources in memory.

mod clips;
mod ducking;
mod failures;
mod levels;
mod limits;
mod media;
mod purity;
mod seams;
mod twin;
