//! The values of omitted fields. Enumerations derive theirs, and the JSON Schemas repeat all of them; a test compares.

use super::model::{Background, Trim};
use crate::color::Color;
use crate::time::{FrameRate, Rational};
use crate::validation::number::whole;

/// Playback speed of an exercise or a clip.
pub(crate) const SPEED: Rational = whole(1);
/// Rests, starts and fades, in seconds.
pub(super) const NO_SECONDS: Rational = whole(0);
/// Opacity of a layer.
pub(super) const OPACITY: Rational = whole(1);
/// Number of rounds of a workout.
pub(super) const ROUNDS: u32 = 1;
/// Background of a workout.
pub(super) const WORKOUT_BACKGROUND: Background = Background::Color(Color::rgb(0x10, 0x18, 0x28));
/// Background of a canvas.
pub(super) const CANVAS_BACKGROUND: Color = Color::BLACK;
/// The part of a clip that is played: all of it.
pub(super) const TRIM: Trim = Trim { start: whole(0), end: None };
/// Font size, in pixels.
pub(super) const FONT_SIZE: Rational = whole(48);
/// Font weight.
pub(super) const FONT_WEIGHT: u16 = 600;
/// Color of text.
pub(super) const TEXT_COLOR: Color = Color::WHITE;
/// Position of text, in pixels.
pub(super) const TEXT_POSITION: [Rational; 2] = [whole(0); 2];
/// Color of the completed part of a progress bar.
pub(super) const PROGRESS_COLOR: Color = Color::rgb(0x22, 0xc5, 0x5e);
/// Color of the remaining part of a progress bar.
pub(super) const PROGRESS_TRACK: Color = Color::WHITE.with_alpha(0x40);
/// Corner radius of a progress bar, in pixels.
pub(super) const PROGRESS_RADIUS: Rational = whole(0);

/// Frames per second of a workout or a canvas.
pub(super) fn frame_rate() -> Option<FrameRate> {
    FrameRate::new(30, 1)
}
