//! An exercise by itself, as a workout in which nothing else is shown.

use repcast_model::catalogue::Exercise;
use repcast_model::time::Rational;
use serde_json::{Value, json};

/// Seconds of an exercise's video: a repetition or two.
const SECONDS: u32 = 6;

/// The time of its image: a pose in the middle of the movement differs more from those of other exercises than the first.
pub(crate) const IMAGE_SECS: Rational = Rational::new_raw(3, 2);

/// Pixels of its image.
pub(crate) const IMAGE_WIDTH: u32 = 640;

/// The workout that shows an exercise, on the ground of workouts.
pub(crate) fn document(exercise: &Exercise) -> Value {
    json!({
        "exercises": [{"id": exercise.id, "duration": SECONDS}],
        "format": "16:9",
        "resolution": "720p",
        "show_timer": false,
        "show_progress_bar": false,
        "show_exercise_name": false,
        "show_description": false,
        "show_next_up": false,
    })
}
